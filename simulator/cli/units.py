"""`units`: what a call, a million tokens, a training run or a customer costs, before and after a scenario."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from cyclopts import Parameter

from simulator.analysis.unit_costs import (
    UNALLOCATED,
    business_units,
    by_owner,
    shares,
    successful_hours,
    tokens_of_endpoints,
    unit_costs,
)
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
    as_record,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table, deliver_table
from simulator.documents import read_text_file
from simulator.engine.simulate import Result
from simulator.errors import InputError
from simulator.reports.tables import age_line, as_csv
from simulator.reports.units import unit_table, wide_units
from simulator.words import is_known, usd

Format = Annotated[Literal["table", "json", "csv", "parquet"], FORM]
Per = Annotated[
    Literal["run_rate", "month"],
    Parameter(help="the month at run rate, or month by month on the calendar (then per owner and unit)"),
]
By = Annotated[Literal["resource", "owner"], Parameter(help="one row per resource, or per owner and unit")]
SHOWN = {
    "volume": "volume",
    "before_unit_billed_usd": "now, $ per unit",
    "before_unit_used_usd": "now, used hours only",
    "after_unit_billed_usd": "scenario, $ per unit",
    "after_unit_used_usd": "scenario, used hours only",
    "before_idle_usd": "now idle, $",
    "after_idle_usd": "scenario idle, $",
}


def units(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    by: By = "resource",
    business: Annotated[
        Path | None, Parameter(help="CSV of one month's business numbers: a column each, and maybe `owner`")
    ] = None,
    per: Per = "run_rate",
    months: Months = 12,
    fiscal_year_starts: FiscalStart = 1,
    draws: Draws = 0,
    seed: Seed = 0,
    format: Format = "table",
    out: Out = None,
) -> str | None:
    """Dollars per 1,000 calls, million tokens, training run and successful hour, before and after a scenario.

    By month: volume × unit cost + what is outside (idle all month, or without a unit) is each month's bill; with
    --draws the scenario's unit costs have P10, P50 and P90.
    """
    result = result_of(account, scenario)
    if per == "month":
        if business:
            raise InputError("--business holds one month's numbers; leave --per month out")
        table = unit_table(result, months, fiscal_start=fiscal_year_starts, draws=draws, seed=seed)
        return _by_month(result, table, format, out)
    numbers = business_units(result, _read(business)) if business else None
    if format == "json":
        return deliver(as_json(units_document(result, numbers)), out)
    rows = unit_costs(result)
    rows = by_owner(rows) if by == "owner" else rows
    if format == "parquet":
        return deliver_table(rows if numbers is None else numbers, out)
    if format == "csv":
        return deliver(as_csv(rows if numbers is None else numbers), out)
    if numbers is not None:
        return deliver(with_age(as_table(numbers), result), out)
    return deliver(with_age(_text(rows, result), result), out)


def _by_month(result: Result, table: pd.DataFrame, form: str, out: Path | None) -> str | None:
    if form == "parquet":
        return deliver_table(table, out)
    if form == "csv":
        return deliver(as_csv(table), out)
    if form == "json":
        return deliver(as_json({"prices": age_line(result), "units_by_month": _records(table)}), out)
    return deliver(with_age(as_table(wide_units(table)), result), out)


def units_document(result: Result, numbers: pd.DataFrame | None = None) -> dict[str, Any]:
    """Everything as data; what has no unit cost is null."""
    rows = unit_costs(result)
    made: dict[str, Any] = {
        "prices": age_line(result),
        "units": _records(rows),
        "by_owner": _records(by_owner(rows)),
        "per_successful_hour": _records(successful_hours(result)),
        "endpoints_per_million_tokens": _records(tokens_of_endpoints(result)),
        "before": {"bill_usd": result.baseline.total_usd} | shares(rows, "before"),
        "after": {"bill_usd": result.outcome.total_usd} | shares(rows, "after"),
    }
    return made if numbers is None else made | {"business": _records(numbers)}


def _text(rows: pd.DataFrame, result: Result) -> str:
    status = rows["before_status"] if "before_status" in rows else rows["unit"].replace("none", UNALLOCATED)
    shown = rows[status != UNALLOCATED].sort_values("before_cost_usd", ascending=False)
    names = [n for n in ("resource_id", "owner", "unit") if n in shown]
    table = shown[[*names, *SHOWN]].rename(columns=SHOWN)
    for name in (n for n in SHOWN.values() if "per unit" in n or "only" in n):
        table[name] = [usd(v, 4) if is_known(v) else "idle" for v in table[name]]
    sums = [(n, shares(unit_costs(result), s)) for n, s in (("now", "before"), ("scenario", "after"))]
    words = [
        f"{n}: {usd(sum(s.values()))} per month = used {usd(s['used_usd'])} + idle or failed {usd(s['idle_usd'])} "
        f"+ unallocated {usd(s['unallocated_usd'])}"
        for n, s in sums
    ]
    return "\n".join([as_table(table), "", *words])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [as_record(row) for row in frame.to_dict("records")]


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(StringIO(read_text_file(path)))
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path.name}: not a CSV that can be read ({error})") from None
