"""Small objects in classes with a minimum size go back to Standard."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.storage.small_objects_to_standard import SmallObjectsToStandard
from simulator.usage.tables import Usage
from tests.accounts import account_with

# 819,200 objects of 16 KB: 12.5 GiB, billed as 100 GiB; and 50 GiB in large ones.
ROW = {
    "bucket": "a", "storage_class": "STANDARD_IA", "gib": 62.5, "objects": 819_210,
    "small_objects": 819_200, "small_gib": 12.5,
}  # fmt: skip


def usage_of(**columns: Any) -> Usage:
    return account_with(storage=[ROW | columns]).usage


def test_the_billed_minimum_ends_and_the_bytes_are_billed_in_standard() -> None:
    before = usage_of()
    assert before.storage.standard_ia_gb[0] == pytest.approx(150)
    after = SmallObjectsToStandard(owed_ratio=0.5).apply(before).storage
    assert (after.standard_ia_gb[0], after.standard_gb[0]) == pytest.approx((50, 12.5))
    assert (after.rewrite_puts[0], after.copied_standard_ia[0]) == (819_200, 819_200)
    assert after.copied_standard_ia_gb[0] == 12.5
    assert after.early_standard_ia[0] == pytest.approx(50)  # half of a month of 100 GiB


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"storage_class": "STANDARD"}, "no data in a class"),
        ({"small_objects": None, "small_gib": None}, "S3 Inventory"),
        ({"small_gib": None}, "what they hold"),
        ({"small_objects": 0, "small_gib": 0}, "no objects below"),
        ({}, "billed as 128 KB"),
    ],
)
def test_verdict(columns: dict[str, Any], words: str) -> None:
    assert words in SmallObjectsToStandard().verdicts(usage_of(**columns)).sentence(0)


def test_what_small_objects_hold_is_not_taken_as_nothing() -> None:
    """Known by number alone they stay: without their bytes in Standard all of their minimum would seem saved."""
    before = usage_of(small_gib=None)
    assert (
        SmallObjectsToStandard().apply(before).storage.standard_ia_gb[0] == before.storage.standard_ia_gb[0]
    )
