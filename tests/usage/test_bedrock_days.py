"""Bedrock's days added up by model, region and tier: the same as by a loop over the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.usage.bedrock_days import Days
from tests.accounts import START, snapshot_with

COLUMNS = ("output_tokens", "cost_usd")
known = st.one_of(st.none(), st.floats(0.0, 1e9))
row = st.fixed_dictionaries({
    "model_id": st.sampled_from(["amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0", "x.y"]),
    "scope": st.sampled_from([None, "us", "in_region"]), "tier": st.sampled_from([None, "on_demand", "batch"]),
    "region": st.sampled_from(["us-east-1", "eu-west-1"]), "requests": st.integers(1, 10**6),
    "output_tokens": known, "cost_usd": known,
})  # fmt: skip


@given(st.lists(row, min_size=1, max_size=12))
def test_totals_means_and_busiest_days_are_those_of_a_loop_over_the_rows(rows: list[dict[str, Any]]) -> None:
    dated = [r | {"date": (START + timedelta(days=d)).date().isoformat()} for d, r in enumerate(rows)]
    days = Days(snapshot_with(bedrock=dated))
    by_group: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for r in rows:
        prefix = "us." if r["scope"] == "us" and not r["model_id"].startswith("us.") else ""
        name = prefix + r["model_id"], r["region"], r["tier"] or "on_demand"
        by_group.setdefault(name, []).append(r)
    assert days.groups == sorted(by_group)
    for column in COLUMNS:
        told = [[r[column] for r in by_group[g] if r[column] is not None] for g in days.groups]
        assert days.total(column) == pytest.approx([sum(t) if t else np.nan for t in told], nan_ok=True)
        mean = [sum(t) / len(t) if t else np.nan for t in told]
        assert days.mean(column) == pytest.approx(mean, nan_ok=True)
    most = [[[r[c] for r in by_group[g] if r[c] is not None] for c in COLUMNS] for g in days.groups]
    busiest = [sum(max(t) for t in own if t) if any(own) else np.nan for own in most]
    assert days.busiest(COLUMNS) == pytest.approx(busiest, nan_ok=True)
