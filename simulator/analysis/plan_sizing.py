"""Sizing a Savings Plan: offers side by side, the curve of net saving, targets, regret, history against residual."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.projection import usage_of_month
from simulator.aws.plan_offers import PAYMENTS, TERMS, UPFRONT_SHARE, offer
from simulator.engine.roadmap import starts
from simulator.engine.simulate import Result
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.plans.settlement import Plan, allocated, best_commitment, best_commitments, eligible_groups
from simulator.pricing.charges import Charges, price_usage
from simulator.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from simulator.usage.tables import Usage
from simulator.words import usd

Array = NDArray[np.float64]
FALLS = (0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class Sized:
    """One offer at one commitment, judged on hourly usage. Dollars are per month of 730 h.

    `discount_ratio` is the mean over all eligible usage where the price book has rates per type.
    `break_even_month` is the first month whose cumulative net saving has paid back the upfront payment (1 when
    nothing is paid upfront; None = never in the term). `regret_usd` maps a fall of usage to the net saving then.
    """

    offer: str
    discount_ratio: float
    commitment_usd_per_hour: float
    net_saving_usd: float
    utilization_ratio: float
    coverage_ratio: float
    upfront_usd: float
    break_even_month: int | None
    regret_usd: dict[float, float]


def open_groups(
    result: Result, plan: Plan, *, usage: Usage | None = None, charges: Charges | None = None
) -> tuple[Array, Array]:
    """What existing plans leave open to a plan of this offer and assumed discount: dollars per hour (groups, hours)
    and the discount of each group. One group where the price book has no rates of the offer. `usage` is what remains
    after the levers unless told; its `charges` before any plan may be given where they are known."""
    usage = usage or result.outcome.usage
    plans = (*result.account.plans, plan)
    groups = eligible_groups(charges or price_usage(usage, result.book), usage, plans)
    hourly = groups.eligible_usd
    for allocation in allocated(groups, result.account.plans, usage.period_hours):
        hourly = hourly - allocation.covered_usd
    return np.maximum(hourly, 0.0), groups.discounts[-1]


def sized(hourly_usd: Array, name: str, discount: Any, commitment: float) -> Sized:
    """Judge one commitment (dollars per hour at plan rates) on hourly eligible usage; groups as in `measure`."""
    saving, utilization, coverage = measure(hourly_usd, discount, np.array([commitment]))
    term = int(name[0])
    upfront = commitment * HOURS_PER_YEAR * term * UPFRONT_SHARE[name.split("_", 1)[1]]
    regret = {
        fall: float(measure(hourly_usd * (1 - fall), discount, np.array([commitment]))[0][0])
        for fall in FALLS
    }
    return Sized(
        name, _mean_discount(hourly_usd, discount), commitment, float(saving[0]), float(utilization[0]),
        float(coverage[0]), upfront, _break_even(float(saving[0]), upfront, term), regret,
    )  # fmt: skip


def measure(hourly_usd: Array, discount: Any, commitments: Array) -> tuple[Array, Array, Array]:
    """Net saving per month, utilization and coverage of many commitments, from one sort of the hours.

    `hourly_usd` is (hours,) with one discount, or (groups, hours) with one per group: the highest is used first.
    """
    hourly, discounts = np.atleast_2d(hourly_usd), np.atleast_1d(np.asarray(discount, float))
    order = np.argsort(-discounts, kind="stable")
    tops = np.cumsum(hourly[order] * (1 - discounts[order])[:, None], axis=0)
    gain = 1 / (1 - discounts[order])
    used, covered = np.zeros(len(commitments)), np.zeros(len(commitments))
    for top, drop in zip(tops, gain - np.append(gain[1:], 0.0), strict=True):
        value = np.sort(top)
        below = np.concatenate([[0.0], np.cumsum(value)])
        place = np.searchsorted(value, commitments, side="right")
        used = (below[place] + (len(value) - place) * commitments) / len(value)
        covered += used * drop
    saving = (covered - commitments) * HOURS_PER_MONTH
    eligible = hourly.sum(axis=0).mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        utilization = np.where(commitments > 0, used / commitments, np.nan)
        coverage = np.where(eligible > 0, covered / eligible, np.nan)
    return saving, utilization, coverage


def _mean_discount(hourly_usd: Array, discount: Any) -> float:
    """Saving over on-demand value if all were covered: the discount itself where there is one."""
    if np.ndim(discount) == 0 or len(discount) == 1:
        return float(np.ravel(discount)[0])
    value = hourly_usd.sum(axis=1)
    return float(value @ discount / value.sum()) if value.sum() else float(np.max(discount))


def _highest(hourly_usd: Array, discount: Any) -> float:
    """Eligible usage at plan rates in the highest hour."""
    rate = 1 - np.atleast_1d(np.asarray(discount, float))
    return float((np.atleast_2d(hourly_usd) * rate[:, None]).sum(axis=0).max(initial=0.0))


def _best(hourly_usd: Array, discounts: Array) -> float:
    """The commitment with the lowest cost; one discount has a closed form without a stack."""
    if len(discounts) == 1:
        return float(best_commitments(hourly_usd[0], float(discounts[0])))
    return best_commitment(hourly_usd, discounts)


def break_even_utilization_ratio(discount: Any) -> Any:
    """1 − d: the share of a commitment that must be used for it to cost what on demand does. rules.md#sizing-a-plan."""
    return 1 - discount


def effective_committed_rate_usd(plan_rate_usd: Any, utilization_ratio: Any) -> Any:
    """Plan rate over utilization: what a used hour really costs. At utilization 1 − d it is the on-demand rate."""
    return plan_rate_usd / utilization_ratio


def effective_savings_ratio(coverage_ratio: Any, utilization_ratio: Any, discount: Any) -> Any:
    """Net saving over the on-demand value of all eligible usage: coverage × (1 − (1 − d)/utilization)."""
    return coverage_ratio * (1 - effective_committed_rate_usd(1 - discount, utilization_ratio))


def _break_even(saving_usd: float, upfront_usd: float, term: int) -> int | None:
    """Net saving of the amortized view, plus the prepaid fee it no longer pays monthly, against the upfront payment."""
    if upfront_usd <= 0:
        return 1
    monthly_cash = saving_usd + upfront_usd / (12 * term)
    month = ceil(upfront_usd / monthly_cash) if monthly_cash > 0 else 12 * term + 1
    return month if month <= 12 * term else None


def offers(result: Result, *, residual: bool = True) -> list[Sized]:
    """The best commitment of every term and payment, on what remains after the levers or on today's usage."""
    usage = result.outcome.usage if residual else result.baseline.usage
    charges = price_usage(usage, result.book)
    made = []
    for term in TERMS:
        for payment in PAYMENTS:
            name = offer(term, payment)
            hourly, discounts = open_groups(result, assumed(result, name), usage=usage, charges=charges)
            made.append(sized(hourly, name, discounts, _best(hourly, discounts)))
    return made


def assumed(result: Result, name: str) -> Plan:
    """A plan of an offer at the discount that the scenario assumes for it, of no size yet."""
    return Plan("", 0.0, float(getattr(_setting(result), f"discount_{name}")), name)


def _setting(result: Result) -> SavingsPlan:
    setting = result.scenario.setting("savings_plan") or SavingsPlan()
    assert isinstance(setting, SavingsPlan)
    return setting


def curve(hourly_usd: Array, discount: Any, points: int = 120) -> dict[str, Array]:
    """Net saving, utilization and coverage over commitments from 0 to the highest hour."""
    commitments = np.linspace(0.0, _highest(hourly_usd, discount), points)
    saving, utilization, coverage = measure(hourly_usd, discount, commitments)
    return {
        "commitment_usd_per_hour": commitments,
        "net_saving_usd": saving,
        "utilization_ratio": utilization,
        "coverage_ratio": coverage,
    }


def commitment_for_coverage(hourly_usd: Array, discount: Any, target_ratio: float) -> float:
    """The smallest commitment that covers this share of eligible on-demand value. Raises ValueError outside 0..1."""
    return _solve(hourly_usd, discount, target_ratio, which=2, rising=True)


def commitment_for_utilization(hourly_usd: Array, discount: Any, target_ratio: float) -> float:
    """The largest commitment still used to this share. Raises ValueError outside 0..1."""
    return _solve(hourly_usd, discount, target_ratio, which=1, rising=False)


def _solve(hourly_usd: Array, discount: Any, target: float, *, which: int, rising: bool) -> float:
    """Exact: coverage and utilization are monotone and, between neighbouring hours' levels, simple in c."""
    if not 0 < target <= 1:
        raise ValueError(f"target: expected a ratio above 0 and up to 1, not {target}")
    low, high = 0.0, _highest(hourly_usd, discount)
    for _ in range(200):
        middle = (low + high) / 2
        reached = measure(hourly_usd, discount, np.array([middle]))[which][0] >= target
        low, high = (low, middle) if reached == rising else (middle, high)
    return high if rising else low


@dataclass(frozen=True)
class HistoryAgainstResidual:
    """The plan sized on today's usage (what others do) and on what remains (ours), both judged on what remains."""

    on_history: Sized
    on_residual: Sized

    @property
    def difference_usd(self) -> float:
        """Dollars per month by which sizing on what remains is better."""
        return self.on_residual.net_saving_usd - self.on_history.net_saving_usd

    def sentence(self) -> str:
        """The comparison in one sentence."""
        old, new = self.on_history.commitment_usd_per_hour, self.on_residual.commitment_usd_per_hour
        if abs(old - new) < 0.005:
            return f"The levers leave the hours a plan can cover as they are: commit {usd(new)} per hour."
        word = "falls" if new < old else "rises"
        return (
            f"After the other levers the best commitment {word} from {usd(old)} to {usd(new)} per hour; "
            f"the plan sized on history would be {usd(self.difference_usd)} per month worse."
        )


def history_against_residual(result: Result) -> HistoryAgainstResidual:
    """Both sizes of the offer the scenario chose (one year, nothing upfront, when it chose none)."""
    name = _setting(result).offer
    plan = assumed(result, name)
    after, discounts = open_groups(result, plan)
    old = _best(*open_groups(result, plan, usage=result.baseline.usage))
    return HistoryAgainstResidual(
        sized(after, name, discounts, old),
        sized(after, name, discounts, _best(after, discounts)),
    )


def worst_month(result: Result, name: str, commitment: float, months: int = 12) -> tuple[int, float]:
    """Month of the roadmap and net saving where a commitment saves least, over `months` from its start; levers and
    growth as planned."""
    plan, first = assumed(result, name), _start(result)
    saving = [
        float(
            measure(*open_groups(result, plan, usage=usage_of_month(result, m)), np.array([commitment]))[0][0]
        )
        for m in range(first, first + months)
    ]
    worst = int(np.argmin(np.round(saving, 6)))
    return first + worst, saving[worst]


def _start(result: Result) -> int:
    """Month in which the plan starts: by the roadmap where it is on, else that of its phase."""
    setting = _setting(result)
    return starts(result).get(setting.id, result.scenario.start_month(setting))
