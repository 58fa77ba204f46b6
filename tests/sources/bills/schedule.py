"""When metered hours ran: hours of a resource → quantities per hour of the window, as a bill would list them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def steady(hours: float, count: float, window_hours: int) -> Array:
    """`count` instances in each of the last hours of the window, the first of them part of an hour."""
    out = np.zeros(window_hours)
    full = min(int(hours / count + 1e-9), window_hours)
    if full:
        out[window_hours - full :] = count
    rest = hours - full * count
    if rest > 1e-9:
        if full < window_hours:
            out[window_hours - full - 1] = rest
        else:
            out += rest / window_hours
    return out


def scaling(hours: float, born: int, window_hours: int) -> Array:
    """Whole instance counts that move between two neighbours, evenly spread, and add up to `hours`."""
    alive = window_hours - born
    low = int(hours / alive + 1e-9)
    extra = hours - low * alive
    high = int(extra + 1e-9)
    out = np.zeros(window_hours)
    steps = (np.arange(1, alive + 1) * high) // alive - (np.arange(alive) * high) // alive
    out[born:] = low + steps
    out[born] += extra - high
    if high == 0 and alive > 2 and low >= 1:
        out[born + 1] += 1
        out[born + 2] -= 1
    return out


def interval(hours: float, start: float, end: float, window_hours: int) -> Array:
    """`hours` over the hours between two moments (in hours from the window's start), in proportion to the overlap."""
    begin, stop = np.clip(start, 0, window_hours), np.clip(end, 0, window_hours)
    if not stop > begin:
        begin = min(max(np.nan_to_num(start), 0.0), window_hours - 1.0)
        stop = begin + 1.0
    edges = np.arange(window_hours)
    overlap = np.clip(np.minimum(edges + 1, stop) - np.maximum(edges, begin), 0.0, None)
    return hours * overlap / overlap.sum()


def spread(hours: float, window_hours: int) -> Array:
    """The same in every hour: when it ran is unknown."""
    return np.full(window_hours, hours / window_hours)
