"""A usage table in parts: a resource goes through the levers that change it, and by draw from where it differs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Lever
from simulator.usage.rows import shaped_part, taken
from simulator.usage.tables import Table, Usage

Mask = NDArray[np.bool_]
Changes = NDArray[np.int8]
"""(levers, rows): SAME where a lever leaves a resource as it is, else whether it changes it ALIKE or BY_DRAW."""
Part = tuple[Sequence[Usage], Mask]
"""Usages that are one bill, and which levers act on them."""
# Tables whose resources are billed each for itself, without price steps, and whose levers look at each by itself, but
# for those that say otherwise (`Lever.across`).
SEPARABLE = ("training", "endpoints", "compute", "bedrock")
# Tables whose levers look at each resource by itself, though all are one bill with price steps: with the facts that
# assumptions, which are drawn, stand in for where they are unknown.
ROW_BY_ROW = {"storage": ("objects", "gib_not_accessed_30d", "gib_not_accessed_90d", "retrieved_gib")}
SAME, ALIKE, BY_DRAW = 0, 1, 2


def parts_of(usage: Usage, name: str, levers: Sequence[Lever], changed: Changes) -> list[Part]:
    """A table in parts that go through the same levers: a resource goes through those that change it, where each is
    looked at and billed by itself; else all go through all."""
    table, every = usage.table(name), np.ones(len(levers), bool)
    if levers and name in ROW_BY_ROW:
        since = _since(changed, table, ROW_BY_ROW[name])
        return [([_only(usage, name, np.flatnonzero(since == n)) for n in np.unique(since)], every)]
    if not levers or name not in SEPARABLE or any(x.across for x in levers):
        return [([usage], every)]
    return [([_only(usage, name, rows)], acting) for acting, rows in _alike(changed != SAME)]


def _alike(kinds: Mask) -> list[tuple[Mask, NDArray[np.int64]]]:
    """Resources with the same marks in (kinds, rows), together: (their marks, rows)."""
    patterns, group = np.unique(kinds, axis=1, return_inverse=True)
    return [(marks, np.flatnonzero(group == n)) for n, marks in enumerate(patterns.T)]


def _since(changed: Changes, table: Table, facts: Sequence[str]) -> NDArray[np.int64]:
    """The lever from which on a resource differs by draw: the first, where one of the facts is unknown; one after the
    last, where none. Before it one line stands for all draws."""
    by_draw = np.concatenate([changed == BY_DRAW, np.ones((1, len(table)), bool)])
    unknown = np.any([np.isnan(getattr(table, fact)) for fact in facts], axis=0)
    return np.where(unknown, 0, np.argmax(by_draw, axis=0))


def by_draw(table: Table) -> Mask:
    """Resources of which some quantity is not the same in all draws."""
    varied = np.zeros(len(table), bool)
    for _, quantity in table.meters():
        if quantity.ndim == 2:
            varied |= (quantity != quantity[0]).any(axis=0)
    return varied


def _only(usage: Usage, name: str, rows: NDArray[np.int64]) -> Usage:
    """Some rows of a table; with their hours for levers on endpoints, which look at those that others leave."""
    part = shaped_part if name == "endpoints" else taken
    changed: dict[str, Any] = {name: part(usage.table(name), rows)}
    return replace(usage, **changed)
