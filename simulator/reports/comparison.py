"""Scenarios side by side: what differs in their inputs, and what each saves, risks, takes and pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from simulator.analysis.projection import Month, Worth
from simulator.engine.acting import acting
from simulator.engine.roadmap import start_month
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result
from simulator.pricing.charges import Charges
from simulator.risk.bills import Risk
from simulator.usage.tables import COMPONENTS

OFF = "off"


def inputs_that_differ(scenarios: Mapping[str, Result]) -> pd.DataFrame:
    """One row per parameter that is not the same in all; with one scenario, all of its parameters."""
    values = {
        name: {
            f"{x.title}: {p.label}": str(getattr(x, n))
            for x in r.scenario.ordered()
            for n, p in x.params().items()
        }
        | {f"{x.title}: starts in month": str(start_month(r, x)) for x in r.scenario.ordered()}
        | {f"{x.title}: only for": scope_in_words(r.scenario, x.id) for x in r.scenario.ordered()}
        | {f"Planning: {n}": str(v) for n, v in r.scenario.planning.values().items()}
        | {"Kept resources": str(len(r.scenario.keep))}
        for name, r in scenarios.items()
    }
    table = pd.DataFrame(values).fillna(OFF).rename_axis("input").reset_index()
    names = list(scenarios)
    differs = table[names].nunique(axis=1) > 1 if len(names) > 1 else pd.Series(True, index=table.index)
    return table[differs].reset_index(drop=True)


def scope_in_words(scenario: Scenario, lever_id: str) -> str:
    """What a lever is limited to."""
    scope = scenario.scopes.get(lever_id)
    return scope.sentence() if scope else "every resource"


def by_component(charges: Mapping[str, Charges]) -> pd.DataFrame:
    """Dollars per month per component and in total, one column per scenario."""
    columns = {n: {c: float(v) for c, v in x.by_component().items()} for n, x in charges.items()}
    table = pd.DataFrame(columns).reindex(COMPONENTS)
    table = table[(table != 0).any(axis=1)]
    table.loc["total"] = table.sum()
    return table.round(2).rename_axis("area").reset_index()


def by_month(bills: Mapping[str, Sequence[Month]]) -> pd.DataFrame:
    """Dollars per month, one column per scenario."""
    table = pd.DataFrame({n: {m.month: m.scenario_usd for m in months} for n, months in bills.items()})
    return table.round(2).rename_axis("month").reset_index()


def outcome(
    result: Result,
    months: Sequence[Month],
    worth: Worth,
    risk: Risk | None,
    baseline_usd: float,
    gap_usd: float = 0.0,
) -> dict[str, float | int | None]:
    """One scenario in figures; savings are against `baseline_usd`, the monthly bill of what it is compared with.

    Both bills hold `gap_usd`, what usage does not explain, in USD per month.
    """
    spread = risk.saving_range if risk else None
    bill_usd = result.outcome.total_usd + gap_usd
    shift = baseline_usd - gap_usd - result.baseline.total_usd
    return {
        "bill_usd": round(bill_usd, 2),
        "saving_usd": round(baseline_usd - bill_usd, 2),
        "saving_p10_usd": None if spread is None else round(float(spread.p10_usd) + shift, 2),
        "saving_p90_usd": None if spread is None else round(float(spread.p90_usd) + shift, 2),
        "effort_hours": sum(x.effort_hours for x in acting(result)),
        "one_off_usd": round(worth.once_usd, 2),
        "payback_month": worth.payback_month,
        "cash_in_the_first_year_usd": round(sum(m.scenario_cash_usd for m in months[:12]), 2),
        "present_value_usd": round(worth.net_present_value_usd, 2),
    }
