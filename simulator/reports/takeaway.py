"""All tables as one .zip: savings per area, lever, resource, month; charges in FOCUS 1.2; the answer; the unknown."""

from __future__ import annotations

import json

import pandas as pd

from simulator.analysis.answer import answer
from simulator.engine.simulate import Result
from simulator.reports.dated import dated_tables
from simulator.reports.focus import focus_charges, focus_csv, focus_parquet
from simulator.reports.savings import lever_savings, month_table, resource_savings
from simulator.reports.tables import as_csv, savings_table
from simulator.reports.units import unit_table
from simulator.snapshot.files import archive_bytes

README = """Tables of one scenario, USD per month at run rate (730 h) where nothing else is said.

savings_by_area, savings_by_lever, savings_by_resource, savings_by_month: CSV and Parquet. `alone` savings are never
added up; `attributed` ones add up to the saving.
savings_by_lever_and_month, savings_by_owner_and_month, savings_by_component_and_month, and the same by fiscal year:
what is saved when, without one-off costs; per lever the marginal saving in the order of application. They add up;
P10, P50 and P90, where draws were asked for, do not.
units_by_owner_and_month: dollars per 1,000 calls, million tokens and training run, before and after. Unit cost x
volume + outside (idle all month, or without a unit) is the cost, and the costs are the month's bill.
focus_baseline, focus_scenario: charges in FOCUS 1.2 columns, CSV and Parquet. Columns with the prefix x_ are ours. The
period is the calendar month after the snapshot's window; quantities are those of x_PeriodHours hours.
unknown.csv: what no figure holds. answer.json: all of it, unrounded.
"""


def takeaway(
    result: Result, months: int = 12, *, fiscal_start: int = 1, draws: int = 0, seed: int = 0
) -> bytes:
    """The .zip; the same result gives the same bytes. With draws the dated tables hold P10, P50 and P90."""
    said = answer(result, months)
    files: dict[str, bytes] = {"README.txt": README.encode()}
    tables = {
        "savings_by_area": savings_table(result),
        "savings_by_lever": lever_savings(said),
        "savings_by_resource": resource_savings(result),
        "savings_by_month": month_table(result, months),
        **dated_tables(result, months, fiscal_start=fiscal_start, draws=draws, seed=seed),
        "units_by_owner_and_month": unit_table(
            result, months, fiscal_start=fiscal_start, draws=draws, seed=seed
        ),
    }
    for name, table in tables.items():
        files[f"{name}.csv"] = (as_csv(table) + "\n").encode()
        files[f"{name}.parquet"] = focus_parquet(table)
    charges = {"baseline": focus_charges(result, "baseline"), "scenario": focus_charges(result, "scenario")}
    for side, rows in charges.items():
        files[f"focus_{side}.csv"] = focus_csv(rows).encode()
        files[f"focus_{side}.parquet"] = focus_parquet(rows)
    unknown = pd.DataFrame(said["unknown"], columns=["component", "resource_id", "what", "usd", "sentence"])
    files["unknown.csv"] = (as_csv(unknown) + "\n").encode()
    files["answer.json"] = json.dumps(said, indent=2, allow_nan=False).encode()
    return archive_bytes(files)
