"""Usage between two usages, and usage grown: what ramps and months need. Quantities only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulator.usage.rows import repriced_rows, restored
from simulator.usage.tables import TABLES, Usage

DRIVERS = {
    "training": "training",
    "endpoints": "traffic",
    "bedrock": "traffic",
    "storage": "data",
    "compute": "",
    "services": "",
}


def blend(before: Usage, after: Usage, table: str, share: float) -> Usage:
    """`share` of the way from `before` to `after` in every meter of a table; other columns are those of `after`.

    A resource whose quantity is then priced under another type or model cannot be half of each: it stays as it was
    until the share is 1, so that a ramp never promises more than has happened.
    """
    if share >= 1.0:
        return after
    if share <= 0.0:
        return before
    old, new = before.table(table), after.table(table)
    mixed: dict[str, Any] = {
        meter.name: quantity + share * (target - quantity)
        for (meter, quantity), (_, target) in zip(old.meters(), new.meters(), strict=True)
        if quantity is not target
    }
    blended = new.changed(**mixed)
    repriced = repriced_rows(old, new)
    if repriced.any():
        blended = restored(old, blended, repriced)
    changed: dict[str, Any] = {table: blended}
    return replace(after, **changed)


def grown(usage: Usage, factors: Mapping[str, Any]) -> Usage:
    """Usage with each table's recurring quantities multiplied by its driver's factor (traffic, training, data)."""
    tables: dict[str, Any] = {}
    for name in TABLES:
        factor = factors.get(DRIVERS[name], 1.0)
        if not (isinstance(factor, float) and factor == 1.0):
            table = usage.table(name)
            scaled: dict[str, Any] = {m.name: q * factor for m, q in table.meters() if not m.once and q.any()}
            tables[name] = table.changed(**scaled)
    return replace(usage, **tables) if tables else usage
