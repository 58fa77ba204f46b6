"""What to know before a figure is believed: short windows, single jobs scaled up, plans and models that end inside
the horizon.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from simulator import words
from simulator.analysis.retirement import retirements
from simulator.analysis.type_retirement import type_retirements
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.scenario import PRESETS, preset
from simulator.engine.simulate import Result
from simulator.pricing.book import PriceBook
from simulator.pricing.price import Price, PriceNotFound
from simulator.units import run_rate_factor

SHORTEST_WINDOW_DAYS = 14
LARGEST_FACTOR = 3.0
HOURS_PER_DAY = 24
CENT = 0.005
TINY_RATIO = 1e-6


def cautions(result: Result, months: int = 12) -> list[str]:
    """Sentences, those on the window first."""
    return [
        *_window(result),
        *_scaled_job(result),
        *_ending_plans(result, months),
        *_retiring(result, months),
        *_moving_prices(result, months),
        *_long_prompts(result),
        *_left_out(result),
    ]


def _window(result: Result) -> list[str]:
    days = result.account.snapshot.window_hours / HOURS_PER_DAY
    if days >= SHORTEST_WINDOW_DAYS:
        return []
    return [
        f"The window is {days:.3g} days, shorter than {SHORTEST_WINDOW_DAYS}: a month made of it is a guess."
    ]


def _scaled_job(result: Result) -> list[str]:
    """One job that stands for more than three in the month."""
    factor = run_rate_factor(result.account.snapshot.window_hours)
    rows = len(result.baseline.usage.training)
    if factor <= LARGEST_FACTOR or not rows:
        return []
    usd = result.baseline.charges.by_resource("training", rows)
    top = int(np.argmax(usd))
    name = result.baseline.usage.training.resource_id[top]
    return [
        f"Job {name} ran once in the window and counts {factor:.1f} times in a month: {words.usd(usd[top])}."
    ]


def _ending_plans(result: Result, months: int) -> list[str]:
    dated = calendar_of(result)
    last: date = month_start(dated.first, months + 1)
    return [
        f"Savings Plan {p.plan_id} of {words.usd(p.commitment_usd_per_hour)} per hour ends on {p.end}: from "
        "then its hours "
        "are on demand. The run rate has it, the months go by its date."
        for p in dated.plans
        if p.end and p.end < last
    ]


def _retiring(result: Result, months: int) -> list[str]:
    """Models and instance types that are dead or die inside the months."""
    world = (result.account, result.baseline, result.book, months)
    return [
        *(r.sentence() for r in retirements(*world)),
        *(r.sentence() for r in type_retirements(*world)),
    ]


def _moving_prices(result: Result, months: int) -> list[str]:
    """Prices the account pays that start or end inside the months: a promotion's end, a price cut known in advance."""
    book, said = result.book, []
    last = month_start(calendar_of(result).first, months + 1)
    rows = sorted({int(n) for b in result.baseline.charges.blocks for n in np.unique(b.price_row) if n >= 0})
    paid = [book.explain(n) for n in rows] if book.changes else []
    for day in (d for d in book.changes if d < last):
        then = book.on(day)
        for price in paid:
            try:
                new = then.price(price.component, price.item, price.region).usd
            except PriceNotFound:
                new = None
            if new != price.usd:
                said.append(_move(price, day, new))
        paid = [p for p in paid if not any(p.item in s and p.component in s for s in said)]
    return said


def _move(price: Price, day: date, new: float | None) -> str:
    where = f" in {price.region}" if price.region != "*" else ""
    then = f"costs ${new:,.10g}" if new is not None else "has no known price: its cost is unknown, not 0"
    return f"{price.component} {price.item}{where}, ${price.usd:,.10g} per {price.unit} now, {then} from {day} on."


def _long_prompts(result: Result) -> list[str]:
    """In-region prices of long prompts that lack the premium which the model's other in-region prices have.

    AWS's in-region prices of a model with a global profile are 1.1 times the global ones; of the rates above a
    threshold only an older list is known, which states the global figure for both.
    """
    usage, book = result.baseline.usage, result.book
    b, names = usage.bedrock, usage.catalog.models
    usd = result.baseline.charges.by_resource("bedrock", len(b))
    found = []
    there = (b.priced_model != b.model) & (b.priced_model >= 0) & (b.region >= 0) & (usd >= CENT)
    for row in np.flatnonzero(there):
        short, long = names[b.model[row]], names[b.priced_model[row]]
        region = usage.catalog.regions[b.region[row]]
        rates = _input_rates(book, (short, f"global.{short}", long, f"global.{long}"), region)
        if rates is None:
            continue
        premium = rates[0] / rates[1]
        missing = premium / (rates[2] / rates[3]) - 1
        if missing > TINY_RATIO:
            found.append(
                f"{b.resource_id[row]}: its long prompts are priced at {words.usd(rates[2] * 1e6)} per million input "
                f"tokens, the one figure we know for them; with the in-region premium of "
                f"{words.percent(premium - 1, 0)} that its other tokens carry they would cost "
                f"{words.usd(usd[row] * missing)} per month more."
            )
    return found


def _input_rates(book: PriceBook, items: tuple[str, ...], region: str) -> list[float] | None:
    """Dollars per input token of each; None where one has no price."""
    try:
        return [book.price("bedrock_input", item, region).usd for item in items]
    except PriceNotFound:
        return None


def _left_out(result: Result) -> list[str]:
    """Levers that a preset has elsewhere and not on this account."""
    name = result.scenario.name
    gone = (
        [x.id for x in preset(name).ordered() if result.scenario.setting(x.id) is None]
        if name in PRESETS
        else []
    )
    return [f"Of the preset {name} these levers are left out here: {', '.join(gone)}."] if gone else []
