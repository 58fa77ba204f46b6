"""What cannot be read is unknown and says so; everything else is as if nothing had happened."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pytest

from simulator.snapshot.snapshot import Snapshot
from simulator.sources.collect import Collected
from simulator.sources.collect.client.failures import NothingRead
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import options
from tests.sources.collect.comparing import same_tables, statuses
from tests.sources.collect.conftest import point_at
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin

TOUCHED = {
    "sagemaker": ("training_jobs", "endpoints", "endpoint_traffic", "compute", "services"),
    "cloudwatch": ("endpoints", "endpoint_traffic", "training_jobs", "bedrock", "storage"),
    "application-autoscaling": ("endpoints",),
    "resourcegroupstaggingapi": ("training_jobs", "endpoints", "compute"),
    "bedrock": ("bedrock",),
    "s3": ("storage",),
    "ce": ("billed", "billed_rates"),
    "savingsplans": ("commitments",),
    "logs": ("services",),
    "efs": ("services",),
    "fsx": ("services",),
}
EMPTIED = {
    "sagemaker": ("training_jobs", "endpoints", "endpoint_traffic", "compute"),
    "cloudwatch": ("endpoint_traffic", "storage"),
    "s3": ("storage",),
    "ce": ("billed", "billed_rates"),
    "savingsplans": ("commitments",),
}
FIRST = ("sagemaker", "cloudwatch", "bedrock")
PREFIX = {"resourcegroupstaggingapi": "tag"}


def collected(aws: Standin, *rules: dict[str, Any], **settings: Any) -> Snapshot:
    seed_rich(aws)
    aws.faults(*rules)
    return run(options(**settings)).snapshot


@pytest.fixture(scope="module")
def without(running_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Snapshot]:
    """RICH with one service denied, collected once for the tests that look at it."""

    @cache
    def read(service: str) -> Snapshot:
        with pytest.MonkeyPatch.context() as monkeypatch:
            point_at(running_standin, tmp_path_factory.mktemp(service), monkeypatch)
            return collected(running_standin, {"service": service, "kind": "denied"})

    return read


@pytest.mark.parametrize(
    "service", [s if s in FIRST else pytest.param(s, marks=pytest.mark.thorough) for s in TOUCHED]
)
def test_one_denied_service_leaves_the_rest_complete(
    without: Callable[[str], Snapshot], rich: Collected, service: str
) -> None:
    denied = without(service)
    same_tables(rich.snapshot, denied, but=TOUCHED[service])
    for table in EMPTIED.get(service, ()):
        assert denied.tables[table].empty
    own = {n: s for n, s in statuses(denied).items() if n.startswith(PREFIX.get(service, service))}
    assert "denied" in own.values()
    assert "ok" not in own.values()


def test_denied_identity_leaves_only_the_account_id_unknown(aws: Standin, rich: Collected) -> None:
    denied = collected(aws, {"service": "sts", "kind": "denied"})
    assert denied.manifest.account_ids == ()
    assert len(denied.tables["endpoints"]) == len(rich.snapshot.tables["endpoints"])


def test_endpoint_with_denied_metrics_has_unknown_traffic_never_zero(
    without: Callable[[str], Snapshot],
) -> None:
    denied = without("cloudwatch")
    assert denied.tables["endpoint_traffic"].empty
    assert len(denied.tables["endpoints"]) == 9
    assert statuses(denied)["cloudwatch:endpoint_invocations"] == "denied"


def test_partial_metric_answer_leaves_the_traffic_unknown(aws: Standin) -> None:
    aws.seed({"partial_metrics": ["Invocations"]})
    partial = collected(aws)
    assert partial.tables["endpoint_traffic"].empty
    assert statuses(partial)["cloudwatch:endpoint_invocations"] == "unsupported"
    assert partial.tables["endpoints"]["cpu_utilization_ratio"].notna().any()


def test_endpoint_whose_details_are_denied_stays_with_unknown_type_and_count(aws: Standin) -> None:
    denied = collected(aws, {"service": "sagemaker", "operation": "DescribeEndpoint", "kind": "denied"})
    endpoints = denied.tables["endpoints"]
    assert len(endpoints) == 8
    assert endpoints["instance_count"].isna().all()
    assert (endpoints["instance_type"] == "").all()
    assert denied.tables["endpoint_traffic"].empty


def test_denied_config_leaves_the_type_unknown_and_the_traffic_known(aws: Standin) -> None:
    denied = collected(aws, {"service": "sagemaker", "operation": "DescribeEndpointConfig", "kind": "denied"})
    busy = denied.tables["endpoints"].set_index("endpoint_name").loc["busy"]
    assert busy["instance_type"] == ""
    assert busy["instance_count"] == 2
    assert "busy" in set(denied.tables["endpoint_traffic"]["endpoint_name"])


def test_denied_bucket_settings_leave_sizes_known(aws: Standin) -> None:
    denied = collected(
        aws, {"service": "s3", "operation": "GetBucketLifecycleConfiguration", "kind": "denied"}
    )
    storage = denied.tables["storage"]
    assert storage["gib"].sum() == 120 + 8 + 1032
    assert storage["lifecycle"].isna().all()
    assert statuses(denied)["s3:bucket_settings"] == "denied"


def test_thirty_percent_throttling_gives_the_calm_result(aws: Standin, rich: Collected) -> None:
    throttled = collected(aws, {"service": "*", "kind": "throttled", "ratio": 0.3})
    same_tables(rich.snapshot, throttled)
    assert statuses(throttled) == statuses(rich.snapshot)


def test_thirty_percent_throttling_with_adaptive_retries(
    aws: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default mode slows itself down a lot: one service alone is throttled here, to stay quick."""
    monkeypatch.delenv("AWS_RETRY_MODE")
    throttled = collected(aws, {"service": "savingsplans", "kind": "throttled", "ratio": 0.3})
    assert statuses(throttled)["savingsplans:plans"] == "ok"


def test_source_that_is_throttled_for_good_says_so(aws: Standin, rich: Collected) -> None:
    shut = collected(aws, {"service": "sagemaker", "operation": "DescribeTrainingJob", "kind": "throttled"})
    assert statuses(shut)["sagemaker:training_jobs"] == "throttled"
    same_tables(rich.snapshot, shut, but=("training_jobs",))
    assert any("What it would show is unknown, not zero" in s for s in shut.manifest.assumptions)


@pytest.mark.parametrize(
    "kind", ["500", *(pytest.param(k, marks=pytest.mark.thorough) for k in ("html500", "cut", "malformed"))]
)
def test_broken_service_is_unsupported_not_empty(aws: Standin, rich: Collected, kind: str) -> None:
    broken = collected(aws, {"service": "sagemaker", "kind": kind})
    own = {s for n, s in statuses(broken).items() if n.startswith("sagemaker:")}
    assert own == {"unsupported"}
    same_tables(
        rich.snapshot, broken, but=(*TOUCHED["sagemaker"], "billed", "bedrock", "storage", "commitments")
    )
    assert len(broken.tables["storage"]) == len(rich.snapshot.tables["storage"])


@pytest.mark.parametrize(
    "kind", ["cut", *(pytest.param(k, marks=pytest.mark.thorough) for k in ("500", "malformed"))]
)
def test_faults_that_pass_give_the_calm_result(aws: Standin, rich: Collected, kind: str) -> None:
    flaky = collected(aws, {"service": "sagemaker", "kind": kind, "ratio": 0.1})
    same_tables(rich.snapshot, flaky)


def test_malformed_metric_answer_is_unsupported_not_silence(aws: Standin) -> None:
    broken = collected(aws, {"service": "cloudwatch", "kind": "malformed"})
    assert statuses(broken)["cloudwatch:endpoint_invocations"] == "unsupported"
    assert broken.tables["endpoint_traffic"].empty


def test_malformed_bucket_list_is_unsupported_not_empty(aws: Standin, rich: Collected) -> None:
    broken = collected(aws, {"service": "s3", "kind": "malformed"})
    assert statuses(broken)["s3:buckets"] == "unsupported"
    same_tables(rich.snapshot, broken, but=("storage",))


def test_answer_without_its_list_is_unsupported_not_empty(aws: Standin) -> None:
    hollow = collected(aws, {"service": "sagemaker", "operation": "ListEndpoints", "kind": "hollow"})
    assert statuses(hollow)["sagemaker:endpoints"] == "unsupported"


def test_slow_service_gives_the_calm_result(aws: Standin, rich: Collected) -> None:
    slow = collected(aws, {"service": "savingsplans", "kind": "slow", "seconds": 0.2})
    same_tables(rich.snapshot, slow)


def test_service_that_never_answers_is_given_up_after_the_time_out(
    aws: Standin, rich: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    began = time.monotonic()
    hung = collected(aws, {"service": "savingsplans", "kind": "slow", "seconds": 3}, read_timeout_seconds=0.2)
    assert time.monotonic() - began < 20
    assert statuses(hung)["savingsplans:plans"] == "unsupported"
    same_tables(rich.snapshot, hung, but=("commitments",))


def test_empty_account_is_empty_not_broken(aws: Standin) -> None:
    empty = run(options()).snapshot
    assert all(table.empty for table in empty.tables.values())
    assert set(statuses(empty).values()) == {"empty", "ok"}
    assert [s.name for s in empty.manifest.sources if s.status == "ok"] == ["sts:identity identity"]


def test_job_deleted_while_reading_is_not_a_failure(aws: Standin) -> None:
    seen = collected(
        aws, {"service": "sagemaker", "operation": "DescribeTrainingJob", "kind": "gone", "ratio": 0.3}
    )
    assert statuses(seen)["sagemaker:training_jobs"] == "ok"
    assert 0 < len(seen.tables["training_jobs"]) < 9


def test_contradicting_answer_costs_one_row_not_the_run(aws: Standin) -> None:
    aws.seed({"resources": {"training-job": [odd_job()]}})
    seen = collected(aws)
    assert "odd" not in set(seen.tables["training_jobs"]["job_name"])
    assert len(seen.tables["training_jobs"]) == 10
    assert any("contradict themselves" in s and "started_at" in s for s in seen.manifest.assumptions)


def odd_job() -> dict[str, Any]:
    from tests.sources.collect.accounts import at, job

    return job("odd", began=30, TrainingEndTime=at(40))


def test_run_that_read_nothing_is_a_failure_with_its_reasons(aws: Standin) -> None:
    with pytest.raises(NothingRead, match=r"nothing could be read, so nothing is written.*denied"):
        collected(aws, {"service": "*", "kind": "denied"})


def test_one_source_that_was_read_is_enough_for_a_valid_snapshot(aws: Standin) -> None:
    kinds = [{"service": s, "kind": "denied"} for s in TOUCHED if s != "savingsplans"]
    seen = collected(aws, *kinds)
    assert all(isinstance(t, pd.DataFrame) for t in seen.tables.values())
    assert statuses(seen)["savingsplans:plans"] == "ok"


def test_source_whose_list_was_denied_is_not_asked_never_empty(without: Callable[[str], Snapshot]) -> None:
    seen = statuses(without("sagemaker"))
    metrics = ("endpoint_invocations", "endpoint_utilization", "training_utilization")
    assert {seen[f"cloudwatch:{name}"] for name in metrics} == {"not asked"}


def test_denied_model_lists_leave_the_bills_own_bedrock_dollars(without: Callable[[str], Snapshot]) -> None:
    denied = without("bedrock")
    billed = denied.tables["billed"]
    of_bill = billed.loc[billed["service"].str.contains("Bedrock"), "cost_usd"].sum()
    assert of_bill > 0
    assert denied.tables["bedrock"]["cost_usd"].sum() == pytest.approx(of_bill, abs=0.01)
    assert statuses(denied)["cloudwatch:bedrock_tokens"] == "not asked"
    assert any("Bedrock use is that of the bill" in s for s in denied.manifest.assumptions)
