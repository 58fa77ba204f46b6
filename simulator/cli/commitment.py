"""`commitment` and `seek`: what to sign for, and what to do to reach a target."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import pandas as pd
from cyclopts import Parameter

from simulator.analysis import plan_sizing, seeking
from simulator.analysis.plan_sizing import Sized
from simulator.cli.main import deliver
from simulator.cli.options import (
    Many,
    OnAccount,
    Out,
    TableOrJson,
    WithScenario,
    as_json,
    as_record,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.engine.simulate import Result
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.reports.tables import age_line
from simulator.words import percent

SHOWN = ["offer", "discount_ratio", "commitment_usd_per_hour", "net_saving_usd", "utilization_ratio",
         "coverage_ratio", "upfront_usd", "break_even_month"]  # fmt: skip


def commitment(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    target_coverage: Annotated[
        float | None, Parameter(help="share of eligible usage to cover, 0 to 1")
    ] = None,
    target_utilization: Annotated[
        float | None, Parameter(help="share of the commitment to use, 0 to 1")
    ] = None,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """The best Savings Plan per term and payment on what the levers leave, beside the baseline's."""
    result = result_of(account, scenario)
    rows = plan_sizing.offers(result)
    history = plan_sizing.history_against_residual(result)
    if format == "table":
        table = as_table(pd.DataFrame([asdict(r) for r in rows])[SHOWN])
        return deliver(with_age(table + "\n\n" + history.sentence(), result), out)
    answer = {
        "prices": age_line(result),
        "offers": [_sized(r) for r in rows],
        "offers_on_history": [_sized(r) for r in plan_sizing.offers(result, residual=False)],
        "history_against_residual": {
            "on_history": _sized(history.on_history),
            "on_residual": _sized(history.on_residual),
            "difference_usd": history.difference_usd,
            "sentence": history.sentence(),
        },
        "targets": _targets(result, target_coverage, target_utilization),
    }
    return deliver(as_json(answer), out)


def seek(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    target_saving: Annotated[float | None, Parameter(help="share of the baseline to save, 0 to 1")] = None,
    target_bill: Annotated[float | None, Parameter(help="monthly bill to reach, USD")] = None,
    exclude: Annotated[tuple[str, ...], Many, Parameter(help="levers that must stay off")] = (),
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """The least-effort set of levers that reaches a target saving or bill."""
    result = result_of(account, scenario)
    found = seeking.seek(result, saving_ratio=target_saving, bill_usd=target_bill, exclude=exclude)
    if format == "json":
        return deliver(as_json(asdict(found) | {"prices": age_line(result)}), out)
    return deliver(with_age(found.sentence(), result), out)


def _targets(result: Result, coverage: float | None, utilization: float | None) -> dict[str, float]:
    setting = result.scenario.setting("savings_plan")
    setting = setting if isinstance(setting, SavingsPlan) else SavingsPlan()
    hourly, discount = plan_sizing.open_groups(result, plan_sizing.assumed(result, setting.offer))
    made = {}
    if coverage is not None:
        made["for_coverage_usd_per_hour"] = plan_sizing.commitment_for_coverage(hourly, discount, coverage)
    if utilization is not None:
        made["for_utilization_usd_per_hour"] = plan_sizing.commitment_for_utilization(
            hourly, discount, utilization
        )
    return made


def _sized(row: Sized) -> dict[str, Any]:
    data = asdict(row)
    data["regret_usd"] = {percent(fall, 0): usd for fall, usd in row.regret_usd.items()}
    return as_record(data)
