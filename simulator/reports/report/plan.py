"""Opportunities with computed savings, recommendations with example calls, commitments."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace

from simulator.analysis.confidence import confidence
from simulator.analysis.plan_sizing import history_against_residual, offers
from simulator.engine.simulate import Result, simulate
from simulator.levers import all_levers
from simulator.levers.lever import APPLIES, Lever
from simulator.reports.report.blocks import Block, Points, Section, Words, count, grid, percent, usd
from simulator.reports.report.facts import Facts
from simulator.reports.report.requests import shown

PHASES = {1: "Immediate actions", 2: "Quick wins", 3: "Infrastructure", 4: "Strategic initiatives"}


def opportunities(facts: Facts) -> Section:
    """Every lever on this account alone, in the plan or not: never to be added up."""
    found: list[tuple[float, Lever]] = []
    none: list[Lever] = []
    for lever in all_levers().values():
        setting = facts.result.scenario.setting(lever.id) or lever()
        alone = _alone(facts, setting)
        if abs(alone.saving_usd) >= 0.005:
            found.append((alone.saving_usd, setting))
        else:
            none.append(setting)
    found.sort(key=lambda x: -x[0])
    rows = [_opportunity(facts, setting, saving) for saving, setting in found]
    columns = [
        "Opportunity",
        "In the scenario",
        "Resources",
        "Saving alone per month",
        "Effort, hours",
        "Confidence",
    ]
    return Section(
        "Optimization opportunities",
        (
            Words(
                "What each lever saves per month with nothing else on, computed on this account. Levers overlap: these "
                "figures are never added up. A negative saving is a cost."
            ),
            grid(columns, rows, numbers=["Resources", "Saving alone per month", "Effort, hours"]),
            *_without_effect(facts, none),
        ),
    )


def _alone(facts: Facts, setting: Lever) -> Result:
    result = facts.result
    only = replace(result.scenario, levers=(setting,))
    return simulate(result.account, only, result.book, baseline=result.baseline)


def _opportunity(facts: Facts, setting: Lever, saving: float) -> list[str]:
    sure = confidence(facts.result, setting, facts.bill).label or "none applies"
    on = "yes" if facts.result.scenario.setting(setting.id) else "no"
    applies = facts.result.scenario.scoped(setting).verdicts(facts.result.baseline.usage).counts()["applies"]
    return [setting.title, on, count(applies), usd(saving), count(setting.effort_hours), sure]


def _without_effect(facts: Facts, settings: list[Lever]) -> Iterator[Block]:
    """Levers that save nothing here, with the commonest reason."""
    usage = facts.result.baseline.usage
    rows = []
    for setting in settings:
        summary = [s for s in setting.verdicts(usage).summary() if s[0] != "applies"]
        rows.append(
            [setting.title, summary[0][1] if summary else "It changes nothing that costs money here."]
        )
    if rows:
        yield Words("No saving on this account:")
        yield grid(["Lever", "Commonest reason"], rows)


def recommendations(facts: Facts) -> list[Section]:
    """The levers of the plan that move money, by phase, each with what to do."""
    intro = Words(
        "By phase, largest credited saving first. Credited savings add up to the scenario's saving. The calls show the "
        "shape of a change on one resource; the action pack holds the scripts, with dry run and undo."
    )
    sections = [Section("Detailed recommendations", (intro, *_idle_levers(facts)))]
    for phase, title in PHASES.items():
        for lever in facts.effective:
            if lever.phase == phase:
                blocks = tuple(_recommendation(facts, lever))
                sections.append(Section(f"Phase {phase}, {title.lower()}: {lever.title}", blocks, level=3))
    return sections


def _idle_levers(facts: Facts) -> Iterator[Block]:
    idle = [x.title for x in facts.result.scenario.ordered() if not facts.moves(x)]
    if idle:
        yield Words(f"In the scenario without effect on this account: {', '.join(idle)}.")


def _recommendation(facts: Facts, lever: Lever) -> Iterator[Block]:
    row = facts.by_lever[lever.id]
    verdicts = row["verdicts"]
    yield Words(_first_sentences(lever))
    sure = row["confidence"]
    yield Points(
        (
            f"Saving: {usd(row['saving_attributed_usd'])} per month credited in this scenario, "
            f"{usd(row['saving_alone_usd'])} alone.",
            f"Applies to {verdicts['applies']:,} resources; not to {verdicts['not_applicable']:,}; unknown for "
            f"{verdicts['unknown']:,}.",
            f"Confidence: {sure['level'] or 'none applies'}. {' '.join(sure['reasons'][:3])}".strip(),
            f"Effort: {count(lever.effort_hours)} hours. Can{'' if lever.reversible else 'not'} be undone.",
            *_resources(facts, lever),
        )
    )
    yield from shown(facts.actions.get(lever.id))


def _first_sentences(lever: Lever) -> str:
    """The first paragraph and what makes it a bad idea, from the lever's own declaration."""
    parts = [" ".join(p.split()) for p in inspect.cleandoc(lever.__doc__ or "").split("\n\n")]
    return " ".join(p for p in parts if not p.startswith("Source:"))


def _resources(facts: Facts, lever: Lever) -> list[str]:
    step = next(s for s in facts.result.steps if s.lever.id == lever.id)
    if not lever.table:
        return []
    applies = lever.verdicts(step.before).state == APPLIES
    names = [str(n) for n in step.before.table(lever.table).resource_id[applies]]
    if not names:
        return []
    more = f", and {len(names) - 5:,} more" if len(names) > 5 else ""
    return [f"Resources: {', '.join(names[:5])}{more}."]


def commitments(facts: Facts) -> Section:
    """Offers sized on what the plan leaves, and the plans in force."""
    result = facts.result
    sized = offers(result)
    columns = [
        "Offer",
        "Discount",
        "USD per hour",
        "Net saving per month",
        "Utilization",
        "Coverage",
        "Upfront",
    ]
    rows = [
        [
            s.offer.replace("_", " "), percent(s.discount_ratio), usd(s.commitment_usd_per_hour), usd(s.net_saving_usd),
            percent(s.utilization_ratio), percent(s.coverage_ratio), usd(s.upfront_usd),
        ]
        for s in sized
    ]  # fmt: skip
    blocks: list[Block] = [
        Words(history_against_residual(result).sentence()),
        Words(
            "The best size of each offer on the hours the scenario leaves, net of plans in force. Discounts are "
            "assumptions until the price list is read. Sign last: a commitment outlives the usage it was sized on."
        ),
        grid(columns, rows, numbers=columns[1:]),
    ]
    allocations = facts.said["commitments"]
    if allocations:
        names = [
            "Plan",
            "Kind",
            "USD per hour",
            "Utilization",
            "Coverage",
            "Net saving per month",
            "Unused per month",
        ]
        cells = [
            [
                a["plan_id"], "in force" if a["existing"] else "new", usd(a["commitment_usd_per_hour"]),
                percent(a["utilization_ratio"]), percent(a["coverage_ratio"]), usd(a["net_saving_usd"]),
                usd(a["unused_usd"]),
            ]
            for a in allocations
        ]  # fmt: skip
        blocks += [Words("Plans as they settle in the scenario:"), grid(names, cells, numbers=names[2:])]
    return Section("Commitments", tuple(blocks))
