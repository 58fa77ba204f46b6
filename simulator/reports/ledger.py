"""Plan against actual as a table in cents: every row adds up, and so does every column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from simulator.analysis.ledger import Comparison
from simulator.reports.tables import rounded_to_total

DRIVERS = ("price_usd", "volume_usd", "mix_usd", "new_workload_usd", "lever_usd", "unexplained_usd")
COLUMNS = ("component", "projected_bill_usd", *DRIVERS, "actual_bill_usd")
SENTENCE = (
    "projected bill + price + volume + mix + new workload + lever + unexplained = actual bill; lever: savings that "
    "were due by now but have not happened"
)


def ledger_table(found: Comparison) -> pd.DataFrame:
    """One row per component and the total."""
    rows = [_in_cents(vars(r)) for r in found.components]
    total = {n: round(sum(r[n] for r in rows), 2) for n in COLUMNS[1:]}
    return pd.DataFrame([*rows, {"component": "total", **total}], columns=list(COLUMNS))


def months_table(found: Sequence[tuple[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """One row per month or snapshot, by its name: the totals of comparisons as `vars` or as they were stored.

    What was stored by an earlier version has no volume and mix: its difference in usage is volume.
    """
    rows = []
    for name, total in found:
        whole = {"volume_usd": total.get("usage_usd", 0.0), "projected_bill_usd": total["projected_usd"],
                 "actual_bill_usd": total["actual_usd"], **total}  # fmt: skip
        rows.append({"snapshot": name} | _in_cents(whole))
    return pd.DataFrame(rows, columns=["snapshot", *COLUMNS[1:]])


def _in_cents(row: Mapping[str, Any]) -> dict[str, Any]:
    """The two bills to the cent, and drivers that add up to their difference."""
    before, after = round(row["projected_bill_usd"], 2), round(row["actual_bill_usd"], 2)
    drivers = rounded_to_total([float(row.get(n) or 0.0) for n in DRIVERS], round(after - before, 2))
    return {
        "component": row.get("component", ""),
        "projected_bill_usd": before,
        **dict(zip(DRIVERS, drivers, strict=True)),
        "actual_bill_usd": after,
    }
