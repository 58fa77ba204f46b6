"""kill -9 in the middle of a save, on both databases: all of it is kept or nothing, and what was said stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from simulator import load_sample
from simulator.workspace import Unreachable, Workspace
from simulator.workspace.tables import AuditRow

ROOT = Path(__file__).parents[2]
# One process has everything imported and forks for each request: a fork is there at once, and dies as any other.
FORKS = """
import json, os, sys
import sqlalchemy.event, simulator.workspace.workspace
from simulator import load_sample
load_sample("report")
for line in sys.stdin:
    program, *arguments = json.loads(line)
    forked = os.fork()
    if not forked:
        print(os.getpid(), flush=True)
        exec(program, {"arguments": arguments})
        sys.stdout.flush()
        os._exit(0)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]), flush=True)
"""
DIES_SAVING = """
import os, signal
from sqlalchemy import event
from simulator.workspace import open_workspace
url, place, scenario, last = arguments
workspace = open_workspace(url, place=place)
count = 0
def dies(*_):
    global count
    count += 1
    if count == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(workspace.database.engine, "before_cursor_execute", dies)
event.listen(workspace.database.engine, "commit", dies)
workspace.save_scenario(scenario, {"n": 2}, 1, bill_usd=2.0)
print("saved", count)
"""
SAVES_ON = """
from simulator.workspace import open_workspace
url, place, scenario = arguments
workspace = open_workspace(url, place=place)
version = workspace.scenario(scenario).version
while True:
    version = workspace.save_scenario(scenario, {"n": version + 1}, version, bill_usd=float(version + 1)).version
    print(version, flush=True)
"""
DIES_STORING = """
import os, signal
from simulator import load_sample
from simulator.workspace import open_workspace
from simulator.workspace.snapshots import SnapshotStore
url, place, last = arguments
workspace = open_workspace(url, place=place)
put, count = SnapshotStore._put, 0
def dies(self, path, content):
    global count
    count += 1
    if count == int(last):
        self._files.pipe_file(path + ".part", content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    put(self, path, content)
SnapshotStore._put = dies
workspace.add_account(load_sample("report"), "x")
print("kept", count)
"""


@dataclass(frozen=True)
class Forks:
    """Runs programs in processes of their own."""

    process: subprocess.Popen[str]

    def start(self, program: str, *arguments: str) -> int:
        """The process of a program that has begun."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([program, *arguments]) + "\n")
        self.process.stdin.flush()
        return int(self.line())

    def line(self) -> str:
        """The next line it says."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> tuple[int, list[str]]:
        """How it ended, and the lines it said that nobody has read."""
        said = []
        while not (line := self.line()).startswith("ended"):
            assert line, "the process that forks is gone"
            said.append(line)
        return int(line.split()[1]), said


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    process = subprocess.Popen(
        [sys.executable, "-c", FORKS],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Forks(process)
        process.kill()


def whole(workspace: Workspace, scenario_id: str) -> int:
    """The version of a scenario, after checking that every save is whole: row, history and audit log agree."""
    row, saves = workspace.scenario(scenario_id), workspace.history(scenario_id)
    assert [s.version for s in saves] == list(range(1, row.version + 1))
    assert saves[-1].content == row.content == {"n": row.version}
    assert [s.bill_usd for s in saves] == [float(s.version) for s in saves]
    with workspace.database.reading() as session:
        logged = session.query(AuditRow).filter_by(object_id=scenario_id).count()
    assert logged == row.version
    return row.version


@pytest.fixture
def scenario(workspace: Workspace) -> str:
    account = workspace.add_account(load_sample("report"), "sample")
    return workspace.add_scenario(account.id, "Ours", {"n": 1}, bill_usd=1.0).id


def test_killed_at_any_statement_of_a_save_nothing_is_half_saved(
    workspace: Workspace, scenario: str, url: str, tmp_path: Path, forks: Forks
) -> None:
    steps, saved = 0, False
    while not saved:
        steps += 1
        forks.start(DIES_SAVING, url, str(tmp_path / "snapshots"), scenario, str(steps))
        code, said = forks.end()
        saved = "saved" in "".join(said)
        assert code == (0 if saved else -signal.SIGKILL)
        assert whole(workspace, scenario) == (2 if saved else 1), f"killed at step {steps}"
    assert steps > 5, "the save was killed at every one of its statements, and at its commit"


def test_killed_at_random_nothing_is_lost_that_was_said_to_be_saved(
    workspace: Workspace, scenario: str, url: str, tmp_path: Path, forks: Forks
) -> None:
    for lines in (1, 4, 9):
        number = forks.start(SAVES_ON, url, str(tmp_path / "snapshots"), scenario)
        said = [int(forks.line()) for _ in range(lines)]
        os.kill(number, signal.SIGKILL)
        code, rest = forks.end()
        assert code == -signal.SIGKILL
        told = int(rest[-1]) if rest else said[-1]
        assert told <= whole(workspace, scenario) <= told + 1


@pytest.mark.parametrize("at", [1, 3])
def test_killed_while_a_snapshot_is_written_there_is_no_account_and_the_next_try_is_whole(
    workspace: Workspace, url: str, tmp_path: Path, forks: Forks, at: int
) -> None:
    forks.start(DIES_STORING, url, str(tmp_path / "snapshots"), str(at))
    assert forks.end()[0] == -signal.SIGKILL
    assert workspace.accounts() == []
    account = workspace.add_account(load_sample("report"), "x")
    assert workspace.snapshot(account.id).fingerprint() == load_sample("report").fingerprint()


def test_a_disk_that_takes_no_more_is_said_in_words_and_nothing_is_kept(
    workspace: Workspace, scenario: str, url: str
) -> None:
    if not url.startswith("sqlite"):
        return  # a PostgreSQL's disk is its own; what the page sees is the same error
    with workspace.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    workspace.database.engine.dispose()

    def full(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(workspace.database.engine, "connect", full)
    with pytest.raises(Unreachable, match="full"):
        workspace.save_scenario(scenario, {"n": 2, "more": "x" * 200_000}, 1)
    assert whole(workspace, scenario) == 1
