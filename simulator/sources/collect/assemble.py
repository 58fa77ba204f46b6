"""The rows of all places as one checked snapshot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from simulator.catalog import load_catalog
from simulator.snapshot.checks import INSTANCE_TYPE
from simulator.snapshot.manifest import FILE, Manifest, to_json
from simulator.snapshot.problems import Problem, SnapshotError
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Snapshot, load_snapshot
from simulator.sources.collect.client.reader import Place
from simulator.sources.collect.client.sources import SourceLog
from simulator.sources.collect.options import CollectOptions
from simulator.sources.collect.rows import Tables, join_parts

MOST_REPAIRS = 20


def assemble(
    parts: Sequence[Tables], folder: Path, log: SourceLog, places: Sequence[Place], options: CollectOptions
) -> Snapshot:
    """Join the parts and load them as any snapshot is loaded, with all checks.

    A row the checks refuse (an answer of AWS that contradicts itself) is left out and reported, never the whole run.
    """
    for part in parts:
        part.close()
    _say_unknown_types(parts, log)
    join_parts(parts, folder)
    manifest = _manifest(log, places, options)
    for _ in range(MOST_REPAIRS):
        (folder / FILE).write_bytes(to_json(replace(manifest, assumptions=log.sentences())))
        try:
            return load_snapshot(folder)
        except SnapshotError as error:
            _leave_out(error.problems, folder, log)
    return load_snapshot(folder)


def _manifest(log: SourceLog, places: Sequence[Place], options: CollectOptions) -> Manifest:
    accounts = tuple(dict.fromkeys(p.account.account_id for p in places if p.account.account_id))
    regions = ", ".join(dict.fromkeys(p.region for p in places))
    name = options.name or f"AWS {', '.join(accounts) or 'account'} {regions}"
    return Manifest(
        name=name if len(name) <= 100 else f"AWS {len(accounts)} accounts",
        window_start=places[0].start,
        window_end=places[0].end,
        sources=log.sources(),
        account_ids=accounts,
        collected_at=datetime.now(UTC).replace(microsecond=0),
    )


def _say_unknown_types(parts: Sequence[Tables], log: SourceLog) -> None:
    total: Counter[tuple[str, str]] = sum((p.unknown_types for p in parts), Counter())
    closest = load_catalog().closest_type
    for (table, instance_type), count in sorted(total.items()):
        gone = (
            "they are priced by the account's own bill where it states a rate"
            if re.fullmatch(INSTANCE_TYPE, instance_type)
            else "they are left out"
            if TABLES[table].column("instance_type").required
            else "their type is left unknown"
        )
        near = closest(instance_type)
        hint = f" (closest known: {near})" if near else ""
        log.say(
            f"{count:,} rows of {table} run on {instance_type}, which the catalogue does not know{hint}: {gone}."
        )


def _leave_out(problems: Sequence[Problem], folder: Path, log: SourceLog) -> None:
    """Drop the refused lines. Raises SnapshotError when a problem is not of a line."""
    lines: dict[str, dict[int, Problem]] = {}
    for problem in problems:
        if problem.row is None or problem.table not in TABLES or problem.row < 2:
            raise SnapshotError(problems)
        lines.setdefault(problem.table, {})[problem.row] = problem
    for table, wrong in lines.items():
        path = folder / f"{table}.csv"
        kept = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(t for n, t in enumerate(kept, 1) if n not in wrong), encoding="utf-8")
        first = next(iter(wrong.values()))
        log.say(f"{len(wrong):,} rows of {table} contradict themselves and are left out; the first: {first}.")
