"""What no bill can say and be right: an instance works at most every covered hour, a job at most its wall time.

A breach is a warning with the resource and its figures: lines that were counted twice, several resources of one name,
or an export of other periods than it states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from simulator.sources.bills.window import Window
from simulator.units import SECONDS_PER_HOUR

SLACK_HOURS = 1.0
"""A line is an hour long; what begins or ends in it may be billed for all of it."""
SLACK_RATIO = 1e-6
MOST_NAMED = 5


def breaches(tables: Mapping[str, pd.DataFrame], window: Window) -> list[str]:
    """Sentences, at most `MOST_NAMED` a table and then how many more."""
    found = [_endpoints(tables["endpoints"], window), _jobs(tables["training_jobs"])]
    found.append(_compute(tables["compute"], window))
    return [sentence for rows in found for sentence in _shortened(list(rows))]


def _endpoints(table: pd.DataFrame, window: Window) -> Iterator[str]:
    """Instance-hours ≤ instances × covered hours; of several variants (instance types) each on its own."""
    if "instance_hours" not in table:
        return
    counts = table[[c for c in ("scaling_max", "instance_count") if c in table]]
    most = counts.max(axis=1).clip(lower=1.0).fillna(1.0)
    for row in _over(table.assign(most=most), "instance_hours", most * window.hours, SLACK_HOURS * most):
        yield (
            f"endpoint {row['endpoint_name']}: {row['instance_hours']:,.1f} instance-hours of {row['most']:g} "
            f"instances in {window.hours:,.0f} covered hours: more than there can be; look for lines that "
            "come twice, or endpoints of one name"
        )


def _jobs(table: pd.DataFrame) -> Iterator[str]:
    """Billed seconds ≤ from the first to the last billed moment."""
    if "billable_seconds" not in table:
        return
    wall = (table["ended_at"] - table["started_at"]).dt.total_seconds()
    for row in _over(table.assign(wall=wall), "billable_seconds", wall, SLACK_HOURS * SECONDS_PER_HOUR):
        yield (
            f"training job {row['job_name']}: {row['billable_seconds']:,.0f} s billed on each of "
            f"{row['instance_count']:g} instances in {row['wall']:,.0f} s from its first to its last line: more than "
            "there can be; look for lines that come twice, or jobs of one name"
        )


def _compute(table: pd.DataFrame, window: Window) -> Iterator[str]:
    """Hours of one instance ≤ covered hours. Rows without a name stand for several resources."""
    if "hours" not in table:
        return
    for row in _over(table, "hours", window.hours, SLACK_HOURS):
        if not str(row["name"]).startswith("all ml."):
            yield (
                f"{row['kind']} {row['name']}: {row['hours']:,.1f} hours of one instance in {window.hours:,.0f} "
                "covered hours: more than there can be; look for lines that come twice, or resources of one name"
            )


def _over(
    table: pd.DataFrame, column: str, most: float | pd.Series, slack: float | pd.Series
) -> list[dict[str, Any]]:
    """Rows with more than there can be; what is unknown is not more."""
    rows = table[table[column] > most * (1 + SLACK_RATIO) + slack]
    return rows.to_dict("records")  # type: ignore[return-value]


def _shortened(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_NAMED
    return [*sentences[:MOST_NAMED], f"{more:,} more like it"] if more > 0 else sentences
