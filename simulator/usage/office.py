"""Office hours of a window: when people work, as far as a snapshot without time zones can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

OPENS, CLOSES, WORKDAYS = 8, 18, 5


def office_hours(window_start: pd.Timestamp, hours: int) -> NDArray[np.float64]:
    """1 in the hours of the window from 8 to 18 UTC, Monday to Friday, else 0 (50 h per week)."""
    clock = window_start + pd.to_timedelta(np.arange(hours), unit="h")
    inside = (clock.hour >= OPENS) & (clock.hour < CLOSES) & (clock.day_of_week < WORKDAYS)
    return np.asarray(inside, dtype=float)
