"""Unit economics: what a call, a token, a training run or a customer costs, before and after a scenario.

The *volume* is the work that is asked for (calls, tokens, runs), the same on both sides: a lever changes the dollars of
the work, not the work. Per row, `cost_usd` is `used_usd` + `idle_usd`; *billed basis* is all of it over the volume,
*used basis* the used part alone. Idle is what instances cost in hours without a call; of training, what jobs cost that
failed or were stopped. Resources without a call at all are `idle`: their unit cost has no value, it is neither 0 nor
infinite. What has no unit (storage, notebooks, unknown traffic, unused commitment) is `unallocated`. Unit cost ×
volume, plus what is idle all month, plus what is unallocated, is the bill.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.usage.tables import (
    COMPLETED,
    ENDED_UNKNOWN,
    FAILED,
    IN_PROGRESS,
    STOPPED,
    TABLES,
    Endpoints,
    Table,
    Training,
    Usage,
)

Array = NDArray[np.float64]
CALLS, TOKENS, RUNS = "1,000 calls", "million tokens", "training run"
HOURS, REQUESTS, NONE = "successful hour", "1,000 requests", "none"
SIZE = {CALLS: 1_000.0, TOKENS: 1_000_000.0, RUNS: 1.0, HOURS: 1.0, REQUESTS: 1_000.0}
USED, IDLE, UNALLOCATED = "used", "idle", "unallocated"
NO_OWNER, MANY_OWNERS, UNUSED = "no owner", "all owners", "unused commitment"
COLUMNS = (
    "table",
    "component",
    "resource_id",
    "owner",
    "unit",
    "volume",
    "cost_usd",
    "used_usd",
    "idle_usd",
    "status",
)
BY_THE_HOUR = ("instance_hours", "resized_hours", "async_hours", "volume_gb_month", "provisioned_gb_seconds")
WORK_TOKENS = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "batch_input_tokens", "batch_output_tokens",
)  # fmt: skip


def unit_costs(result: Result) -> pd.DataFrame:
    """One row per resource (training: per owner) and one for unused commitment: the month before and after.

    Columns: what it is, `unit`, `volume` (in units), `before_*` and `after_*`: cost, used, idle, `unit_billed_usd`,
    `unit_used_usd` (NaN where there is no unit cost) and status. `before_cost_usd` adds up to the bill, so does
    `after_cost_usd` to the scenario's.
    """
    return work_between(result.baseline, result.outcome, result.baseline.usage)


def work_between(before: State, after: State, work: Usage) -> pd.DataFrame:
    """The rows of `unit_costs` for any two states of a month: their dollars, for the volume of `work`."""
    return _both(priced_work(before, work), priced_work(after, work))


def priced_work(state: State, work: Usage) -> pd.DataFrame:
    """The rows of one month (`COLUMNS`): its dollars, for the volume of `work`."""
    parts = [_of_table(state, work, name) for name in TABLES if len(state.usage.table(name))]
    unused = pd.DataFrame(
        [_row("commitments", "commitments", UNUSED, "", state.charges.unused_commitment_usd)]
    )
    frame = pd.concat([*parts, unused], ignore_index=True)
    assert tuple(frame.columns) == COLUMNS
    return frame


def successful_hours(result: Result) -> pd.DataFrame:
    """Dollars of all training per instance-hour of completed jobs, per owner, before and after; a second view of the
    training rows, never to be added to them. `before_unit_used_usd` counts the dollars of completed jobs alone."""
    work = result.baseline.usage
    jobs = work.training
    hours = np.where(jobs.outcome == COMPLETED, np.nan_to_num(jobs.training_hours), 0.0)
    hours = np.where(np.isin(jobs.outcome, (ENDED_UNKNOWN, IN_PROGRESS)), np.nan, hours)
    frames = [_training(state, work, hours, HOURS) for state in (result.baseline, result.outcome)]
    return _both(*frames)


def tokens_of_endpoints(result: Result) -> pd.DataFrame:
    """Dollars per million tokens of endpoints whose tokens per call are known; a second view of their rows."""
    seen = unit_costs(result)
    ends = result.baseline.usage.endpoints
    each = ends.tokens_in_per_call + ends.tokens_out_per_call
    tokens = dict(zip(ends.resource_id.astype(str), each * ends.calls_per_month / SIZE[TOKENS], strict=True))
    rows = seen[(seen["table"] == "endpoints") & (seen["unit"] == CALLS)].copy()
    rows["volume"], rows["unit"] = rows["resource_id"].map(tokens), TOKENS
    rows = rows[rows["volume"] > 0]
    for side in ("before", "after"):
        rows[f"{side}_unit_billed_usd"] = rows[f"{side}_cost_usd"] / rows["volume"]
        rows[f"{side}_unit_used_usd"] = rows[f"{side}_used_usd"] / rows["volume"]
    return rows.reset_index(drop=True)


def by_owner(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `unit_costs` summed per owner and unit; a group is idle only where all of it is."""
    named = frame.assign(owner=frame["owner"].replace("", NO_OWNER))
    keys = ["owner", "unit"]
    dollars = [f"{s}_{n}_usd" for s in ("before", "after") for n in ("cost", "used", "idle")]
    total = named.groupby(keys, sort=True)[["volume", *dollars]].sum(min_count=1).reset_index()
    for side in ("before", "after"):
        working = (
            named[named[f"{side}_status"] == USED]
            .groupby(keys)[[f"{side}_cost_usd", f"{side}_used_usd"]]
            .sum()
        )
        laid = total[keys].merge(working.reset_index(), on=keys, how="left")
        volume = total["volume"].where(total["volume"] > 0)
        total[f"{side}_unit_billed_usd"] = laid[f"{side}_cost_usd"] / volume
        total[f"{side}_unit_used_usd"] = laid[f"{side}_used_usd"] / volume
    return total


def shares(frame: pd.DataFrame, side: str) -> dict[str, float]:
    """Dollars of one side (`before`, `after`): used, idle, unallocated; they add up to its bill."""
    status, cost = frame[f"{side}_status"], frame[f"{side}_cost_usd"]
    unallocated = float(cost[status == UNALLOCATED].sum())
    idle = float(frame.loc[status != UNALLOCATED, f"{side}_idle_usd"].sum())
    return {
        "used_usd": float(cost.sum()) - idle - unallocated,
        "idle_usd": idle,
        "unallocated_usd": unallocated,
    }


def business_units(result: Result, numbers: pd.DataFrame) -> pd.DataFrame:
    """Dollars per business number (customers, orders, documents), before and after.

    `numbers` has a column per number, one month's value each, and may have a column `owner`: then each row is that
    owner's dollars; the owners not named, and those without one, are a last row without numbers. Raises ValueError for
    a column that is no number, a negative one, or an owner twice.
    """
    named = _numbers(numbers)
    seen = unit_costs(result).assign(owner=lambda f: f["owner"].replace("", NO_OWNER))
    costs = seen.groupby("owner")[["before_cost_usd", "after_cost_usd"]].sum()
    rows = []
    if "owner" not in named:
        costs = pd.DataFrame([costs.sum()], index=[MANY_OWNERS])
        named = named.assign(owner=MANY_OWNERS)
    unknown = sorted(set(named["owner"]) - set(costs.index))
    if unknown:
        raise ValueError(f"owner {unknown[0]}: nothing of this account has this owner")
    for column in named.columns.drop("owner"):
        for owner, volume in zip(named["owner"], named[column], strict=True):
            rows.append(_business(column, owner, float(volume), costs.loc[owner]))
        rest = costs[~costs.index.isin(named["owner"])].sum()
        if len(named) < len(costs):
            rows.append(_business(column, UNALLOCATED, float("nan"), rest))
    return pd.DataFrame(rows)


def _business(number: str, owner: str, volume: float, cost: pd.Series) -> dict[str, object]:
    made: dict[str, object] = {"number": number, "owner": owner, "volume": volume}
    for side in ("before", "after"):
        usd = float(cost[f"{side}_cost_usd"])
        made |= {f"{side}_cost_usd": usd, f"{side}_unit_usd": usd / volume if volume > 0 else float("nan")}
    return made


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [c for c in frame.columns if c != "owner"]
    if not columns or frame.empty:
        raise ValueError("business numbers: expected a column of numbers beside `owner`, and a row")
    if "owner" in frame and frame["owner"].astype(str).duplicated().any():
        raise ValueError("business numbers: an owner appears in two rows")
    if "owner" not in frame and len(frame) > 1:
        raise ValueError("business numbers: several rows need a column `owner`")
    made = frame.copy()
    for name in columns:
        made[name] = pd.to_numeric(frame[name], errors="coerce")
        if not np.isfinite(made[name]).all() or (made[name] < 0).any():
            raise ValueError(f"business numbers: column {name} holds something other than numbers from 0")
    return made.assign(owner=made["owner"].astype(str)) if "owner" in made else made


def _both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The rows of two months side by side; what one of them does not have costs nothing there."""
    keys = ["table", "resource_id", "owner", "unit", "place"]
    sides = _side(before, "before"), _side(after, "after")
    both = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("", "_after"), sort=False)
    for name in ("component", "volume"):
        both[name] = both[name].combine_first(both.pop(f"{name}_after"))
    dollars = [f"{s}_{n}_usd" for s in ("before", "after") for n in ("cost", "used", "idle")]
    both[dollars] = both[dollars].fillna(0.0)
    statuses = ["before_status", "after_status"]
    both[statuses] = both[statuses].fillna(IDLE)
    return both.drop(columns="place").reset_index(drop=True)


def _side(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """One side's rows with its unit costs; `place` tells apart rows that share every name."""
    keys = ["table", "resource_id", "owner", "unit"]
    volume = frame["volume"].where(frame["status"] == USED)
    made = frame.assign(
        unit_billed_usd=frame["cost_usd"] / volume,
        unit_used_usd=frame["used_usd"] / volume,
        place=frame.groupby(keys).cumcount(),
    )
    own = ["cost_usd", "used_usd", "idle_usd", "unit_billed_usd", "unit_used_usd", "status"]
    return made.rename(columns={n: f"{side}_{n}" for n in own})


def _row(table: str, component: str, name: str, owner: str, usd: float) -> dict[str, object]:
    values = (table, component, name, owner, NONE, float("nan"), usd, usd, 0.0, UNALLOCATED)
    return dict(zip(COLUMNS, values, strict=True))


def _of_table(state: State, work: Usage, name: str) -> pd.DataFrame:
    asked = work.table(name)
    if not np.array_equal(asked.resource_id.astype(str), state.usage.table(name).resource_id.astype(str)):
        work, asked = state.usage, state.usage.table(name)
    if name == "training":
        return _training(state, work, np.full(len(asked), work.training.jobs_per_month), RUNS)
    cost = state.charges.by_resource(name, len(asked))
    if name == "endpoints":
        return _rows(state, name, CALLS, work.endpoints.calls_per_month, cost, _idle_usd(state))
    if name == "bedrock":
        tokens = np.sum([getattr(work.bedrock, n) for n in WORK_TOKENS], axis=0)
        by_bill = work.bedrock.billed_units > 0
        return _rows(state, name, TOKENS, np.where(by_bill, np.nan, tokens), cost, np.zeros(len(cost)))
    return _rows(state, name, NONE, np.full(len(cost), np.nan), cost, np.zeros(len(cost)))


def _rows(state: State, name: str, unit: str, amount: Array, cost: Array, idle: Array) -> pd.DataFrame:
    table: Table = state.usage.table(name)
    silent = amount == 0
    status = np.where(np.isnan(amount), UNALLOCATED, np.where(silent, IDLE, USED))
    idle = np.where(silent, cost, np.where(np.isnan(amount), 0.0, idle))
    component = np.full(len(cost), {"endpoints": "hosting"}.get(name, name), object)
    for block in state.charges.blocks:
        if block.table == name and not block.meter.once:
            component[block.quantity != 0] = block.meter.component
    values = (
        name, component, table.resource_id.astype(str), table.owner.astype(str),
        np.where(np.isnan(amount), NONE, unit), amount / SIZE.get(unit, 1.0), cost, cost - idle, idle, status,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def _training(state: State, work: Usage, amount: Array, unit: str) -> pd.DataFrame:
    """Jobs per owner: an unknown amount of one job makes the owner's unallocated."""
    jobs: Training = work.training
    cost = state.charges.by_resource("training", len(jobs))
    lost = np.where(np.isin(jobs.outcome, (FAILED, STOPPED)), cost, 0.0)
    frame = pd.DataFrame({"owner": jobs.owner.astype(str), "amount": amount, "cost": cost, "lost": lost})
    total = frame.groupby("owner", sort=True).agg(
        amount=("amount", lambda a: a.sum(skipna=False)), cost=("cost", "sum"), lost=("lost", "sum")
    )
    known, some = total["amount"].notna().to_numpy(), (total["amount"] > 0).to_numpy()
    status = np.where(known, np.where(some, USED, IDLE), UNALLOCATED)
    idle = np.where(status == USED, total["lost"], np.where(status == IDLE, total["cost"], 0.0))
    values = (
        "training", "training", "training", total.index.to_numpy(object), np.where(known, unit, NONE),
        total["amount"].to_numpy() / SIZE[unit], total["cost"].to_numpy(), total["cost"].to_numpy() - idle, idle,
        status,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def _idle_usd(state: State) -> Array:
    """What endpoints' instances cost in hours without a call; unknown hours count as used."""
    ends: Endpoints = state.usage.endpoints
    rows = np.ones(len(ends), bool)
    running = ends.profile.hourly(rows)
    running = np.where(np.isnan(ends.traffic), 0.0, running)
    seen = running.sum(axis=1)
    silent = np.where(ends.traffic == 0, running, 0.0).sum(axis=1)
    ratio = np.where(seen > 0, silent / np.where(seen > 0, seen, 1.0), 0.0)
    hourly = np.zeros(len(ends))
    for block in state.charges.blocks:
        if block.table == "endpoints" and block.meter.name in BY_THE_HOUR:
            hourly = hourly + block.known_usd
    idle: Array = hourly * ratio
    return idle
