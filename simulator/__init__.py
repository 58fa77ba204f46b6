"""ML Spend Simulator: what an AWS ML bill becomes under any mix of scenarios.

>>> from simulator import PriceBook, Scenario, load_sample, simulate

A name is imported when it is first used, so that a command that does not simulate starts without the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.analysis.answer import answer
    from simulator.analysis.attribution import attribute
    from simulator.analysis.projection import project
    from simulator.engine.account import Account
    from simulator.engine.scenario import Scenario, load_scenario, preset
    from simulator.engine.simulate import Result, simulate
    from simulator.pricing.book import PriceBook
    from simulator.pricing.price import PriceNotFound
    from simulator.snapshot.sample import load_sample
    from simulator.snapshot.snapshot import Snapshot, SnapshotError, load_snapshot, save_snapshot

_HOMES = {
    "Account": "simulator.engine.account",
    "PriceBook": "simulator.pricing.book",
    "PriceNotFound": "simulator.pricing.book",
    "Result": "simulator.engine.simulate",
    "Scenario": "simulator.engine.scenario",
    "Snapshot": "simulator.snapshot.snapshot",
    "SnapshotError": "simulator.snapshot.snapshot",
    "answer": "simulator.analysis.answer",
    "attribute": "simulator.analysis.attribution",
    "load_sample": "simulator.snapshot.sample",
    "load_scenario": "simulator.engine.scenario",
    "load_snapshot": "simulator.snapshot.snapshot",
    "preset": "simulator.engine.scenario",
    "project": "simulator.analysis.projection",
    "save_snapshot": "simulator.snapshot.snapshot",
    "simulate": "simulator.engine.simulate",
}

__all__ = [
    "Account",
    "PriceBook",
    "PriceNotFound",
    "Result",
    "Scenario",
    "Snapshot",
    "SnapshotError",
    "answer",
    "attribute",
    "load_sample",
    "load_scenario",
    "load_snapshot",
    "preset",
    "project",
    "save_snapshot",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """A public name, from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
