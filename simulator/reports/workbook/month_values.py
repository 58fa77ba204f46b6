"""What the formulas of the sheet Months come to, worked out beside the engine's own bill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.analysis.projection import Month
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.roadmap import share_of
from simulator.engine.simulate import Result
from simulator.plans.settlement import Array, Plan, eligible_usd_per_hour
from simulator.pricing.charges import Charges, price_table, price_usage
from simulator.reports.workbook import commitment_sheet, lever_sheet
from simulator.reports.workbook.commitment_sheet import COVERED
from simulator.units import HOURS_PER_MONTH
from simulator.usage.blend import DRIVERS, grown
from simulator.usage.tables import TABLES, Usage

TINY = 1e-6


def list_usd(result: Result, usage: Usage, table: str) -> float:
    """What a table costs per month before plans, without what is paid once; unknown prices are left out."""
    return sum(float(b.known_usd.sum()) for b in price_table(usage, table, result.book) if not b.meter.once)


def interaction(result: Result, months: Sequence[Month]) -> list[float]:
    """The engine's bill less that of the sheet's formulas at the settings, per month."""
    weight = lever_sheet.weights(result)
    levers = result.scenario.ordered()
    rest = []
    for month in months:
        if commitment_sheet.is_rated(result) and all(share_of(result, x, month.month) == 1.0 for x in levers):
            rest.append(0.0)
            continue
        reach = {
            t: sum(weight[x.id] * share_of(result, x, month.month) for x in levers if x.table == t)
            for t in TABLES
        }
        left = month.scenario_usd - _formula_bill(result, month.month, reach)
        rest.append(0.0 if abs(left) < TINY else left)
    return rest


def _formula_bill(result: Result, month: int, reach: dict[str, float]) -> float:
    growth = result.scenario.planning.growth(month)
    sides: tuple[Usage, Usage] = (
        grown(result.baseline.usage, growth), grown(result.outcome.usage, growth),
    )  # fmt: skip
    cost = 0.0
    for table in TABLES:
        old, new = (list_usd(result, u, table) for u in sides)
        kept = ended_usd(result, month) if table == "bedrock" else 0.0
        cost += old - reach[table] * (old - new - kept)
    if commitment_sheet.is_rated(result):
        return cost
    usage = np.zeros(round(result.baseline.usage.window_hours))
    for table in COVERED:
        old_usd, new_usd = (
            _eligible(result, u, table, growth) for u in (result.baseline.usage, result.outcome.usage)
        )
        usage = usage + old_usd + reach[table] * (new_usd - old_usd)
    held = list(calendar_of(result).plans)
    bought = _new_plan(result, month)
    share = old_share(result, month)
    return cost - share * _saves(usage, [*held, *bought]) - (1 - share) * _saves(usage, bought)


def ended_shares(result: Result, month: int) -> dict[str, float]:
    """Bedrock resources whose model has ended by a month, with the share of its days: no lever saves on them then."""
    dated, found = calendar_of(result), dict[str, float]()
    for part in dated.parts(month):
        table = dated.outcome(month, part.day).usage.bedrock
        for name in table.resource_id[table.ended].astype(str):
            found[name] = found.get(name, 0.0) + part.share
    return found


def ended_usd(result: Result, month: int) -> float:
    """What the levers at full effect would save on those resources, had their models not ended."""
    shares, growth = ended_shares(result, month), result.scenario.planning.growth(month)
    if not shares:
        return 0.0
    old, new = (
        price_usage(grown(s.usage, growth), result.book).by_resource("bedrock", len(s.usage.bedrock))
        for s in (result.baseline, result.outcome)
    )
    share = [shares.get(str(name), 0.0) for name in result.baseline.usage.bedrock.resource_id]
    return float(np.dot(share, old - new))


def today_bill(result: Result, month: int) -> float:
    """The baseline bill of a month as the sheet's formulas see it."""
    growth = result.scenario.planning.growth(month)
    usage = result.baseline.usage
    cost = sum(list_usd(result, grown(usage, growth), t) for t in TABLES)
    if commitment_sheet.is_rated(result):
        return cost
    hours = np.sum([_eligible(result, usage, t, growth) for t in COVERED], axis=0)
    return cost - old_share(result, month) * _saves(hours, list(calendar_of(result).plans))


def old_share(result: Result, month: int) -> float:
    """Share of a month in which the account's plans run; of several, each counts by its commitment."""
    dated = calendar_of(result)
    whole = sum(p.commitment_usd_per_hour for p in dated.plans)
    if not whole:
        return 1.0
    parts = dated.parts(month)
    runs = sum(
        p.share * plan.commitment_usd_per_hour for p in parts for plan in dated.plans_on(p.day, new=False)
    )
    return runs / whole


def _new_plan(result: Result, month: int) -> list[Plan]:
    """The new plan where it runs in a month: it starts and ends on the first of one."""
    dated = calendar_of(result)
    plan = dated.new_plan
    return [plan] if plan and plan.in_force(month_start(dated.first, month)) else []


def _saves(usage: Array, plans: Sequence[Plan]) -> float:
    level = sum(p.commitment_usd_per_hour / (1 - p.discount_ratio) for p in plans)
    paid = sum(p.commitment_usd_per_hour for p in plans)
    return float(np.minimum(usage, level).mean() - paid) * HOURS_PER_MONTH


def _eligible(result: Result, usage: Usage, table: str, growth: dict[str, float]) -> Array:
    charges: Charges = price_usage(usage, result.book)
    return eligible_usd_per_hour(charges, usage, table) * growth.get(DRIVERS[table], 1.0)
