"""The door to one account in one region: every call is stored, retried, counted and cancellable here."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from botocore import xform_name

from simulator.errors import CollectError
from simulator.sources.collect.client.failures import (
    Cancelled,
    Failure,
    Gone,
    SourceFailed,
    UnexpectedAnswer,
    classify,
    code_of,
    is_gone,
)
from simulator.sources.collect.client.session import GLOBAL_REGION, Account
from simulator.sources.collect.client.sources import NOT_ASKED, READ, SourceLog, Troubles, read_source
from simulator.sources.collect.client.store import AnswerStore, call_key
from simulator.sources.collect.options import CollectOptions

T = TypeVar("T")
R = TypeVar("R")
PAUSE_SECONDS = 1.0
MOST_PAUSES = 4
FAILURES_IN_A_ROW = 5
PAGE_MARK_REFUSED = (
    "ValidationException",
    "InvalidNextToken",
    "InvalidPaginationTokenException",
    "InvalidParameterValue",
)


@dataclass(frozen=True)
class Paging:
    """How an operation pages: the answer's field(s) that go into the request's field(s) of the next page."""

    answer: tuple[str, ...] = ("NextToken",)
    request: tuple[str, ...] = ("NextToken",)


TOKEN = Paging()
LOWER = Paging(("nextToken",), ("nextToken",))


@dataclass
class Place:
    """One account in one region, with what all its collectors share."""

    number: int
    account: Account
    region: str
    options: CollectOptions
    log: SourceLog
    store: AnswerStore
    cost_store: AnswerStore
    start: datetime
    end: datetime
    cancel: threading.Event
    several_accounts: bool = False
    first_of_account: bool = True
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.options.parallel, thread_name_prefix=f"collect-{self.region}")

    @property
    def base(self) -> dict[str, str]:
        """What every row of the place carries."""
        return {"account_id": self.account.account_id, "region": self.region}

    @property
    def hours(self) -> int:
        """Hours of the window."""
        return round((self.end - self.start).total_seconds() / 3600)


class Reader:
    """Calls of one place. One source is read at a time; its calls run in parallel in the place's pool."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.troubles = Troubles()
        self._in_a_row: Counter[str] = Counter()
        self._source = ""
        self._ended: dict[str, str] = {}
        self._since = 0.0

    def source(
        self,
        name: str,
        read: Callable[[], int],
        *,
        scope: str = "",
        of: Sequence[str] = (),
        asked: Callable[[], int] = int,
        every: Sequence[str] = (),
    ) -> str:
        """Read one source to its end and log it as "name region"; gives its status.

        `of` are the sources that list what this one asks for: where they failed and nothing was `asked`, it was not
        asked, which is not empty. Each of `every` lists things of its own: where one failed, what
        it would have listed was not asked, and the source ends as the list did.
        """
        account = self.place.account.account_id if self.place.several_accounts else ""
        self._source = " ".join(filter(None, (name, scope or self.place.region, account)))
        self._since = time.monotonic()
        self.troubles = Troubles()
        self._in_a_row.clear()
        self.progress(0, None)

        def unasked() -> tuple[str, str]:
            shut = [n for n in (every if asked() else of) if self.failed(n)]
            if not shut:
                return "", ""
            why = f"{', '.join(shut)} could not be read. What it would show"
            if asked():
                return self._ended[
                    shut[0]
                ], f"was not asked for all: {why} of the others is unknown, not zero."
            return NOT_ASKED, f"was not asked: {why} is unknown, not zero."

        place = self.place
        self._ended[name] = read_source(place.log, place.number, self._source, self.troubles, read, unasked)
        return self._ended[name]

    def heard(self, name: str, status: str) -> None:
        """How a source of the account ended that was read before this place."""
        self._ended[name] = status

    def failed(self, name: str) -> bool:
        """Whether a source of this place ended without having been read."""
        return name in self._ended and self._ended[name] not in READ

    def progress(self, done: int, total: int | None) -> None:
        """Tell how far the source is."""
        self.place.log.progress(self._source, done, total, self._since)

    def say(self, sentence: str) -> None:
        """A sentence for the manifest, with the source's name before it."""
        self.place.log.say(f"{self._source}: {sentence}")

    def call(
        self, service: str, operation: str, *, needs: str = "", none: tuple[str, ...] = (), **parameters: Any
    ) -> dict[str, Any]:
        """The answer of one call, from the store if it was paid for before. `needs` is a field it must have.

        Raises SourceFailed, Gone (the resource vanished, or an error code in `none`: there is no such setting),
        Cancelled, CollectError.
        """
        key = self._key(service, operation, parameters)
        stored = self._store(service).get(key)
        if stored is not None:
            return stored
        answer = self._ask(service, operation, needs, none, parameters)
        self._store(service).put(key, answer)
        return answer

    def attempt(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """The answer, None when it cannot be read: noted, and after five times running not asked again."""
        if self.is_shut(operation):
            return None
        try:
            answer = self.call(service, operation, **parameters)
        except SourceFailed as error:
            self.note(error.failure, operation)
            return None
        self._in_a_row.pop(operation, None)
        return answer

    def is_shut(self, operation: str) -> bool:
        """Whether the operation failed so often running that this source asks it no more."""
        return self._in_a_row[operation] >= FAILURES_IN_A_ROW

    def note(self, failure: Failure, operation: str) -> None:
        """One item of the source could not be read."""
        self.troubles.failures.append(failure)
        self._in_a_row[operation] += 1

    def pages(
        self, service: str, operation: str, needs: str, paging: Paging = TOKEN, **parameters: Any
    ) -> Iterator[dict[str, Any]]:
        """The pages of a listing. A page mark that expired during a break restarts the listing: items may repeat."""
        asked: list[str] = []
        mark: dict[str, Any] = {}
        restarted = False
        while True:
            key = self._key(service, operation, {**parameters, **mark})
            try:
                page = self.call(service, operation, needs=needs, **parameters, **mark)
            except SourceFailed as error:
                refused = code_of(error.__cause__) if isinstance(error.__cause__, Exception) else ""
                if restarted or not mark or refused not in PAGE_MARK_REFUSED:
                    raise
                self._store(service).drop(asked)
                asked, mark, restarted = [], {}, True
                continue
            asked.append(key)
            yield page
            marks = [page.get(name) for name in paging.answer]
            if not marks[0] or page.get("IsTruncated") is False:
                return
            following = {n: m for n, m in zip(paging.request, marks, strict=True) if m}
            if following == mark:
                raise SourceFailed(
                    Failure("unsupported", f"{service} {operation}: the same page again and again")
                )
            mark = following

    def items(
        self,
        service: str,
        operation: str,
        field: str,
        identity: str,
        paging: Paging = TOKEN,
        **parameters: Any,
    ) -> list[dict[str, Any]]:
        """All items of a listing, each once by its `identity` field."""
        found: dict[str, dict[str, Any]] = {}
        for page in self.pages(service, operation, field, paging, **parameters):
            for item in page.get(field) or ():
                found.setdefault(str(item[identity]), item)
            self.progress(len(found), None)
        return list(found.values())

    def each(
        self, items: Iterable[T], fetch: Callable[[T], R], ahead: int = 0
    ) -> Iterator[tuple[T, R | None]]:
        """`fetch` of every item, in parallel and in order. None where it failed (noted) or the thing is gone."""
        waiting: deque[tuple[T, Future[R | None]]] = deque()
        limit = ahead or 4 * self.place.options.parallel
        troubles = self.troubles
        try:
            for item in items:
                waiting.append((item, self.place.pool.submit(self._guarded, fetch, item, troubles)))
                if len(waiting) >= limit:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()

    def _guarded(self, fetch: Callable[[T], R], item: T, troubles: Troubles) -> R | None:
        try:
            answer = fetch(item)
        except Gone:
            return None
        except SourceFailed as error:
            troubles.add(error.failure)
            return None
        troubles.went_well()
        return answer

    def _ask(
        self, service: str, operation: str, needs: str, none: tuple[str, ...], parameters: dict[str, Any]
    ) -> dict[str, Any]:
        call = f"{service} {operation}"
        attempt = 0
        while True:
            attempt += 1
            self.check_cancelled()
            try:
                return self._send(service, operation, needs, parameters)
            except CollectError:
                raise
            except Exception as error:
                if is_gone(error) or code_of(error) in none:
                    raise Gone(call) from error
                failure = classify(error, call, self.place.options.profile)
                if attempt >= failure.tries:
                    raise SourceFailed(failure) from error
            self.place.cancel.wait(PAUSE_SECONDS * min(2 ** (attempt - 1), MOST_PAUSES))

    def _send(self, service: str, operation: str, needs: str, parameters: dict[str, Any]) -> dict[str, Any]:
        client = self.place.account.client(service, self._region(service))
        self.place.account.calls.add_metrics(len(parameters.get("MetricDataQueries", ())))
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
        answer.pop("ResponseMetadata", None)
        if needs and needs not in answer:
            raise UnexpectedAnswer(f"without {needs}")
        return answer

    def check_cancelled(self) -> None:
        """Raises Cancelled when the caller has asked to stop."""
        if self.place.cancel.is_set():
            raise Cancelled("collecting was cancelled; the next run continues from what was read")

    def _store(self, service: str) -> AnswerStore:
        return self.place.cost_store if service == "ce" else self.place.store

    def _key(self, service: str, operation: str, parameters: dict[str, Any]) -> str:
        return call_key(self.place.account.key, self._region(service), service, operation, parameters)

    def _region(self, service: str) -> str:
        at_home = service in ("ce", "pricing", "savingsplans", "organizations")
        return GLOBAL_REGION if at_home else self.place.region
