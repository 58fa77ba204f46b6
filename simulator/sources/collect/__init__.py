"""A live AWS account, read-only, as a snapshot. The only reader of accounts, and the only importer of boto3 for it.

Start at run.py; one module per service. What is called and what permission it needs: permissions.py.
"""

from simulator.errors import CollectError
from simulator.sources.collect.anonymize import anonymize
from simulator.sources.collect.client.failures import Cancelled
from simulator.sources.collect.cost import CostEstimate
from simulator.sources.collect.options import CollectOptions, Progress
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
