"""Memory of the server after many people opened links that nobody had: each another scenario, discount and day.

    LINKS=10000 python -m benchmarks links        (10,000 take about two hours of one core)

Clients speak Streamlit's websocket, without a browser; each link is a session of its own. Memory is read at rest, once
what the last have left is given back; the most that was seen on the way is told beside it.
"""

import asyncio
import os
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from benchmarks.limits import Check, sized
from benchmarks.sessions import memory_mb
from simulator.engine.planning import Planning
from simulator.engine.scenario import Scenario
from simulator.levers import all_levers
from simulator.params import Param
from simulator.ui.link import to_query
from simulator.ui.memory import AFTER_SECONDS
from tests.browser.served import ROOT, Served, serve

LINKS = int(os.environ.get("LINKS", sized(1_000, 3)))
AT_ONCE = 4
TOLD_EVERY = 250
LIMIT_MB = 400.0
PAGES = ("overview", "overview", "overview", "simulate", "explore", "roadmap", "account", "share", "demand")
FIRST_DAY = date(2026, 1, 1)
ANSWER_SECONDS = 120.0


def random_link(dice: random.Random) -> tuple[str, str]:
    """A page and the query of a scenario that nobody had before: up to four levers, each at any of its values."""
    kinds = dice.sample(sorted(all_levers()), dice.randint(0, 4))
    levers = tuple(
        all_levers()[i].create({n: _value(p, dice) for n, p in all_levers()[i].params().items()})
        for i in kinds
    )
    scenario = Scenario(
        levers,
        start_months={x.id: dice.randint(1, 12) for x in levers},
        planning=Planning(traffic_growth=round(dice.uniform(0, 0.5), 4)),
        discount_ratio=round(dice.uniform(0, 0.5), 4),
        prices_as_of=FIRST_DAY + timedelta(dice.randint(0, 330)),
    )
    return dice.choice(PAGES), urlencode(to_query(scenario))


def _value(param: Param, dice: random.Random) -> object:
    if param.choices:
        return dice.choice(param.choices)
    if param.low is None or param.high is None:
        return param.default
    drawn = dice.uniform(param.low, param.high)
    return round(drawn) if param.integer else round(drawn, 6)


async def visit(served: Served, page: str, query: str) -> list[str]:
    """Open one link, wait for its page, leave; the errors it showed."""
    address = f"ws{served.url.removeprefix('http')}/_stcore/stream"
    message = BackMsg()
    message.rerun_script.page_name, message.rerun_script.query_string = page, query
    errors: list[str] = []
    async with (
        asyncio.timeout(ANSWER_SECONDS),
        connect(address, subprotocols=["streamlit"], origin=served.url, max_size=None) as socket,  # type: ignore[list-item, arg-type]
    ):
        await socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await socket.recv(decode=False))
            if answer.delta.new_element.WhichOneof("type") == "exception":
                errors.append(answer.delta.new_element.exception.message)
            if answer.WhichOneof("type") == "script_finished":
                return errors


async def visit_all(served: Served, links: list[tuple[str, str]]) -> tuple[float, list[str]]:
    """Open all, a few at once; the most memory the server was seen with, and the errors."""
    waiting = iter(enumerate(links, 1))
    most, errors = 0.0, []

    async def visitor() -> None:
        nonlocal most
        for number, (page, query) in waiting:
            errors.extend(await visit(served, page, query))
            most = max(most, memory_mb(served.process.pid))
            if number % TOLD_EVERY == 0:
                print(
                    f"{number:,} links: {memory_mb(served.process.pid):,.0f} MB", file=sys.stderr, flush=True
                )

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(visitor())
    return most, errors


def run() -> list[Check]:
    """Random links on one fresh server."""
    dice = random.Random(17)
    links = [random_link(dice) for _ in range(LINKS)]
    with TemporaryDirectory() as folder, serve(ROOT / "streamlit_app.py", Path(folder) / "log") as served:
        most, errors = asyncio.run(visit_all(served, links))
        time.sleep(sized(2 * AFTER_SECONDS, 0.0))
        left = memory_mb(served.process.pid)
    return [
        Check(
            f"server memory after {LINKS:,} random links, MB",
            left,
            LIMIT_MB,
            detail=f"at most {most:,.0f} MB",
        ),
        Check("links that showed an error", len(errors), 0, detail="; ".join(sorted(set(errors)))[:300]),
    ]
