"""Tiny accounts for tests: only the columns a test is about, everything else unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pandas as pd

from simulator import Account, PriceBook
from simulator.snapshot.sample import load_sample
from simulator.snapshot.snapshot import Manifest, Snapshot, make_snapshot

START = datetime(2026, 10, 1, tzinfo=UTC)
PRICES = date(2026, 11, 24)
REQUIRED: dict[str, dict[str, Any]] = {
    "training_jobs": {
        "region": "us-east-1", "instance_type": "ml.g5.2xlarge", "instance_count": 1, "status": "Completed",
    },
    "endpoints": {
        "variant_name": "AllTraffic", "region": "us-east-1", "status": "InService",
        "instance_type": "ml.g5.2xlarge", "instance_count": 1, "created_at": START - timedelta(days=90),
    },
    "endpoint_traffic": {"variant_name": "AllTraffic"},
    "compute": {"region": "us-east-1", "instance_type": "ml.m5.large"},
    "bedrock": {"region": "us-east-1", "date": START.date().isoformat()},
    "storage": {"region": "us-east-1", "storage_class": "STANDARD", "lifecycle": False},
}  # fmt: skip
NAMES = {"training_jobs": "job_name", "endpoints": "endpoint_name", "compute": "name", "storage": "bucket"}


def snapshot_with(*, days: int = 30, **tables: Sequence[Mapping[str, Any]]) -> Snapshot:
    """A snapshot of `days` from 2026-10-01; rows get defaults for required columns, and a name."""
    filled = {}
    for table, rows in tables.items():
        name = NAMES.get(table)
        full = [
            ({name: f"{table}-{i}"} if name else {}) | REQUIRED.get(table, {}) | dict(row)
            for i, row in enumerate(rows)
        ]
        filled[table] = pd.DataFrame(full)
    manifest = Manifest(name="test", window_start=START, window_end=START + timedelta(days=days))
    return make_snapshot(manifest, filled)


def account_with(*, days: int = 30, **tables: Sequence[Mapping[str, Any]]) -> Account:
    """An opened account (see `snapshot_with`)."""
    return Account.open(snapshot_with(days=days, **tables))


def traffic(
    endpoint: str, calls: Sequence[float], *, start: datetime = START, variant: str = "AllTraffic"
) -> list[dict[str, Any]]:
    """Rows of endpoint_traffic: one per hour from `start`."""
    return [
        {
            "endpoint_name": endpoint,
            "variant_name": variant,
            "hour": start + timedelta(hours=h),
            "invocations": c,
        }
        for h, c in enumerate(calls)
    ]


@cache
def sample_account(name: str) -> Account:
    """A shipped account, opened once for all tests of a process."""
    return Account.open(load_sample(name))


@cache
def prices(on: date = PRICES) -> PriceBook:
    """The shipped prices as of a fixed date; one book for all, which keeps the tables it has made."""
    return PriceBook.load(on)
