"""Notebooks, Studio apps, processing and batch transform of the sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scripts.team.traces import HOURS, START, Traces

EAST, WEST, EU = "us-east-1", "us-west-2", "eu-west-1"

# kind, name, owner, region, type, hours in the month, shares of them idle and out of office hours, volume GB
INTERACTIVE = (
    ("notebook", "vision-labeling-gpu", "vision", EAST, "ml.g5.2xlarge", 720, 0.93, 0.72, 200),
    ("notebook", "nlp-shared", "nlp", EAST, "ml.g4dn.xlarge", 720, 0.71, 0.72, 250),
    ("notebook", "risk-explore", "risk", EAST, "ml.m5.2xlarge", 720, 0.80, 0.72, 100),
    ("notebook", "forecast-ops", "forecasting", EAST, "ml.t3.xlarge", 720, 0.66, 0.72, 50),
    ("notebook", "crm-weekly", "crm", EAST, "ml.t3.large", 216, 0.40, 0.05, 20),
    ("notebook", "retail-pilot", "retail", WEST, "ml.m5.xlarge", 480, 0.85, 0.69, 50),
    ("studio", "JupyterLab/amara", "nlp", EAST, "ml.g5.xlarge", 610, 0.78, 0.66, 100),
    ("studio", "JupyterLab/bence", "vision", EAST, "ml.g4dn.2xlarge", 540, 0.74, 0.64, 100),
    ("studio", "JupyterLab/chidi", "search", EAST, "ml.m5.2xlarge", 720, 0.82, 0.72, 50),
    ("studio", "JupyterLab/dolores", "risk", EAST, "ml.m5.4xlarge", 300, 0.55, 0.31, 50),
    ("studio", "CodeEditor/emeka", "devtools", WEST, "ml.m5.xlarge", 260, 0.35, 0.12, 30),
    ("studio", "JupyterLab/farah", "personalization", EAST, "ml.g4dn.xlarge", 700, 0.88, 0.70, 80),
    ("studio", "JupyterLab/goran", "assist", EAST, "ml.t3.medium", 720, 0.90, 0.72, 20),
    ("studio", "JupyterLab/hanae", "support-eu", EU, "ml.m5.large", 410, 0.63, 0.44, 20),
)
# kind, stem, owner, type, instances, jobs
JOBS = (
    ("processing", "feature-build", "personalization", "ml.m5.4xlarge", 4, 30),
    ("processing", "data-quality", "platform", "ml.m5.xlarge", 1, 30),
    ("processing", "frame-resize", "vision", "ml.c5.9xlarge", 2, 8),
    ("transform", "catalog-embed", "catalog", "ml.g4dn.xlarge", 2, 4),
    ("transform", "ltv-monthly", "crm", "ml.m5.4xlarge", 1, 2),
)


def compute(traces: Traces, rng: np.random.Generator) -> pd.DataFrame:
    """The table `compute`."""
    rows = [_interactive(*told, rng) for told in INTERACTIVE]
    rows += [_job(*told[:5], n, traces, rng) for told in JOBS for n in range(1, told[5] + 1)]
    return pd.DataFrame(rows)


def _interactive(
    kind: str,
    name: str,
    owner: str,
    region: str,
    instance: str,
    hours: float,
    idle: float,
    late: float,
    gb: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    quiet = float(rng.uniform(2, 90))
    return {
        "kind": kind,
        "name": name,
        "region": region,
        "instance_type": instance,
        "instance_count": 1,
        "hours": hours,
        "idle_hours": round(hours * idle, 1),
        "out_of_hours_hours": round(hours * late, 1),
        "volume_gb": gb,
        "status": "InService",
        "started_at": START - pd.Timedelta(days=int(rng.integers(3, 200))),
        "last_activity_at": (START + pd.Timedelta(hours=HOURS - quiet)).floor("min"),
        "owner": owner,
    }


def _job(
    kind: str,
    stem: str,
    owner: str,
    instance: str,
    instances: int,
    number: int,
    traces: Traces,
    rng: np.random.Generator,
) -> dict[str, Any]:
    start = START + pd.Timedelta(seconds=int(rng.integers(0, (HOURS - 24) * 3600)))
    seconds = round(float(rng.choice(traces.short_seconds)))
    return {
        "kind": kind,
        "name": f"{stem}-{number:02}",
        "region": EAST,
        "instance_type": instance,
        "instance_count": instances,
        "hours": round(seconds / 3600, 4),
        "idle_hours": None,
        "started_at": start,
        "ended_at": start + pd.Timedelta(seconds=seconds),
        "status": "Completed",
        "volume_gb": 30,
        "owner": owner,
    }
