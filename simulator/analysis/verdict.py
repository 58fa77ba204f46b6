"""A lever's verdict in one of four words: what it does physically, together with what that is worth here.

Levers know no money: they say per resource that they apply, do not, or cannot tell. The engine prices the difference. A
lever that is on is judged by leaving it out, one that is off by turning it on at its settings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from simulator.analysis.break_evens import Turn, turning_point
from simulator.engine.acting import CENT, leaving_out_usd
from simulator.engine.applying import apply_lever, missing_prices
from simulator.engine.simulate import Result, simulate
from simulator.levers import all_levers
from simulator.levers.lever import NOT_APPLICABLE, UNKNOWN, Lever, Verdicts, assuming
from simulator.pricing.charges import Charges, price_table
from simulator.usage.rows import changed_rows
from simulator.usage.tables import ANY_MODE, Usage
from simulator.words import count, plain, usd

HALVINGS = 20
MONTHS_PER_YEAR = 12


class Status(StrEnum):
    """The four words."""

    SAVES = "saves"
    COSTS_MORE = "costs more here"
    NEEDS_FACT = "needs a fact"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class BreakEven:
    """The value of one parameter at which the lever neither saves nor loses; `above` tells on which side it saves."""

    parameter: str
    label: str
    unit: str
    value: float
    above: bool

    def sentence(self) -> str:
        """In words."""
        side = "above" if self.above else "below"
        return f"It would save with “{self.label}” {side} {self.value:.3g} ({self.unit})."


@dataclass(frozen=True)
class Verdict:
    """`usd` is per month and never negative: what the lever saves, what it costs more, or what hangs on the fact.

    `hangs_usd` is what more facts could save (best case minus now), also beside a saving; `facts` are the questions;
    `turn` is where the account's own facts would make it pay, or cease to.
    """

    lever_id: str
    status: Status
    sentence: str
    usd: float
    break_even: BreakEven | None = None
    hangs_usd: float = 0.0
    facts: tuple[str, ...] = ()
    turn: Turn | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self) | {"status": str(self.status), "facts": list(self.facts)}


def verdicts(result: Result, *, every: bool = False) -> dict[str, Verdict]:
    """Verdicts of the levers that are on, or of `every` lever there is, by id."""
    known = all_levers()
    settings = {i: result.scenario.setting(i) for i in known}
    return {i: verdict(result, s or known[i]()) for i, s in settings.items() if every or s}


def verdict(result: Result, lever: Lever) -> Verdict:
    """The verdict of one lever on this scenario, within its scope."""
    lever = result.scenario.scoped(lever)
    gain = gain_usd(result, lever)
    usage = _found(result, lever)
    physical = lever.verdicts(usage)
    by_row = _hanging_usd(result, lever, physical)
    hangs, facts = float(by_row.sum()), _facts(physical, by_row)
    prices, on_prices = _missing_prices(result, lever, usage, physical)
    hangs, facts = hangs + on_prices, (*facts, *prices)
    if abs(gain) >= CENT:
        turn = turning_point(
            result, lever, usage, _by_resource(usage, lever, result) if lever.table else None
        )
        return _worth(result, lever, Verdict(lever.id, Status.SAVES, "", gain, None, hangs, facts, turn))
    if facts:
        sentence = f"{facts[0]} Up to {usd(hangs)} per month hang on it."
        return Verdict(lever.id, Status.NEEDS_FACT, sentence, hangs, None, hangs, facts)
    if question := _cost_unknown(result, lever, usage, physical):
        return Verdict(lever.id, Status.NEEDS_FACT, question, 0.0, facts=(question,))
    return Verdict(lever.id, Status.NOT_APPLICABLE, _why_not(result, lever, physical), 0.0)


def _cost_unknown(result: Result, lever: Lever, usage: Usage, physical: Verdicts) -> str:
    """The question where a resource that the lever could act on costs we do not know what: not nothing. Else empty."""
    if not lever.table:
        return ""
    charges = Charges(tuple(price_table(usage, lever.table, result.book)))
    unknown = {row for block, row in charges.unknown() if not block.meter.once}
    rows = [r for r in sorted(unknown) if physical.state[r] != NOT_APPLICABLE]
    if not rows:
        return ""
    why = "" if physical.applies[rows[0]] else f"{physical.sentences[physical.reason[rows[0]]]} "
    name = plain(usage.table(lever.table).resource_id[rows[0]], "line")
    return f"{why}What {name} costs today is not known, nor what hangs on it: see the unknown costs."


def _worth(result: Result, lever: Lever, found: Verdict) -> Verdict:
    """What a lever that changes the bill saves or costs, in words, with its break-even."""
    turns = f" {found.turn.sentence()}" if found.turn else ""
    if found.usd > 0:
        more = _until(result, lever, found.usd) + _work(result, lever, found.usd)
        return replace(found, sentence=f"Saves {usd(found.usd)} per month here.{more}{turns}")
    even = break_even(result, lever)
    says = (
        even.sentence()
        if even
        else "No parameter changed alone to either end of its range makes it save here."
    )
    sentence = f"Costs {usd(-found.usd)} per month more here than it saves. {says}{turns}"
    return replace(found, status=Status.COSTS_MORE, sentence=sentence, usd=-found.usd, break_even=even)


def _until(result: Result, lever: Lever, gain: float) -> str:
    """What of a saving ends within a year because AWS ends the model it is made on. Else empty.

    With the move off such models planned, other levers save on what follows.
    """
    step = next((s for s in result.steps if s.lever.id == lever.id), None)
    planned = result.scenario.setting("model_upgrade") is not None
    if step is None or lever.table != "bedrock" or (planned and lever.id != "model_upgrade"):
        return ""
    old, new = (_by_resource(u, lever, result) for u in (step.before, step.after))
    today, ends = result.book.as_of, step.before.catalog.end_of_life[step.before.bedrock.model]
    last = today.replace(year=today.year + 1, day=1).isoformat()
    rows = [n for n, end in enumerate(ends) if today.isoformat() < end < last and old[n] - new[n] >= CENT]
    if not rows:
        return ""
    part = min(float((old - new)[rows].sum()), gain)
    return f" {usd(part)} of it end when AWS ends the model, first on {min(ends[n] for n in rows)}."


def _work(result: Result, lever: Lever, gain: float) -> str:
    """What the engineering of a lever costs once, where a year of its saving does not pay for it. Else empty."""
    once = lever.effort_hours * result.scenario.planning.engineering_usd_per_hour
    if once <= gain * MONTHS_PER_YEAR:
        return ""
    return f" Its {count(lever.effort_hours, 'hour')} of work cost {usd(once)} once, {once / gain:,.0f} months of that."


def gain_usd(result: Result, lever: Lever) -> float:
    """Dollars per month the bill is lower with the lever than without it, all else as in the scenario."""
    if result.scenario.setting(lever.id) is not None:
        return leaving_out_usd(result)[lever.id]
    return result.outcome.total_usd - _simulated(result, lever)


def _simulated(result: Result, lever: Lever) -> float:
    scenario = result.scenario.with_lever(lever)
    return simulate(result.account, scenario, result.book, baseline=result.baseline).outcome.total_usd


def _found(result: Result, lever: Lever) -> Usage:
    """The usage the lever finds at its place in the scenario; a serving mode what the first of them finds, with every
    endpoint open to it."""
    if lever.mode:
        first = next((s for s in result.steps if s.lever.mode or _turn(s.lever) >= _turn(lever)), None)
        usage = first.before if first else result.outcome.usage
        e = usage.endpoints
        return usage.with_tables(endpoints=e.changed(mode_choice=np.full(len(e), ANY_MODE)))
    later = (s for s in result.steps if _turn(s.lever) >= _turn(lever))
    step = next(later, None)
    return step.before if step else result.outcome.usage


def hangs_on_facts_usd(result: Result, lever: Lever, physical: Verdicts) -> float:
    """Best case minus now: what the resources that wait for a fact would save if the lever applied to them.

    Where the fact is itself the quantity, so that no best case can be worked out, all that the resource costs may hang
    on it.
    """
    return float(_hanging_usd(result, lever, physical).sum())


def _facts(physical: Verdicts, hanging_usd: Any) -> tuple[str, ...]:
    """The questions on which dollars hang, those with most first."""
    by_reason = {r: float(hanging_usd[physical.reason == r].sum()) for r in _reasons(physical, UNKNOWN)}
    asked = sorted((r for r, usd in by_reason.items() if usd >= CENT), key=lambda r: -by_reason[r])
    return tuple(physical.sentences[r] for r in asked)


def _turn(lever: Lever) -> tuple[int, str]:
    return lever.stage, lever.id


def _hanging_usd(result: Result, lever: Lever, physical: Verdicts) -> Any:
    """Dollars that hang on a fact, by resource."""
    waiting = physical.state == UNKNOWN
    if not waiting.any() or not lever.table:
        return np.zeros(len(waiting))
    usage = _found(result, lever)
    before = _by_resource(usage, lever, result)
    best = apply_lever(assuming(lever), usage, result.book)
    moved = changed_rows(usage.table(lever.table), best.table(lever.table))
    for _, quantity in best.table(lever.table).meters():
        moved &= ~np.isnan(quantity)
    saved = np.where(moved, np.clip(before - _by_resource(best, lever, result), 0.0, before), before)
    return np.where(waiting, saved, 0.0)


def _missing_prices(
    result: Result, lever: Lever, usage: Usage, physical: Verdicts
) -> tuple[tuple[str, ...], float]:
    """Questions for prices of where usage would move to, and what those resources cost: all may hang on it."""
    if not lever.table or not physical.applies.any():
        return (), 0.0
    missing = missing_prices(usage, lever.apply(usage), lever.table, result.book)
    rows = [r for r in missing if physical.applies[r]]
    if not rows:
        return (), 0.0
    keys = dict.fromkeys((m.price, item, region) for r in rows for m, item, region in missing[r])
    said = tuple(
        f"The price of {price} {item} in {region} is not in our data: ask AWS, or give it as a price of your own."
        for price, item, region in keys
    )
    usd = float(_by_resource(usage, lever, result)[rows].sum())
    return (said, usd) if usd >= CENT else ((), 0.0)


def _by_resource(usage: Usage, lever: Lever, result: Result) -> Any:
    charges = Charges(tuple(price_table(usage, lever.table, result.book)))
    return charges.by_resource(lever.table, len(usage.table(lever.table)))


def break_even(result: Result, lever: Lever) -> BreakEven | None:
    """The first parameter that makes the lever save at an end of its range, all else as is, and where it starts to."""
    for name, declared in lever.acting_params().items():
        if not declared.is_drawn:
            continue
        own = float(getattr(lever, name))
        for end in (declared.maximum, declared.minimum):
            if _gain_at(result, lever, name, end) > CENT:
                value = _crossing(result, lever, name, own, float(end))
                return BreakEven(name, declared.label, declared.unit, value, end > own)
    return None


def _gain_at(result: Result, lever: Lever, name: str, value: float) -> float:
    """Gain with one parameter at a value; the bill without the lever is the same at every value."""
    without = result.outcome.total_usd
    if result.scenario.setting(lever.id) is not None:
        without += leaving_out_usd(result)[lever.id]
    declared = lever.params()[name]
    setting = replace(lever, **{name: round(value) if declared.integer else value})
    return without - _simulated(result, setting)


def _crossing(result: Result, lever: Lever, name: str, loses: float, saves: float) -> float:
    for _ in range(HALVINGS):
        middle = (loses + saves) / 2
        if _gain_at(result, lever, name, middle) > 0:
            saves = middle
        else:
            loses = middle
    return saves


def _reasons(physical: Verdicts, state: int) -> list[int]:
    numbers, counts = np.unique(physical.reason[physical.state == state], return_counts=True)
    return [int(n) for n in numbers[np.argsort(-counts, kind="stable")]]


def _why_not(result: Result, lever: Lever, physical: Verdicts) -> str:
    refused = _reasons(physical, NOT_APPLICABLE)
    if lever.id == "savings_plan" and physical.applies.any():
        return (
            "No commitment would lower the bill on the hours that are left: its best size is $0.00 per hour."
        )
    if physical.applies.any() and result.scenario.setting(lever.id) is not None:
        return "Changes nothing in this scenario: what it could do here, other levers do, or it has no cost."
    if physical.applies.any():
        return "Would change nothing on this bill."
    if waiting := _reasons(physical, UNKNOWN):
        return f"{physical.sentences[waiting[0]]} No dollars hang on it."
    if not refused:
        return "The account has no resource of this kind."
    return _by_count(physical, refused)


def _by_count(physical: Verdicts, reasons: list[int]) -> str:
    """The reason, or the three that most resources have, each with how many."""
    if len(reasons) == 1:
        return physical.sentences[reasons[0]]
    numbers = [int(np.count_nonzero(physical.reason == n)) for n in reasons[:3]]
    of = len(physical.reason)
    return " ".join(f"{n} of {of}: {physical.sentences[r]}" for n, r in zip(numbers, reasons, strict=False))
