"""Import a bill: files → engine → sums → snapshot and report. The only place that knows the order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd

from simulator.usage.imports import billed, quantities, resources, sums
from simulator.usage.imports.assemble import assembled
from simulator.usage.imports.classify import classified, usage_type_uses
from simulator.usage.imports.engines import Engine, Source, open_engine
from simulator.usage.imports.headers import Contents, look_into
from simulator.usage.imports.lines import lines, unknown_kinds
from simulator.usage.imports.locate import locate
from simulator.usage.imports.places import Finder
from simulator.usage.imports.report import CENT_USD, BillError, Imported, RejectedRow, Report
from simulator.usage.imports.resources import Window
from simulator.usage.imports.tags import read_tags
from simulator.usage.imports.totals import report
from simulator.usage.snapshot import Manifest
from simulator.usage.snapshot import Source as ManifestSource

Progress = Callable[[str, float], None]
ONE_AT_A_TIME = Lock()
"""Ibis compares expressions through a table that threads must not share; and one import uses all cores anyway."""
USAGE_LINES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanUnused")
SHORT_LINE = pd.Timedelta(hours=48)
FEW_MOMENTS = 24
FEW_RESOURCES = 200
LINE_HOURS = (1.0, 24.0)


@dataclass(frozen=True)
class Sums:
    """What the engine answered (see `sums`), as frames."""

    money: pd.DataFrame
    by_resource: pd.DataFrame
    by_type: pd.DataFrame
    plans: pd.DataFrame
    tags: Mapping[tuple[str, str], dict[str, str]]


def import_bill(
    paths: Sequence[str | Path] | str | Path,
    *,
    engine: str = "duckdb",
    connection: str | None = None,
    usd_per: Mapping[str, float] | None = None,
    name: str | None = None,
    progress: Progress | None = None,
) -> Imported:
    """A snapshot and a report from billing exports: files, folders, globs, zips or http(s) addresses.

    `engine` is duckdb, spark or athena (`paths` are then tables `database.table`), `connection` its URL; `usd_per`
    exchange rates, e.g. {"EUR": 1.08}. Raises BillError, in words, when the export cannot be used.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise BillError("no path given; expected the files, folder or address of a billing export")
    with ONE_AT_A_TIME:
        return _import(
            given,
            engine,
            connection,
            usd_per or {},
            name or _name(given),
            progress or (lambda sentence, share: None),
        )


def _import(
    given: Sequence[str | Path],
    engine: str,
    connection: str | None,
    usd_per: Mapping[str, float],
    name: str,
    tell: Progress,
) -> Imported:
    with (
        tempfile.TemporaryDirectory(prefix="bill-") as scratch,
        closing(open_engine(engine, Path(scratch), connection)) as running,
    ):
        sources, contents = _sources(running, given, Path(scratch), tell)
        summed = _summed(running, sources, contents, tell)
        tell("building the snapshot", 0.95)
        return _imported(summed, sources, contents, usd_per, name)


def _sources(
    engine: Engine, paths: Sequence[str | Path], scratch: Path, tell: Progress
) -> tuple[list[Source], Contents]:
    """What the engine reads itself, and the files of this machine."""
    tell("looking at the files", 0.0)
    remote = {str(p): engine.remote(str(p)) for p in paths}
    sources = [s for s in remote.values() if s is not None]
    here = [p for p in paths if remote[str(p)] is None]
    if not here:
        return sources, Contents()
    finder = Finder(scratch)
    contents = look_into(finder.find(here))
    contents.warnings += finder.skipped
    return [*sources, *(engine.source(batch, tell) for batch in contents.batches)], contents


def _summed(engine: Engine, sources: Sequence[Source], contents: Contents, tell: Progress) -> Sums:
    frames = [frame for _, frame in contents.frames]

    def whole(columns: Sequence[str]) -> Any:
        parts = [lines(s.raw, s.format, columns) for s in sources]
        table = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0] if parts else None
        return engine.with_frames(table, [f[list(columns)] for f in frames])

    tell("adding up lines", 0.6)
    money = engine.start(sums.money(whole(sums.MONEY_COLUMNS)))
    hours = engine.keep(sums.hours(whole(sums.HOUR_COLUMNS)))
    by_resource, by_type = (
        engine.start(sums.hours_by_resource(hours)),
        engine.start(sums.hours_by_type(hours)),
    )
    plans = engine.start(sums.plans(whole(sums.PLAN_COLUMNS)))
    found = money()
    tell("adding up hours", 0.75)
    tags = _tags(engine, sources, found)
    return Sums(found, _by_resource(engine, hours, by_resource()), by_type(), plans(), tags)


def _by_resource(engine: Engine, hours: Any, found: pd.DataFrame) -> pd.DataFrame:
    """Courses of resources; where several lines share an hour, they are computed again, added up by hour."""
    step = (found["last_end"] - found["last"]).where(lambda s: s > pd.Timedelta(0), pd.Timedelta(hours=1))
    crowded = found["metered_hours"] > (found["last"] - found["first"]) / step + 1.5
    keys = list(sums.RESOURCE_KEYS)
    mixed = found.groupby(keys)["hours"].transform("size").gt(1) | crowded
    if not mixed.any():
        return found
    names = found.loc[mixed, "resource_id"].unique().tolist()
    exact = engine.start(sums.hours_of_mixed(hours, names if len(names) <= FEW_RESOURCES else None))()
    again = exact.merge(found.loc[mixed, keys].drop_duplicates(), on=keys)
    return pd.concat([found[~mixed], again], ignore_index=True)


def _tags(
    engine: Engine, sources: Sequence[Source], money: pd.DataFrame
) -> dict[tuple[str, str], dict[str, str]]:
    """Tags of resources, read where each was last seen; where that is all over the place, from every line."""
    last = money[money["resource_id"] != ""].groupby("resource_id")["last_start"].max().unique()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for source in sources if len(last) else ():
        if source.format.tags and "resource_id" in source.format.fields:
            table = lines(source.raw, source.format, sums.TAG_COLUMNS, tags=True)
            if len(last) <= FEW_MOMENTS:
                table = table.filter(table.start.isin([pd.Timestamp(t).to_pydatetime() for t in last]))
            found |= read_tags(engine.start(sums.tags(table, source.format.tags))(), source.format.tags)
    return found


def _imported(
    summed: Sums, sources: Sequence[Source], contents: Contents, usd_per: Mapping[str, float], name: str
) -> Imported:
    bad = summed.money["bad"] | unknown_kinds(summed.money["line_type"])
    good = summed.money[~bad]
    bad_rows = int(summed.money.loc[bad, "rows"].sum()) + sum(s.rejected_rows for s in sources)
    rejected = [row for s in sources for row in s.rejected]
    if bad_rows > len(rejected):
        rejected = locate(contents.batches, rejected)
    if good.empty:
        reason = f"; the first: {rejected[0]}" if rejected else ""
        raise BillError(f"no line of the export can be read ({bad_rows:,} kept aside){reason}")
    found = classified(good, usd_per)
    window = _window(found, summed.by_resource)
    tables, assumptions, warnings = _tables(found, summed, window)
    formats = [s.format.name for s in sources] + [kind for kind, _ in contents.frames]
    told = report(formats, found, bad_rows, rejected, [*contents.warnings, *warnings])
    _check_money(told, tables["billed"])
    snapshot, left_out = assembled(_manifest(name, window, tables, assumptions, told), tables)
    return Imported(snapshot, replace(told, warnings=(*told.warnings, *left_out)))


def _tables(
    found: pd.DataFrame, summed: Sums, window: Window
) -> tuple[dict[str, pd.DataFrame], list[str], list[str]]:
    usage = found[found["line_type"].isin(USAGE_LINES)]
    tables, warnings = resources.resource_tables(
        usage_type_uses(summed.by_resource), usage, summed.tags, window
    )
    tables["bedrock"] = quantities.bedrock(usage, window)
    tables["storage"] = quantities.storage(usage, window)
    tables["billed"] = billed.billed(found)
    tables["commitments"], assumptions, more = billed.commitments(summed.plans, window)
    if window.line_hours == 1.0:
        tables["hourly_usage"] = billed.hourly_usage(summed.by_type)
    said = resources.ASSUMPTIONS | quantities.ASSUMPTIONS
    assumptions += [sentence for table, sentence in said.items() if len(tables[table])]
    return tables, assumptions, [*warnings, *more]


def _window(found: pd.DataFrame, by_resource: pd.DataFrame) -> Window:
    """From the first to the last usage line, on full hours; lines of a month count if there are no others."""
    usage = found[found["line_type"].isin(USAGE_LINES)]
    for part in (usage[usage["component"] != "other"], usage, found):
        if len(part):
            break
    short = part[(part["last"] - part["last_start"]) <= SHORT_LINE]
    end = (short if len(short) else part)["last"].max()
    start = part["first"].min().floor("h")
    end = max(
        end.ceil("h") if pd.notna(end) else start, part["last_start"].max().floor("h") + pd.Timedelta(hours=1)
    )
    length = ((by_resource["last_end"] - by_resource["last"]).dt.total_seconds() / 3600).median()
    return Window(
        start,
        end,
        min(LINE_HOURS, key=lambda h: abs(h - length))
        if pd.notna(length) and length <= 30
        else (length if pd.notna(length) else 24.0),
    )


def _check_money(told: Report, table: pd.DataFrame) -> None:
    written = float(table["cost_usd"].sum())
    if abs(written - (told.unblended_usd or 0.0)) > CENT_USD:
        raise BillError(f"dollars do not add up: {told.unblended_usd} read, {written} in the snapshot")


def _manifest(
    name: str, window: Window, tables: Mapping[str, pd.DataFrame], assumptions: Sequence[str], told: Report
) -> Manifest:
    start, end = (t.tz_localize("UTC").to_pydatetime() for t in (window.start, window.end))
    return Manifest(
        name=name,
        window_start=start,
        window_end=end,
        sources=(ManifestSource(f"bill: {told.format}", "ok", end, told.rows - told.rows_rejected),),
        assumptions=tuple(assumptions),
        account_ids=tuple(sorted({a for a in tables["billed"]["account_id"] if a})),
        collected_at=end,
    )


def _name(paths: Sequence[Any]) -> str:
    last = str(paths[0]).rstrip("/").rsplit("/", 1)[-1]
    return f"bill {last}" if last else "bill"


__all__ = ["Imported", "RejectedRow", "import_bill"]
