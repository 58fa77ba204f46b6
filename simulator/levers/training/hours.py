"""The meters of a training job that follow its running time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.usage.tables import Training

HOUR_METERS = ("billable_hours", "resized_hours", "spot_hours", "resized_spot_hours", "volume_gb_month")
NOTHING_BILLED = "Has no billed hours left in this scenario."
ENDED_QUESTION = "How it ended is unknown: DescribeTrainingJob would show it."
UNKNOWN_HOURS = "Its billed time is unknown."


def billed_hours(t: Training) -> NDArray[np.float64]:
    """Instance-hours billed for running, whatever the type and price class; NaN = unknown."""
    return t.billable_hours + t.resized_hours + t.spot_hours + t.resized_spot_hours
