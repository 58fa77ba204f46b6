"""What to commit to, when: a ladder of Savings Plans over the roadmap, and what happens if demand falls.

Demand is the scenario's, month by month (levers at their shares, growth, launches), times a draw: usage drifts by a
yearly change drawn from a PERT between -fall and +rise around the plan. Plans already bought are used first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.ladder_path import Held, LadderMonth, held, path, renewals
from simulator.analysis.other_commitments import OtherCommitment, other_commitments
from simulator.analysis.plan_sizing import assumed, open_groups
from simulator.aws.plan_offers import DISCOUNT_RANGES, TERMS, offer
from simulator.engine.calendar import Calendar, calendar_of, month_start
from simulator.engine.simulate import Result
from simulator.plans.ladder import Ladder, Wish, best_single, choose, priced, stranded_usd
from simulator.plans.ladder_demand import Demand, Rung
from simulator.plans.settlement import Plan, best_commitments, eligible_usd_per_hour
from simulator.pricing.charges import price_usage
from simulator.risk.draws import quantile, uniforms
from simulator.units import HOURS_PER_MONTH
from simulator.usage.blend import grown
from simulator.words import count, percent, usd

Array = NDArray[np.float64]
MONTHS = 36
STRANDED_SHARE = 0.5


@dataclass(frozen=True)
class Ask:
    """What is asked for. `every_months` is the time between dates on which something may be bought.

    `most_covered_ratio` leaves usage uncovered on purpose: existing and new plans together cover at most so much of
    each month's mean eligible usage; 1 is no limit.
    """

    months: int = MONTHS
    every_months: int = 3
    payment: str = "no_upfront"
    fall_ratio: float = 0.3
    rise_ratio: float = 0.3
    regret_weight: float = 0.25
    draws: int = 500
    seed: int = 0
    most_covered_ratio: float = 1.0


@dataclass(frozen=True)
class Step:
    """One purchase of the ladder. `renews` names what has just ended, so that this takes its place; empty otherwise."""

    buy_on: str
    offer: str
    months: int
    commitment_usd_per_hour: float
    discount_ratio: float
    committed_usd: float
    renews: str = ""


@dataclass(frozen=True)
class Portfolio:
    """A set of purchases over the months: what it is expected to cost, at worst regret, and when demand falls.

    `fallen_usd` is the cost of all months when demand is lower by the fall from the first month on, and
    `stranded_usd` the commitment no hour uses then, with every later purchase still made.
    """

    steps: tuple[Step, ...]
    expected_usd: float
    cvar_regret_usd: float
    fallen_usd: float
    stranded_usd: float


@dataclass(frozen=True)
class Recommendation:
    """The ladder beside buying nothing, the best single plan, and a plan sized on history and renewed.

    The ladder is never dearer than the best single plan as expected. `limit_met`: its stranded money is at most half of
    the history-sized plan's; `cautious` is the best ladder that keeps to that in any case. `path` is the ladder beside
    the demand month by month, `held` what is bought already, `others` the commitments of other kinds. `assumptions` go
    wherever it goes.
    """

    ladder: Portfolio
    cautious: Portfolio
    nothing: Portfolio
    single: Portfolio
    on_history: Portfolio
    limit_met: bool
    fall_ratio: float
    first_month: str
    months: int
    assumptions: tuple[str, ...]
    path: tuple[LadderMonth, ...]
    held: tuple[Held, ...]
    others: tuple[OtherCommitment, ...]

    @property
    def saving_usd(self) -> float:
        """Expected saving over buying nothing, all months."""
        return self.nothing.expected_usd - self.ladder.expected_usd

    def sentence(self) -> str:
        """The advice in words."""
        if not self.ladder.steps:
            return "Buy no new Savings Plan: none pays under the demand that may come."
        fall = percent(self.fall_ratio, 0)
        kept = self.nothing.fallen_usd - self.ladder.fallen_usd
        then = f"still saves {usd(kept)}" if kept >= 0 else f"costs {usd(-kept)} more than buying nothing"
        more = usd(self.cautious.expected_usd - self.ladder.expected_usd)
        limit = (
            "at most half"
            if self.limit_met
            else f"a cautious ladder with at most half costs {more} more as expected"
        )
        gained = self.single.expected_usd - self.ladder.expected_usd
        better = f"{usd(gained)} more than" if gained >= 0.005 else "as much as"
        verb = "saves" if len(self.ladder.steps) == 1 else "together save"
        bought = f"{count(len(self.ladder.steps), 'purchase')} {verb}"
        return (
            f"{bought} {usd(self.saving_usd)} over {self.months} months as expected, {better} "
            f"the best single plan. If demand is {fall} lower from the first month, the ladder {then}; "
            f"{usd(self.ladder.stranded_usd)} of commitment is unused, of a plan sized on history "
            f"{usd(self.on_history.stranded_usd)}: {limit}."
        )


def recommend(result: Result, ask: Ask = Ask()) -> Recommendation:
    """The ladder for what a scenario leaves. Raises ValueError for months, draws or ratios out of range."""
    _check(ask)
    dated = calendar_of(result)
    demand = demand_of(result, dated, ask)
    rungs = possible(result, ask)
    most = _most_capacity(demand, ask)
    single = best_single(demand, rungs, Wish(most_capacity_usd=most))
    history, sizes = _on_history(result, dated, ask)
    limit = STRANDED_SHARE * stranded_usd(demand, history, sizes, ask.fall_ratio)
    wish = Wish(ask.regret_weight, fall_ratio=ask.fall_ratio, most_capacity_usd=most)
    ladder, met = _chosen(demand, rungs, single, limit, wish)
    cautious = ladder if met else _cautious(demand, rungs, limit, wish)
    usual = priced(demand, history, sizes)

    def told(made: Ladder) -> Portfolio:
        return _portfolio(made, demand, dated, ask)

    return Recommendation(
        told(ladder), told(cautious), told(priced(demand, rungs, np.zeros(len(rungs)))), told(single),
        told(usual), met, ask.fall_ratio, dated.first.isoformat(), ask.months,
        _assumptions(result, rungs, ask), path(dated.first, demand, ladder, usual, ask.fall_ratio),
        held(dated.plans), other_commitments(result),
    )  # fmt: skip


def _most_capacity(demand: Demand, ask: Ask) -> tuple[float, ...]:
    """What new plans may cover in each month; empty without a limit."""
    if ask.most_covered_ratio >= 1:
        return ()
    room = ask.most_covered_ratio * demand.hourly_usd.mean(axis=1) - demand.existing_usd
    return tuple(np.maximum(room, 0.0).tolist())


def _chosen(
    demand: Demand, rungs: list[Rung], single: Ladder, limit_usd: float, wish: Wish
) -> tuple[Ladder, bool]:
    """Never dearer than the best single plan as expected; within the limit where that is possible."""
    for limit in (limit_usd, np.inf):
        limits = replace(wish, most_expected_usd=single.expected_usd, most_stranded_usd=limit)
        made = choose(demand, rungs, limits, known=single)
        if made is not None:
            break
    made = made or single
    lost = stranded_usd(demand, rungs, made.commitments_usd_per_hour, wish.fall_ratio)
    return made, bool(lost <= limit_usd * (1 + 1e-6) + 1e-6)


def _cautious(demand: Demand, rungs: list[Rung], limit_usd: float, wish: Wish) -> Ladder:
    """The best ladder within the limit, whatever a single plan without it would cost."""
    nothing = priced(demand, rungs, np.zeros(len(rungs)))
    return choose(demand, rungs, replace(wish, most_stranded_usd=limit_usd), known=nothing) or nothing


def possible(result: Result, ask: Ask) -> list[Rung]:
    """Every purchase whose term ends within the months: later months are nobody's plan."""
    made = []
    for term in TERMS:
        name = offer(term, ask.payment)
        discount = _discount(result, name)
        last = ask.months - 12 * term + 1
        made += [Rung(name, discount, s, 12 * term) for s in range(1, last + 1, ask.every_months)]
    return made


def _discount(result: Result, name: str) -> float:
    """The offer's discount: where the book has rates per type, the mean over all eligible usage by value."""
    hourly, discounts = open_groups(result, assumed(result, name))
    value = hourly.sum(axis=1)
    return (
        float(value @ discounts / value.sum()) if value.sum() > 0 else float(np.max(discounts, initial=0.0))
    )


def demand_of(result: Result, dated: Calendar, ask: Ask) -> Demand:
    """Eligible usage per hour of each month, what existing plans cover of it, and the draws."""
    hourly = np.stack([_hourly(dated, m) for m in range(1, ask.months + 1)])
    existing = np.array([_existing(result, dated, m) for m in range(1, ask.months + 1)])
    return Demand(hourly, drift(ask), existing)


def drift(ask: Ask) -> Array:
    """Demand over the plan's (draws, months): a yearly change that is drawn once per draw, at work from month 1."""
    luck = uniforms("ladder.demand_drift", ask.draws, ask.seed)
    change = quantile(luck, -ask.fall_ratio, 0.0, ask.rise_ratio)
    return (1 + change)[:, None] ** (np.arange(1, ask.months + 1) / 12)[None, :]


def _hourly(dated: Calendar, month: int) -> Array:
    """A month's eligible usage at on-demand prices; days that differ count by their share."""
    growth = dated.result.scenario.planning.growth(month)
    parts = []
    for part in dated.parts(month):
        usage = grown(dated.usage(month, part.day), growth)
        parts.append(part.share * eligible_usd_per_hour(price_usage(usage, dated.book_on(part.day)), usage))
    return np.sum(parts, axis=0)


def _existing(result: Result, dated: Calendar, month: int) -> float:
    """On-demand dollars per hour that plans already bought cover, by the days they are in force."""
    realised = {a.plan.plan_id: a.discount_ratio for a in result.outcome.settlement.allocations}
    return sum(
        part.share * _capacity(p, realised)
        for part in dated.parts(month)
        for p in dated.plans_on(part.day, new=False)
    )


def _capacity(plan: Plan, realised: dict[str, float]) -> float:
    return plan.commitment_usd_per_hour / (1 - min(realised.get(plan.plan_id, plan.discount_ratio), 0.99))


def _on_history(result: Result, dated: Calendar, ask: Ask) -> tuple[list[Rung], Array]:
    """What others do: the best commitment on today's usage, of one year, renewed as long as the months go."""
    name = offer(1, ask.payment)
    discount = _discount(result, name)
    usage = result.baseline.usage
    hourly = eligible_usd_per_hour(price_usage(usage, result.book), usage)
    left = np.maximum(hourly - _existing(result, dated, 1), 0.0)
    rungs = [Rung(name, discount, s, 12) for s in range(1, ask.months - 10, 12)] or [
        Rung(name, discount, 1, ask.months)
    ]
    return rungs, np.full(len(rungs), float(best_commitments(left, discount)))


def _portfolio(made: Ladder, demand: Demand, dated: Calendar, ask: Ask) -> Portfolio:
    fallen = priced(demand.at(1 - ask.fall_ratio), made.rungs, made.commitments_usd_per_hour)
    lost = stranded_usd(demand, made.rungs, made.commitments_usd_per_hour, ask.fall_ratio)
    renewed = renewals(dated.first, made.bought, dated.plans)
    steps = tuple(
        Step(month_start(dated.first, r.start_month).isoformat(), r.offer, r.months, c, r.discount_ratio,
             c * HOURS_PER_MONTH * r.months, renewed.get(n, ""))
        for n, (r, c) in enumerate(made.bought)
    )  # fmt: skip
    return Portfolio(steps, made.expected_usd, made.cvar_regret_usd, fallen.expected_usd, lost)


def _assumptions(result: Result, rungs: list[Rung], ask: Ask) -> tuple[str, ...]:
    said = [
        f"Demand drifts by a yearly change between {percent(-ask.fall_ratio, 0)} and {percent(ask.rise_ratio, 0)} "
        f"around the plan (PERT, mode 0, {ask.draws} draws, seed {ask.seed}).",
        "A month has 730 hours; a purchase starts on the first of a month and its term ends within the months.",
        "Regret is the cost over that of known demand with every month's size free: a bound that no purchase reaches.",
    ]
    if ask.most_covered_ratio < 1:
        said.append(
            f"On purpose, plans cover at most {percent(ask.most_covered_ratio, 0)} of a month's mean eligible usage."
        )
    for name in dict.fromkeys(r.offer for r in rungs):
        discount = next(r.discount_ratio for r in rungs if r.offer == name)
        grouped = len(open_groups(result, assumed(result, name))[1]) > 1
        why = "mean of the price book's rates by value" if grouped else f"range {_range(name)}"
        said.append(f"Discount of {name}: {percent(discount)} ({why}).")
    return tuple(said)


def _range(name: str) -> str:
    low, _, high = DISCOUNT_RANGES[name]
    return f"{percent(low, 0)} to {percent(high, 0)}"


def _check(ask: Ask) -> None:
    bounds: dict[str, tuple[float, float]] = {
        "months": (12, 60), "every_months": (1, 12), "draws": (2, 2_000), "fall_ratio": (0, 0.95),
        "rise_ratio": (0, 3), "regret_weight": (0, 1), "most_covered_ratio": (0, 1),
    }  # fmt: skip
    for name, (low, high) in bounds.items():
        value = getattr(ask, name)
        if not low <= value <= high:
            raise ValueError(f"{name}: expected {low:g} to {high:g}, not {value}")
