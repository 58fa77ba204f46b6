from __future__ import annotations

import pytest

from simulator.levers.storage.glacier_archive import GlacierArchive, archive_overhead_gib
from simulator.levers.storage.s3_lifecycle import S3Lifecycle
from tests.levers.storage.bucket import run, stored, usage_of, verdict

AGES = {"gib_not_accessed_30d": 600.0, "gib_not_accessed_90d": 500.0, "gib_not_accessed_180d": 400.0}
PLAIN = GlacierArchive(archived_ratio=1.0, restored_ratio=0.0, deleted_early_ratio=0.0)


def test_each_archived_object_adds_32_kb_there_and_8_kb_in_standard() -> None:
    archive, standard = archive_overhead_gib(2**20)
    assert (archive, standard) == (32, 8)


def test_untouched_data_moves_with_its_overhead_and_one_transition_an_object() -> None:
    after = stored(PLAIN.apply(usage_of(AGES)))
    assert after["standard_gb"] == pytest.approx(600)
    assert after["glacier_gb"] == pytest.approx(400 + 40_000 * 32 / 2**20)
    assert after["archive_standard_gb"] == pytest.approx(40_000 * 8 / 2**20)
    assert after["to_glacier"] == pytest.approx(40_000)


def test_restores_are_paid_by_request_by_gb_and_for_their_copy() -> None:
    lever = GlacierArchive(archived_ratio=1.0, restored_ratio=0.05, copy_days=6.0, deleted_early_ratio=0.0)
    after = stored(lever.apply(usage_of(AGES)))
    assert after["retrieval_glacier_gb"] == pytest.approx(20)
    assert after["restore_glacier"] == pytest.approx(2_000)
    assert after["archive_standard_gb"] == pytest.approx(20 * 6 / 30 + 40_000 * 8 / 2**20)


@pytest.mark.parametrize(("storage_class", "months"), [("GLACIER", 3), ("DEEP_ARCHIVE", 6)])
def test_early_deletion_owes_three_months_or_six(storage_class: str, months: int) -> None:
    lever = GlacierArchive(storage_class=storage_class, archived_ratio=1.0, deleted_early_ratio=0.1)
    after = stored(lever.apply(usage_of(AGES)))
    assert after[f"early_{storage_class.lower()}"] == pytest.approx(400 * 0.1 * 0.5 * months)


def test_deep_archive_of_large_objects_saves_nearly_the_whole_price() -> None:
    row = AGES | {"objects": 4_000}
    lever = GlacierArchive("DEEP_ARCHIVE", archived_ratio=1.0, restored_ratio=0.0, deleted_early_ratio=0.0)
    assert run(row, lever).saving_usd == pytest.approx(400 * (0.023 - 0.00099), rel=1e-3)


def test_the_lifecycle_rule_moves_only_what_the_archive_left() -> None:
    usage = S3Lifecycle(retrieved_ratio=0.0, deleted_early_ratio=0.0).apply(PLAIN.apply(usage_of(AGES)))
    after = stored(usage)
    assert after["standard_gb"] == pytest.approx(400)
    assert after["glacier_ir_gb"] == pytest.approx(100)
    assert after["standard_ia_gb"] == pytest.approx(100)
    assert after["glacier_gb"] == pytest.approx(400, rel=0.01)


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        (AGES | {"content": "training_data"}, "not_applicable", "next job would fail"),
        (AGES | {"content": "training_data", "retrieved_gib": 10.0}, "not_applicable", "next job would fail"),
        (AGES | {"content": "training_data", "retrieved_gib": 0.0}, "applies", "takes hours"),
        ({}, "unknown", "Storage Lens"),
        (AGES | {"objects": None, "small_objects": None}, "unknown", "number of its objects"),
        ({"gib_not_accessed_180d": 0.0}, "not_applicable", "read within 180 days"),
        ({"small_gib": 1000.0, "small_objects": 100_000}, "not_applicable", "below 128 KB"),
    ],
)
def test_what_may_not_be_archived_is_said(row: dict[str, object], state: str, words: str) -> None:
    found, sentence = verdict(GlacierArchive(), row)
    assert (found, words in sentence) == (state, True), sentence
