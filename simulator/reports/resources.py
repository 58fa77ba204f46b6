"""Resources of a month: what each costs, and whether it was idle or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Charges
from simulator.usage.tables import TABLES, Endpoints, Training, Usage

COLUMNS = (
    "table",
    "row",
    "component",
    "resource_id",
    "owner",
    "region",
    "item",
    "cost_usd",
    "cost_known",
    "note",
)
IDLE_RATIO = 0.5


def resource_table(state: State) -> pd.DataFrame:
    """One row per resource, most expensive first. `cost_usd` is NaN where no charge of it is known.

    `table` and `row` are its place in the usage tables; `note` says failed, idle, or what is unknown.
    """
    parts = [_of_table(state, name) for name in TABLES if len(state.usage.table(name))]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True).sort_values(
        "cost_usd", ascending=False, na_position="last", kind="stable", ignore_index=True
    )


def _of_table(state: State, name: str) -> pd.DataFrame:
    table = state.usage.table(name)
    rows = len(table)
    unknown, component = np.zeros(rows, bool), np.full(rows, "", object)
    for block in state.charges.blocks:
        if block.table == name and not block.meter.once:
            unknown |= np.isnan(block.cost_usd)
            component[block.quantity != 0] = block.meter.component
    component[component == ""] = {"endpoints": "hosting"}.get(name, name)
    cost = state.charges.by_resource(name, rows)
    regions = np.array([*state.usage.catalog.regions, "unknown"], object)
    return pd.DataFrame(
        {
            "table": name,
            "row": np.arange(rows),
            "component": component,
            "resource_id": table.resource_id.astype(str),
            "owner": table.owner,
            "region": regions[table.region],
            "item": _items(state.usage, name),
            "cost_usd": np.where(unknown & (cost == 0), np.nan, cost),
            "cost_known": ~unknown,
            "note": np.where(unknown, "cost unknown", _notes(state.usage, name)),
        }
    )


def _items(usage: Usage, name: str) -> Any:
    table = usage.table(name)
    if hasattr(table, "model"):
        return np.array([*usage.catalog.models, "unknown"], object)[table.model]
    if hasattr(table, "instance_type"):
        return np.array([*usage.catalog.instance_types, "unknown"], object)[table.instance_type]
    return np.full(len(table), "", object)


def _notes(usage: Usage, name: str) -> Any:
    table = usage.table(name)
    notes = np.full(len(table), "", object)
    if isinstance(table, Training | Endpoints):
        notes[table.status == "Failed"] = "failed"
    if name == "endpoints":
        notes[StopIdleEndpoints().verdicts(usage).applies] = "idle"
    if name == "compute":
        hours = usage.compute.notebook_hours + usage.compute.studio_hours
        with np.errstate(divide="ignore", invalid="ignore"):
            notes[np.nan_to_num(usage.compute.idle_hours / hours, posinf=0.0) > IDLE_RATIO] = (
                "idle most of the time"
            )
    return notes


def lines(charges: Charges, usage: Usage, book: PriceBook, table: str, row: int) -> pd.DataFrame:
    """Every charge of one resource: quantity × unit price = cost, and where the price comes from."""
    names = _items(usage, table)
    made: list[Mapping[str, Any]] = []
    for block in charges.blocks:
        if block.table != table or block.quantity[..., row] == 0:
            continue
        price = book.explain(int(block.price_row[row])) if block.price_row[row] >= 0 else None
        made.append(
            {
                "component": block.meter.component,
                "meter": block.meter.name.replace("_", " "),
                "item": price.item if price else block.meter.item or names[row],
                "consumed_quantity": float(block.quantity[row]),
                "consumed_unit": block.meter.unit.replace("_", " "),
                "unit_price": float(block.unit_price_usd[row]),
                "list_cost_usd": float(block.list_cost_usd[row]),
                "cost_usd": float(block.cost_usd[row]),
                "once": block.meter.once,
                "price_from": price.effective_from if price else "",
                "price_checked": price.checked_on if price else "",
                "grade": price.grade if price else "unknown",
                "source": price.source if price else "no price is known",
            }
        )
    return pd.DataFrame(made)


@dataclass(frozen=True, eq=False)
class Trace:
    """Why one resource costs what it costs: its charges today and in the scenario, and what each lever said."""

    resource_id: str
    before: pd.DataFrame
    after: pd.DataFrame
    touched: tuple[Lever, ...]
    said: tuple[tuple[Lever, str], ...]


def trace(result: Result, table: str, row: int) -> Trace:
    """The trace of one resource. `said` holds each lever of its table that left it alone, with the sentence."""
    before, after = result.baseline, result.outcome
    touched = set(result.touched_by(table, row))
    asked = [s for s in result.steps if s.lever.table == table]
    return Trace(
        str(before.usage.table(table).resource_id[row]),
        lines(before.charges, before.usage, result.book, table, row),
        lines(after.charges, after.usage, result.book, table, row),
        tuple(s.lever for s in asked if s.lever.id in touched),
        tuple(
            (s.lever, s.lever.verdicts(s.before).sentence(row)) for s in asked if s.lever.id not in touched
        ),
    )


def assumptions(levers: tuple[Lever, ...]) -> pd.DataFrame:
    """Every parameter of some levers: value, range, and what it rests on."""
    rows = [
        {
            "lever": lever.title,
            "parameter": p.label,
            "value": str(getattr(lever, name)),
            "unit": p.unit,
            "default": str(p.default),
            "plausible": "" if p.low is None else f"{p.low:g} to {p.high:g}",
            "grade": p.grade,
            "source": p.source,
        }
        for lever in levers
        for name, p in lever.params().items()
    ]
    return pd.DataFrame(rows)
