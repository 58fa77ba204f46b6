"""What the server remembers for all sessions together: bounded in entries and in bytes, whoever asks.

Everything here can be made again from the scenario and the account; what was used longest ago goes first. Sessions
that have gone (Streamlit keeps 128 of them for a while) hold nothing of it.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np
import pandas as pd

T = TypeVar("T")
MIB = 2**20
ATOMS = (int, float, complex, str, bytes, bool, type(None), type, FunctionType, ModuleType)
ARRAYS = (np.ndarray, pd.DataFrame, pd.Series, pd.Index)
LEAVES = (*ATOMS, *ARRAYS)
PLAIN = frozenset((int, float, complex, str, bytes, bool, type(None)))
NOTHING = (type, FunctionType, ModuleType)
WEIGHED_AGAIN = 100
"""After so many values a thing that is weighed apart is weighed anew: a price book grows with what is asked of it."""


@dataclass
class _Apart:
    """What was weighed apart: the thing, its own weight, the things of its kinds it leads to, how often it was met."""

    thing: weakref.ref[Any]
    bytes_: int
    below: tuple[weakref.ref[Any], ...]
    met: int = 0


class Bounded:
    """Values by key. At most `entries` of them and about `bytes_` in all stay; the newest one always does.

    `apart` are kinds of things that several values lead to (prices, an account): each counts once.
    """

    def __init__(self, entries: int, bytes_: int, apart: tuple[type, ...] = ()) -> None:
        self.entries, self.bytes_, self._apart = entries, bytes_, apart
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._weights: dict[Hashable, tuple[int, dict[int, int]]] = {}
        self._known_apart: dict[int, _Apart] = {}
        self._lock = threading.RLock()

    def get(self, key: Hashable) -> Any:
        """The value, None when it has gone or never was."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            self._weights.pop(key, None)  # it may grow by what is worked out lazily
            return self._values[key]

    def put(self, key: Hashable, value: T) -> T:
        """Keep a value; others make room."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            self._weights.pop(key, None)
            while len(self._values) > 1 and (
                len(self._values) > self.entries or self._weight() > self.bytes_
            ):
                oldest, _ = self._values.popitem(last=False)
                self._weights.pop(oldest, None)
            return value

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made where it is not there; made once, however many ask at the same time."""
        with self._lock:
            found: T | None = self.get(key)
            return self.put(key, make()) if found is None else found

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
            self._weights.clear()

    def __len__(self) -> int:
        return len(self._values)

    def _weight(self) -> int:
        for key in self._values.keys() - self._weights.keys():
            shared: dict[int, object] = {}
            own = weight_bytes(self._values[key], self._apart, shared)
            self._weights[key] = own, self._weights_apart(shared)
        apart = {name: weight for _, each in self._weights.values() for name, weight in each.items()}
        return sum(own for own, _ in self._weights.values()) + sum(apart.values())

    def _weights_apart(self, shared: dict[int, object]) -> dict[int, int]:
        """What is weighed apart, by identity, down to what it leads to itself."""
        found: dict[int, int] = {}
        while shared:
            name, item = shared.popitem()
            known = self._weighed_apart(name, item)
            found[name] = known.bytes_
            below = [thing for ref in known.below if (thing := ref()) is not None]
            shared |= {id(thing): thing for thing in below if id(thing) not in found}
        return found

    def _weighed_apart(self, name: int, item: object) -> _Apart:
        known = self._known_apart.get(name)
        if known is None or known.thing() is not item or known.met >= WEIGHED_AGAIN:
            below: dict[int, object] = {}
            own = weight_bytes(item, self._apart, below)
            self._known_apart = {n: a for n, a in self._known_apart.items() if a.thing() is not None}
            known = _Apart(weakref.ref(item), own, tuple(weakref.ref(thing) for thing in below.values()))
            self._known_apart[name] = known
        known.met += 1
        return known


def weight_bytes(value: object, apart: tuple[type, ...] = (), found: dict[int, object] | None = None) -> int:
    """About what a value and all it leads to take in memory; each object once, modules and code not at all.

    Things of the kinds `apart` below the value are left out, and put into `found` by identity.
    """
    seen: set[int] = set()
    todo, total = [value], 0
    while todo:
        item = todo.pop()
        name, kind = id(item), type(item)
        if name in seen:
            continue
        seen.add(name)
        if kind is np.ndarray:  # by far the commonest
            total += item.nbytes  # type: ignore[attr-defined]
        elif kind in PLAIN:
            total += sys.getsizeof(item)
        elif issubclass(kind, NOTHING):
            continue
        elif found is not None and item is not value and issubclass(kind, apart):
            found[name] = item
        else:
            total += _own_bytes(item)
            todo.extend(_parts(item))
    return total


def _own_bytes(item: object) -> int:
    if isinstance(item, np.ndarray):
        return int(item.nbytes)
    if isinstance(item, pd.DataFrame):
        return int(item.memory_usage(deep=False).sum())
    if isinstance(item, pd.Series | pd.Index):
        return int(item.memory_usage(deep=False))
    return sys.getsizeof(item, 64)


def _parts(item: object) -> Iterable[object]:
    if isinstance(item, LEAVES):
        return ()
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    if isinstance(item, list | tuple | set | frozenset):
        return list(item)
    slots = [getattr(item, name) for name in getattr(type(item), "__slots__", ()) if hasattr(item, name)]
    return [*getattr(item, "__dict__", {}).values(), *slots]
