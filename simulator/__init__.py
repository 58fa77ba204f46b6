"""ML Spend Simulator: what an AWS ML bill becomes under any mix of scenarios.

>>> from simulator import PriceBook, Scenario, load_sample, simulate
"""

from simulator.account import Account
from simulator.answer import answer
from simulator.attribution import attribute
from simulator.pricing.book import PriceBook, PriceNotFound
from simulator.projection import project
from simulator.scenario import Scenario, load_scenario, preset
from simulator.simulate import Result, simulate
from simulator.snapshot.sample import load_sample
from simulator.snapshot.snapshot import Snapshot, SnapshotError, load_snapshot, save_snapshot

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
