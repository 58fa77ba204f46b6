"""Many people at one server: what a slider move costs on the server when 20 sessions move theirs.

Clients speak Streamlit's own websocket, without a browser: each opens the Simulate page, then sends a new
slider value and waits until the script has finished. They share the machine's cores with the server.
"""

import asyncio
import json
import os
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.limits import Check, percentile, sized
from tests.browser.served import ROOT, Served, serve

SESSIONS = sized(20, 2)
CHANGES = sized(10, 2)
CHANGES_ALONE = sized(30, 2)
THINK_SECONDS = sized(2.0, 0.1)
ANSWER_SECONDS = 60.0
P95_LIMIT = 3.0  # twenty sessions : one
MOVES, FIRST_MOVES = sized(300, 4), sized(20, 2)
GROWTH_LIMIT_MB = 20.0  # of the server by one session's 300 moves
MEMORY_LIMIT_MB = 20.0  # per session; our bound, an account of 1,000 resources is a few MB
PAGE, QUERY, SLIDER = "simulate", "managed_spot.on=true", "managed_spot.discount"
BOARD = "ml_spend_board"
LOWEST, HIGHEST = 50, 90
MARKS = re.compile(r"session\d+")
"""Names by which `workspace.py` knows whose scenario a session shows."""


@dataclass
class Visitor:
    """One session: its connection, the slider's id, and how long each script run took."""

    url: str
    seed: int
    query: str = QUERY
    run_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    board_id: str = ""
    said: set[str] = field(default_factory=set)
    moves: int = 0
    last: int = 0

    async def visit(self, everyone_here: asyncio.Barrier, changes: int, think_seconds: float) -> None:
        """Open the page, wait for the others, move the slider `changes` times, leave with the others."""
        dice = random.Random(self.seed)
        address = f"ws{self.url.removeprefix('http')}/_stcore/stream"
        async with connect(address, subprotocols=["streamlit"], origin=self.url, max_size=None) as socket:  # type: ignore[list-item, arg-type]
            await self._run_script(socket, None)
            if not self.board_id:
                raise RuntimeError(f"the page {PAGE}?{self.query} shows no board: {self.errors}")
            await everyone_here.wait()
            for _ in range(changes):
                await asyncio.sleep(dice.expovariate(1 / think_seconds))
                self.run_ms.append(await self._run_script(socket, dice.randint(LOWEST, HIGHEST)))
            await everyone_here.wait()

    async def _run_script(self, socket: ClientConnection, value: int | None) -> float:
        """Milliseconds from sending the request to the end of the script run."""
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        message.rerun_script.query_string = self.query
        if value is not None:
            self.moves, self.last = self.moves + 1, value
            edits = {"seq": self.moves, "changes": {SLIDER: value}}
            message.rerun_script.widget_states.widgets.add(
                id=self.board_id, json_value=json.dumps({"edits": edits})
            )
        start = perf_counter()
        await socket.send(message.SerializeToString())
        while True:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = ForwardMsg.FromString(await socket.recv(decode=False))
            if answer.WhichOneof("type") == "script_finished":
                return (perf_counter() - start) * 1000
            self._note(answer)

    def _note(self, answer: ForwardMsg) -> None:
        element = answer.delta.new_element
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == BOARD:
            self.board_id = element.bidi_component.id
        if element.WhichOneof("type") == "markdown":
            self.said.update(MARKS.findall(element.markdown.body))
        if element.WhichOneof("type") == "exception":
            self.errors.append(element.exception.message)


def run() -> list[Check]:
    """Many moves of one session, one session at ease, then twenty, on one server."""
    with TemporaryDirectory() as folder, serve(ROOT / "streamlit_app.py", Path(folder) / "log") as served:
        asyncio.run(crowd(served, _visitors(served, 1), 3, 0.1))
        _, memory_first_mb = asyncio.run(crowd(served, _visitors(served, 1), FIRST_MOVES, 0.01))
        _, memory_then_mb = asyncio.run(crowd(served, _visitors(served, 1), MOVES, 0.01))
        before_ms = cpu_ms(served.process.pid)
        alone, memory_alone_mb = asyncio.run(
            crowd(served, _visitors(served, 1), CHANGES_ALONE, THINK_SECONDS / 4)
        )
        between_ms = cpu_ms(served.process.pid)
        many, memory_crowd_mb = asyncio.run(
            crowd(served, _visitors(served, SESSIONS), CHANGES, THINK_SECONDS)
        )
        after_ms = cpu_ms(served.process.pid)
    errors = [error for visitor in many for error in visitor.errors]
    return [
        p95_check(all_ms(alone), all_ms(many), "slider move on the server"),
        work_check(
            (between_ms - before_ms) / CHANGES_ALONE,
            (after_ms - between_ms) / (SESSIONS * CHANGES),
            "slider move",
        ),
        Check(
            f"server memory grown by {MOVES} moves of one session, MB",
            memory_then_mb - memory_first_mb,
            GROWTH_LIMIT_MB,
            detail=f"{memory_first_mb:,.0f} MB after {FIRST_MOVES} moves, {memory_then_mb:,.0f} MB after {MOVES} more",
        ),
        Check(
            "script runs that ended in an error", len(errors), 0, detail="; ".join(sorted(set(errors)))[:300]
        ),
        Check(
            "server memory per further session, MB",
            (memory_crowd_mb - memory_alone_mb) / (SESSIONS - 1),
            MEMORY_LIMIT_MB,
            detail=f"{memory_alone_mb:,.0f} MB with one session, {memory_crowd_mb:,.0f} MB with {SESSIONS}",
        ),
    ]


def _visitors(served: Served, sessions: int) -> list[Visitor]:
    return [Visitor(served.url, seed) for seed in range(sessions)]


async def crowd(
    served: Served, visitors: list[Visitor], changes: int, think_seconds: float
) -> tuple[list[Visitor], float]:
    """The visitors after their visit, and the server's memory in MB while all were still there."""
    sessions = len(visitors)
    everyone_here = asyncio.Barrier(sessions + 1)
    async with asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(visitor.visit(everyone_here, changes, think_seconds))
        await everyone_here.wait()
        while everyone_here.n_waiting < sessions:
            await asyncio.sleep(0.05)
        held_mb = memory_mb(served.process.pid)
        await everyone_here.wait()
    return visitors, held_mb


def work_check(alone_ms: float, crowd_ms: float, what: str) -> Check:
    """Processor time per move, opening the page included: a crowd's beside one's."""
    return Check(
        f"{what}, processor time of the server per move, {SESSIONS} sessions : one",
        crowd_ms / alone_ms,
        P95_LIMIT,
        detail=f"{alone_ms:,.0f} ms with one, {crowd_ms:,.0f} ms with {SESSIONS}",
    )


def cpu_ms(pid: int) -> float:
    """Processor time of a process so far (Linux): what other work on the machine does not stretch."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident memory of a process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def all_ms(visitors: list[Visitor]) -> list[float]:
    """Every move's time."""
    return [ms for visitor in visitors for ms in visitor.run_ms]


def p95_check(alone_ms: list[float], crowd_ms: list[float], what: str) -> Check:
    """The crowd's p95 beside that of one."""
    alone_p95_ms, crowd_p95_ms = percentile(alone_ms, 0.95), percentile(crowd_ms, 0.95)
    return Check(
        f"{what}, p95, {SESSIONS} sessions : one",
        crowd_p95_ms / alone_p95_ms,
        P95_LIMIT,
        detail=f"p50/p95 ms: one {median(alone_ms):,.0f}/{alone_p95_ms:,.0f}, "
        f"{SESSIONS} {median(crowd_ms):,.0f}/{crowd_p95_ms:,.0f}, a move every {THINK_SECONDS:g} s each",
    )
