"""The account of the seed report, built in the stand-in and collected, shows what the shipped sample shows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from simulator import Account, load_sample, simulate
from simulator.analysis.findings import findings
from simulator.analysis.reconcile import reconcile
from simulator.engine.scenario import everything
from simulator.snapshot.snapshot import Snapshot
from simulator.sources.collect import collect
from tests.accounts import prices
from tests.sources.collect.accounts import GIB, at, bedrock, bucket_size, cost, endpoint, job, merged, options
from tests.sources.collect.seeding import make_buckets
from tests.sources.collect.standin import Standin

END = datetime(2025, 7, 1, tzinfo=UTC)  # the window of the sample: June
BUCKETS = {"sagemaker-us-west-2": 306.06, "sagemaker-fmbench-write": 0.27, "sagemaker-fmbench-read": 0.08}
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
IDLE = ("llama3-endpoint-1", "qwen-vl-endpoint-4")
UNKNOWN = ("model-endpoint-2", "llama3-endpoint-3")
UNNAMED = {"InstanceType": None, "InitialInstanceCount": None}

REPORT: dict[str, Any] = {
    "resources": merged(
        {
            "training-job": [
                job(
                    f"job-{n}",
                    end=END,
                    began=100 + n,
                    seconds=468,
                    TrainingJobStatus="Completed" if n == 0 else "Failed",
                )
                for n in range(9)
            ]
        },
        *(endpoint(name, end=END) for name in IDLE),
        *(
            endpoint(name, end=END, running={"CurrentInstanceCount": None}, variant=UNNAMED)
            for name in UNKNOWN
        ),
        *(
            endpoint(f"failed-endpoint-{n:02}", end=END, status="Failed", ProductionVariants=None)
            for n in range(1, 18)
        ),
    ),
    "metrics": [
        bedrock(MODEL, "Invocations", [(at(30, END), 1642)]),
        *(bucket_size(name, "StandardStorage", gib * GIB, at(24, END)) for name, gib in BUCKETS.items()),
    ],
    "partial_metrics": list(UNKNOWN),
    "answers": {
        "bedrock:ListFoundationModels": [{"modelArn": f"arn:aws:bedrock:::{MODEL}", "modelId": MODEL}]
    },
    "costs": [
        cost("Amazon SageMaker", 7000.0, "USW2-Host:ml.g5.2xlarge"),
        cost("Amazon SageMaker", 2285.5, "USW2-Train:ml.g5.12xlarge"),
        cost("Amazon Bedrock", 52.94, "USW2-Bedrock"),
        cost("Amazon Simple Storage Service", 10.0, "USW2-TimedStorage-ByteHrs"),
    ],
}


@pytest.fixture
def collected(aws: Standin) -> Snapshot:
    aws.seed(REPORT)
    make_buckets(list(BUCKETS))
    return collect(options(now=END))


def test_collected_report_account_shows_the_findings_of_the_sample(collected: Snapshot) -> None:
    """Two things differ: the report looked at 24 silent hours, the collector at the whole window of 720; and the
    collector asks whether buckets have lifecycle rules, which the report does not say (306.41 x 0.023 = $7.05)."""
    seen, expected = (found(snapshot) for snapshot in (collected, load_sample("report")))
    longer = [(s.replace("at least 24 hours", "at least 720 hours"), usd) for s, usd in expected]
    asked = "3 buckets have 306.41 GiB in S3 Standard without a lifecycle rule: $7.05 per month in all."
    assert [usd for s, usd in seen if s == asked] == [pytest.approx(306.41 * 0.023)]
    rest = [(s, usd) for s, usd in seen if s != asked]
    assert [s for s, _ in rest] == [s for s, _ in longer]
    assert [usd for _, usd in rest] == [None if u is None else pytest.approx(u) for _, u in longer]


def found(snapshot: Snapshot) -> list[tuple[str, float | None]]:
    account = Account.open(snapshot)
    result = simulate(account, everything().only(()), prices())
    return [(f.sentence, f.usd_per_month) for f in findings(result.baseline, reconcile(account, prices()))]


def test_only_the_two_idle_endpoints_may_be_stopped(collected: Snapshot) -> None:
    account = Account.open(collected)
    result = simulate(account, everything().only(("stop_idle_endpoints",)), prices())
    verdicts = result.scenario.levers[0].verdicts(account.usage)
    assert sorted(account.usage.endpoints.resource_id[verdicts.applies]) == sorted(IDLE)
    assert verdicts.counts() == {"applies": 2, "not_applicable": 17, "unknown": 2}
    assert result.saving_usd == pytest.approx(2 * 1.515 * 730)


def test_denied_metrics_make_no_endpoint_idle(aws: Standin) -> None:
    aws.seed(REPORT)
    aws.faults({"service": "cloudwatch", "kind": "denied"})
    account = Account.open(collect(options(now=END)))
    result = simulate(account, everything().only(("stop_idle_endpoints",)), prices())
    assert not result.scenario.levers[0].verdicts(account.usage).applies.any()
    assert result.saving_usd == 0
