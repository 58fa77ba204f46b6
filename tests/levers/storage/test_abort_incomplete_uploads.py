from __future__ import annotations

import pytest

from simulator.levers.storage.abort_incomplete_uploads import AbortIncompleteUploads
from tests.levers.storage.bucket import run, verdict


def test_old_parts_are_no_longer_stored() -> None:
    result = run({"incomplete_upload_gib": 40.0}, AbortIncompleteUploads(older_ratio=0.75))
    assert result.saving_usd == pytest.approx(30 * 0.023)


def test_a_bucket_with_lifecycle_rules_can_still_hold_unfinished_parts() -> None:
    assert (
        verdict(AbortIncompleteUploads(), {"incomplete_upload_gib": 4.0, "lifecycle": True})[0] == "applies"
    )


def test_unmeasured_parts_are_a_question() -> None:
    state, sentence = verdict(AbortIncompleteUploads(), {})
    assert state == "unknown"
    assert "ListParts" in sentence
