from __future__ import annotations

import pytest

from simulator.levers.storage.abort_incomplete_uploads import AbortIncompleteUploads
from simulator.levers.storage.failed_artifacts_cleanup import FailedArtifactsCleanup
from simulator.levers.storage.noncurrent_versions import NoncurrentVersions
from tests.levers.storage.bucket import run, stored, usage_of, verdict


def test_expired_versions_are_no_longer_stored() -> None:
    result = run({"noncurrent_gib": 100.0}, NoncurrentVersions(expired_ratio=0.7))
    assert result.saving_usd == pytest.approx(70 * 0.023)


def test_three_clean_ups_never_delete_more_than_there_is() -> None:
    row = {"gib": 100.0, "noncurrent_gib": 60.0, "incomplete_upload_gib": 50.0, "failed_artifact_gib": 40.0}
    levers = (
        AbortIncompleteUploads(older_ratio=1.0), FailedArtifactsCleanup(deleted_ratio=1.0),
        NoncurrentVersions(),
    )  # fmt: skip
    usage = usage_of(row)
    for lever in levers:
        usage = lever.apply(usage)
    assert stored(usage).get("standard_gb", 0.0) == pytest.approx(0.0)


def test_unmeasured_versions_are_a_question() -> None:
    assert verdict(NoncurrentVersions(), {})[0] == "unknown"
