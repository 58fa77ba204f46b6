"""Other people's waiting while one loads much: 100 MB of a billing export, then the largest snapshot allowed.

One browser uploads; clients on Streamlit's websocket move a slider all the while. Limit: issue 17, p95 of at most 1 s.
"""

import asyncio
import re
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from playwright.sync_api import Browser, Page

from benchmarks.limits import Check, percentile, sized
from benchmarks.make_cur import make
from benchmarks.sessions import Visitor, memory_mb
from benchmarks.ui import chromium
from simulator.snapshot.manifest import Manifest, to_json
from tests.browser.served import ROOT, Served, serve

VISITORS = sized(3, 1)
THINK_SECONDS = 1.0
ALONE_SECONDS, WHILE_SECONDS = sized(10.0, 0.1), sized(5.0, 0.1)
EXPORT_ROWS, EXPORT_DAYS = sized(225_000, 200), sized(30, 3)  # about 100 MB of CSV
ENDPOINTS = sized(1_300, 5)  # × 720 hours: within the million rows an upload may have
LIMIT_SECONDS = 1.0
LONGEST_MS = 300_000
START = datetime(2026, 9, 1, tzinfo=UTC)
HOURS = 720


def export(folder: Path) -> list[Path]:
    """Files of a billing export in CSV."""
    make(folder, EXPORT_ROWS, EXPORT_DAYS, csv=True)
    return sorted((folder / "csv").glob("*.csv"))


def snapshot(folder: Path) -> list[Path]:
    """A snapshot of many endpoints with hourly traffic, not compressed."""
    names = [f"endpoint-{n:04d}" for n in range(ENDPOINTS)]
    hours = [(START + timedelta(hours=h)).isoformat() for h in range(HOURS)]
    endpoints = "endpoint_name,variant_name,region,status,instance_type,instance_count\n" + "".join(
        f"{n},AllTraffic,us-east-1,InService,ml.g5.2xlarge,1\n" for n in names
    )
    traffic = "endpoint_name,variant_name,hour,invocations\n" + "".join(
        f"{n},AllTraffic,{hour},{(i * 7 + h) % 90}\n"
        for i, n in enumerate(names)
        for h, hour in enumerate(hours)
    )
    file = folder / "large.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", to_json(Manifest("large", START, START + timedelta(hours=HOURS))))
        archive.writestr("endpoints.csv", endpoints)
        archive.writestr("endpoint_traffic.csv", traffic)
    return [file]


def upload_export(page: Page, files: list[Path]) -> None:
    """As a person does it, until the account is in hand."""
    _choose(page, "A bill file", files)
    page.get_by_role("button", name="Import", exact=True).click(timeout=LONGEST_MS)


def upload_snapshot(page: Page, files: list[Path]) -> None:
    """As a person does it, until the account is in hand."""
    _choose(page, "A snapshot", files)


def _choose(page: Page, tab: str, files: list[Path]) -> None:
    page.get_by_role("tab", name=tab).click()
    page.locator("input[type=file]").set_input_files(files, timeout=LONGEST_MS)


def run() -> list[Check]:
    """Both uploads, one after the other on one server."""
    found = []
    with (
        TemporaryDirectory() as folder,
        serve(ROOT / "streamlit_app.py", Path(folder) / "log") as served,
        _desk() as (desk, browser),
    ):
        for what, make_files, load in (
            ("a billing export", export, upload_export),
            ("the largest snapshot", snapshot, upload_snapshot),
        ):
            files = make_files(Path(folder))
            mib = sum(f.stat().st_size for f in files) / 2**20
            loads = partial(desk.submit, _person, browser, served.url, files, load)
            found += asyncio.run(_measured(f"{what} of {mib:,.0f} MiB", served, loads))
    return found


async def _measured(what: str, served: Served, loads: Callable[[], "Future[float]"]) -> list[Check]:
    alone, during, seconds = await _together(served, loads)
    errors = {e for visitor in during for e in visitor.errors}
    before, while_ms = _all_ms(alone), _all_ms(during)
    return [
        Check(
            f"others' answer while {what} is loaded, p95, s",
            percentile(while_ms, 0.95) / 1000,
            LIMIT_SECONDS,
            detail=f"p50 {median(while_ms):,.0f} ms, longest {max(while_ms):,.0f} ms of {len(while_ms)}; before: p50 "
            f"{median(before):,.0f}, p95 {percentile(before, 0.95):,.0f} ms; loaded in {seconds:,.0f} s; server "
            f"{memory_mb(served.process.pid):,.0f} MB",
        ),
        Check("answers that showed an error", len(errors), 0, detail="; ".join(sorted(errors))[:300]),
    ]


def _person(browser: Browser, url: str, files: list[Path], load: Callable[[Page, list[Path]], None]) -> float:
    """Seconds from choosing the files until the account is in hand."""
    page = browser.new_page()
    page.goto(f"{url}/account")
    page.get_by_text(re.compile("Current account")).wait_for(timeout=LONGEST_MS)
    start = perf_counter()
    load(page, files)
    page.get_by_text(re.compile("^Loaded ")).wait_for(timeout=LONGEST_MS)
    seconds = perf_counter() - start
    page.close()
    return seconds


@contextmanager
def _desk() -> Iterator[tuple[Executor, Browser]]:
    """The one thread from which the browser is driven, and the browser."""
    with ThreadPoolExecutor(1) as desk:
        stack = ExitStack()
        try:
            yield desk, desk.submit(stack.enter_context, chromium()).result()
        finally:
            desk.submit(stack.close).result()


async def _together(
    served: Served, loads: Callable[[], "Future[float]"]
) -> tuple[list[Visitor], list[Visitor], float]:
    """Visitors for a while alone, then as long as the person needs."""
    await _visit(served, ALONE_SECONDS)
    alone = await _visit(served, ALONE_SECONDS)
    task = asyncio.wrap_future(loads())
    during: list[Visitor] = []
    while not during or not task.done():
        during += await _visit(served, WHILE_SECONDS)
    return alone, during, await task


async def _visit(served: Served, seconds: float) -> list[Visitor]:
    visitors = [Visitor(served.url, seed) for seed in range(VISITORS)]
    here = asyncio.Barrier(VISITORS)
    async with asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(visitor.visit(here, round(seconds / THINK_SECONDS) + 1, THINK_SECONDS))
    return visitors


def _all_ms(visitors: list[Visitor]) -> list[float]:
    return [ms for visitor in visitors for ms in visitor.run_ms]
