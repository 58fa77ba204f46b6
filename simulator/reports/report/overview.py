"""Executive summary, current state per service, findings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.analysis.answer import whole_bill_words
from simulator.analysis.attribution import waterfall
from simulator.charts import (
    COMPONENT_TITLES,
    components_frame,
    components_spec,
    waterfall_frame,
    waterfall_spec,
)
from simulator.engine.acting import CENT, acting
from simulator.reports.report.blocks import Block, Grid, Points, Section, Words, count, grid, percent, usd
from simulator.reports.report.facts import Facts
from simulator.reports.report.pictures import picture
from simulator.reports.resources import resource_table
from simulator.reports.tables import age_line
from simulator.units import HOURS_PER_MONTH

MOST_RESOURCES = 10
SERVICES = {
    "training": "SageMaker training jobs",
    "endpoints": "SageMaker endpoints",
    "compute": "Notebooks, Studio, processing and batch transform",
    "bedrock": "Amazon Bedrock",
    "storage": "ML data storage",
    "services": "Vector stores, file systems, logs and other services",
}


def _whole_bill(facts: Facts) -> str:
    """The range of the whole bill, where something of it is unexplained or of unknown cost."""
    unknown, whole = sum(1 for _ in facts.result.outcome.charges.unknown()), facts.risk.whole_range
    if abs(facts.unexplained_usd) < CENT and not unknown:
        return ""
    return (
        f" The whole bill lies between {usd(float(whole.p10_usd))} and {usd(float(whole.p90_usd))}. "
        f"{whole_bill_words(facts.result, facts.unexplained_usd, unknown)}"
    )


def summary(facts: Facts) -> Section:
    """What the reader with one minute needs."""
    result = facts.result
    spread = facts.risk.saving_range
    verb = "saves" if result.saving_usd >= 0 else "adds"
    headline = (
        f"The scenario “{result.scenario.name}” takes the monthly run rate from {usd(result.baseline.total_usd)} to "
        f"{usd(result.outcome.total_usd)}: it {verb} {usd(abs(result.saving_usd))} per month"
        + (f" ({_share(facts)})." if result.baseline.total_usd else ".")
    )
    blocks: list[Block] = [
        Words(headline, strong=True),
        Words(
            f"With the uncertain assumptions drawn {facts.draws:,} times together, the saving lies between "
            f"{usd(spread.p10_usd)} (P10) and {usd(spread.p90_usd)} (P90) per month.{_whole_bill(facts)}"
        ),
        Points(tuple(_summary_points(facts))),
        Words(age_line(result)),
    ]
    if facts.effective:
        frame = waterfall_frame(result, waterfall(result))
        alt = "From today's bill to the scenario, one bar per lever in the order of application."
        blocks.append(picture(frame, waterfall_spec(len(frame)), alt))
    return Section("Executive summary", tuple(blocks))


def _share(facts: Facts) -> str:
    """The saving as a share of the bill, the share of what usage explains beside it where the two differ."""
    explained = percent(abs(facts.result.saving_ratio))
    of_bill = facts.said["result"]["saving_of_bill_ratio"]
    if of_bill is None:
        return explained
    whole = percent(abs(of_bill))
    return whole if whole == explained else f"{whole} of the bill, {explained} of what usage explains"


def _summary_points(facts: Facts) -> list[str]:
    hours = sum(x.effort_hours for x in acting(facts.result))
    value = facts.worth
    payback = (
        f"in month {value.payback_month}" if value.payback_month else f"not within {facts.months} months"
    )
    points = [f.sentence for f in facts.found[:4]]
    points.append(
        f"Effort: {count(hours)} engineering hours; one-off cost over {facts.months} months {usd(value.once_usd)}; "
        f"paid back {payback}; net present value {usd(value.net_present_value_usd)} at "
        f"{percent(facts.result.scenario.planning.interest_ratio)} per year."
    )
    gap = facts.said["baseline"]["unexplained_usd"]
    if gap is not None:
        points.append(
            f"Of {usd(facts.said['baseline']['billed_usd'])} billed in the window, usage × price explains "
            f"{usd(facts.said['baseline']['explained_usd'])}; {usd(gap)} is unexplained: "
            "no saving is claimed on it."
        )
    unpriced = sum(u["usd"] is None for u in facts.said["unknown"])
    if unpriced:
        points.append(
            f"{unpriced:,} costs are unknown; they count as nothing in every total and are listed below."
        )
    return points


def state_of_today(facts: Facts) -> list[Section]:
    """The bill, then each service."""
    return [Section("Current state", tuple(_bill(facts))), *_services(facts)]


def _bill(facts: Facts) -> list[Block]:
    window = facts.result.account.snapshot.manifest
    days = (window.window_end - window.window_start).total_seconds() / 86400
    parts = facts.said["baseline"]["components"]
    rows = [
        [
            COMPONENT_TITLES[c],
            *(usd(p[k]) for k in ("billed_usd", "explained_usd", "unexplained_usd", "run_rate_usd")),
        ]
        for c, p in parts.items()
    ]
    total = facts.said["baseline"]
    rows.append(
        [
            "Total",
            *(usd(total[k]) for k in ("billed_usd", "explained_usd", "unexplained_usd", "run_rate_usd")),
        ]
    )
    columns = ["Area", f"Billed ({days:g} days)", "Explained", "Unexplained", "Run rate per month"]
    gaps = {r.component: r.unexplained_usd or 0.0 for r in facts.bill}
    frame = components_frame({r.component: r.explained_usd for r in facts.bill}, gaps)
    title = f"Window of {days:g} days: explained and unexplained"
    shown = len(frame["component"].unique()) if len(frame) else 1
    return [
        Words(
            f"Billed, explained and unexplained are actuals of the window of {days:g} days; the run rate is the same "
            f"usage over {HOURS_PER_MONTH:g} hours. Explained is usage × price; nothing is scaled to fit the bill."
        ),
        grid(columns, rows, numbers=columns[1:], total=True),
        picture(
            frame, components_spec(title, shown), "Dollars per area: explained by usage, and unexplained."
        ),
    ]


def _services(facts: Facts) -> list[Section]:
    usage = facts.result.baseline.usage
    dearest = resource_table(facts.result.baseline)
    sections = []
    for name, title in SERVICES.items():
        if len(usage.table(name)):
            rows = dearest[(dearest["table"] == name) & (dearest["cost_usd"] != 0)].head(MOST_RESOURCES)
            columns = ["Resource", "Type or model", "Region", "Owner", "Cost per month", "Seen"]
            cells = [
                [r["resource_id"], r["item"], r["region"], r["owner"], usd(r["cost_usd"]), r["note"]]
                for r in rows.to_dict("records")
            ]
            said = Words(
                f"{len(cells)} of {len(usage.table(name)):,} that cost something, most expensive first:"
            )
            table = grid(columns, cells, numbers=["Cost per month"])
            sections.append(Section(title, (_figures(facts, name), said, table), level=3))
    return sections


def _figures(facts: Facts, name: str) -> Grid:
    return grid(["Figure", "Value"], _FIGURES[name](facts), numbers=["Value"])


def _training(facts: Facts) -> list[list[str]]:
    t = facts.result.baseline.usage.training
    return [
        ["Jobs in the window", count(len(t))],
        ["Completed", count((t.status == "Completed").sum())],
        ["Failed", count((t.status == "Failed").sum())],
        ["Mean duration, hours", count(_mean(t.job_hours), 2)],
        ["On spot already", count((t.spot == 1).sum())],
        ["Children of tuning jobs", count(t.trial.sum())],
    ]


def _endpoints(facts: Facts) -> list[list[str]]:
    e = facts.result.baseline.usage.endpoints
    return [
        ["Variants", count(len(e))],
        ["In service", count((e.status == "InService").sum())],
        ["Failed at creation", count((e.status == "Failed").sum())],
        ["Instance-hours per month, where known", count(np.nansum(e.instance_hours))],
        ["Instance type or count unknown", count(_unknown_size(facts))],
    ]


def _unknown_size(facts: Facts) -> float:
    e = facts.result.baseline.usage.endpoints
    return float(
        (np.isnan(e.instance_hours) | ((e.instance_type < 0) & (np.nan_to_num(e.instance_hours) > 0))).sum()
    )


def _compute(facts: Facts) -> list[list[str]]:
    c = facts.result.baseline.usage.compute
    return [
        ["Resources", count(len(c))],
        ["Instance-hours per month, where known", count(np.nansum(c.metered_hours))],
        ["Of these idle, where known", count(np.nansum(c.idle_hours))],
    ]


def _bedrock(facts: Facts) -> list[list[str]]:
    b = facts.result.baseline.usage.bedrock
    known = ~np.isnan(b.input_tokens) & (b.billed_units == 0)
    return [
        ["Requests per month", count(_sum(b.requests))],
        ["Input tokens per month, where known", count(_sum(b.input_tokens[known]))],
        ["Output tokens per month, where known", count(_sum(b.output_tokens[known]))],
        ["Tokens read from cache per month, where known", count(_sum(b.cache_read_tokens[known]))],
        ["Models without token counts", count((~known).sum())],
    ]


def _storage(facts: Facts) -> list[list[str]]:
    s = facts.result.baseline.usage.storage
    held = np.sum([np.nan_to_num(q) for m, q in s.meters() if m.price == "storage" and not m.once], axis=0)
    return [
        ["Buckets", count(len(s))],
        ["Stored, GiB", count(held.sum(), 2)],
        ["In S3 Standard, GiB", count(np.nansum(s.standard_gb), 2)],
        ["Buckets without a lifecycle rule", count((s.lifecycle == 0).sum())],
        ["Buckets whose lifecycle is unknown", count(np.isnan(s.lifecycle).sum())],
    ]


def _beside(facts: Facts) -> list[list[str]]:
    t = facts.result.baseline.usage.services
    return [
        ["Services", count(len(t))],
        ["OCU-hours of vector stores a month, where known", count(np.nansum(t.ocu_hours))],
        ["Stored in file systems and logs, GiB, where known", count(np.nansum(t.stored_gib), 2)],
    ]


_FIGURES = {
    "training": _training, "endpoints": _endpoints, "compute": _compute, "bedrock": _bedrock, "storage": _storage,
    "services": _beside,
}  # fmt: skip


def _sum(values: np.ndarray) -> float | None:
    return None if not len(values) or np.isnan(values).all() else float(np.nansum(values))


def _mean(values: np.ndarray) -> float | None:
    return None if not len(values) or np.isnan(values).all() else float(np.nanmean(values))


def key_findings(facts: Facts) -> Section:
    """Sentences, most expensive first."""
    sentences: Sequence[str] = [f.sentence for f in facts.found] or ["Nothing stands out."]
    return Section("Key findings", (Points(tuple(sentences), numbered=True),))
