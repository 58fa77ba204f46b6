"""The whole sample: tables, Savings Plan, bill and manifest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.team.bedrock import bedrock
from scripts.team.bill import team_bill
from scripts.team.bill_sagemaker import PLAN_USD_PER_HOUR
from scripts.team.compute import compute
from scripts.team.endpoints import endpoints
from scripts.team.storage import storage
from scripts.team.traces import read_traces
from scripts.team.training import training_jobs
from simulator.snapshot.manifest import Manifest, Source
from simulator.snapshot.snapshot import Snapshot, make_snapshot

SEED = 20261001
ACCOUNT = "111122223333"
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)
ASSUMPTIONS = (
    "An invented account: names, teams, fleet sizes and settings are made up; no such company exists.",
    "Hourly traffic follows real traces (AWS load balancer requests and event mentions of numenta/NAB) "
    "scaled to each endpoint; numbers of calls are drawn from a Poisson distribution.",
    "Durations and rhythm of GPU training jobs are drawn from the Microsoft Philly trace, failed and short "
    "jobs from the Alibaba 2023 GPU trace; the instance types are assigned.",
    "Tokens per request are drawn from the Azure LLM 2023 code trace and the Mooncake conversation trace.",
    "The bill is the usage at list price, an endpoint and training jobs that no inventory lists any more, "
    "data transfer, logs and tax. Savings Plan cost is amortized, at an assumed discount of 20 %.",
)


def team_account(data: Path) -> Snapshot:
    """Draw the account. The same seed and the same traces give the same snapshot."""
    traces = read_traces(data)
    streams = np.random.default_rng(SEED).spawn(5)
    variants, traffic = endpoints(traces, streams[0])
    tables = {
        "endpoints": variants,
        "endpoint_traffic": traffic,
        "training_jobs": training_jobs(traces, streams[1]),
        "bedrock": bedrock(traces, streams[2]),
        "storage": storage(streams[3]),
        "compute": compute(traces, streams[4]),
        "commitments": _plan(),
    }
    tables["billed"] = team_bill(tables)
    collected = datetime(2026, 10, 31, 6, tzinfo=UTC)
    sources = tuple(Source(name, "ok", collected, len(frame)) for name, frame in tables.items())
    manifest = Manifest("team", START, END, sources, ASSUMPTIONS, (ACCOUNT,), collected)
    return make_snapshot(manifest, tables)


def _plan() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "plan_id": "sp-team-2026-03",
                "hourly_commitment_usd": PLAN_USD_PER_HOUR,
                "start": datetime(2026, 3, 1, tzinfo=UTC),
                "end": datetime(2027, 3, 1, tzinfo=UTC),
                "term_years": 1,
                "payment": "no_upfront",
                "upfront_usd": 0,
            }
        ]
    )
