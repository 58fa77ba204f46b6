"""How long an agent waits for `ml-spend mcp`: from starting the process to the list of its tools."""

import asyncio
import resource
import sys
from time import perf_counter

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from benchmarks.limits import Check, sized
from tests.browser.served import ROOT

STARTS = sized(5, 1)
LIMIT_SECONDS = 1.0


def run() -> list[Check]:
    """The best of some starts: in seconds on the clock, and of processor time, which other work does not stretch."""
    asyncio.run(_start())  # compiles what was never imported
    walls, works = zip(*(asyncio.run(_start()) for _ in range(STARTS)), strict=True)
    return [
        Check("an agent's tools, seconds of processor time", min(works), LIMIT_SECONDS),
        Check("an agent's tools, seconds on the clock, best", min(walls), LIMIT_SECONDS),
    ]


async def _start() -> tuple[float, float]:
    before, began = _children_seconds(), perf_counter()
    command = StdioServerParameters(command=sys.executable, args=["-m", "simulator", "mcp"], cwd=ROOT)
    async with Client(command) as client:
        assert (await client.list_tools()).tools
        wall = perf_counter() - began
    return wall, _children_seconds() - before


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
