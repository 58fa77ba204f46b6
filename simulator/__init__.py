"""ML Spend Simulator: what an AWS ML bill becomes under any mix of scenarios.

>>> from simulator import PriceBook, Scenario, load_sample, simulate
"""

from simulator.analysis.answer import answer
from simulator.analysis.attribution import attribute
from simulator.analysis.projection import project
from simulator.engine.account import Account
from simulator.engine.scenario import Scenario, load_scenario, preset
from simulator.engine.simulate import Result, simulate
from simulator.pricing.book import PriceBook, PriceNotFound
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
