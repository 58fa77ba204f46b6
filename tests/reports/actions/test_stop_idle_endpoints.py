"""Deleting idle endpoints: judged anew, never by a list alone; undo restores."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts import snapshot_with, traffic
from tests.reports.actions.conftest import REGION, client, writes

NOW = datetime.now(UTC)
OLD = (NOW - timedelta(days=60)).isoformat()
VARIANT = {"VariantName": "AllTraffic", "CurrentInstanceCount": 1}


def seeded(aws, **endpoints):
    """Endpoints on the account by name → what differs: created, tags, calls, status."""
    things, configs, metrics = [], [], []
    for name, more in endpoints.items():
        things.append(
            {
                "EndpointName": name, "EndpointConfigName": f"{name}-config",
                "EndpointStatus": more.get("status", "InService"),
                "CreationTime": more.get("created", OLD), "LastModifiedTime": more.get("changed", OLD),
                "ProductionVariants": [VARIANT], "Tags": more.get("tags", []),
            }
        )  # fmt: skip
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": "m",
            "InstanceType": "ml.g5.2xlarge",
            "InitialInstanceCount": 1,
        }
        config = {
            "EndpointConfigName": f"{name}-config",
            "ProductionVariants": [variant],
            "DataCaptureConfig": {},
        }
        configs.append({**config, **more.get("config", {}), "CreationTime": OLD})
        hours_ago = more.get("called_hours_ago")
        if hours_ago is not None:
            at = (NOW - timedelta(hours=hours_ago)).isoformat()
            dimensions = [["EndpointName", name], ["VariantName", "AllTraffic"]]
            metrics.append(["AWS/SageMaker", "Invocations", dimensions, [[at, 3.0]]])
    aws.seed(
        {"region": REGION, "resources": {"endpoint": things, "endpoint-config": configs}, "metrics": metrics}
    )
    aws.forget()


def names():
    return {e["EndpointName"] for e in client("sagemaker").list_endpoints()["Endpoints"]}


def idle_pack(pack, *endpoints):
    """The pack of a plan that takes all these endpoints for idle."""
    rows = [{"endpoint_name": n} for n in endpoints]
    calls = [row for n in endpoints for row in traffic(n, [0] * 720)]
    return pack(snapshot_with(endpoints=rows, endpoint_traffic=calls), "stop_idle_endpoints")


def test_dry_run_changes_nothing_and_says_what_it_would(aws, pack):
    seeded(aws, forgotten={})
    p = idle_pack(pack, "forgotten")
    said = p.run("stop_idle_endpoints")
    assert "would change forgotten: delete" in said
    assert "Dry run" in said
    assert writes(aws) == []
    assert names() == {"forgotten"}
    assert not (p.folder / "scripts" / "stop_idle_endpoints.done.json").exists()


def test_apply_twice_is_the_same_as_once_and_undo_restores(aws, pack):
    tags = [{"Key": "team", "Value": "search"}]
    seeded(aws, forgotten={"tags": tags}, other={})
    p = idle_pack(pack, "forgotten")
    assert "change forgotten" in p.run("stop_idle_endpoints", "--apply")
    assert names() == {"other"}
    assert "as wanted forgotten" in p.run("stop_idle_endpoints", "--apply")
    assert "would undo forgotten" in p.run("stop_idle_endpoints", "--undo")
    assert names() == {"other"}
    p.run("stop_idle_endpoints", "--undo", "--apply")
    restored = client("sagemaker").describe_endpoint(EndpointName="forgotten")
    assert restored["EndpointConfigName"] == "forgotten-config"
    assert client("sagemaker").list_tags(ResourceArn=restored["EndpointArn"])["Tags"] == tags
    assert p.run("stop_idle_endpoints", "--undo", "--apply").count("undo") == 0


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"called_hours_ago": 30}, "was called 3 times"),
        ({"called_hours_ago": 24 * 13}, "was called 3 times"),
        ({"tags": [{"Key": "keep", "Value": "true"}]}, "says keep"),
        ({"tags": [{"Key": "Keep", "Value": (NOW + timedelta(days=3)).date().isoformat()}]}, "says keep"),
        ({"created": (NOW - timedelta(hours=5)).isoformat()}, "CreationTime is less than 24 hours ago"),
        ({"changed": (NOW - timedelta(hours=5)).isoformat()}, "LastModifiedTime is less than 24 hours ago"),
        ({"status": "Updating"}, "is Updating"),
    ],
)
def test_an_endpoint_that_is_not_idle_any_more_is_left(aws, pack, state, reason):
    seeded(aws, candidate=state)
    assert reason in idle_pack(pack, "candidate").run("stop_idle_endpoints", "--apply")
    assert names() == {"candidate"}
    assert writes(aws) == []


def test_a_veto_that_has_run_out_or_says_no_does_not_hold(aws, pack):
    past = (NOW - timedelta(days=3)).date().isoformat()
    seeded(aws, a={"tags": [{"Key": "keep", "Value": past}]}, b={"tags": [{"Key": "keep", "Value": "no"}]})
    idle_pack(pack, "a", "b").run("stop_idle_endpoints", "--apply")
    assert names() == set()


def test_traffic_that_cannot_be_read_is_unknown_never_idle(aws, pack):
    seeded(aws, candidate={})
    p = idle_pack(pack, "candidate")
    aws.faults({"service": "cloudwatch", "kind": "denied"})
    assert "may or may not be idle" in p.run("stop_idle_endpoints", "--apply")
    assert names() == {"candidate"}


def test_an_endpoint_with_components_is_left(aws, pack):
    seeded(aws, host={})
    component = {
        "InferenceComponentName": "c",
        "EndpointName": "host",
        "CreationTime": OLD,
        "LastModifiedTime": OLD,
    }
    aws.seed({"answers": {"sagemaker:ListInferenceComponents": [component]}})
    assert "hosts inference components" in idle_pack(pack, "host").run("stop_idle_endpoints", "--apply")
    assert names() == {"host"}


def test_a_queue_with_calls_is_not_idle(aws, pack):
    output = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/o/"}}}
    seeded(aws, queue={"config": output})
    at = (NOW - timedelta(hours=2)).isoformat()
    points = [["AWS/SageMaker", "ApproximateBacklogSize", [["EndpointName", "queue"]], [[at, 2.0]]]]
    aws.seed({"region": REGION, "metrics": points})
    assert "queue is not known to be empty" in idle_pack(pack, "queue").run("stop_idle_endpoints", "--apply")
    assert names() == {"queue"}


def test_targets_of_another_account_are_left(aws, pack):
    seeded(aws, forgotten={})
    p = idle_pack(pack, "forgotten")
    p.set_targets(
        "stop_idle_endpoints", [{**t, "account": "999999999999"} for t in p.targets("stop_idle_endpoints")]
    )
    assert "belongs to account 999999999999" in p.run("stop_idle_endpoints", "--apply")
    assert names() == {"forgotten"}


def test_the_script_runs_on_its_own_with_nothing_but_boto3(aws, pack, tmp_path):
    seeded(aws, forgotten={})
    p = idle_pack(pack, "forgotten")
    script = str(p.folder / "scripts" / "stop_idle_endpoints.py")
    run = subprocess.run(
        [sys.executable, script, "--apply"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert run.returncode == 0, run.stderr
    assert names() == set()


def test_one_failure_does_not_stop_the_others_and_is_told_by_the_exit_code(aws, pack):
    seeded(aws, a={}, b={})
    p = idle_pack(pack, "a", "b")
    aws.faults(
        {"service": "sagemaker", "operation": "DeleteEndpoint", "kind": "denied", "ratio": 1.0, "after": 1}
    )
    code, said = p.run_to_end("stop_idle_endpoints", "--apply")
    assert code == 1
    assert "failed b" in said
    assert names() == {"b"}
    entries = (p.folder / "scripts" / "stop_idle_endpoints.done.json").read_text()
    assert '"a"' in entries
    assert '"b"' not in entries
