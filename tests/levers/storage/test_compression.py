from __future__ import annotations

import pytest

from simulator.levers.storage.compression import Compression
from tests.levers.storage.bucket import run, stored, usage_of, verdict

LOGS = {"content": "logs", "compressible": True}


def test_rewritten_share_shrinks_to_its_ratio() -> None:
    result = run(LOGS, Compression(size_ratio=0.6, rewritten_ratio=0.8))
    assert result.saving_usd == pytest.approx(1000 * 0.8 * 0.4 * 0.023)


def test_each_rewritten_object_is_read_and_written_once() -> None:
    after = stored(Compression(rewritten_ratio=0.8).apply(usage_of(LOGS)))
    assert after["rewrite_puts"] == after["rewrite_gets"] == pytest.approx(80_000)


def test_objects_below_128_kb_are_rewritten_too() -> None:
    row = LOGS | {"small_objects": 40_000, "small_gib": 1.0}
    after = stored(Compression(rewritten_ratio=1.0).apply(usage_of(row)))
    assert after["rewrite_puts"] == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"content": "models"}, "not_applicable", "barely compress"),
        ({"content": "checkpoints", "compressible": True}, "not_applicable", "barely compress"),
        ({"compressible": False}, "not_applicable", "compressed already"),
        ({"content": "other"}, "unknown", "compress a sample"),
        ({"content": "logs"}, "applies", "not compressed yet"),
    ],
)
def test_only_compressible_content_is_compressed(row: dict[str, object], state: str, words: str) -> None:
    found, sentence = verdict(Compression(), row)
    assert (found, words in sentence) == (state, True)
