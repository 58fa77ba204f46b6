"""One bucket as a usage, and what levers did to it."""

from __future__ import annotations

from typing import Any

from simulator import Account, Scenario, simulate
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever
from simulator.usage.tables import Usage
from tests.accounts import account_with, prices


def account_of(*rows: dict[str, Any]) -> Account:
    """Buckets; by default 1,000 GiB in STANDARD in 100,000 objects, none below 128 KB."""
    default = {"bucket": "data", "gib": 1000.0, "objects": 100_000, "small_objects": 0, "small_gib": 0.0}
    return account_with(storage=[default | row for row in rows or ({},)])


def usage_of(*rows: dict[str, Any]) -> Usage:
    """A month of the buckets (see `account_of`)."""
    return account_of(*rows).usage


def stored(usage: Usage) -> dict[str, float]:
    """The first bucket's quantities by meter, those that are not zero."""
    return {m.name: float(q[..., 0]) for m, q in usage.storage.meters() if q[..., 0] != 0}


def run(row: dict[str, Any], *levers: Lever) -> Result:
    """The scenario of these levers on one bucket in us-east-1."""
    return simulate(account_of(row), Scenario(tuple(levers)), prices())


def verdict(lever: Lever, row: dict[str, Any]) -> tuple[str, str]:
    """State and sentence for one bucket."""
    ((state, sentence, _),) = lever.verdicts(usage_of(row)).summary()
    return state, sentence
