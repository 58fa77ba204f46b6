"""`savings`: what is saved when, by lever, owner or component, by month or fiscal year."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from simulator.cli.main import deliver
from simulator.cli.options import (
    FORM,
    Draws,
    FiscalStart,
    Months,
    OnAccount,
    Out,
    Seed,
    WithScenario,
    as_json,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table, deliver_table
from simulator.reports.dated import dated_tables, wide
from simulator.reports.tables import age_line, as_csv

Format = Annotated[Literal["table", "json", "csv", "parquet"], FORM]


def savings(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    by: Annotated[Literal["lever", "owner", "component"], Parameter(help="one row per what")] = "lever",
    per: Annotated[Literal["month", "year"], Parameter(help="calendar months, or fiscal years")] = "month",
    months: Months = 12,
    fiscal_year_starts: FiscalStart = 1,
    draws: Draws = 0,
    seed: Seed = 0,
    format: Format = "table",
    out: Out = None,
) -> str | None:
    """Savings with dates, without one-off costs; with --draws also P10, P50 and P90. They add up to the cent."""
    result = result_of(account, scenario)
    tables = dated_tables(result, months, fiscal_start=fiscal_year_starts, draws=draws, seed=seed)
    table = tables[f"savings_by_{by}_and_{per}"]
    if format == "parquet":
        return deliver_table(table, out)
    if format == "csv":
        return deliver(as_csv(table), out)
    if format == "json":
        return deliver(as_json({"savings": table.to_dict("records"), "prices": age_line(result)}), out)
    shown = wide(table, by) if per == "month" and not draws else table
    return deliver(with_age(as_table(shown), result), out)
