"""Long silences of endpoints, worked out once: what an automatic shutdown would act on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHUTDOWN_AFTER_HOURS = 24


def long_silence(calls: Array, endpoint: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Hours that follow 24 observed hours without a call to any variant of the endpoint.

    `calls[r, h]` is calls to variant r in hour h, NaN = never observed: that breaks a silence, as calls do.
    A silence that began before the window is counted from the window's start.
    """
    hour = np.arange(calls.shape[1])
    busy = np.zeros((endpoint.max(initial=-1) + 1, len(hour)), bool)
    np.logical_or.at(busy, endpoint, ~(calls == 0))
    last_busy = np.maximum.accumulate(np.where(busy, hour, -1), axis=1)
    return (~busy & (hour - last_busy > SHUTDOWN_AFTER_HOURS))[endpoint]
