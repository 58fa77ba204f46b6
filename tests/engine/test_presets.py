"""Presets are locally optimal on an account: no lever in them loses, and the widest misses none that would save."""

from __future__ import annotations

import pytest

from simulator import Account, load_sample, preset, simulate
from simulator.engine.presets import fitted
from simulator.engine.scenario import PRESETS, everything
from simulator.levers import all_levers
from tests.accounts import account_with, prices

SAMPLES = ["team", pytest.param("report", marks=pytest.mark.thorough)]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_leaving_any_lever_out_lowers_no_presets_bill(name: str, sample: str) -> None:
    account, book = Account.open(load_sample(sample)), prices()
    result = simulate(account, fitted(account, preset(name), book), book)
    for left_out in result.scenario.levers:
        rest = result.scenario.only(x.id for x in result.scenario.levers if x.id != left_out.id)
        bill = simulate(account, rest, book, baseline=result.baseline).outcome.total_usd
        assert bill >= result.outcome.total_usd - 0.005, left_out.id


@pytest.mark.parametrize("sample", SAMPLES)
def test_turning_any_lever_on_lowers_not_the_widest_presets_bill(sample: str) -> None:
    account, book = Account.open(load_sample(sample)), prices()
    result = simulate(account, fitted(account, preset("ambitious"), book), book)
    assert result.outcome.total_usd <= simulate(account, preset("ambitious"), book).outcome.total_usd + 0.005
    for lever_id, kind in all_levers().items():
        more = simulate(account, result.scenario.with_lever(kind()), book, baseline=result.baseline)
        assert more.outcome.total_usd >= result.outcome.total_usd - 0.005, lever_id


def test_scenario_of_ones_own_keeps_its_levers_gain_or_loss() -> None:
    account = account_with(endpoints=[{"endpoint_name": "e"}])
    own = everything().only(["intelligent_tiering", "warm_pools"])
    assert fitted(account, own, prices()) is own
