from __future__ import annotations

import pytest

from simulator.levers.storage.deletion import months_owed
from simulator.levers.storage.failed_artifacts_cleanup import FailedArtifactsCleanup
from tests.levers.storage.bucket import run, stored, usage_of, verdict


def test_deleted_bytes_are_no_longer_stored() -> None:
    result = run({"failed_artifact_gib": 100.0}, FailedArtifactsCleanup(deleted_ratio=0.9))
    assert result.saving_usd == pytest.approx(90 * 0.023)


def test_bytes_in_standard_ia_owe_the_rest_of_thirty_days_once() -> None:
    rows = (
        {"failed_artifact_gib": 0.0},
        {"storage_class": "STANDARD_IA", "gib": 200.0, "failed_artifact_gib": 100.0},
    )
    after = stored(FailedArtifactsCleanup(deleted_ratio=1.0, owed_ratio=0.5).apply(usage_of(*rows)))
    assert after["standard_ia_gb"] == pytest.approx(100)
    assert after["early_standard_ia"] == pytest.approx(100 * 1 * 0.5)


def test_deep_archive_owes_up_to_six_months() -> None:
    rows = (
        {"failed_artifact_gib": 0.0},
        {"storage_class": "DEEP_ARCHIVE", "gib": 50.0, "failed_artifact_gib": 50.0},
    )
    after = stored(FailedArtifactsCleanup(deleted_ratio=1.0, owed_ratio=1.0).apply(usage_of(*rows)))
    assert after["early_deep_archive"] == pytest.approx(300)
    assert "deep_archive_gb" not in after


def test_minimum_duration_is_owed_only_for_what_is_left_of_it() -> None:
    assert [months_owed(3, held) for held in (1, 2, 3, 4)] == [2, 1, 0, 0]


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"failed_artifact_gib": 0.0}, "not_applicable", "no artefacts"),
        ({}, "unknown", "sum the prefixes"),
        ({"failed_artifact_gib": 1.0}, "applies", "Holds artefacts"),
    ],
)
def test_unknown_is_a_question_and_none_is_none(row: dict[str, object], state: str, words: str) -> None:
    found, sentence = verdict(FailedArtifactsCleanup(), row)
    assert (found, words in sentence) == (state, True)
