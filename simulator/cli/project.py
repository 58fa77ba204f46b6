"""`project` and `compare`: scenarios on an account."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from simulator.analysis.answer import answer
from simulator.cli.main import deliver
from simulator.cli.options import (
    FORM,
    Draws,
    Months,
    OnAccount,
    Out,
    Seed,
    WithScenario,
    as_json,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.engine.scenario import load_scenario
from simulator.reports.tables import TEXT_DRAWS, as_csv, as_text, compared, savings_table

Format = Annotated[Literal["table", "json", "csv"], FORM]


def project(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    months: Months = 12,
    draws: Draws = 0,
    seed: Seed = 0,
    format: Format = "table",
    out: Out = None,
) -> str | None:
    """One scenario on one account: the baseline, the scenario, and every month.

    The table comes with P10 and P90 of 1,000 draws, or of as many as --draws asks for; JSON has ranges with --draws.
    """
    result = result_of(account, scenario)
    if format == "json":
        return deliver(as_json(answer(result, months, draws=draws, seed=seed)), out)
    table = savings_table(result)
    return deliver(
        as_csv(table) if format == "csv" else as_text(result, table, months, draws or TEXT_DRAWS, seed), out
    )


def compare(
    scenarios: Annotated[list[str], Parameter(help="scenario files or presets")],
    /,
    *,
    account: OnAccount | None = None,
    months: Months = 12,
    draws: Draws = 0,
    seed: Seed = 0,
    format: Format = "table",
    out: Out = None,
) -> str | None:
    """Several scenarios on one account, side by side."""
    on = account or OnAccount()
    results = [on.result(load_scenario(name)) for name in scenarios]
    if format == "json":
        return deliver(
            as_json({"scenarios": [answer(r, months, draws=draws, seed=seed) for r in results]}), out
        )
    table = compared(results)
    return deliver(as_csv(table) if format == "csv" else with_age(as_table(table), results[0]), out)
