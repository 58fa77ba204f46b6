"""The answers of an engine → snapshot and report. What needs dollars only is made while hours are still added up."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd

from simulator.snapshot.assemble import Assembly
from simulator.snapshot.snapshot import Manifest
from simulator.snapshot.snapshot import Source as ManifestSource
from simulator.sources.bills.accounts import damaged, with_accounts
from simulator.sources.bills.classify import classified, usage_type_uses
from simulator.sources.bills.engines.engine import Batch, Progress
from simulator.sources.bills.hints import hints
from simulator.sources.bills.lines import unknown_kinds
from simulator.sources.bills.locate import locate
from simulator.sources.bills.questions import Answers
from simulator.sources.bills.report import CENT_USD, BillError, Imported, RejectedRow, Report
from simulator.sources.bills.tables import accelerators, billed, quantities, rates, resources, services
from simulator.sources.bills.tables.unmetered import ASSUMPTION, unmetered
from simulator.sources.bills.totals import report
from simulator.sources.bills.window import USAGE_LINES, Span, Window, window_of
from simulator.units import SECONDS_PER_HOUR

LINE_HOURS = (1.0, 24.0)
LONGEST_HOUR, LONGEST_DAY_HOURS = 12.0, 30.0
MONTHS_DIFFER_HOURS = 72.0
"""Months are 672 to 744 hours long."""


@dataclass(frozen=True)
class Found:
    """What was found while reading: formats, rows an engine refused, and sentences.

    By number of source: which state the billing period of a line (`stated`), and the periods that a source says it
    covers (`covered`).
    """

    formats: tuple[str, ...]
    unreadable_rows: int
    rejected: tuple[RejectedRow, ...]
    batches: tuple[Batch, ...]
    warnings: tuple[str, ...]
    stated: frozenset[int] = frozenset()
    covered: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The files in words: the first, and how many more."""
        names = [name for batch in self.batches for name in batch.names] or ["the export"]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def built(
    name: str, answers: Answers, found: Found, usd_per: Mapping[str, float], tell: Progress
) -> Imported:
    """Snapshot and report. Raises BillError when no line can be read, or when dollars do not add up."""
    good = answers.money["good"] & ~unknown_kinds(answers.money["line_type"])
    bad_rows = int(answers.money.loc[~good, "rows"].sum()) + found.unreadable_rows
    rejected = locate(found.batches, found.rejected) if bad_rows > len(found.rejected) else found.rejected
    if not good.any():
        reason = f"; the first: {rejected[0]}" if rejected else ""
        raise BillError(f"{found.named}: no line of the export can be read ({bad_rows:,} kept aside){reason}")
    lines = classified(with_accounts(answers.money[good]), usd_per)
    window, assumed, about_window = answers.window or window_of(lines, found.stated, found.covered)
    assembly, assumptions, warnings = _tables(lines, answers, window, tell)
    said = [
        *found.warnings,
        *answers.said,
        *damaged(answers.money),
        *hints(lines),
        *accelerators.sentences(lines),
    ]
    told = report(found.formats, lines, bad_rows, rejected, said)
    _check_money(told, assembly.tables["billed"])
    accounts = assembly.tables["billed"]["account_id"].unique().tolist()
    manifest = _manifest(name, window, accounts, [*assumed, *assumptions], told)
    warnings = [*told.warnings, *about_window, *warnings, *assembly.left_out]
    return Imported(assembly.finish(manifest), replace(told, warnings=tuple(dict.fromkeys(warnings))))


def _tables(
    lines: pd.DataFrame, answers: Answers, window: Window, tell: Progress
) -> tuple[Assembly, list[str], list[str]]:
    """The tables of the snapshot, with assumptions and warnings; those of dollars first, while hours are added up."""
    usage = lines[lines["line_type"].isin(USAGE_LINES) & lines["inside"]]
    assembly = Assembly()
    assembly.add("billed", billed.billed(lines))
    discount = rates.discount_ratios(lines)
    assembly.add("bedrock", quantities.bedrock(usage, discount))
    silent = unmetered(usage, discount)
    assembly.add("storage", _with(quantities.storage(usage, window), silent.get("storage")))
    own_rates = rates.billed_rates(lines, discount)
    tell("building the snapshot", 0.9)
    assumptions, warnings = _hours(assembly, answers, usage, window, silent, discount)
    plan_rates = rates.plan_rates(lines, billed.offers(assembly.tables["commitments"]))
    assembly.add("billed_rates", _with(own_rates, plan_rates))
    return assembly, assumptions, warnings


def _hours(
    assembly: Assembly,
    answers: Answers,
    usage: pd.DataFrame,
    window: Window,
    silent: Mapping[str, pd.DataFrame],
    discount: Mapping[Hashable, float],
) -> tuple[list[str], list[str]]:
    """Add the tables made of hours and plans; returns assumptions and warnings."""
    by_resource = _with_line_hours(with_accounts(answers.by_resource()))
    hourly_lines = bool(len(by_resource)) and by_resource["line_hours"].median() == LINE_HOURS[0]
    tags = answers.tags()
    tables, warnings = resources.resource_tables(usage_type_uses(by_resource), usage, tags, window)
    tables["services"] = services.services(usage, window, tags, discount)
    tables["commitments"], assumptions, more = billed.commitments(with_accounts(answers.plans()), window)
    tables["compute"] = _with(tables["compute"], accelerators.accelerators(usage, window))
    for name, table in tables.items():
        assembly.add(name, _with(table, silent.get(name)))
    if hourly_lines:
        hourly = billed.hourly_usage(answers.by_type())
        inside = (hourly["hour"] >= window.start) & (hourly["hour"] < window.end)
        assembly.add("hourly_usage", hourly if inside.all() else hourly[inside], one_row_per_key=True)
    said = resources.ASSUMPTIONS | quantities.ASSUMPTIONS | {"services": services.ASSUMPTION}
    assumptions += [sentence for name, sentence in said.items() if len(assembly.tables[name])]
    return [*assumptions, *([ASSUMPTION] if silent else [])], [*warnings, *more]


def _with(table: pd.DataFrame, more: pd.DataFrame | None) -> pd.DataFrame:
    if more is None or more.empty:
        return table
    return pd.concat([table, more], ignore_index=True) if len(table) else more


def _with_line_hours(by_resource: pd.DataFrame) -> pd.DataFrame:
    """With the length of each resource's lines: an hour, a day, or (a month) their mean over the time they cover."""
    length = (by_resource["last_end"] - by_resource["last"]).dt.total_seconds() / SECONDS_PER_HOUR
    span = (by_resource["last_end"] - by_resource["first"]).dt.total_seconds() / SECONDS_PER_HOUR
    mean = span / by_resource["metered_hours"]
    months = mean.where((mean - length).abs() <= MONTHS_DIFFER_HOURS, length)
    short = pd.Series(np.where(length <= LONGEST_HOUR, LINE_HOURS[0], LINE_HOURS[1]), length.index)
    step = short.where(length <= LONGEST_DAY_HOURS, months)
    return by_resource.assign(line_hours=step.where(length.notna(), LINE_HOURS[1]))


def _check_money(told: Report, table: pd.DataFrame) -> None:
    written = float(table["cost_usd"].sum())
    if abs(written - (told.unblended_usd or 0.0)) > CENT_USD:
        raise BillError(f"dollars do not add up: {told.unblended_usd} read, {written} in the snapshot")


def _manifest(
    name: str, window: Window, accounts: Sequence[str], assumptions: Sequence[str], told: Report
) -> Manifest:
    start, end = _utc(window.start), _utc(window.end)
    return Manifest(
        name=name,
        window_start=start,
        window_end=end,
        sources=(ManifestSource(f"bill: {told.format}", "ok", end, told.rows - told.rows_rejected),),
        assumptions=tuple(assumptions),
        account_ids=tuple(sorted(a for a in accounts if a)),
        collected_at=end,
        gaps=tuple((_utc(a), _utc(b)) for a, b in window.gaps),
    )


def _utc(moment: pd.Timestamp) -> datetime:
    found: datetime = moment.tz_localize("UTC").to_pydatetime()
    return found
