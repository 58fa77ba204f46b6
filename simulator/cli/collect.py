"""`collect`: a live account, read-only, into a snapshot; what is said while reading, and the report of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from simulator.cli.options import TextOrJson, as_json
from simulator.cli.terminal import Teller
from simulator.snapshot.files import check_file, check_place
from simulator.snapshot.snapshot import save_snapshot
from simulator.sources.collect.anonymize import anonymize as anonymized
from simulator.sources.collect.client.failures import Cancelled, NothingRead
from simulator.sources.collect.client.sources import READ
from simulator.sources.collect.cost import CostEstimate
from simulator.sources.collect.options import CollectOptions, Progress
from simulator.sources.collect.run import Collected, plan_cost, run
from simulator.words import plain, usd

Repeated = Parameter(negative=())
Flag = Parameter(negative=())


def collect(
    *,
    out: Annotated[Path | None, Parameter(help="snapshot to write: FILE.zip or a folder")] = None,
    region: Annotated[tuple[str, ...], Repeated, Parameter(help="region to read; may be repeated")] = (),
    profile: Annotated[str | None, Parameter(help="profile of the AWS configuration")] = None,
    role_arn: Annotated[
        tuple[str, ...], Repeated, Parameter(help="role to assume; one account each, may be repeated")
    ] = (),
    organization_role: Annotated[
        str, Parameter(help="name of a role by which every account of the organization is read")
    ] = "",
    days: Annotated[int, Parameter(help="length of the window, up to the last full hour")] = 30,
    name: Annotated[str, Parameter(help="name of the snapshot")] = "",
    buckets: Annotated[str, Parameter(help="only buckets whose name matches this regular expression")] = "",
    no_cost_explorer: Annotated[
        bool, Flag, Parameter(help="do not ask for the bill ($0.01 per request)")
    ] = False,
    max_cost_requests: Annotated[int, Parameter(help="most Cost Explorer requests per account")] = 6,
    prices: Annotated[
        Path | None, Parameter(help="CSV to write today's list prices of the types in use to")
    ] = None,
    anonymize: Annotated[bool, Flag, Parameter(help="hash names and account ids")] = False,
    anonymize_key: Annotated[
        Path | None, Parameter(help="key file that makes several snapshots agree")
    ] = None,
    strict: Annotated[
        bool, Flag, Parameter(help="write nothing and end with 3 unless every source was read")
    ] = False,
    fresh: Annotated[bool, Flag, Parameter(help="do not continue a run that was broken off")] = False,
    plan: Annotated[bool, Flag, Parameter(help="only say what reading will cost")] = False,
    quiet: Annotated[bool, Flag, Parameter(help="no progress on stderr")] = False,
    format: TextOrJson = "text",
) -> str:
    """Read a live AWS account, read-only, into a snapshot. Credentials: those boto3 finds."""
    options = CollectOptions(
        regions=region,
        profile=profile,
        role_arns=role_arn,
        organization_role=organization_role,
        days=days,
        name=name,
        bucket_pattern=buckets,
        cost_explorer=not no_cost_explorer,
        max_cost_requests=max_cost_requests,
        prices_out=prices,
        resume=not fresh,
    )
    key = _key(anonymize_key)
    with Teller(quiet) as tell:
        if plan:
            return _plan_text(_cancellable(plan_cost, options, tell), format)
        if out is None:
            raise ValueError("--out: expected the snapshot to write, such as account.zip (or --plan)")
        check_place(out)
        if prices is not None:
            check_file(prices)
        tell.line(str(_cancellable(plan_cost, options, tell)))
        kept: list[Collected] = []

        def save(collected: Collected) -> None:
            if strict:
                _refuse_gaps(collected)
            snapshot = collected.snapshot
            if anonymize or key is not None:
                snapshot = anonymized(snapshot, key)
            save_snapshot(snapshot, out)
            kept.append(replace(collected, snapshot=snapshot))

        _cancellable(partial(run, save=save), options, tell)
    return report_text(kept[0], out, format)


def _refuse_gaps(collected: Collected) -> None:
    """Raises NothingRead naming the sources that were not read."""
    gaps = [f"{s.name} ({s.status})" for s in collected.snapshot.manifest.sources if s.status not in READ]
    if gaps:
        raise NothingRead(
            f"--strict: not read: {', '.join(gaps)}. Nothing is written; what was read is kept."
        )


def _key(file: Path | None) -> bytes | None:
    if file is not None and not file.is_file():
        raise ValueError(f"--anonymize-key {file.name}: not a regular file")
    key = file.read_bytes() if file else None
    if file is not None and key is not None and len(key) < 16:
        raise ValueError(f"--anonymize-key {file.name}: expected a file of at least 16 bytes")
    return key


def _cancellable(work: Any, options: CollectOptions, tell: Teller) -> Any:
    """The work, stopped by Ctrl+C between two calls: what was read is kept for the next run."""
    cancel = threading.Event()

    def listen(progress: Progress) -> None:
        ended = progress.total is None and ": " in progress.reading
        tell(str(progress), progress.ratio, always=ended)

    try:
        return work(options, progress=listen, cancel=cancel)
    except KeyboardInterrupt:
        cancel.set()
        raise Cancelled("stopped; run the same command again to continue from what was read") from None


def report_text(collected: Collected, path: Path, form: str) -> str:
    """What was read, source by source, and what it cost; form is text or json."""
    manifest = collected.snapshot.manifest
    rows = {name: len(table) for name, table in collected.snapshot.tables.items() if len(table)}
    if form == "json":
        return as_json(_report(collected, path, rows))
    lines = [
        f"{s.status:<11} {'' if s.count is None else f'{s.count:,}':>9}  {s.name}" for s in manifest.sources
    ]
    lines += [f"note: {plain(sentence, 'line')}" for sentence in manifest.assumptions]
    gaps = [s.name for s in manifest.sources if s.status not in READ]
    if gaps:
        lines.append(f"not read, so unknown: {', '.join(gaps)}")
    total = sum(collected.calls.values())
    lines.append(f"{total:,} calls, {collected.metrics:,} metrics: {usd(collected.usd, 4)}")
    lines.append(
        f"wrote {path}: " + (", ".join(f"{n} {c:,}" for n, c in rows.items()) or "nothing was found")
    )
    return "\n".join(lines)


def _report(collected: Collected, path: Path, rows: dict[str, int]) -> dict[str, Any]:
    manifest = collected.snapshot.manifest
    return {
        "snapshot": str(path),
        "name": manifest.name,
        "window_start": manifest.window_start.isoformat(),
        "window_end": manifest.window_end.isoformat(),
        "sources": [
            {
                "name": s.name,
                "status": s.status,
                "count": s.count,
                "at": (s.at or datetime.now(UTC)).isoformat(),
            }
            for s in manifest.sources
        ],
        "rows": rows,
        "notes": list(manifest.assumptions),
        "calls": {f"{service}:{operation}": n for (service, operation), n in sorted(collected.calls.items())},
        "metrics": collected.metrics,
        "cost_usd": round(collected.usd, 6),
        "resumed": collected.resumed,
    }


def _plan_text(estimate: CostEstimate, form: str) -> str:
    if form != "json":
        return str(estimate)
    plan = {**vars(estimate), "unknown": list(estimate.unknown), "cost_usd": round(estimate.usd, 6)}
    return as_json(plan)
