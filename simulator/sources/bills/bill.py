"""Import a bill: files → engine → sums → snapshot and report. The only place that knows the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

from simulator.scratch import ScratchFolder
from simulator.sources.bills.built import Found, built
from simulator.sources.bills.engines.engine import Engine, Source, open_engine
from simulator.sources.bills.headers import Contents, look_into
from simulator.sources.bills.overlaps import Origin
from simulator.sources.bills.places import Finder
from simulator.sources.bills.questions import ask
from simulator.sources.bills.report import BillError, Imported

Progress = Callable[[str, float], None]
ONE_AT_A_TIME = Lock()
"""Ibis compares expressions through a table that threads must not share; and one import uses all cores anyway."""


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
        ScratchFolder() as scratch,
        closing(open_engine(engine, scratch.path, connection)) as running,
    ):
        sources, contents = sources_of(running, given, scratch.path, tell)
        stated = frozenset(i for i, s in enumerate(sources) if "bill_start" in s.format.fields)
        covered = {len(sources) + i: spans for i, spans in enumerate(contents.covered)}
        frames = [frame for _, frame in contents.frames]
        summed = ask(running, sources, frames, tell, origins(sources, contents), stated, covered)
        found = Found(
            formats=tuple([s.format.name for s in sources] + [kind for kind, _ in contents.frames]),
            unreadable_rows=sum(s.rejected_rows for s in sources),
            rejected=tuple(row for s in sources for row in s.rejected),
            batches=tuple(contents.batches),
            warnings=tuple(contents.warnings),
            stated=stated,
            covered=covered,
        )
        return built(name, summed, found, usd_per, tell)


def origins(sources: Sequence[Source], contents: Contents) -> list[Origin]:
    """What each source is, in words; tables that an engine reads itself come first and have no files."""
    remote = len(sources) - len(contents.batches)
    names = [f"table {i + 1}" for i in range(remote)] + [_named(b.names) for b in contents.batches]
    found = [Origin(n, s.format.name, s.format.family) for n, s in zip(names, sources, strict=True)]
    return found + [
        Origin(n, kind, "") for (kind, _), n in zip(contents.frames, contents.frame_names, strict=True)
    ]


def _named(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def sources_of(
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


def _name(paths: Sequence[Any]) -> str:
    last = str(paths[0]).rstrip("/").rsplit("/", 1)[-1]
    return f"bill {last}" if last else "bill"
