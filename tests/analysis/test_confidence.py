"""Confidence by rule (rules.md#confidence): each missing condition lowers it, with its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from simulator import Account, PriceBook, Result, simulate
from simulator.analysis.confidence import HIGH, LOW, MEDIUM, Confidence, confidence
from simulator.analysis.reconcile import Reconciliation
from simulator.engine.scenario import everything
from simulator.snapshot.snapshot import Source
from tests.accounts import PRICES, START, account_with, prices, traffic

EXPLAINED = [Reconciliation("hosting", 1000.0, 950.0)]


def judged(account: Account, lever_id: str, bill: list[Reconciliation], book: PriceBook) -> Confidence:
    result: Result = simulate(account, everything().only([lever_id]), book)
    return confidence(result, result.scenario.levers[0], bill)


def idle(days: int = 30, silent: int = 720) -> Account:
    start = START + timedelta(hours=days * 24 - silent)
    return account_with(
        days=days,
        endpoints=[{"endpoint_name": "idle"}],
        endpoint_traffic=traffic("idle", [0] * silent, start=start),
    )


def fresh_book() -> PriceBook:
    """The shipped prices as if AWS's list had been read on the day."""
    book = prices()
    rows = book.rows.assign(checked_on=PRICES.isoformat(), grade="api")
    return PriceBook(rows, PRICES)


def test_everything_known_is_high() -> None:
    got = judged(idle(), "stop_idle_endpoints", EXPLAINED, fresh_book())
    assert got.label == "high"
    assert got.sentences() == []


def test_one_thing_missing_is_medium_with_its_reason() -> None:
    got = judged(idle(), "stop_idle_endpoints", EXPLAINED, prices())
    assert got.label == "medium"
    assert "price list" in got.sentences()[0]


def test_a_day_of_silence_lowers_it() -> None:
    got = judged(idle(silent=24), "stop_idle_endpoints", EXPLAINED, fresh_book())
    assert got.level.tolist() == [MEDIUM]


@pytest.mark.parametrize("bill", [[], [Reconciliation("hosting", 1000.0, 800.0)]])
def test_a_gap_over_ten_percent_or_no_bill_caps_it_at_low(bill: list[Reconciliation]) -> None:
    got = judged(idle(), "stop_idle_endpoints", bill, fresh_book())
    assert got.level.tolist() == [LOW]


def test_an_assumed_parameter_is_low_and_named() -> None:
    account = account_with(
        training_jobs=[{"training_seconds": 36000, "checkpointing": True, "started_at": START}]
    )
    bill = [Reconciliation("training", 15.15, 15.15)]
    got = judged(account, "managed_spot", bill, fresh_book())
    assert got.level.tolist() == [LOW]
    assert any("Mean time between interruptions" in s for s in got.sentences())


def test_a_parameter_that_moves_nothing_does_not_count() -> None:
    busy = account_with(endpoints=[{"endpoint_name": "e"}], endpoint_traffic=traffic("e", [5] * 720))
    got = judged(busy, "stop_idle_endpoints", EXPLAINED, fresh_book())
    assert got.label is None
    assert np.all(got.level == 0)
    assert HIGH > MEDIUM > LOW


def test_a_source_that_was_denied_lowers_it_and_is_named() -> None:
    account = idle()
    manifest = replace(account.snapshot.manifest, sources=(Source("cloudwatch metrics", "denied"),))
    denied = replace(account, snapshot=replace(account.snapshot, manifest=manifest))
    got = judged(denied, "stop_idle_endpoints", EXPLAINED, fresh_book())
    assert got.label == "medium"
    assert "cloudwatch metrics" in got.sentences()[0]
