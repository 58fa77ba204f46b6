"""A set of purchases: its steps, and what it costs as expected, at worst regret, and when demand falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.ladder_ask import Ask
from simulator.analysis.ladder_path import renewals
from simulator.analysis.ladder_pools import Pool
from simulator.engine.calendar import Calendar, month_start
from simulator.plans.ladder import Ladder, priced, stranded_usd
from simulator.plans.ladder_demand import Demand, Rung
from simulator.units import HOURS_PER_MONTH

SAGEMAKER = "SageMaker usage"


@dataclass(frozen=True)
class Step:
    """One purchase of the ladder. `renews` names what has just ended, so that this takes its place; empty otherwise.

    `covers` is the usage it is bought for; `nodes` how many are reserved, 0 for what is bought by the dollar.
    """

    buy_on: str
    offer: str
    months: int
    commitment_usd_per_hour: float
    discount_ratio: float
    committed_usd: float
    renews: str = ""
    covers: str = SAGEMAKER
    nodes: int = 0


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


def portfolio(made: Ladder, demand: Demand, dated: Calendar, ask: Ask, pools: Sequence[Pool]) -> Portfolio:
    """The chosen purchases in words and dates, and their cost at the demand after the fall."""
    fallen = priced(demand.at(1 - ask.fall_ratio), made.rungs, made.commitments_usd_per_hour)
    lost = stranded_usd(demand, made.rungs, made.commitments_usd_per_hour, ask.fall_ratio)
    renewed = renewals(dated.first, made.bought, dated.plans)
    names = (SAGEMAKER, *(pool.name for pool in pools))
    steps = tuple(
        _step(r, c, dated, names[r.offset // ask.months], renewed.get(n, ""))
        for n, (r, c) in enumerate(made.bought)
    )
    return Portfolio(steps, made.expected_usd, made.cvar_regret_usd, fallen.expected_usd, lost)


def _step(rung: Rung, commitment_usd: float, dated: Calendar, covers: str, renews: str) -> Step:
    nodes = commitment_usd / (1 - rung.discount_ratio) / rung.unit_usd if rung.unit_usd > 0 else 0.0
    return Step(
        month_start(dated.first, rung.start_month).isoformat(), rung.offer, rung.months, commitment_usd,
        rung.discount_ratio, commitment_usd * HOURS_PER_MONTH * rung.months, renews, covers, round(nodes),
    )  # fmt: skip
