"""What this server keeps for a browser between visits: its own account, own prices, kept scenarios and resources.

F5 and a new tab begin a new session, but send the same cookie; what lies on the visitor's desk is put back in
hand. Nothing is written to disk. The store is bounded in desks and in bytes: those used longest ago go first, and
all go after a day.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.demand import Workload
from simulator.engine.account import Account
from simulator.engine.scenario import Scenario
from simulator.ui.bounded import MIB, weight_bytes

COOKIE = "ml_spend_visitor"
TOKEN = re.compile(r"[0-9a-f]{32}")
MOST_DESKS = 24
MOST_BYTES = 256 * MIB
"""Of all uploaded accounts together, as they were when put down. The newest desk always stays."""
LONGEST_SECONDS = 24 * 3600.0


@dataclass(eq=False)
class Desk:
    """What lies before one visitor. `account` is None while a sample is open."""

    account: Account | None = None
    own_prices: str | None = None
    kept: dict[str, Scenario] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    workloads: tuple[Workload, ...] = ()
    account_id: str | None = None
    """The account of the workspace that this is, where it is one."""

    @property
    def is_worth_keeping(self) -> bool:
        """Whether F5 would lose anything."""
        return self.account is not None or bool(self.own_prices or self.kept or self.keep or self.workloads)


class Desks:
    """Desks by visitor and account fingerprint; a sample's desk is under the sample's name."""

    def __init__(
        self,
        most: int = MOST_DESKS,
        clock: Callable[[], float] = time.monotonic,
        bytes_: int = MOST_BYTES,
    ) -> None:
        self._most, self._bytes, self._clock, self._lock = most, bytes_, clock, threading.Lock()
        self._weights: dict[tuple[str, str], tuple[Account, int]] = {}
        self._desks: OrderedDict[tuple[str, str], tuple[float, Desk]] = OrderedDict()

    def put(self, visitor: str, name: str, desk: Desk) -> None:
        """Keep a desk; the one used longest ago makes room."""
        with self._lock:
            self._desks[visitor, name] = (self._clock(), desk)
            self._desks.move_to_end((visitor, name))
            self._drop()

    def get(self, visitor: str, name: str) -> Desk | None:
        """The visitor's desk of this account, if it is still here."""
        with self._lock:
            self._drop()
            found = self._desks.get((visitor, name))
            if found is None:
                return None
            self._desks.move_to_end((visitor, name))
            return found[1]

    def remove(self, visitor: str, name: str) -> None:
        """Forget a desk."""
        with self._lock:
            self._desks.pop((visitor, name), None)
            self._weights.pop((visitor, name), None)

    def latest(self, visitor: str) -> tuple[str, Desk] | None:
        """The visitor's desk with an own account that was used last, and its fingerprint."""
        with self._lock:
            self._drop()
            own = [
                (k[1], d)
                for k, (_, d) in reversed(self._desks.items())
                if k[0] == visitor and d.account is not None
            ]
            return own[0] if own else None

    def _drop(self) -> None:
        oldest = self._clock() - LONGEST_SECONDS
        for key in [k for k, (at, _) in self._desks.items() if at < oldest]:
            del self._desks[key]
            self._weights.pop(key, None)
        while len(self._desks) > 1 and (len(self._desks) > self._most or self._weight() > self._bytes):
            oldest_key, _ = self._desks.popitem(last=False)
            self._weights.pop(oldest_key, None)

    def _weight(self) -> int:
        """Bytes of all accounts here; each is weighed once, when it first lies here."""
        before, self._weights = self._weights, {}
        for key, (_, desk) in self._desks.items():
            if desk.account is not None:
                known = before.get(key)
                same = known is not None and known[0] is desk.account
                self._weights[key] = known if known and same else (desk.account, weight_bytes(desk.account))
        return sum(weight for _, weight in self._weights.values())


def visitor_of(cookie: object) -> str:
    """The visitor a cookie names, or a new one that nobody can guess."""
    return cookie if isinstance(cookie, str) and TOKEN.fullmatch(cookie) else secrets.token_hex(16)
