"""What a page says in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.findings import Finding
from simulator.engine.simulate import State
from simulator.words import percent, usd

NAMES = {
    "compute": "notebooks and processing",
    "commitments": "unused commitment",
    "other": "what no name tells",
}


def what_matters(baseline: State, found: Sequence[Finding]) -> str:
    """Where most of the money goes, and the dearest finding."""
    total = baseline.total_usd
    if total <= 0:
        return "This account's usage costs nothing that can be priced."
    costs = {c: float(v) for c, v in baseline.charges.by_component().items()}
    largest = max(costs, key=lambda c: costs[c])
    name = NAMES.get(largest, largest).capitalize()
    sentence = f"{name} is {percent(costs[largest] / total, 0)} of {usd(total)} a month."
    dear = next((f for f in found if f.usd_per_month), None)
    return f"{sentence} {dear.sentence}" if dear else sentence
