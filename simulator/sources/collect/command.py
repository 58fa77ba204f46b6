"""The command `python -m simulator collect`: its options, what it says while reading, and its report."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.snapshot.snapshot import save_snapshot
from simulator.sources.collect.anonymize import anonymize
from simulator.sources.collect.client.failures import Cancelled
from simulator.sources.collect.cost import CostEstimate
from simulator.sources.collect.options import CollectOptions, Progress
from simulator.sources.collect.run import Collected, plan_cost, run

SECONDS_BETWEEN_LINES = 2.0


def add_collect_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command; without credentials of any kind: boto3 finds them."""
    parser.add_argument("--out", dest="path", type=Path, help="snapshot to write: FILE.zip or a folder")
    parser.add_argument("--region", action="append", default=[], help="region to read; may be repeated")
    parser.add_argument("--profile", help="profile of the AWS configuration")
    parser.add_argument(
        "--role-arn", action="append", default=[], help="role to assume; one account each, may be repeated"
    )
    parser.add_argument(
        "--organization-role",
        default="",
        metavar="NAME",
        help="read every account of the organization by this role",
    )
    parser.add_argument("--days", type=int, default=30, help="length of the window, up to the last full hour")
    parser.add_argument("--name", default="", help="name of the snapshot")
    parser.add_argument("--buckets", default="", metavar="REGEX", help="only buckets whose name matches")
    parser.add_argument(
        "--no-cost-explorer", action="store_true", help="do not ask for the bill ($0.01 a request)"
    )
    parser.add_argument(
        "--max-cost-requests", type=int, default=6, help="most Cost Explorer requests per account"
    )
    parser.add_argument(
        "--prices", type=Path, metavar="CSV", help="also write today's list prices of the types in use"
    )
    parser.add_argument("--anonymize", action="store_true", help="hash names and account ids")
    parser.add_argument(
        "--anonymize-key", type=Path, metavar="FILE", help="key that makes several snapshots agree"
    )
    parser.add_argument("--fresh", action="store_true", help="do not continue a run that was broken off")
    parser.add_argument("--plan", action="store_true", help="only say what reading will cost")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def options_of(args: argparse.Namespace) -> CollectOptions:
    """The options of a command line. Raises ValueError in words."""
    return CollectOptions(
        regions=tuple(args.region),
        profile=args.profile,
        role_arns=tuple(args.role_arn),
        organization_role=args.organization_role,
        days=args.days,
        name=args.name,
        bucket_pattern=args.buckets,
        cost_explorer=not args.no_cost_explorer,
        max_cost_requests=args.max_cost_requests,
        prices_out=args.prices,
        resume=not args.fresh,
    )


def collect_command(args: argparse.Namespace) -> str:
    """Read a live AWS account, read-only, into a snapshot."""
    options = options_of(args)
    if not args.plan and args.path is None:
        raise ValueError("--out: expected the snapshot to write, such as account.zip (or --plan)")
    key = args.anonymize_key.read_bytes() if args.anonymize_key else None
    if key is not None and len(key) < 16:
        raise ValueError(f"--anonymize-key {args.anonymize_key.name}: expected a file of at least 16 bytes")
    tell = _Teller(args.quiet)
    cancel = threading.Event()
    try:
        estimate = plan_cost(options, progress=tell, cancel=cancel)
        if args.plan:
            return _plan_text(estimate, args.format)
        tell.line(str(estimate))
        collected = run(options, progress=tell, cancel=cancel)
    except KeyboardInterrupt:
        cancel.set()
        raise Cancelled("stopped; run the same command again to continue from what was read") from None
    snapshot = collected.snapshot
    if args.anonymize or key is not None:
        snapshot = anonymize(snapshot, key)
    save_snapshot(snapshot, args.path)
    return report_text(Collected(snapshot, *_spent(collected)), args.path, args.format)


def report_text(collected: Collected, path: Path, form: str) -> str:
    """What was read, source by source, and what it cost; form is text or json."""
    manifest = collected.snapshot.manifest
    rows = {name: len(table) for name, table in collected.snapshot.tables.items() if len(table)}
    if form == "json":
        return json.dumps(_report(collected, path, rows), indent=2)
    lines = [
        f"{s.status:<11} {'' if s.count is None else f'{s.count:,}':>9}  {s.name}" for s in manifest.sources
    ]
    lines += [f"note: {sentence}" for sentence in manifest.assumptions]
    total = sum(collected.calls.values())
    lines.append(f"{total:,} calls, {collected.metrics:,} metrics: ${collected.usd:,.4f}")
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
    return json.dumps(plan, indent=2)


def _spent(collected: Collected) -> tuple[Any, ...]:
    return collected.calls, collected.metrics, collected.usd, collected.resumed


class _Teller:
    """Progress on stderr, a line every two seconds at most; the end of a source always."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        ended = progress.total is None and ": " in progress.reading
        if ended or now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            self.line(str(progress))

    def line(self, text: str) -> None:
        """One line, unless quiet."""
        if not self._quiet:
            sys.stderr.write(f"{text}\n")
