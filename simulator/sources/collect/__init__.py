"""A live AWS account, read-only, as a snapshot. The only reader of accounts, and the only importer of boto3 for it.

Start at run.py; one module per service. What is called and what permission it needs: permissions.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simulator.errors import CollectError
from simulator.sources.collect.anonymize import anonymize
from simulator.sources.collect.options import CollectOptions, Progress

if TYPE_CHECKING:
    from simulator.sources.collect.client.failures import Cancelled
    from simulator.sources.collect.cost import CostEstimate
    from simulator.sources.collect.run import Collected, collect, plan_cost

__all__ = [
    "Cancelled",
    "CollectError",
    "CollectOptions",
    "Collected",
    "CostEstimate",
    "Progress",
    "anonymize",
    "collect",
    "plan_cost",
]

_HOMES = {
    "Cancelled": "client.failures",
    "Collected": "run",
    "CostEstimate": "cost",
    "collect": "run",
    "plan_cost": "run",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module it lives in: who only asks for options does not load boto3."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
