"""Buckets: lifecycle rules that are merged with those there are, and the artefacts of failed jobs."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.reports.actions.action import Action, Chosen, Request, first, one_line
from simulator.usage.tables import FAILED

SCRIPT = "bucket_rules"
UNDO = "`--undo --apply` puts the bucket's rules back; what was moved or deleted meanwhile stays so."
LARGE_BYTES = 128 * 1024
ABORT_DAYS, NONCURRENT_DAYS = 7, 30
INFREQUENT_DAYS, INSTANT_DAYS, ARCHIVE_DAYS = 30, 90, 180
ARCHIVE_TAG = {"Key": "archive", "Value": "yes"}
WARNING = "PutBucketLifecycleConfiguration replaces all rules of the bucket: add its own, or use the script."
WHOLE_BUCKET: dict[str, Any] = {"Filter": {"Prefix": ""}}
LARGE: dict[str, Any] = {"Filter": {"ObjectSizeGreaterThan": LARGE_BYTES}}


def abort_incomplete_uploads(chosen: Chosen) -> Action:
    """A rule that aborts uploads after a week."""
    rule = WHOLE_BUCKET | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_DAYS}}
    return _rules(chosen, rule, ("Only where no upload takes longer than a week.",))


def noncurrent_versions(chosen: Chosen) -> Action:
    """A rule that expires versions a month after they were replaced."""
    rule = WHOLE_BUCKET | {
        "NoncurrentVersionExpiration": {"NoncurrentDays": NONCURRENT_DAYS},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    }
    return _rules(
        chosen, rule, ("Not where old versions are the backup, or the law asks for them. Cannot be undone.",)
    )


def s3_lifecycle(chosen: Chosen) -> Action:
    """Standard-IA after 30 days, Glacier Instant Retrieval after 90 where the plan archives."""
    moves = [{"Days": INFREQUENT_DAYS, "StorageClass": "STANDARD_IA"}]
    archives = np.any(chosen.after.glacier_ir_gb[chosen.rows] > chosen.before.glacier_ir_gb[chosen.rows])
    if archives:
        moves.append({"Days": INSTANT_DAYS, "StorageClass": "GLACIER_IR"})
    steps = (
        "A rule counts days since an object was written, not since it was read: not for data that jobs read again.",
        "Objects below 128 KB stay where they are.",
    )
    return _rules(chosen, LARGE | {"Transitions": moves}, steps)


def intelligent_tiering(chosen: Chosen) -> Action:
    """Everything of at least 128 KB to Intelligent-Tiering at once."""
    moves = [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]
    return _rules(
        chosen, LARGE | {"Transitions": moves}, ("One transition per object, once, and a monitoring fee.",)
    )


def glacier_archive(chosen: Chosen) -> Action:
    """Objects tagged for it to the archive: a rule by age alone would archive live models and training data."""
    scope = {"And": {"Prefix": "", "Tags": [ARCHIVE_TAG], "ObjectSizeGreaterThan": LARGE_BYTES}}
    moves = [{"Days": ARCHIVE_DAYS, "StorageClass": chosen.lever.storage_class}]
    steps = (
        "Only objects tagged archive=yes go: find what nobody read (S3 Inventory), tag it (Batch Operations).",
        "Never tag live models or training sets: archived objects are unreadable until restored, which takes hours.",
    )
    return _rules(chosen, {"Filter": scope, "Transitions": moves}, steps)


def compression(chosen: Chosen) -> Action:
    """A rewrite by the owners."""
    names = ", ".join(one_line(x) for x in _buckets(chosen)[:20])
    steps = (f"Write compressed (Parquet with zstd, gzip) and rewrite what is read seldom, once: {names}.",)
    return Action(chosen.lever.id, steps, "Keep the originals until readers are tested.")


def failed_artifacts_cleanup(chosen: Chosen) -> Action:
    """Objects below exactly the output prefix of each failed job."""
    t, buckets = chosen.step.before.training, _buckets(chosen)
    regions, frame = (
        chosen.step.before.catalog.regions,
        chosen.result.account.snapshot.tables["training_jobs"],
    )
    ids = chosen.result.account.snapshot.manifest.account_ids
    alone = str(ids[0]) if len(ids) == 1 else ""
    accounts = frame["account_id"].fillna("").astype(str).to_numpy(object)
    targets = [
        {
            "name": str(t.resource_id[row]),
            "region": regions[int(t.region[row])],
            "account": accounts[row] or alone,
            "buckets": buckets,
        }
        for row in np.flatnonzero((t.outcome == FAILED) & ~t.kept & (t.region >= 0))
    ]
    steps = (
        "Look into the failures first: this deletes their evidence.",
        "Dry run: the script takes each prefix from DescribeTrainingJob, ends it in `/`, and counts what is below it.",
        "Apply.",
    )
    undo = "With versioning `--undo --apply` removes the delete markers; without it nothing can be undone."
    return Action(chosen.lever.id, steps, undo, "failed_artifacts_cleanup", tuple(targets))


def _rules(chosen: Chosen, rule: dict[str, Any], steps: tuple[str, ...]) -> Action:
    named = {"ID": "spend-" + chosen.lever.id.replace("_", "-"), "Status": "Enabled", **rule}
    regions = {str(chosen.before.resource_id[r]): chosen.place(r) for r in chosen.rows}
    targets: list[dict[str, Any]] = [{"name": b, **regions[b], "rules": [named]} for b in _buckets(chosen)]
    requests = [
        Request(
            t["region"],
            "s3",
            "PutBucketLifecycleConfiguration",
            {"Bucket": t["name"], "LifecycleConfiguration": {"Rules": [named]}},
            WARNING,
        )
        for t in targets
    ]
    steps = (
        *steps,
        "Dry run, then apply: rules of your own stay; a rule of yours that moves everything stops it.",
    )
    return Action(chosen.lever.id, steps, UNDO, SCRIPT, tuple(targets), first(requests))


def _buckets(chosen: Chosen) -> list[str]:
    return list(dict.fromkeys(str(chosen.before.resource_id[r]) for r in chosen.rows))
