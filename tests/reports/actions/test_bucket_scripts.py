"""Lifecycle rules are merged, and clean-up deletes exactly one job's objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts import snapshot_with
from tests.reports.actions.conftest import REGION, client, writes

OWN = {"ID": "own", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}


def buckets(**more):
    row = {
        "bucket": "data", "storage_class": "STANDARD",
        "gib": 1000.0, "objects": 1000, "small_objects": 0, "small_gib": 0.0,
        "gib_not_accessed_30d": 800.0, "gib_not_accessed_90d": 0.0, "gib_not_accessed_180d": 0.0, "retrieved_gib": 1.0,
        "noncurrent_gib": 50.0, "incomplete_upload_gib": 5.0, "failed_artifact_gib": 10.0, "lifecycle": False,
    }  # fmt: skip
    return {**row, **more}


def rules(bucket="data"):
    return client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]


def made(*own):
    s3 = client("s3")
    s3.create_bucket(Bucket="data")
    if own:
        s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": list(own)})
    return s3


def test_rules_of_all_levers_are_added_beside_the_buckets_own_and_undone(aws, pack):
    made(OWN)
    aws.forget()
    levers = ("s3_lifecycle", "noncurrent_versions", "abort_incomplete_uploads")
    p = pack(snapshot_with(storage=[buckets()]), *levers)
    p.run("bucket_rules")
    assert writes(aws) == []
    p.run("bucket_rules", "--apply")
    found = {r["ID"]: r for r in rules()}
    assert set(found) == {
        "own",
        "spend-s3-lifecycle",
        "spend-noncurrent-versions",
        "spend-abort-incomplete-uploads",
    }
    assert found["own"]["Expiration"] == {"Days": 3}
    assert found["spend-s3-lifecycle"]["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    assert found["spend-s3-lifecycle"]["Filter"] == {"ObjectSizeGreaterThan": 131072}
    assert found["spend-abort-incomplete-uploads"]["AbortIncompleteMultipartUpload"] == {
        "DaysAfterInitiation": 7
    }
    assert p.run("bucket_rules", "--apply").startswith("as wanted data")
    p.run("bucket_rules", "--undo", "--apply")
    assert [r["ID"] for r in rules()] == ["own"]


def test_one_lever_of_a_script_may_be_run_alone(aws, pack):
    made()
    row = buckets(bucket="other", noncurrent_gib=0.0)
    p = pack(snapshot_with(storage=[buckets(), row]), "s3_lifecycle", "noncurrent_versions")
    said = p.run("bucket_rules", "--lever", "noncurrent_versions")
    assert "data" in said
    assert "other" not in said


def test_a_bucket_without_rules_has_none_again_after_undo(aws, pack):
    s3 = made()
    p = pack(snapshot_with(storage=[buckets()]), "s3_lifecycle")
    p.run("bucket_rules", "--apply")
    p.run("bucket_rules", "--undo", "--apply")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        rules()


def test_a_rule_of_somebody_else_that_moves_everything_stops_it(aws, pack):
    made(
        {
            "ID": "theirs",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}],
        }
    )
    aws.forget()
    said = pack(snapshot_with(storage=[buckets()]), "s3_lifecycle").run("bucket_rules", "--apply")
    assert "its rule theirs already moves all objects" in said
    assert writes(aws) == []


def test_the_archive_takes_only_objects_tagged_for_it(aws, pack):
    made()
    untouched = buckets(gib_not_accessed_90d=700.0, gib_not_accessed_180d=600.0, content="logs")
    pack(snapshot_with(storage=[untouched]), "glacier_archive").run("bucket_rules", "--apply")
    (rule,) = rules()
    assert rule["Filter"]["And"]["Tags"] == [{"Key": "archive", "Value": "yes"}]
    assert rule["Transitions"] == [{"Days": 180, "StorageClass": "GLACIER"}]


FAILED = ("job-1", "job-10")


def jobs(aws, *, status="Failed", days_ago=30, **more):
    """Failed jobs on the account, with objects; and objects of others that begin alike."""
    ended = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    described = [
        {
            "TrainingJobName": n, "TrainingJobStatus": status, "TrainingEndTime": ended, "CreationTime": ended,
            "LastModifiedTime": ended, "OutputDataConfig": {"S3OutputPath": "s3://data/training-output"}, **more,
        }
        for n in FAILED
    ]  # fmt: skip
    aws.seed({"region": REGION, "resources": {"training-job": described}})
    s3 = client("s3")
    for key in ("job-1/output/a", "job-1/debug/b", "job-10/output/c", "job-11/output/d", "job-1.txt"):
        s3.put_object(Bucket="data", Key=f"training-output/{key}", Body=b"x")
    aws.forget()


def cleanup(pack, *names):
    rows = [
        {"job_name": n, "status": "Failed", "billable_seconds": 600, "training_seconds": 600} for n in names
    ]
    return pack(snapshot_with(storage=[buckets()], training_jobs=rows), "failed_artifacts_cleanup")


def keys():
    listed = client("s3").list_objects_v2(Bucket="data").get("Contents", [])
    return {o["Key"].removeprefix("training-output/") for o in listed}


def test_clean_up_of_job_1_leaves_job_10_and_job_11(aws, pack):
    made()
    jobs(aws)
    p = cleanup(pack, "job-1")
    said = p.run("failed_artifacts_cleanup")
    assert "would change job-1: delete 2 objects" in said
    assert "s3://data/training-output/job-1/" in said
    assert not [w for w in writes(aws) if w.startswith(("POST", "DELETE", "PUT"))]
    p.run("failed_artifacts_cleanup", "--apply")
    assert keys() == {"job-10/output/c", "job-11/output/d", "job-1.txt"}
    assert p.run("failed_artifacts_cleanup", "--apply").startswith("as wanted job-1")


def test_more_than_a_thousand_objects_are_all_deleted(aws, pack):
    made()
    jobs(aws)
    aws.seed({"objects": {"data": [f"training-output/job-10/part-{n:04d}" for n in range(1001)]}})
    said = cleanup(pack, "job-10").run("failed_artifacts_cleanup", "--apply")
    assert "delete 1000 objects" in said
    assert not [k for k in keys() if k.startswith("job-10/")]


def test_with_versioning_undo_brings_the_objects_back(aws, pack):
    s3 = made()
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    jobs(aws)
    before = keys()
    p = cleanup(pack, *FAILED)
    p.run("failed_artifacts_cleanup", "--apply")
    assert keys() == {"job-11/output/d", "job-1.txt"}
    p.run("failed_artifacts_cleanup", "--undo", "--apply")
    assert keys() == before


def test_without_versioning_undo_says_that_it_cannot(aws, pack):
    made()
    jobs(aws)
    p = cleanup(pack, "job-1")
    p.run("failed_artifacts_cleanup", "--apply")
    assert "this cannot be undone" in p.run("failed_artifacts_cleanup", "--undo", "--apply")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"status": "Completed"}, "is Completed, not Failed"),
        ({"days_ago": 2}, "ended less than 7 days ago"),
        (
            {"CheckpointConfig": {"S3Uri": "s3://data/training-output/job-1/checkpoints"}},
            "its checkpoints lie below",
        ),
        ({"OutputDataConfig": {"S3OutputPath": "s3://elsewhere/x"}}, "which is not in the plan"),
        ({"Tags": [{"Key": "keep", "Value": "yes"}]}, "says keep"),
    ],
)
def test_a_job_whose_objects_may_be_needed_is_left(aws, pack, state, reason):
    made()
    jobs(aws, **state)
    before = keys()
    assert reason in cleanup(pack, "job-1").run("failed_artifacts_cleanup", "--apply")
    assert keys() == before


@pytest.mark.parametrize("path", ["s3://data", "s3://data/", "s3://data/deep/er", "s3://data/deep/er/"])
def test_a_prefix_always_ends_in_the_whole_name_of_the_job_and_a_slash(pack, monkeypatch, path):
    import runpy

    p = cleanup(pack, "job-1")
    monkeypatch.syspath_prepend(str(p.folder / "scripts"))
    script = runpy.run_path(str(p.folder / "scripts" / "failed_artifacts_cleanup.py"))
    bucket, prefix = script["exact_prefix"](path, "job-1")
    assert bucket == "data"
    assert prefix in ("job-1/", "deep/er/job-1/")
