"""Usage: what the account used in a month, as columns. No money.

One table per kind of resource, each in a module of its own; this is the door to all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.aws.storage_classes import STORAGE_CLASSES
from simulator.catalog import Catalog
from simulator.usage.bedrock import Bedrock
from simulator.usage.compute import Compute
from simulator.usage.endpoints import ANY_MODE, NO_MODE, Endpoints
from simulator.usage.services import Services
from simulator.usage.storage import Storage
from simulator.usage.table import Array, Codes, Mask, Meter, Table, Texts, meter, meters_of
from simulator.usage.training import (
    COMPLETED,
    ENDED_UNKNOWN,
    FAILED,
    FAILURE_CLASSES,
    IN_PROGRESS,
    NOT_FAILED,
    OUTCOMES,
    STOPPED,
    Training,
)

__all__ = [
    "ANY_MODE",
    "COMPLETED",
    "COMPONENTS",
    "ENDED_UNKNOWN",
    "FAILED",
    "FAILURE_CLASSES",
    "IN_PROGRESS",
    "NOT_FAILED",
    "NO_MODE",
    "OUTCOMES",
    "STOPPED",
    "STORAGE_CLASSES",
    "TABLES",
    "Array",
    "Bedrock",
    "Codes",
    "Compute",
    "Endpoints",
    "Mask",
    "Meter",
    "Services",
    "Storage",
    "Table",
    "Texts",
    "Training",
    "Usage",
    "meter",
    "meters_of",
]

TABLES: dict[str, type[Table]] = {
    "training": Training,
    "endpoints": Endpoints,
    "compute": Compute,
    "bedrock": Bedrock,
    "storage": Storage,
    "services": Services,
}
COMPONENTS = ("training", "hosting", "compute", "bedrock", "storage", "commitments", "other")


@dataclass(frozen=True)
class Usage:
    """A period of an account: six tables, the vocabulary of their codes and the window behind them.

    Quantities are per `period_hours`: 730 at run rate, the window's own hours when it is to be reconciled.
    """

    training: Training
    endpoints: Endpoints
    compute: Compute
    bedrock: Bedrock
    storage: Storage
    services: Services
    catalog: Catalog
    window_hours: float
    period_hours: float

    def with_tables(self, **tables: Table) -> Usage:
        """The usage with some tables replaced: `dataclasses.replace` without its cost per untouched field."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(tables)
        return new

    def table(self, name: str) -> Table:
        """One of the six tables by name."""
        table: Table = getattr(self, name)
        return table
