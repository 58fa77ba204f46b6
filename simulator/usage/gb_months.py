"""GB-months: bytes stored times the share of the calendar month for which they are. Source: S3 FAQ, billing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from simulator.snapshot.snapshot import Manifest


def gb_months(gib: Any, hours: Any, hours_in_month: Any) -> Any:
    """GB-months billed for GiB stored for some hours: the share of the calendar month. Source: S3 FAQ, billing."""
    return gib * hours / hours_in_month


def covered_months(manifest: Manifest) -> float:
    """GB-months of 1 GiB stored while the sources cover the window."""
    gaps = sum(window_months(start, end) for start, end in manifest.gaps)
    return window_months(manifest.window_start, manifest.window_end) - gaps


def window_months(start: datetime, end: datetime) -> float:
    """GB-months of 1 GiB stored from `start` to `end`; a calendar month of any length is 1."""
    hours = pd.date_range(start, end, freq="h", inclusive="left")
    return float(gb_months(1.0, 1.0, hours.days_in_month.to_numpy() * 24.0).sum())
