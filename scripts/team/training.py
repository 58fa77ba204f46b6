"""Training jobs of the sample: durations and rhythm from Philly, failures and short jobs from Alibaba."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scripts.team.traces import HOURS, START, Traces

MONTH_SECONDS = HOURS * 3600
TRACE_SECONDS = 20160 * 60
REASONS = {
    "AlgorithmError": (
        "AlgorithmError: ExecuteUserScriptError: ExitCode 1, torch.cuda.OutOfMemoryError: CUDA out of memory",
        "AlgorithmError: ExecuteUserScriptError: ExitCode 1, KeyError: 'label'",
        "AlgorithmError: loss is NaN at step 412",
    ),
    "ClientError": (
        "ClientError: Data download failed: no objects found under the S3 prefix of channel train",
        "ClientError: Please use an instance type with more memory",
    ),
    "CapacityError": ("CapacityError: Unable to provision requested ML compute capacity",),
    "InternalServerError": ("InternalServerError: We encountered an internal error. Please try again",),
}
REASON_SHARES = (0.58, 0.22, 0.12, 0.08)


@dataclass(frozen=True)
class Line:
    """A line of work: many jobs alike. `gpus` picks Philly jobs with as many GPUs; 0 = short jobs."""

    owner: str
    stem: str
    region: str
    instance_type: str
    instances: int
    jobs: int
    gpus: int
    failing: float
    gpu_utilization: float
    checkpointing: bool | None = None
    spot: bool = False
    warm_pool: bool = False
    tuning: str = ""
    stops: float = 0.0
    volume_gb: int | None = None


EAST, WEST, EU = "us-east-1", "us-west-2", "eu-west-1"
LINES = (
    Line("nlp", "llm-finetune", EAST, "ml.g5.48xlarge", 1, 46, 8, 0.19, 0.71, checkpointing=True),
    Line("nlp", "reward-model", EAST, "ml.g5.12xlarge", 1, 28, 4, 0.20, 0.44, checkpointing=False),
    Line("assist", "dialog-sft", EAST, "ml.p4d.24xlarge", 1, 9, 8, 0.20, 0.83, checkpointing=True),
    Line("assist", "pretrain-continue", EAST, "ml.p4d.24xlarge", 2, 4, 16, 0.0, 0.88, checkpointing=True),
    Line("vision", "defect-seg", EAST, "ml.g5.12xlarge", 1, 40, 4, 0.17, 0.23, checkpointing=False),
    Line("vision", "shelf-detector", WEST, "ml.g5.12xlarge", 1, 14, 4, 0.14, 0.38, checkpointing=None),
    Line(
        "vision", "clip-adapter", EAST, "ml.g5.2xlarge", 1, 34, 1, 0.15, 0.62, checkpointing=True, spot=True
    ),
    Line("search", "reranker", EAST, "ml.g4dn.xlarge", 1, 40, 1, 0.12, 0.55, warm_pool=True),
    Line("search", "embedder", WEST, "ml.g5.12xlarge", 1, 10, 4, 0.10, 0.66, checkpointing=True, spot=True),
    Line(
        "personalization", "feed-ranker", EAST, "ml.g4dn.12xlarge", 1, 24, 2, 0.13, 0.21, checkpointing=True
    ),
    Line(
        "personalization",
        "feed-hpo",
        EAST,
        "ml.g5.xlarge",
        1,
        36,
        1,
        0.06,
        0.47,
        tuning="feed-hpo-2610",
        stops=0.25,
    ),
    Line(
        "risk", "fraud-hpo", EAST, "ml.m5.4xlarge", 1, 30, 0, 0.07, 0.0, tuning="fraud-hpo-w42", volume_gb=50
    ),
    Line("risk", "fraud-gbm", EAST, "ml.m5.12xlarge", 1, 30, 0, 0.10, 0.0, volume_gb=100),
    Line("forecasting", "demand-lgbm", EAST, "ml.m5.4xlarge", 2, 31, 0, 0.06, 0.0, volume_gb=50),
    Line("support-eu", "intents", EU, "ml.g4dn.xlarge", 1, 12, 1, 0.17, 0.36),
)


def training_jobs(traces: Traces, rng: np.random.Generator) -> pd.DataFrame:
    """The table `training_jobs`."""
    rows = [_job(line, n, traces, rng) for line in LINES for n in range(1, line.jobs + 1)]
    return pd.DataFrame(rows)


def _job(line: Line, number: int, traces: Traces, rng: np.random.Generator) -> dict[str, Any]:
    start, trained = _when(line, traces, rng)
    failed = rng.random() < line.failing
    stopped = not failed and rng.random() < line.stops
    if failed:
        trained = min(trained, float(rng.choice(traces.failed_seconds)))
    running = start + trained > MONTH_SECONDS
    trained = round(min(trained, MONTH_SECONDS - start))
    status = "InProgress" if running else "Failed" if failed else "Stopped" if stopped else "Completed"
    began = START + pd.Timedelta(seconds=start)
    billable = round(trained * rng.uniform(0.28, 0.46)) if line.spot else trained
    phase = min(trained * 0.2, float(rng.uniform(60, 420)))
    gpu = line.gpu_utilization
    return {
        "job_name": f"{line.stem}-{began:%m%d}-{number:03}",
        "region": line.region,
        "instance_type": line.instance_type,
        "instance_count": line.instances,
        "status": status,
        "started_at": began,
        "ended_at": None if running else began + pd.Timedelta(seconds=trained),
        "training_seconds": trained,
        "billable_seconds": None if running else billable,
        "spot_enabled": line.spot,
        "checkpointing": line.checkpointing,
        "max_runtime_seconds": 432000 if line.gpus >= 4 else 86400,
        "max_wait_seconds": 518400 if line.spot else None,
        "tuning_job": line.tuning,
        "failure_reason": _reason(rng) if status == "Failed" else "",
        "warm_pool_seconds": round(rng.uniform(300, 1800)) if line.warm_pool else None,
        "warm_pool_enabled": line.warm_pool,
        "volume_gb": line.volume_gb,
        "download_seconds": round(phase),
        "upload_seconds": round(phase / 6),
        "gpu_utilization_ratio": _ratio(gpu, rng) if gpu else None,
        "gpu_memory_ratio": _ratio(gpu * 1.1, rng) if gpu else None,
        "cpu_utilization_ratio": _ratio(0.35 if gpu else 0.62, rng),
        "owner": line.owner,
        "tags": json.dumps({"env": "research" if gpu else "prod", "team": line.owner}),
    }


def _when(line: Line, traces: Traces, rng: np.random.Generator) -> tuple[int, float]:
    """Start (seconds into the month) and length of a job; the two weeks of the trace are laid twice."""
    if line.gpus == 0:
        return int(rng.integers(0, MONTH_SECONDS - 40000)), float(rng.choice(traces.short_seconds))
    alike = traces.jobs[traces.jobs["num_gpu"] == line.gpus]
    picked = alike.iloc[int(rng.integers(len(alike)))]
    start = (
        int(picked["submit_min"]) * 60
        + int(rng.integers(0, 2)) * TRACE_SECONDS
        + int(rng.integers(0, 2) * 172800)
    )
    return min(start, MONTH_SECONDS - 7200), float(picked["duration_min"]) * 60


def _reason(rng: np.random.Generator) -> str:
    texts = REASONS[str(rng.choice(list(REASONS), p=REASON_SHARES))]
    return texts[int(rng.integers(len(texts)))]


def _ratio(mean: float, rng: np.random.Generator) -> float:
    return round(float(np.clip(rng.normal(mean, 0.08), 0.02, 0.98)), 3)
