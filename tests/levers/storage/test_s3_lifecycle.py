from __future__ import annotations

import pytest

from simulator.levers.storage.compression import Compression
from simulator.levers.storage.s3_lifecycle import S3Lifecycle, billed_gib
from tests.levers.storage.bucket import run, stored, usage_of, verdict

AGES = {"gib_not_accessed_30d": 600.0, "gib_not_accessed_90d": 200.0}
LEVER = S3Lifecycle(retrieved_ratio=0.0, deleted_early_ratio=0.0)


def test_known_ages_decide_what_moves_where() -> None:
    after = stored(LEVER.apply(usage_of(AGES)))
    assert after["standard_gb"] == pytest.approx(400)
    assert after["standard_ia_gb"] == pytest.approx(400)
    assert after["glacier_ir_gb"] == pytest.approx(200)


def test_saving_is_the_price_gap_less_what_is_read() -> None:
    result = run(
        AGES | {"gib_not_accessed_90d": 0.0}, S3Lifecycle(retrieved_ratio=0.1, deleted_early_ratio=0.0)
    )
    # 600 GB from 0.023 to 0.0125; 60 GB read at 0.01.
    assert result.saving_usd == pytest.approx(600 * 0.0105 - 60 * 0.01)


def test_each_moved_object_is_one_transition_once() -> None:
    result = run(AGES, LEVER)
    # 100 objects a GB: 40,000 to Standard-IA at 0.01, 20,000 to Glacier IR at 0.02 a thousand.
    assert float(result.outcome.charges.total_usd(once=True)) == pytest.approx(40 * 0.01 + 20 * 0.02)


def test_what_is_deleted_early_pays_half_of_the_minimum_on_average() -> None:
    after = stored(S3Lifecycle(deleted_early_ratio=0.1).apply(usage_of(AGES)))
    assert after["early_standard_ia"] == pytest.approx(400 * 0.1 * 0.5 * 1)
    assert after["early_glacier_ir"] == pytest.approx(200 * 0.1 * 0.5 * 3)


def test_unknown_ages_use_the_share_and_the_buckets_own_reads() -> None:
    after = stored(S3Lifecycle(cold_ratio=0.5).apply(usage_of({"retrieved_gib": 300.0})))
    assert after["standard_ia_gb"] == pytest.approx(500)
    assert after["retrieval_ia_gb"] == pytest.approx(500 * 0.3)


def test_unknown_object_count_uses_the_assumed_size() -> None:
    row = {"objects": None, "small_objects": None, "small_gib": None, **AGES}
    after = stored(S3Lifecycle(object_mib=4.0).apply(usage_of(row)))
    assert after["to_standard_ia"] == pytest.approx(400 * 256)


def test_objects_below_128_kb_stay() -> None:
    row = {
        "small_gib": 700.0,
        "small_objects": 90_000,
        "gib_not_accessed_30d": 800.0,
        "gib_not_accessed_90d": 0.0,
    }
    after = stored(LEVER.apply(usage_of(row)))
    assert after["standard_ia_gb"] == pytest.approx(300)
    assert after["to_standard_ia"] == pytest.approx(10_000)


def test_an_object_of_4_kb_is_billed_as_128_kb() -> None:
    assert billed_gib(2**20, 4.0) == pytest.approx(128)
    assert billed_gib(1, 4.0) == pytest.approx(4)


def test_compressed_data_keeps_its_cold_share() -> None:
    compressed = Compression(size_ratio=0.5, rewritten_ratio=1.0).apply(usage_of(AGES | {"content": "logs"}))
    after = stored(LEVER.apply(compressed))
    assert after["standard_gb"] == pytest.approx(200)
    assert after["standard_ia_gb"] == pytest.approx(200)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"gib": 1.0}, "below 128 KB"),  # 100,000 objects of 10 KB
        ({"small_gib": 1000.0, "small_objects": 100_000}, "below 128 KB"),
        ({"lifecycle": True}, "already in place"),
        ({"retrieved_gib": 5000.0}, "read every month"),
        ({"gib_not_accessed_30d": 0.0}, "read within 30 days"),
        ({"storage_class": "GLACIER"}, "no data in S3 Standard"),
    ],
)
def test_what_rules_a_rule_out_is_said(row: dict[str, object], words: str) -> None:
    if "small_gib" not in row and row.get("gib") == 1.0:
        row = row | {"small_gib": None, "small_objects": None}
    state, sentence = verdict(S3Lifecycle(), row)
    assert (state, words in sentence) == ("not_applicable", True), sentence


def test_history_is_the_cold_share_of_buckets_with_known_ages() -> None:
    usage = usage_of(
        AGES, {"bucket": "other", "gib": 3000.0, "gib_not_accessed_30d": 600.0}, {"bucket": "third"}
    )
    share, words = S3Lifecycle.history(usage)["cold_ratio"]
    assert share == pytest.approx(1200 / 4000)
    assert "2 buckets" in words
