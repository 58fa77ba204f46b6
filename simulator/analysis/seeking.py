"""Goal-seek: which levers reach a target with the least work, and the frontier of saving against effort.

Tables are separate, so the best combinations of each table are found over all its subsets and merged, keeping
at every step only combinations no other beats in both saving and effort. A Savings Plan is tried on every
combination of the frontier. Per table the eight levers that save most alone are tried, and at most sixty
combinations are simulated whole; then the presets as they are fitted to the account and the current scenario, and the
best of all made locally optimal: leaving out or turning on any one lever lowers its bill no further. Settings are those
of the scenario; levers off are taken at their defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from simulator.analysis.attribution import table_costs
from simulator.engine.acting import acting, beside
from simulator.engine.presets import fitted_result, improved
from simulator.engine.scenario import PRESETS, preset
from simulator.engine.simulate import Result, remembered
from simulator.levers import all_levers, lever
from simulator.levers.lever import Lever
from simulator.usage.tables import TABLES
from simulator.words import usd

SAVINGS_PLAN = "savings_plan"
MOST_TRIED = 8
MOST_SIMULATED = 60
MOST_FRONTIERS = 8


@dataclass(frozen=True)
class Choice:
    """A set of levers: what it saves a month and the engineering hours it takes."""

    levers: tuple[str, ...]
    saving_usd: float
    effort_hours: float


@dataclass(frozen=True)
class Found:
    """The least-effort choice that reaches the target, or the best there is when none does."""

    target_saving_usd: float
    reached: bool
    choice: Choice
    frontier: tuple[Choice, ...]

    def sentence(self) -> str:
        """The answer in words."""
        target = usd(self.target_saving_usd)
        names = ", ".join(self.choice.levers) or "nothing"
        effort = self.choice.effort_hours
        saved = f"{names} saves {usd(self.choice.saving_usd)} per month for {effort:g} hours of work"
        if self.reached:
            return f"{saved}; the target is {target}."
        return f"The target of {target} per month is out of reach: {saved}, the most there is."


def seek(
    result: Result,
    *,
    saving_ratio: float | None = None,
    bill_usd: float | None = None,
    exclude: Collection[str] = (),
) -> Found:
    """Least effort for a saving (share of today's bill) or a monthly bill. Raises ValueError without one target."""
    if (saving_ratio is None) == (bill_usd is None):
        raise ValueError("seek: give one target, a saving ratio or a bill")
    if saving_ratio is not None and not 0 <= saving_ratio <= 1:
        raise ValueError(f"seek: expected a saving ratio from 0 to 1, not {saving_ratio}")
    for lever_id in exclude:
        lever(lever_id)
    today = result.baseline.total_usd
    target = saving_ratio * today if saving_ratio is not None else today - float(bill_usd or 0.0)
    choices = frontier(result, exclude=exclude)
    enough = [c for c in choices if c.saving_usd >= target - 0.005]
    choice = min(enough, key=lambda c: c.effort_hours) if enough else max(choices, key=lambda c: c.saving_usd)
    return Found(target, bool(enough), choice, choices)


def frontier(result: Result, *, exclude: Collection[str] = ()) -> tuple[Choice, ...]:
    """Choices that no other beats in both saving and effort, least effort first; worked out once for all targets."""
    known, key = _frontiers(result), frozenset(exclude)
    if key not in known:
        if len(known) >= MOST_FRONTIERS:
            known.clear()
        known[key] = _frontier(result, exclude)
    return known[key]


@remembered
def _frontiers(_: Result) -> dict[frozenset[str], tuple[Choice, ...]]:
    """The frontiers of a result by what is excluded."""
    return {}


def _frontier(result: Result, exclude: Collection[str]) -> tuple[Choice, ...]:
    whole = _everything(result, exclude)
    merged = [Choice((), 0.0, 0.0)]
    for table in TABLES:
        of_table = _table_choices(whole, table)
        merged = _undominated(
            [
                Choice(a.levers + b.levers, a.saving_usd + b.saving_usd, a.effort_hours + b.effort_hours)
                for a in merged
                for b in of_table
            ]
        )
    merged = _thinned(merged)
    plan = whole.scenario.setting(SAVINGS_PLAN)
    tried = _simulated(whole, merged, () if plan is None else (SAVINGS_PLAN,))
    in_hand = [tuple(x.id for x in result.scenario.levers), *_presets(result)]
    tried += [_without_idle(whole, tuple(i for i in ids if i not in exclude)) for ids in in_hand]
    most = max(tried, key=lambda c: c.saving_usd)
    best = improved(beside(whole, whole.scenario.only(most.levers)), whole.scenario.ordered())
    tried.append(_without_idle(whole, tuple(x.id for x in best.scenario.levers)))
    return tuple(_undominated(tried))


def _presets(result: Result) -> list[tuple[str, ...]]:
    """Levers of each preset as it is fitted to this account."""
    none = beside(result, replace(result.scenario, levers=()))
    fit = [fitted_result(none, replace(result.scenario, levers=preset(p).levers, name=p)) for p in PRESETS]
    return [tuple(x.id for x in made.scenario.levers) for made in fit]


def _everything(result: Result, exclude: Collection[str]) -> Result:
    """All levers on: those of the scenario as set, the others at their defaults; none of the excluded."""
    settings: list[Lever] = [
        result.scenario.setting(i) or kind() for i, kind in all_levers().items() if i not in exclude
    ]
    scenario = replace(result.scenario, levers=tuple(settings))
    return beside(result, scenario)


def _table_choices(whole: Result, table: str) -> list[Choice]:
    """The undominated subsets of one table's levers; of more than can be tried, those that save most alone."""
    levers = [x for x in whole.scenario.ordered() if x.table == table]
    useful = _useful(whole, levers, table)
    costs = table_costs(whole, useful, table)
    rows = []
    for bits, cost in enumerate(costs):
        on = [x for i, x in enumerate(useful) if bits >> i & 1]
        rows.append(Choice(tuple(x.id for x in on), float(costs[0] - cost), sum(x.effort_hours for x in on)))
    return _undominated(rows)


def _useful(whole: Result, levers: Sequence[Lever], table: str) -> list[Lever]:
    alone = {x.id: table_costs(whole, [x], table) for x in levers}
    saving = {i: float(c[0] - c[1]) for i, c in alone.items()}
    best = sorted((i for i, usd in saving.items() if usd > 0.005), key=lambda i: -saving[i])[:MOST_TRIED]
    return [x for x in levers if x.id in best]


def _simulated(whole: Result, choices: Sequence[Choice], more: tuple[str, ...]) -> list[Choice]:
    """Each choice whole, alone and with `more`; what neighbours on the frontier have in common is worked out once."""
    tried, last = [], whole
    for choice in choices:
        for added in ((), more) if more else ((),):
            last = beside(last, whole.scenario.only((*choice.levers, *added)))
            order = tuple(x.id for x in last.scenario.ordered())
            hours = sum(x.effort_hours for x in last.scenario.levers)
            tried.append(Choice(order, last.saving_usd, hours))
    return tried


def _without_idle(whole: Result, ids: tuple[str, ...]) -> Choice:
    """The choice without its levers that change nothing: they are no work."""
    part = beside(whole, whole.scenario.only(ids))
    acts = acting(part)
    return Choice(tuple(x.id for x in acts), part.saving_usd, sum(x.effort_hours for x in acts))


def _thinned(choices: list[Choice]) -> list[Choice]:
    """At most MOST_SIMULATED of them, evenly over the frontier, both ends kept."""
    if len(choices) <= MOST_SIMULATED:
        return choices
    step = (len(choices) - 1) / (MOST_SIMULATED - 1)
    return [choices[round(k * step)] for k in range(MOST_SIMULATED)]


def _undominated(choices: Sequence[Choice]) -> list[Choice]:
    kept: list[Choice] = []
    best = float("-inf")
    for choice in sorted(choices, key=lambda c: (c.effort_hours, -c.saving_usd)):
        if choice.saving_usd > best + 0.005:
            kept.append(choice)
            best = choice.saving_usd
    return kept
