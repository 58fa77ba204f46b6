"""A table of usage: one row per resource, one NumPy array per column. No money.

A *meter* is a column that AWS bills: a quantity with the price key it is billed under. Levers move quantities
between meters and never see a price. A *fact* is a column of the snapshot as it stands. Codes (`instance_type`,
`region`, `model`) index the vocabularies of the catalogue; -1 is unknown. A meter has the shape (rows,) or,
when parameters are draws, (draws, rows).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.usage.profile import Profile

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Texts = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Meter:
    """What a billed column is: `price` component, the column (or the literal item) that names the item, unit.

    With both, `item` is the pattern of the price's item around the name: `ec2:{}#1y_no_upfront`.

    `component` is where reports show it. `eligible` tells whether a SageMaker Savings Plan may cover it.
    `once` marks what is billed one time when a change is made, not every month.
    """

    name: str
    price: str
    unit: str
    component: str
    by: str = ""
    item: str = ""
    eligible: bool = False
    once: bool = False


def meter(price: str, unit: str, component: str, **more: Any) -> Any:
    """Declare a billed column of a usage table (see `Meter`)."""
    declared = Meter("", price, unit, component, **more)
    return field(default_factory=lambda: np.zeros(0), metadata={"meter": declared})


def number(name: str, per: float = 1.0) -> Any:
    """Declare a column that is the snapshot's number `name`, divided by `per`; NaN unknown."""
    return field(metadata={"fact": ("number", name, per)})


def flag(name: str) -> Any:
    """Declare a column that is the snapshot's flag `name`: 1, 0 or NaN unknown."""
    return field(metadata={"fact": ("flag", name, 1.0)})


def text(name: str) -> Any:
    """Declare a column that is the snapshot's text `name`; "" unknown."""
    return field(metadata={"fact": ("text", name, 1.0)})


def derived(*columns: str) -> dict[str, tuple[str, ...]]:
    """What declares a column that `__post_init__` works out from others, which no lever changes."""
    return {"from": columns}


@cache
def facts_of(table: type) -> tuple[tuple[str, str, str, float], ...]:
    """The facts of a table: column, kind, the snapshot's name, divisor."""
    return tuple((f.name, *f.metadata["fact"]) for f in dataclasses.fields(table) if "fact" in f.metadata)


@cache
def meters_of(table: type) -> tuple[Meter, ...]:
    """The meters of a table in the order of declaration."""
    return tuple(
        replace(f.metadata["meter"], name=f.name) for f in dataclasses.fields(table) if "meter" in f.metadata
    )


@dataclass(frozen=True)
class Table:
    """Columns every kind of resource has. `kept` marks resources the planner wants left alone, `ended` those on a
    model or an instance type past its end of life (`engine/ending.py`).

    `tags` are JSON objects of texts as the snapshot holds them, "" where none is known.
    """

    resource_id: Texts
    region: Codes
    owner: Texts
    tags: Texts
    profile: Profile
    kept: Mask
    ended: Mask = field(init=False)

    def __len__(self) -> int:
        return len(self.resource_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ended", np.zeros(len(self), bool))
        for declared in meters_of(type(self)):  # type: ignore[arg-type]
            if getattr(self, declared.name).size == 0:
                object.__setattr__(self, declared.name, np.zeros(len(self)))

    def changed(self, **columns: Any) -> Self:
        """The table with some columns replaced: `dataclasses.replace` without its cost per untouched column.

        Raises TypeError for a column the table does not have.
        """
        if not self.__dict__.keys() >= columns.keys():
            raise TypeError(
                f"{type(self).__name__} has no column {sorted(columns.keys() - self.__dict__.keys())}"
            )
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(columns)
        return new

    def meters(self) -> list[tuple[Meter, Array]]:
        """The billed columns with their quantities."""
        columns = vars(self)
        return [(m, columns[m.name]) for m in meters_of(type(self))]  # type: ignore[arg-type]

    def scaled(self, names: tuple[str, ...], factor: Any, rows: Mask) -> dict[str, Array]:
        """The named meters with the quantity of the chosen rows multiplied by `factor`; none, where none are chosen."""
        if not np.count_nonzero(rows):
            return {}
        return {name: np.where(rows, getattr(self, name) * factor, getattr(self, name)) for name in names}
