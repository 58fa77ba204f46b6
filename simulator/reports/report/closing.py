"""Monitoring, governance, next steps; then what the figures rest on."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.engine.acting import acting
from simulator.engine.planning import Planning
from simulator.engine.roadmap import start_month
from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.pricing.book import PriceBook
from simulator.reports.report.blocks import Block, Points, Section, Words, grid, usd
from simulator.reports.report.facts import Facts
from simulator.reports.report.requests import watched
from simulator.words import percent

MOST_UNKNOWN = 50
MOST_SOURCES = 60


def monitoring(facts: Facts) -> Section:
    """What to watch, with calls for this account."""
    return Section(
        "Monitoring",
        (
            Points(
                (
                    "Endpoints: invocations and, per GPU, utilization; an alarm after 24 hours without a call.",
                    "Training: failed jobs by reason, billed against trained seconds of spot jobs, hours per week.",
                    "Storage: size per bucket and class, incomplete uploads, noncurrent versions.",
                    "Bedrock: tokens by direction and model; the share read from cache.",
                    "Commitments: utilization and coverage every month, before anything is renewed.",
                    f"Spend: a budget at the scenario's run rate, {usd(facts.result.outcome.total_usd)} per "
                    "month, and Cost "
                    "Anomaly Detection per service. CloudWatch alarms do not watch spend.",
                )
            ),
            *watched(facts.actions.get("monitoring")),
        ),
    )


def governance(facts: Facts) -> Section:
    """Rules that keep the saving."""
    hourly = _dearest_hour(facts)
    bound = (
        f" At most 24 hours of a forgotten endpoint are then paid: {usd(hourly * 24)} for the most expensive ones here."
        if hourly
        else ""
    )
    return Section(
        "Governance",
        (
            Points(
                (
                    f"Stop idle endpoints after 24 hours by a scheduled check that honours an owner's veto tag.{bound}",
                    "Ask for a cost justification tag on every GPU job and endpoint, enforced by policy.",
                    "Tag owner and purpose on everything that runs; deny what comes untagged.",
                    "Set idle shutdown in Studio domains and a lifecycle script on notebook instances.",
                    "Review this report's figures against the bill every month (python -m simulator ledger compare).",
                )
            ),
        ),
    )


def _dearest_hour(facts: Facts) -> float:
    charges, e = facts.result.baseline.charges, facts.result.baseline.usage.endpoints
    prices = [
        b.unit_price_usd[b.quantity > 0]
        for b in charges.blocks
        if b.table == "endpoints" and b.meter.unit == "instance_hour"
    ]
    known = np.concatenate(prices) if prices and len(e) else np.zeros(0)
    return float(np.nanmax(known)) if len(known) and not np.isnan(known).all() else 0.0


def next_steps(facts: Facts) -> Section:
    """What to do first: the plan's first levers, then the questions that hold most money."""
    first = [x for x in facts.effective if x.phase == 1][:3]
    steps = [
        f"{x.title}: {usd(facts.by_lever[x.id]['saving_attributed_usd'])} per month, {x.effort_hours:g} hours of work."
        for x in first
    ]
    gaps = sorted(
        (u for u in facts.said["unknown"] if u["usd"] is not None and u["usd"] > 0), key=lambda u: -u["usd"]
    )
    steps += [f"Find what explains it: {u['sentence']}" for u in gaps[:2]]
    if any(u["usd"] is None for u in facts.said["unknown"]):
        steps.append(
            "Answer the unknown costs listed below; each answer moves the baseline, not only the saving."
        )
    steps.append(
        "Measure the assumptions graded “assumed” that move most, before the levers that rest on them."
    )
    return Section("Next steps", (Points(tuple(steps), numbered=True),))


def assumptions(facts: Facts) -> Section:
    """Every parameter of the plan, with range, grade and source."""
    scenario = facts.result.scenario
    rows = [_assumption("Plan", p, v) for p, v in _declared(scenario.planning)]
    for lever in scenario.ordered():
        rows += [_assumption(lever.title, p, v) for p, v in _declared(lever)]
    columns = ["Of", "Assumption", "Value", "Unit", "Low to high", "Grade", "Source"]
    blocks: list[Block] = [
        Words(
            f"Prices as of {facts.result.book.as_of}; {_discounts(facts.result.book)}. Start months: "
            + (", ".join(f"{x.title} {start_month(facts.result, x)}" for x in acting(facts.result)) or "none")
            + "."
        ),
        grid(columns, rows),
    ]
    if scenario.assume:
        favour = tuple(x.title for x in scenario.ordered() if x.assumes)
        blocks += [
            Words("Missing facts taken to be in the lever's favour, until somebody answers:"),
            Points(favour),
        ]
    limits = [
        f"{x.title}: {scenario.scopes[x.id].sentence()}" for x in scenario.levers if x.id in scenario.scopes
    ]
    if limits:
        blocks += [Words("Levers that are limited to a part of the resources:"), Points(tuple(limits))]
    stated = facts.said["snapshot"]["assumptions"]
    if stated:
        blocks += [Words("Assumed in the snapshot itself:"), Points(tuple(stated))]
    return Section("Assumptions", tuple(blocks))


def _discounts(book: PriceBook) -> str:
    """The discount on list prices: the one given, else the account's own per service."""
    of_bill = ", ".join(f"{service} {percent(ratio)}" for service, ratio in book.discounts.items())
    if book.discount_ratio or not of_bill:
        return f"negotiated discount {percent(book.discount_ratio)}"
    return f"discounts that the account's bill shows, applied to list prices: {of_bill}"


def _declared(holder: Lever | Planning) -> list[tuple[Param, Any]]:
    declared = holder.acting_params() if isinstance(holder, Lever) else holder.params()
    return [(p, getattr(holder, name)) for name, p in declared.items()]


def _assumption(of: str, p: Param, value: Any) -> list[str]:
    spread = "" if p.low is None or p.high is None else f"{p.low:g} to {p.high:g}"
    return [of, p.label, _value(value), p.unit, spread, p.grade, p.source]


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def unknown(facts: Facts) -> Section:
    """What the figures leave out."""
    rows = facts.said["unknown"]
    if not rows:
        return Section("What is unknown", (Words("Nothing: every cost is known and the bill is explained."),))
    sentences = [u["sentence"] for u in rows[:MOST_UNKNOWN]]
    if len(rows) > MOST_UNKNOWN:
        sentences.append(f"And {len(rows) - MOST_UNKNOWN:,} more, all in the JSON answer.")
    intro = Words("These count as nothing in every total; none of them is a saving.")
    return Section("What is unknown", (intro, Points(tuple(sentences))))


def method(facts: Facts) -> Section:
    """How each figure was made, and the prices it rests on."""
    return Section(
        "How each figure was made",
        (
            Points(
                (
                    "Run rate: usage of the window scaled to a month of 730 hours, times the price in force on "
                    f"{facts.result.book.as_of} of its component, type and region.",
                    "Scenario: levers rewrite usage, never dollars, in a fixed order (eliminate, reduce, replace, "
                    "right-size, consolidate, schedule, price class, commit); the same prices price what is left.",
                    "Credited saving: the Shapley value of each lever; credits add up to the scenario's saving. Alone: "
                    "that lever with nothing else on.",
                    "Commitments: settled hour by hour on the eligible usage that remains; what an hour leaves "
                    "unused is lost.",
                    "Ranges: percentiles of draws in which all uncertain assumptions vary together.",
                    "Confidence: by rule, with its reasons; assumed parameters or an unexplained bill mean low.",
                    f"Snapshot fingerprint {facts.result.account.snapshot.fingerprint()[:16]}. The same figures, "
                    "unrounded, are in the JSON answer, the workbook and the pages.",
                )
            ),
            Words("Prices used by the largest charges:"),
            _prices(facts),
        ),
    )


def _prices(facts: Facts) -> Block:
    used: dict[int, float] = {}
    for state in (facts.result.baseline, facts.result.outcome):
        for block in state.charges.blocks:
            for row in np.unique(block.price_row[(block.price_row >= 0) & (block.quantity != 0)]):
                used[int(row)] = used.get(int(row), 0.0) + float(
                    block.known_usd[block.price_row == row].sum()
                )
    rows = []
    for row in sorted(used, key=lambda r: -used[r])[:MOST_SOURCES]:
        p = facts.result.book.explain(row)
        rows.append(
            [
                p.component.replace("_", " "),
                p.item,
                p.region,
                f"{p.usd:.10g}",
                p.unit,
                p.effective_from,
                p.checked_on,
                p.grade,
                p.source,
            ]
        )
    columns = ["Component", "Item", "Region", "USD", "Per", "In force from", "Checked", "Grade", "Source"]
    return grid(columns, rows, numbers=["USD"])
