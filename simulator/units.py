"""Unit constants and conversions. The length of a month lives here once.

A *monthly run rate* is per 730 hours (8,760 h / 12); a *30-day actual* is per 720 hours.
Source: AWS pricing pages and calculator use 730 h per month; rules.md#cost-identities.
"""

HOURS_PER_MONTH = 730.0
HOURS_PER_YEAR = 8760.0
DAYS_PER_STORAGE_MONTH = 30.0
SECONDS_PER_HOUR = 3600.0
MINUTES_PER_HOUR = 60.0
HOURS_PER_WEEK = 168.0
BYTES_PER_GIB = 2**30
KIB_PER_GIB = 2**20


def run_rate_factor(window_hours: float) -> float:
    """Factor from a quantity metered over `window_hours` to a month of 730 h. Raises ValueError if not > 0."""
    if not window_hours > 0:
        raise ValueError(f"a window must last longer than 0 hours, not {window_hours}")
    return HOURS_PER_MONTH / window_hours
