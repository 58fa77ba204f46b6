"""Endpoints of the sample (endpoints.csv) and their hourly traffic: shapes from traces."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from scripts.team.sheet import read_sheet
from scripts.team.traces import HOURS, START, Array, Traces, at_hours, office_hours

TARGET_LOAD_RATIO = 0.5
UNOBSERVED = ("unknown", "none")
COPIED = (
    "mode", "model_name", "model_gib", "container", "copies", "accelerators_per_copy", "latency_ms",
    "scaling_min", "scaling_max", "keep",
)  # fmt: skip
Row = dict[str, Any]


def endpoints(traces: Traces, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `endpoints` and `endpoint_traffic`."""
    rows, calls = [], []
    for told in read_sheet("endpoints"):
        capacity = told.get("max_rps", 0.0) * told.get("instances", 1.0)
        load = _shape(told, traces, rng) * told["peak_load_ratio"] * capacity
        invocations = rng.poisson(load * 3600)
        rows.append(_row(told, load, _fleet(told, load), traces, rng))
        if told["shape"] not in UNOBSERVED:
            calls.append(_traffic(told, invocations))
    return pd.DataFrame(rows), pd.concat(calls, ignore_index=True)


def _shape(told: Row, traces: Traces, rng: np.random.Generator) -> Array:
    """Load by hour with maximum 1."""
    rough = rng.uniform(0.55, 1.0, HOURS)
    hour = np.arange(HOURS)
    shapes = {
        "steady": traces.steady,
        "bursty": traces.bursty,
        "code": traces.code,
        "sparse": traces.bursty * (rng.random(HOURS) < 0.35) * rough,
        "office": office_hours() * rough,
        "weekly": at_hours(hours=range(2, 6), weekday=6) * rough,
        "daily": at_hours(hours=range(3, 5)) * rough,
        "ended": np.where(hour < 430, traces.bursty, 0.0),
        "young": np.where(hour >= told.get("created_hour", 0), rough, 0.0),
    }
    return shapes.get(told["shape"], np.zeros(HOURS))


def _fleet(told: Row, load: Array) -> Array:
    """Instances by hour; a scaled fleet follows the load at half of its capacity."""
    if "scaling_max" in told:
        wanted = np.ceil(load / (told["max_rps"] * TARGET_LOAD_RATIO))
        return np.clip(wanted, told["scaling_min"], told["scaling_max"])
    return np.where(np.arange(HOURS) >= told.get("created_hour", 0), told.get("instances", 0.0), 0.0)


def _row(told: Row, load: Array, fleet: Array, traces: Traces, rng: np.random.Generator) -> Row:
    serverless = told.get("mode") == "serverless"
    kind = told.get("instance_type", "")
    own_disk = kind.startswith(("ml.g4dn", "ml.g5", "ml.g6"))
    tokens = _tokens(told.get("tokens"), traces)
    created, modified = _dates(told, rng)
    return {
        "endpoint_name": told["endpoint"],
        "variant_name": told["variant"],
        "region": told["region"],
        "status": told.get("status", "InService"),
        "instance_type": kind,
        "instance_count": None if serverless else fleet[-1],
        "created_at": created,
        "last_modified_at": modified,
        "instance_hours": None if serverless else fleet.sum(),
        "volume_gb": None if serverless or own_disk else 30,
        "needs_gpu": kind.startswith("ml.g"),
        **{name: told.get(name) for name in COPIED},
        **_utilization(told, load, fleet, rng),
        "payload_kb": told.get("payload_kb", round(float(rng.uniform(2, 40)), 1)),
        "max_rps": None if told.get("unmeasured") or serverless else told.get("max_rps"),
        "serverless_memory_mb": 3072 if serverless else None,
        "max_concurrency": 20 if serverless else None,
        "async_tolerant": told.get("async_tolerant", False),
        "offline": told.get("offline", False),
        "shadow": told.get("shadow", False),
        "tokens_in_per_call": tokens[0],
        "tokens_out_per_call": tokens[1],
        "owner": told["owner"],
        "tags": json.dumps({"env": told.get("env", "prod"), "team": told["owner"]}),
    }


def _dates(told: Row, rng: np.random.Generator) -> tuple[pd.Timestamp, pd.Timestamp]:
    if "created_hour" in told:
        born = START + pd.Timedelta(hours=told["created_hour"])
        return born, born
    created = START - pd.Timedelta(hours=int(rng.integers(200, 9000)))
    return created, (created + (START - created) * 0.6).floor("s")


def _utilization(told: Row, load: Array, fleet: Array, rng: np.random.Generator) -> Row:
    """Mean use follows the served share of capacity; without a running instance it is unknown."""
    if not fleet.sum() or told["shape"] in UNOBSERVED or told.get("mode") == "serverless":
        return {}
    served = load.sum() / (fleet.sum() * told["max_rps"])
    gpu = told.get("gpu_per_load")
    cpu = served * (0.9 if gpu is None else 0.35) + 0.01
    return {
        "gpu_utilization_ratio": None if gpu is None else round(min(0.97, served * gpu), 3),
        "gpu_memory_ratio": told.get("gpu_memory_ratio"),
        "cpu_utilization_ratio": round(min(0.95, cpu), 3),
        "memory_utilization_ratio": round(float(rng.uniform(0.22, 0.55)), 3),
    }


def _tokens(kind: str | None, traces: Traces) -> tuple[float | None, float | None]:
    """Mean tokens per call: of the code trace, of the conversation trace, or of its shortest quarter."""
    if kind is None:
        return None, None
    if kind == "code":
        means = traces.code_requests[["context_tokens", "generated_tokens"]].mean()
    else:
        chat = traces.chat_requests
        short = chat["input_tokens"] <= chat["input_tokens"].quantile(0.25)
        means = (chat[short] if kind == "short" else chat)[["input_tokens", "output_tokens"]].mean()
    return float(round(means.iloc[0])), float(round(means.iloc[1]))


def _traffic(told: Row, invocations: Array) -> pd.DataFrame:
    """Calls by hour since the endpoint exists, but for the hours the collector missed."""
    gap = np.arange(told.get("gap_start", 0), told.get("gap_end", 0))
    hours = np.setdiff1d(np.arange(told.get("created_hour", 0), HOURS), gap).astype(int)
    return pd.DataFrame(
        {
            "endpoint_name": told["endpoint"],
            "variant_name": told["variant"],
            "hour": START + pd.to_timedelta(hours, unit="h"),
            "invocations": invocations[hours],
        }
    )
