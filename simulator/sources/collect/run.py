"""Read an account from end to end: which accounts and regions, in what order, and what becomes of the answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from simulator.documents import write_beside
from simulator.errors import CollectError
from simulator.scratch import ScratchFolder
from simulator.snapshot.snapshot import Snapshot
from simulator.sources.collect.accounts import open_accounts
from simulator.sources.collect.assemble import assemble
from simulator.sources.collect.client.failures import NothingRead
from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.client.session import GLOBAL_REGION, Account, Calls
from simulator.sources.collect.client.sources import READ, SourceLog
from simulator.sources.collect.client.store import AnswerStore, open_store, others_wait
from simulator.sources.collect.cost import (
    CostEstimate,
    Inventory,
    free_calls_of,
    metrics_of,
    planned_cost_requests,
    spent_usd,
)
from simulator.sources.collect.options import CollectOptions, Listener
from simulator.sources.collect.place import BUCKET_LIST, SOURCES_PER_PLACE, inventory, read_place
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.bedrock_bill import BedrockBill
from simulator.sources.collect.services.bills import Bills
from simulator.sources.collect.services.buckets import METRICS_PER_BUCKET, list_buckets, split_by_region
from simulator.sources.collect.services.price_list import Row, as_csv, read_prices
from simulator.sources.collect.services.savings_plans import savings_plans

SOURCES_PER_ACCOUNT = 3
T = TypeVar("T")
WINDOW_KEY = "window end"
RUN_KEY = "run begun"


@dataclass(frozen=True)
class Collected:
    """A snapshot, and what collecting it took: calls sent by (service, operation) and their price in USD."""

    snapshot: Snapshot
    calls: Mapping[tuple[str, str], int]
    metrics: int
    usd: float
    resumed: bool


def collect(
    options: CollectOptions, *, progress: Listener | None = None, cancel: threading.Event | None = None
) -> Snapshot:
    """The account as a snapshot. Raises CollectError (credentials, clock) and Cancelled; never for a denied source."""
    return run(options, progress=progress, cancel=cancel).snapshot


def run(
    options: CollectOptions,
    *,
    progress: Listener | None = None,
    cancel: threading.Event | None = None,
    save: Callable[[Collected], None] = lambda _: None,
) -> Collected:
    """As `collect`, with the calls that were sent and what they cost.

    The answers are forgotten only after `save` has returned: what it cannot write need not be asked again.
    """
    with _opened(options, progress, cancel) as job, _scratch(job.places) as (folder, parts):
        job.store.put(RUN_KEY, {})
        if job.resumed:
            job.log.progress(
                f"continuing the run broken off, window to {job.places[0].end:%Y-%m-%d %H:%M}", 0, None
            )
        job.log.expected = len(job.places) * SOURCES_PER_PLACE + len(job.accounts) * SOURCES_PER_ACCOUNT
        found = job.in_parallel([partial(_account_sources, job, a, parts) for a in job.accounts])
        known = dict(zip(job.accounts, found, strict=True))
        job.in_parallel(
            [
                partial(read_place, p, t, k.buckets.get(p.region, []), k.bedrock, k.bucket_list)
                for p, t in zip(job.places, parts, strict=True)
                if (k := known[p.account])
            ]
        )
        _refuse_nothing(job.log)
        prices = _prices(job, parts) if options.prices_out else []
        snapshot = assemble(parts, folder, job.log, job.places, options)
        made = Collected(
            snapshot, dict(job.calls.count), job.calls.metrics, spent_usd(job.calls), job.resumed
        )
        save(made)
        if options.prices_out and prices:
            write_beside(options.prices_out, as_csv(prices).encode())
        job.store.remove()
        job.log.finish()
        return made


def _refuse_nothing(log: SourceLog) -> None:
    """Raises NothingRead when not one source of facts was read; who the account is alone is no fact about it."""
    facts = [s for s in log.sources() if s.name.partition(":")[0] not in ("sts", "organizations")]
    if any(s.status in READ for s in facts):
        return
    reasons = [x for x in log.sentences() if " is " in x][:3]
    raise NothingRead("nothing could be read, so nothing is written. " + " ".join(reasons))


@contextmanager
def _scratch(places: Sequence[Place]) -> Iterator[tuple[Path, list[Tables]]]:
    """A folder for the joined tables and the tables of each place, closed and removed at the end."""
    with ExitStack() as stack:
        folder = stack.enter_context(ScratchFolder()).path
        parts = [Tables(folder / str(place.number)) for place in places]
        for part in parts:
            stack.callback(part.close)
        yield folder / "whole", parts


def plan_cost(
    options: CollectOptions, *, progress: Listener | None = None, cancel: threading.Event | None = None
) -> CostEstimate:
    """What `collect` will cost, from free listing calls; the listings are kept for it. Raises as `collect`."""
    with _opened(options, progress, cancel) as job:
        counted: list[Inventory] = []
        for account in job.accounts:
            first, *rest = job.places_of(account)
            counted.append(inventory(first, with_buckets=True))
            counted += [inventory(p, with_buckets=False) for p in rest]
        unknown = sorted({what for i in counted for what, n in vars(i).items() if n is None})
        return CostEstimate(
            planned_cost_requests(len(job.accounts), options.cost_explorer),
            sum(metrics_of(i, METRICS_PER_BUCKET) for i in counted),
            sum(free_calls_of(i) for i in counted),
            tuple(unknown),
        )


@dataclass(frozen=True)
class Known:
    """What the regions of an account need to know of it: buckets by region, its Bedrock bill, how the list ended."""

    buckets: dict[str, list[str]]
    bedrock: BedrockBill
    bucket_list: str


@dataclass
class Job:
    """One run: its accounts, places, log and stores."""

    options: CollectOptions
    accounts: list[Account]
    places: list[Place]
    log: SourceLog
    calls: Calls
    store: AnswerStore
    cancel: threading.Event
    resumed: bool

    def places_of(self, account: Account) -> list[Place]:
        """The regions of one account."""
        return [p for p in self.places if p.account is account]

    def in_parallel(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Results in order. The first failure stops the others at their next call."""
        with ThreadPoolExecutor(self.options.places_at_once, thread_name_prefix="collect-place") as pool:
            futures = [pool.submit(task) for task in tasks]
            try:
                return [f.result() for f in futures]
            except BaseException:
                self.cancel.set()
                for future in futures:
                    future.cancel()
                raise


@contextmanager
def _opened(
    options: CollectOptions, progress: Listener | None, cancel: threading.Event | None
) -> Iterator[Job]:
    """Stores, window, accounts and places of a run; pools are shut at the end."""
    stop = _Either(cancel)
    with ExitStack() as stack:
        calls, log = Calls(), SourceLog(listener=progress)
        accounts, identity = _who(options, calls, log, stop)
        folder, target = options.store_folder(), options.target()
        store = stack.enter_context(open_store(folder, target, identity, log.say))
        cost_store = stack.enter_context(open_store(folder, "cost explorer", identity, log.say))
        start, end, resumed = _window(options, store)
        if not resumed and others_wait(folder, target, identity):
            log.progress("a run with other credentials was broken off; its answers are not used", 0, None)
        scaffold = Place(-1, None, "", options, log, store, cost_store, start, end, stop)  # type: ignore[arg-type]
        places: list[Place] = []
        for account in accounts:
            stack.callback(account.close)
            for at, region in enumerate(_regions(options, account)):
                place = replace(
                    scaffold, number=len(places), account=account, region=region,
                    several_accounts=len(accounts) > 1, first_of_account=at == 0,
                )  # fmt: skip
                stack.callback(place.pool.shutdown, wait=True, cancel_futures=True)
                places.append(place)
        scaffold.pool.shutdown(wait=False)
        yield Job(options, accounts, places, log, calls, store, stop, resumed)


def _who(
    options: CollectOptions, calls: Calls, log: SourceLog, stop: threading.Event
) -> tuple[list[Account], str]:
    """The accounts, asked anew in each run and never from a store, and the text that tells these credentials apart."""
    asked = AnswerStore(None)
    try:
        scaffold = Place(-1, None, "", options, log, asked, asked, *options.window(), stop)  # type: ignore[arg-type]
        accounts = open_accounts(options, calls, scaffold)
        scaffold.pool.shutdown(wait=False)
    finally:
        asked.close()
    return accounts, "; ".join(sorted(a.key for a in accounts))


class _Either(threading.Event):
    """Set when the caller's event is, or when the run itself gives up; the caller's event is left alone."""

    def __init__(self, outer: threading.Event | None) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        return super().is_set() or bool(self._outer and self._outer.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        if self._outer is None or timeout is None:
            return super().wait(timeout)
        return self._outer.wait(timeout) or super().is_set()


def _window(options: CollectOptions, store: AnswerStore) -> tuple[datetime, datetime, bool]:
    """The window, that of the run broken off if there is one to continue, and whether there is.

    A plan alone is no run: what it listed serves until the hour is over.
    """
    end = options.window()[1]
    kept, begun = store.get(WINDOW_KEY), store.get(RUN_KEY) is not None
    if kept and options.resume and (begun or datetime.fromisoformat(kept["end"]) == end):
        end = datetime.fromisoformat(kept["end"])
    else:
        begun = False
        store.clear()
    store.put(WINDOW_KEY, {"end": end.astimezone(UTC).isoformat()})
    return end - timedelta(days=options.days), end, begun


def _regions(options: CollectOptions, account: Account) -> tuple[str, ...]:
    regions = options.regions or tuple(filter(None, (account.default_region,)))
    if not regions:
        raise CollectError(
            "no region: name one (--region us-west-2), or set AWS_REGION or the profile's region"
        )
    return tuple(dict.fromkeys(regions))


def _account_sources(job: Job, account: Account, parts: list[Tables]) -> Known:
    """What is read once an account: bill, Savings Plans, list of buckets."""
    first, *_ = places = job.places_of(account)
    tables, reader = parts[first.number], Reader(first)
    regions = tuple(p.region for p in places)
    bills = Bills(reader, tables, regions)
    if job.options.cost_explorer:
        reader.source("ce:bill", bills.read, scope=GLOBAL_REGION)
    else:
        job.log.say("Cost Explorer was not asked: nothing is reconciled with the bill.")
    reader.source("savingsplans:plans", lambda: savings_plans(reader, tables), scope=GLOBAL_REGION)
    buckets: dict[str, list[str]] = {}

    def read() -> int:
        found = list_buckets(reader)
        buckets.update(split_by_region(reader, found, regions))
        return len(found)

    return Known(buckets, bills.bedrock, reader.source(BUCKET_LIST, read, scope="all regions"))


def _prices(job: Job, parts: list[Tables]) -> list[Row]:
    """Today's list prices of the types in use; none where they were not found or not read."""
    reader, found = Reader(job.places[0]), list[Row]()
    needs = {need for part in parts for need in part.types_in_use}

    def read() -> int:
        found.extend(read_prices(reader, needs))
        return len(found)

    reader.source("pricing:products", read, scope=GLOBAL_REGION)
    return found
