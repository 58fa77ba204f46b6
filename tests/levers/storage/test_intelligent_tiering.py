from __future__ import annotations

import pytest

from simulator.levers.storage.intelligent_tiering import IntelligentTiering, break_even_gib
from simulator.levers.storage.s3_lifecycle import S3Lifecycle
from tests.levers.storage.bucket import run, stored, usage_of, verdict

AGES = {"gib_not_accessed_30d": 600.0, "gib_not_accessed_90d": 200.0}


def test_objects_spread_over_the_tiers_by_age() -> None:
    after = stored(IntelligentTiering().apply(usage_of(AGES)))
    assert after == pytest.approx(
        {
            "intelligent_tiering_fa_gb": 400, "intelligent_tiering_ia_gb": 400,
            "intelligent_tiering_aia_gb": 200,
            "monitored_objects": 100_000, "to_intelligent_tiering": 100_000,
        }
    )  # fmt: skip


def test_saving_is_the_tiers_less_the_monitoring_fee() -> None:
    # 400 GB at 0.0125, 200 GB at 0.004 instead of 0.023; 100,000 objects at 0.0025 a thousand.
    saving = 400 * (0.023 - 0.0125) + 200 * (0.023 - 0.004) - 100 * 0.0025
    assert run(AGES, IntelligentTiering()).saving_usd == pytest.approx(saving)


def test_objects_of_200_kb_cost_more_to_watch_than_infrequent_access_saves() -> None:
    row = {"objects": 1000 * 2**20 / 200, "gib_not_accessed_30d": 1000.0, "gib_not_accessed_90d": 0.0}
    assert run(row, IntelligentTiering()).saving_usd < 0
    assert run(row | {"objects": 1000 * 2**20 / 300}, IntelligentTiering()).saving_usd > 0


def test_break_even_is_near_250_kb() -> None:
    assert break_even_gib(2.5e-6, 0.023, 0.0125) * 2**20 == pytest.approx(249.7, abs=0.1)


def test_objects_below_128_kb_neither_move_nor_pay() -> None:
    row = {"small_gib": 400.0, "small_objects": 90_000, **AGES}
    after = stored(IntelligentTiering().apply(usage_of(row)))
    assert after["standard_gb"] == pytest.approx(400)
    assert after["monitored_objects"] == pytest.approx(10_000)


def test_one_class_per_gb_when_the_lifecycle_rule_is_on_too() -> None:
    usage = IntelligentTiering().apply(usage_of(AGES))
    ((state, sentence, _),) = S3Lifecycle().verdicts(usage).summary()
    assert state == "not_applicable"
    assert sentence.startswith(("Has no data", "All that could move"))
    assert stored(S3Lifecycle().apply(usage)) == stored(usage)


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"objects": None, "small_objects": None}, "unknown", "monitoring fee"),
        ({"small_gib": 1000.0, "small_objects": 100_000}, "not_applicable", "below 128 KB"),
        ({"lifecycle": True}, "not_applicable", "already in place"),
    ],
)
def test_what_rules_tiering_out_is_said(row: dict[str, object], state: str, words: str) -> None:
    found, sentence = verdict(IntelligentTiering(), row)
    assert (found, words in sentence) == (state, True), sentence
