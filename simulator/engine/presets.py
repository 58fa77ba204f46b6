"""Presets fitted to an account: no lever stays in whose absence would lower the bill.

Levers that lose are left out one at a time, the greatest loss first, each time on what is left. One that saves
after all is taken in again; `ambitious` also takes in a lever it lacks, where that lowers the bill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.engine.account import Account
from simulator.engine.acting import CENT, beside, leaving_out_usd
from simulator.engine.scenario import PRESETS, Scenario, preset
from simulator.engine.simulate import Result, simulate
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook

WIDEST = "ambitious"


def fitted(account: Account, scenario: Scenario, book: PriceBook) -> Scenario:
    """The preset without levers that lose here; other scenarios stay as they are, gain or loss."""
    if scenario.name not in PRESETS or set(scenario.levers) != set(preset(scenario.name).levers):
        return scenario
    return fitted_result(simulate(account, replace(scenario, levers=()), book), scenario).scenario


def fitted_result(today: Result, scenario: Scenario) -> Result:
    """A preset fitted to the account of a result, and what comes of it."""
    everything = [kind() for kind in all_levers().values()]
    result = _without_losers(beside(today, scenario))
    return _with_gainers(result, everything if scenario.name == WIDEST else scenario.levers)


def improved(result: Result, levers: Sequence[Lever]) -> Result:
    """The result made locally optimal: levers that lose left out, those of `levers` that save taken in."""
    return _with_gainers(_without_losers(result), levers)


def _without_losers(result: Result) -> Result:
    while (loses := leaving_out_usd(result)) and min(loses.values()) <= -CENT:
        worst = min(loses, key=lambda i: loses[i])
        result = beside(result, result.scenario.only(x.id for x in result.scenario.levers if x.id != worst))
    return result


def _with_gainers(result: Result, levers: Sequence[Lever]) -> Result:
    """Turn on what lowers the bill, until nothing does; what loses then goes again, and the bill only falls."""
    while True:
        off = [x for x in levers if result.scenario.setting(x.id) is None]
        tried = [
            beside(result, result.scenario.with_lever(x)) for x in off if not _excluded(result.scenario, x.id)
        ]
        best = min(tried, key=lambda r: r.outcome.total_usd, default=result)
        if best.outcome.total_usd > result.outcome.total_usd - CENT:
            return result
        result = _without_losers(best)


def _excluded(scenario: Scenario, lever_id: str) -> bool:
    own = all_levers()[lever_id].excludes
    return any(x.id in own or lever_id in x.excludes for x in scenario.levers)
