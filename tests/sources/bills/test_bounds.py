"""No instance works more than the covered hours, no job more than its wall time; a breach is named with its figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sources.bills import import_bill
from simulator.sources.bills.tables.bounds import breaches
from simulator.sources.bills.window import Window
from tests.sources.bills.bills import ARN, cur2_csv, line

OCTOBER = Window(pd.Timestamp("2026-10-01"), pd.Timestamp("2026-11-01"))
NONE = {name: pd.DataFrame() for name in ("endpoints", "training_jobs", "compute")}


def _endpoint(hours, count):
    row = {
        "endpoint_name": "chat",
        "instance_hours": hours,
        "instance_count": count,
        "scaling_max": float("nan"),
    }
    return NONE | {"endpoints": pd.DataFrame([row])}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.floats(0.0, 3.0))
def test_an_endpoint_is_named_exactly_when_it_works_more_than_there_is(count, share):
    """October has 744 h; one hour an instance is allowed for lines that are cut off."""
    hours, most = share * count * 744.0, count * 745.0
    said = breaches(_endpoint(hours, float(count)), OCTOBER)
    assert bool(said) == (hours > most * (1 + 1e-6))
    if said:
        assert "chat" in said[0]
        assert f"{hours:,.1f}" in said[0]
        assert "744" in said[0]


def test_gaps_are_not_covered_hours():
    """October without ten days: 504 h. 600 h of one instance are too many, 500 h are not."""
    gap = Window(OCTOBER.start, OCTOBER.end, gaps=((pd.Timestamp("2026-10-11"), pd.Timestamp("2026-10-21")),))
    assert breaches(_endpoint(600.0, 1.0), gap)
    assert not breaches(_endpoint(500.0, 1.0), gap)


def test_a_job_that_is_billed_longer_than_it_ran_is_named():
    """Two hours from first to last line, four hours of one instance billed."""
    moments = {"started_at": pd.Timestamp("2026-10-02 00:00"), "ended_at": pd.Timestamp("2026-10-02 02:00")}
    job = {"job_name": "tune", "billable_seconds": 14_400.0, "instance_count": 1.0, **moments}
    said = breaches(NONE | {"training_jobs": pd.DataFrame([job])}, OCTOBER)
    assert len(said) == 1
    assert "tune" in said[0]
    assert "14,400" in said[0]
    assert "7,200" in said[0]


def test_a_notebook_billed_twice_without_identity_is_named(tmp_path):
    """48 hours of a notebook, each hour in two lines of one hour, at two rates (alike ones would count once): 96 h in
    two covered days."""
    own: dict[str, Any] = {"resource": f"{ARN}notebook-instance/lab"}
    rates = (0.05, 0.049)
    lines = [line("USW2-Notebk:ml.t3.medium", usd, hour=h, **own) for h in range(48) for usd in rates]
    said = import_bill(cur2_csv(lines, tmp_path / "x.csv")).report.warnings
    assert any("lab" in w and "96.0" in w and "48" in w for w in said)


@pytest.mark.parametrize("instances", [1, 4])
def test_a_cluster_is_explained_by_its_own_rate(tmp_path, instances):
    """HyperPod at $61.5 an instance-hour, `instances` for 240 h a line a day: a `cluster` of that many instances."""
    lines = [
        line(
            "USW2-Cluster:ml.p5.48xlarge",
            61.5 * instances * 24,
            quantity=24.0 * instances,
            hour=24 * day,
            hours=24,
            resource=f"{ARN}cluster/abc",
        )
        for day in range(10)
    ]
    found = import_bill(cur2_csv(lines, tmp_path / "x.csv"))
    row = found.snapshot.tables["compute"].iloc[0]
    assert (row["kind"], row["instance_type"], row["instance_count"]) == (
        "cluster",
        "ml.p5.48xlarge",
        instances,
    )
    assert row["hours"] == pytest.approx(240.0)
    rate = found.snapshot.tables["billed_rates"].iloc[0]
    assert (rate["component"], rate["item"]) == ("training", "ml.p5.48xlarge")
    assert rate["contracted_unit_price_usd"] == pytest.approx(61.5)
