"""What to commit to, when: a ladder of commitments over the roadmap, and what happens if demand falls.

SageMaker Savings Plans on the usage they cover, and beside them what covers other usage by the hour and has a price
(`ladder_pools`, `ladder_bedrock`): chosen together, under the same draws of demand, by expected cost and by regret.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulator.analysis.ladder_ask import USUAL, Ask, check
from simulator.analysis.ladder_bedrock import bedrock_pools
from simulator.analysis.ladder_demand import demand_of, on_history, possible
from simulator.analysis.ladder_path import Held, LadderMonth, held, path
from simulator.analysis.ladder_pools import Pool, pools_of
from simulator.analysis.ladder_portfolio import Portfolio, Step, portfolio
from simulator.analysis.other_commitments import OtherCommitment, other_commitments
from simulator.analysis.plan_sizing import assumed, open_groups
from simulator.aws.plan_offers import DISCOUNT_RANGES
from simulator.engine.calendar import calendar_of
from simulator.engine.simulate import Result
from simulator.plans.ladder import Ladder, Wish, best_single, choose, priced, stranded_usd
from simulator.plans.ladder_demand import Demand, Rung
from simulator.words import count, percent, usd

__all__ = ["Ask", "Portfolio", "Recommendation", "Step", "recommend"]
STRANDED_SHARE = 0.5
TRIES, NEAR = 4, 0.97


@dataclass(frozen=True)
class Recommendation:
    """The ladder beside buying nothing, the best single purchase, and a plan sized on history and renewed.

    The ladder is never dearer than the best single purchase as expected. `limit_met`: its stranded money is at most
    half of the history-sized plan's; `cautious` is the best ladder that keeps to that in any case. `path` is the ladder
    beside the demand of SageMaker's plans month by month, `cautious_path` the cautious one, `held` what is bought
    already, `others` the commitments of other kinds and what each needs. `assumptions` go wherever it goes.
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
    cautious_path: tuple[LadderMonth, ...]

    @property
    def saving_usd(self) -> float:
        """Expected saving over buying nothing, all months."""
        return self.nothing.expected_usd - self.ladder.expected_usd

    def sentence(self) -> str:
        """The advice in words."""
        if not self.ladder.steps:
            return "Buy no new commitment: none pays under the demand that may come."
        fall = percent(self.fall_ratio, 0)
        kept = self.nothing.fallen_usd - self.ladder.fallen_usd
        then = f"still saves {usd(kept)}" if kept >= 0 else f"costs {usd(-kept)} more than buying nothing"
        gained = self.single.expected_usd - self.ladder.expected_usd
        better = f"{usd(gained)} more than the" if gained >= 0.005 else "as much as the"
        one = len(self.ladder.steps) == 1
        bought = f"{count(len(self.ladder.steps), 'purchase')} {'saves' if one else 'together save'}"
        beside = (
            "and no ladder of several is better"
            if one and gained < 0.005
            else f"{better} best single purchase"
        )
        return (
            f"{bought} {usd(self.saving_usd)} over {self.months} months as expected, {beside}. "
            f"If demand is {fall} lower from the first month, the ladder {then}; {self.trade_off()}"
        )

    def trade_off(self) -> str:
        """What a fall strands beside the plan sized on history; where half of that is exceeded, the choice."""
        lost, usual = usd(self.ladder.stranded_usd), usd(self.on_history.stranded_usd)
        if self.limit_met:
            return f"{lost} of commitment is unused, of a plan sized on history {usual}: at most half."
        less = self.ladder.fallen_usd - self.cautious.fallen_usd
        more = usd(self.cautious.expected_usd - self.ladder.expected_usd)
        return (
            f"{lost} of commitment is unused, more than half of the {usual} of a plan sized on history. No ladder as "
            f"cheap as the best single purchase leaves at most half of that unused. The cautious ladder does "
            f"({usd(self.cautious.stranded_usd)}): it costs {more} more as expected, {usd(abs(less))} "
            f"{'less' if less >= 0 else 'more'} if demand falls so. The choice is yours."
        )


def recommend(result: Result, ask: Ask = USUAL) -> Recommendation:
    """The ladder for what a scenario leaves. Raises ValueError for months, draws or ratios out of range."""
    check(ask)
    dated = calendar_of(result)
    pools = (*pools_of(dated, ask), *bedrock_pools(dated, ask))
    demand, rungs = demand_of(result, dated, ask, pools), possible(result, ask, pools)
    most = _most_capacity(demand, ask)
    single = best_single(demand, rungs, Wish(most_capacity_usd=most))
    history, sizes = on_history(result, dated, ask, pools)
    limit = STRANDED_SHARE * stranded_usd(demand, history, sizes, ask.fall_ratio)
    wish = Wish(ask.regret_weight, fall_ratio=ask.fall_ratio, most_capacity_usd=most)
    ladder, met = _chosen(demand, rungs, single, limit, wish)
    cautious = ladder if met else _cautious(demand, rungs, limit, wish)
    # beside the same hindsight as the others: known demand may choose from every rung
    usual = priced(demand, [*rungs, *history], np.append(np.zeros(len(rungs)), sizes))

    def told(made: Ladder) -> Portfolio:
        return portfolio(made, demand, dated, ask, pools)

    def months(made: Ladder) -> tuple[LadderMonth, ...]:
        return path(dated.first, demand, made, usual, ask.fall_ratio, ask.months)

    return Recommendation(
        told(ladder), told(cautious), told(priced(demand, rungs, np.zeros(len(rungs)))), told(single),
        told(usual), met, ask.fall_ratio, dated.first.isoformat(), ask.months,
        _assumptions(result, rungs, ask, pools), months(ladder), held(dated.plans),
        other_commitments(result, pools), months(cautious),
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
    """Never dearer than the best single purchase as expected; within the limit where that is possible."""
    rates = [1 - r.discount_ratio for r in rungs] or [1.0]
    for limit, slack in ((limit_usd, 1.0), (limit_usd, max(rates) / min(rates)), (np.inf, 1.0)):
        limits = replace(
            wish, most_expected_usd=single.expected_usd, most_stranded_usd=limit, stranded_slack=slack
        )
        made = choose(demand, rungs, limits, known=single)
        if made is not None:
            break
    made = made or single
    lost = stranded_usd(demand, rungs, made.commitments_usd_per_hour, wish.fall_ratio)
    return made, bool(lost <= limit_usd * (1 + 1e-6) + 1e-6)


def _cautious(demand: Demand, rungs: list[Rung], limit_usd: float, wish: Wish) -> Ladder:
    """The best ladder within the limit, whatever a single plan without it would cost. The bound on what is stranded is
    loosened until the limit is nearly reached."""
    best = priced(demand, rungs, np.zeros(len(rungs)))
    used, slack = 1.0, 1.0
    for _ in range(TRIES):
        made = choose(
            demand, rungs, replace(wish, most_stranded_usd=limit_usd, stranded_slack=slack), known=best
        )
        if made is None or made is best:  # the bound was too loose
            slack = (used + slack) / 2
            continue
        best, used = made, slack
        lost = stranded_usd(demand, rungs, best.commitments_usd_per_hour, wish.fall_ratio)
        if not 0 < lost < NEAR * limit_usd:
            break
        slack = used * limit_usd / lost
    return best


def _assumptions(result: Result, rungs: list[Rung], ask: Ask, pools: tuple[Pool, ...]) -> tuple[str, ...]:
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
    for pool in pools:
        offers = ", ".join(f"{o.name.replace('_', ' ')} {percent(o.discount_ratio)}" for o in pool.offers)
        said.append(
            f"{pool.name} runs evenly over each month; discounts against on demand: {offers}. {pool.how}"
        )
    for name in dict.fromkeys(r.offer for r in rungs if r.offset == 0):
        discount = next(r.discount_ratio for r in rungs if r.offer == name)
        grouped = len(open_groups(result, assumed(result, name))[1]) > 1
        why = "mean of the price book's rates by value" if grouped else f"range {_range(name)}"
        said.append(f"Discount of {name}: {percent(discount)} ({why}).")
    return tuple(said)


def _range(name: str) -> str:
    low, _, high = DISCOUNT_RANGES[name]
    return f"{percent(low, 0)} to {percent(high, 0)}"
