"""Write the shipped sample accounts into simulator/snapshot/samples.

python -m scripts.make_samples [report] [team] [--data FOLDER]

`report` is the account of the seed report. `team` is drawn, seeded, from real traces in FOLDER (by default
../shared/data beside the project); see scripts/team/.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from scripts.team.account import team_account
from simulator.snapshot.manifest import Manifest, Source
from simulator.snapshot.sample import FOLDER
from simulator.snapshot.snapshot import Snapshot, make_snapshot, save_snapshot

ROOT = Path(__file__).parents[1]
REPORT_START, REPORT_END = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
REPORT_REGION = "us-west-2"
REPORT_ASSUMPTIONS = (
    "The report is undated: its 30 days are placed at 2025-06-01 to 2025-07-01.",
    "The report names a region only in its bucket names: everything is taken to be in us-west-2.",
    "Every training job and every endpoint with a known instance type is taken to run on 1 instance.",
    "The report gives one average duration, 0.13 hours: every training job is taken to last 468 seconds.",
    "Job names, and the names of the 17 failed endpoints, are invented.",
    "The active endpoints are taken to be older than the window; failed ones to hold no instance.",
    "The report names no idle endpoint in its findings; its clean-up code lists llama3-endpoint-1 and "
    "qwen-vl-endpoint-4: these two have 24 hours without a call, all other traffic is unknown.",
    "The report states 0 Bedrock tokens with a note that token data may be missing: they are unknown, not 0. "
    "All 1,642 requests are entered on one day; the model is not named.",
    "Bucket sizes are in the report's GB, taken as GiB; the storage class is taken to be STANDARD.",
    "The bill is the report's: SageMaker 9,285.50 USD, of which its table gives about 7,000 to endpoints; "
    "training is the remainder, 2,285.50 USD (the table says ~2,285).",
)


def report_account() -> Snapshot:
    """Exactly what the seed report says; what it does not say stays unknown."""
    manifest = Manifest(
        name="report",
        window_start=REPORT_START,
        window_end=REPORT_END,
        sources=(Source("ML Workload Cost Optimization Report", "ok"),),
        assumptions=REPORT_ASSUMPTIONS,
    )
    return make_snapshot(
        manifest,
        {
            "training_jobs": report_jobs(),
            "endpoints": report_endpoints(),
            "endpoint_traffic": report_traffic(),
            "bedrock": pd.DataFrame(
                [
                    {
                        "model_id": "unknown",
                        "region": REPORT_REGION,
                        "date": "2025-06-30",
                        "requests": 1642,
                        "cost_usd": 52.94,
                    }
                ]
            ),
            "storage": report_storage(),
            "billed": report_bill(),
        },
    )


def report_jobs() -> pd.DataFrame:
    """9 jobs on ml.g5.12xlarge, 0.13 hours on average, 8 failed."""
    rows = [
        {
            "job_name": f"training-job-{n}",
            "region": REPORT_REGION,
            "instance_type": "ml.g5.12xlarge",
            "instance_count": 1,
            "status": "Completed" if n == 1 else "Failed",
            "training_seconds": 468,
        }
        for n in range(1, 10)
    ]
    return pd.DataFrame(rows)


def report_endpoints() -> pd.DataFrame:
    """4 in service, of which the type of two is known; 17 failed."""
    known = {"instance_type": "ml.g5.2xlarge", "instance_count": 1}
    active = {
        "llama3-endpoint-1": known,
        "model-endpoint-2": {},
        "llama3-endpoint-3": {},
        "qwen-vl-endpoint-4": known,
    }
    common = {"variant_name": "AllTraffic", "region": REPORT_REGION}
    created = "2025-05-31T00:00:00Z"
    rows = [
        {"endpoint_name": n, **common, "status": "InService", "created_at": created, **more}
        for n, more in active.items()
    ]
    rows += [
        {"endpoint_name": f"failed-endpoint-{n:02}", **common, "status": "Failed", "instance_count": 0}
        for n in range(1, 18)
    ]
    return pd.DataFrame(rows)


def report_traffic() -> pd.DataFrame:
    """The pair that the report's clean-up code calls idle: no call in the last 24 hours."""
    hours = pd.date_range(end=pd.Timestamp(REPORT_END), periods=25, freq="h", inclusive="left")
    rows = [
        {"endpoint_name": name, "variant_name": "AllTraffic", "hour": hour, "invocations": 0}
        for name in ("llama3-endpoint-1", "qwen-vl-endpoint-4")
        for hour in hours
    ]
    return pd.DataFrame(rows)


def report_storage() -> pd.DataFrame:
    """Three buckets, 306.41 GB."""
    sizes = {
        "sagemaker-us-west-2-XXXXXXXXXXXX": 306.06,
        "sagemaker-fmbench-write-us-west-2-XXXXXXXXXXXX": 0.27,
        "sagemaker-fmbench-read-us-west-2-XXXXXXXXXXXX": 0.08,
    }
    rows = [
        {"bucket": b, "region": REPORT_REGION, "storage_class": "STANDARD", "gib": gib}
        for b, gib in sizes.items()
    ]
    return pd.DataFrame(rows)


def report_bill() -> pd.DataFrame:
    """What the report says was spent in the 30 days."""
    lines = (
        ("Amazon SageMaker", "hosting", 7000.00),
        ("Amazon SageMaker", "training", 2285.50),
        ("Amazon Bedrock", "bedrock", 52.94),
        ("Amazon S3", "storage", 10.00),
    )
    period = {"period_start": REPORT_START, "period_end": REPORT_END}
    return pd.DataFrame([{"service": s, **period, "component": c, "cost_usd": usd} for s, c, usd in lines])


def main() -> None:
    """Write the samples named on the command line, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["report", "team"])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    args = parser.parse_args()
    for name in args.names:
        snapshot = report_account() if name == "report" else team_account(args.data)
        save_snapshot(snapshot, FOLDER / name)
        print(f"{name}: {', '.join(f'{t} {len(f)}' for t, f in snapshot.tables.items() if len(f))}")


if __name__ == "__main__":
    main()
