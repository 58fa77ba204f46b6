"""The answers of an engine → snapshot and report. What needs dollars only is made while hours are still added up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from simulator.snapshot.assemble import Assembly
from simulator.snapshot.snapshot import Manifest
from simulator.snapshot.snapshot import Source as ManifestSource
from simulator.sources.bills.classify import classified, usage_type_uses
from simulator.sources.bills.engines.engine import Batch, Progress
from simulator.sources.bills.lines import unknown_kinds
from simulator.sources.bills.locate import locate
from simulator.sources.bills.questions import Answers
from simulator.sources.bills.report import CENT_USD, BillError, Imported, RejectedRow, Report
from simulator.sources.bills.tables import billed, quantities, resources
from simulator.sources.bills.tables.resources import Window
from simulator.sources.bills.totals import report

USAGE_LINES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanUnused")
SHORT_LINE = pd.Timedelta(hours=48)
LINE_HOURS = (1.0, 24.0)
LONGEST_DAY_HOURS = 30.0


@dataclass(frozen=True)
class Found:
    """What was found while reading: formats, rows an engine refused, and sentences."""

    formats: tuple[str, ...]
    unreadable_rows: int
    rejected: tuple[RejectedRow, ...]
    batches: tuple[Batch, ...]
    warnings: tuple[str, ...]


def built(
    name: str, answers: Answers, found: Found, usd_per: Mapping[str, float], tell: Progress
) -> Imported:
    """Snapshot and report. Raises BillError when no line can be read, or when dollars do not add up."""
    good = answers.money["good"] & ~unknown_kinds(answers.money["line_type"])
    bad_rows = int(answers.money.loc[~good, "rows"].sum()) + found.unreadable_rows
    rejected = locate(found.batches, found.rejected) if bad_rows > len(found.rejected) else found.rejected
    if not good.any():
        reason = f"; the first: {rejected[0]}" if rejected else ""
        raise BillError(f"no line of the export can be read ({bad_rows:,} kept aside){reason}")
    lines = classified(answers.money[good], usd_per)
    usage = lines[lines["line_type"].isin(USAGE_LINES)]
    window = _window(lines, usage)
    assembly = Assembly()
    accounts = assembly.add("billed", billed.billed(lines))["account_id"].unique().tolist()
    assembly.add("bedrock", quantities.bedrock(usage))
    assembly.add("storage", quantities.storage(usage, window))
    told = report(found.formats, lines, bad_rows, rejected, found.warnings)
    _check_money(told, assembly.tables["billed"])
    tell("building the snapshot", 0.9)
    assumptions, warnings = _hours(assembly, answers, usage, window)
    manifest = _manifest(name, window, accounts, assumptions, told)
    warnings = [*told.warnings, *warnings, *assembly.left_out]
    return Imported(assembly.finish(manifest), replace(told, warnings=tuple(dict.fromkeys(warnings))))


def _hours(
    assembly: Assembly, answers: Answers, usage: pd.DataFrame, window: Window
) -> tuple[list[str], list[str]]:
    """Add the tables made of hours and plans; returns assumptions and warnings."""
    by_resource = answers.by_resource()
    window = replace(window, line_hours=_line_hours(by_resource))
    tables, warnings = resources.resource_tables(usage_type_uses(by_resource), usage, answers.tags(), window)
    tables["commitments"], assumptions, more = billed.commitments(answers.plans(), window)
    for name, table in tables.items():
        assembly.add(name, table)
    if window.line_hours == 1.0:
        assembly.add("hourly_usage", billed.hourly_usage(answers.by_type()), one_row_per_key=True)
    said = resources.ASSUMPTIONS | quantities.ASSUMPTIONS
    assumptions += [sentence for name, sentence in said.items() if len(assembly.tables[name])]
    return assumptions, [*warnings, *more]


def _window(lines: pd.DataFrame, usage: pd.DataFrame) -> Window:
    """From the first to the last usage line, on full hours; lines of a month count if there are no others."""
    moments = ["first", "last", "last_start"]
    ours = usage.loc[usage["component"] != "other", moments]
    part = next(p for p in (ours, usage[moments], lines[moments]) if len(p))
    short = part[(part["last"] - part["last_start"]) <= SHORT_LINE]
    end = (short if len(short) else part)["last"].max()
    start = part["first"].min().floor("h")
    least = part["last_start"].max().floor("h") + pd.Timedelta(hours=1)
    return Window(start, max(end.ceil("h"), least) if pd.notna(end) else least)


def _line_hours(by_resource: pd.DataFrame) -> float:
    """Length of a metered line: an hour, a day, or what it is; a day when nothing is metered."""
    length = ((by_resource["last_end"] - by_resource["last"]).dt.total_seconds() / 3600).median()
    if math.isnan(length):
        return LINE_HOURS[1]
    return min(LINE_HOURS, key=lambda h: abs(h - length)) if length <= LONGEST_DAY_HOURS else float(length)


def _check_money(told: Report, table: pd.DataFrame) -> None:
    written = float(table["cost_usd"].sum())
    if abs(written - (told.unblended_usd or 0.0)) > CENT_USD:
        raise BillError(f"dollars do not add up: {told.unblended_usd} read, {written} in the snapshot")


def _manifest(
    name: str, window: Window, accounts: Sequence[str], assumptions: Sequence[str], told: Report
) -> Manifest:
    start, end = (t.tz_localize("UTC").to_pydatetime() for t in (window.start, window.end))
    return Manifest(
        name=name,
        window_start=start,
        window_end=end,
        sources=(ManifestSource(f"bill: {told.format}", "ok", end, told.rows - told.rows_rejected),),
        assumptions=tuple(assumptions),
        account_ids=tuple(sorted(a for a in accounts if a)),
        collected_at=end,
    )
