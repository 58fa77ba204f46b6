"""What the server remembers is bounded in entries and bytes, whatever is asked and in whatever order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.ui import bounded
from simulator.ui.bounded import Bounded, weight_bytes
from simulator.ui.desks import Desk, Desks

KIB = 1024


@dataclass
class Grows:
    """A value that becomes heavier after it was kept, as a view does."""

    rows: np.ndarray | None = None


def test_weight_counts_an_array_once_and_all_that_leads_to_it() -> None:
    rows = np.zeros(100 * KIB, np.uint8)
    assert 100 * KIB <= weight_bytes({"a": [rows, rows], "b": Grows(rows)}) < 102 * KIB


@given(keys=st.lists(st.integers(0, 30), max_size=60), entries=st.integers(1, 10), kib=st.integers(1, 200))
def test_never_more_entries_nor_bytes_than_allowed(keys: list[int], entries: int, kib: int) -> None:
    kept = Bounded(entries, kib * KIB)
    for key in keys:
        made = kept.get_or_make(key, lambda: np.zeros(10 * KIB, np.uint8))
        assert kept.get(key) is made, "the newest value is always there"
        assert len(kept) <= entries
        assert len(kept) == 1 or len(kept) * 10 * KIB <= kib * KIB


def test_a_value_that_is_heavier_than_the_one_in_its_place_makes_others_go() -> None:
    kept = Bounded(10, 100 * KIB)
    for key in "ab":
        kept.put(key, np.zeros(10 * KIB, np.uint8))
    kept.put("a", np.zeros(95 * KIB, np.uint8))
    assert kept.get("b") is None
    assert kept.get("a") is not None


@dataclass(eq=False)
class Shared:
    """What many values lead to, as to a price book; and it leads to another of its kind."""

    rows: np.ndarray
    other: Shared | None = None


def test_what_several_values_lead_to_counts_once() -> None:
    deep = Shared(np.zeros(60 * KIB, np.uint8))
    book = Shared(np.zeros(100 * KIB, np.uint8), deep)
    kept = Bounded(10, 200 * KIB, apart=(Shared,))
    for n in range(8):
        kept.put(n, Grows([book, deep]))  # type: ignore[arg-type]
    assert len(kept) == 8
    kept.put(9, Shared(np.zeros(100 * KIB, np.uint8)))
    assert len(kept) == 1, "another book of 100 KiB beside 160 KiB is too much"


def test_value_that_grew_after_it_was_kept_is_weighed_again() -> None:
    kept = Bounded(10, 100 * KIB)
    first = kept.put("a", Grows())
    kept.put("b", Grows())
    grown = kept.get("a")
    assert grown is first
    grown.rows = np.zeros(200 * KIB, np.uint8)
    kept.put("c", Grows())
    assert kept.get("a") is None


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = Bounded(2, 10**9)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


@given(kib=st.lists(st.integers(0, 60), min_size=1, max_size=20))
def test_uploaded_accounts_of_all_visitors_stay_within_their_bytes(kib: list[int]) -> None:
    laid, desks = [], Desks(bytes_=100 * KIB)
    for n, size in enumerate(kib):
        account: Any = Grows(np.zeros(size * KIB, np.uint8))
        laid.append((f"visitor {n}", size, account))
        desks.put(f"visitor {n}", "own", Desk(account=account))
        there = [(s, a) for name, s, a in laid if desks.get(name, "own") is not None]
        assert there[-1][1] is account, "the newest is always there"
        assert len(there) == 1 or sum(s for s, _ in there) <= 100
    small = Desks(bytes_=100 * KIB)
    small.put("a", "own", Desk(account=laid[0][2]))
    small.put("b", "team", Desk())
    assert small.get("a", "own") is not None, "what weighs little stays"


def test_what_many_values_lead_to_is_not_weighed_at_every_put(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Shared(np.zeros(10, np.uint8))
    weighed: list[object] = []
    weigh = bounded.weight_bytes

    def counted(value: object, *rest: Any) -> int:
        weighed.append(value)
        return weigh(value, *rest)

    monkeypatch.setattr(bounded, "weight_bytes", counted)
    kept = Bounded(10, 10**9, apart=(Shared,))
    for n in range(20):
        kept.put(n % 3, Grows([book]))  # type: ignore[arg-type]
    assert sum(value is book for value in weighed) == 1
