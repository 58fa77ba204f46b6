"""Twenty people at one workspace: each moves a slider of a scenario of their own, and every move is saved.

As `sessions.py`, on SQLite and on a PostgreSQL of this run. What a session shows must be its own scenario, and what is
kept at the end what it moved last.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.limits import Check
from benchmarks.sessions import (
    CHANGES,
    CHANGES_ALONE,
    SESSIONS,
    THINK_SECONDS,
    Visitor,
    all_ms,
    cpu_ms,
    crowd,
    p95_check,
    work_check,
)
from simulator import load_sample
from simulator.engine.scenario import Scenario
from simulator.levers import lever
from simulator.workspace import Workspace, open_workspace
from tests.browser.served import Served, serve_app
from tests.postgres import new_database, postgres_tools, running_postgres


def run() -> list[Check]:
    """Both databases; PostgreSQL where it is installed."""
    checks = []
    with TemporaryDirectory() as folder:
        checks += _on(f"sqlite:///{folder}/workspace.db", "SQLite", Path(folder))
    if postgres_tools() is None:
        return [*checks, Check("PostgreSQL on this machine", float("nan"), 0, detail="not installed")]
    with TemporaryDirectory() as folder, running_postgres() as server:
        checks += _on(new_database(server), "PostgreSQL", Path(folder))
    return checks


def _on(url: str, kind: str, folder: Path) -> list[Check]:
    workspace = open_workspace(url, place=str(folder / "snapshots"))
    account = workspace.add_account(load_sample("team"), "benchmark").id
    content = Scenario((lever("managed_spot")(),)).to_dict()
    ids = [workspace.add_scenario(account, f"session{n}", content).id for n in range(SESSIONS)]
    settings = {"ML_SPEND_DATABASE": url, "ML_SPEND_SNAPSHOTS": str(folder / "snapshots")}
    with serve_app(folder / "log", settings) as served:
        _move(served, ids[:1], 3, 0.1)
        before_ms = cpu_ms(served.process.pid)
        alone = _move(served, ids[:1], CHANGES_ALONE, THINK_SECONDS / 4)
        between_ms = cpu_ms(served.process.pid)
        many = _move(served, ids, CHANGES, THINK_SECONDS)
        after_ms = cpu_ms(served.process.pid)
    errors = [e for v in (*alone, *many) for e in v.errors]
    strange = [f"{v.said}" for n, v in enumerate(many) if v.said != {f"session{n}"}]
    lost = _lost(workspace, ids, many)
    workspace.database.close()
    return [
        p95_check(all_ms(alone), all_ms(many), f"{kind}: saved slider move"),
        work_check(
            (between_ms - before_ms) / CHANGES_ALONE,
            (after_ms - between_ms) / (SESSIONS * CHANGES),
            f"{kind}: saved slider move",
        ),
        Check(f"{kind}: script runs that ended in an error", len(errors), 0, detail="; ".join(errors)[:300]),
        Check(
            f"{kind}: sessions that showed another's scenario",
            len(strange),
            0,
            detail="; ".join(strange)[:300],
        ),
        Check(f"{kind}: moves that were not kept", lost, 0),
    ]


def _move(served: Served, ids: list[str], changes: int, think_seconds: float) -> list[Visitor]:
    visitors = [Visitor(served.url, n, query=f"scenario={i}") for n, i in enumerate(ids)]
    return asyncio.run(crowd(served, visitors, changes, think_seconds))[0]


def _lost(workspace: Workspace, ids: list[str], visitors: list[Visitor]) -> int:
    """Scenarios whose last version is not what their session moved last."""
    kept = [workspace.scenario(i).content["levers"]["managed_spot"].get("discount") for i in ids]
    return sum(k is None or abs(k - v.last / 100) > 1e-9 for k, v in zip(kept, visitors, strict=True))
