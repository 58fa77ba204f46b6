"""The real traces the sample is drawn from, brought to one month of hours.

Source: numenta/NAB (AWS load balancer requests; mentions of AMZN), MIT. Azure/AzurePublicDataset (LLM
inference 2023, Patel et al., ISCA 2024), CC BY 4.0, Microsoft. kvcache-ai/Mooncake (conversation trace),
Apache-2.0. Microsoft Philly (Jeon et al., ATC 2019) as in S-Lab-System-Group/ChronusArtifact, MIT and CC BY
4.0. Alibaba GPU cluster 2023 (Weng et al., ATC 2023) as in hkust-adsl/kubernetes-scheduler-simulator,
Apache-2.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOURS = 720
START = pd.Timestamp("2026-10-01T00:00:00Z")  # a Thursday, as the first hour taken from each traffic trace
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Traces:
    """Traffic shapes have 720 values with maximum 1; the frames hold single requests or jobs."""

    steady: Array
    bursty: Array
    code: Array
    code_requests: pd.DataFrame
    chat_requests: pd.DataFrame
    jobs: pd.DataFrame
    failed_seconds: Array
    short_seconds: Array


def read_traces(folder: Path) -> Traces:
    """Read the files of ../shared/data."""
    traffic, training = folder / "traffic", folder / "training"
    tasks = pd.read_csv(training / "alibaba_gpu_tasks_2023.part_a.csv")
    return Traces(
        steady=_shape(traffic / "aws_elb_requests_hourly.csv", "count", "2014-04-10T00:00:00"),
        bursty=_shape(traffic / "mentions_amzn_hourly.csv", "count", "2015-03-05T00:00:00"),
        code=_shape(traffic / "llm_30d_composite_bursty.csv", "invocations", "2015-03-05T00:00:00"),
        code_requests=pd.read_csv(traffic / "azure_llm_2023_code.csv"),
        chat_requests=pd.read_csv(traffic / "mooncake_conversation.csv"),
        jobs=pd.read_csv(training / "philly_two_weeks.part_a.csv"),
        failed_seconds=tasks.loc[tasks["status"] == "Failed", "duration_s"].to_numpy(float),
        short_seconds=tasks.loc[tasks["status"] == "Succeeded", "duration_s"].to_numpy(float),
    )


def _shape(file: Path, column: str, first: str) -> Array:
    """720 hours from `first` on, whole weeks repeated where it is shorter, scaled to a maximum of 1."""
    trace = pd.read_csv(file)
    values = trace.loc[trace["hour_start"] >= first, column].to_numpy(float)
    whole = values[: len(values) // 168 * 168] if len(values) < HOURS else values
    month = np.tile(whole, HOURS // len(whole) + 1)[:HOURS]
    return month / month.max()


def office_hours() -> Array:
    """1 from 8 to 18 UTC on workdays, else 0."""
    clock = pd.date_range(START, periods=HOURS, freq="h")
    return ((clock.hour >= 8) & (clock.hour < 18) & (clock.day_of_week < 5)).astype(float)


def at_hours(*, hours: range, weekday: int | None = None) -> Array:
    """1 in some hours of every day, or of one day of the week (Monday = 0), else 0."""
    clock = pd.date_range(START, periods=HOURS, freq="h")
    inside = clock.hour.isin(list(hours)) & (True if weekday is None else clock.day_of_week == weekday)
    return np.asarray(inside, dtype=float)
