"""Volume, mix and new workloads: what a difference in usage is made of, at the prices of the plan.

A *pool* is all of a component that is billed by one unit: instance-hours of hosting, GB-months of storage, tokens.
volume = (quantity now − planned) × the planned dollars per unit; mix = the rest: other types, classes or models, other
coverage. Both add up to the difference of each pool. What runs on resources that the plan did not know (endpoints,
notebooks, clusters, buckets, services: things that have a name and stay) is a *new workload*, apart from both. Jobs and
Bedrock models are never new by name: their quantities are volume and mix. Source: price–volume–mix analysis.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.engine.state import State
from simulator.usage.tables import Usage

Mask = NDArray[np.bool_]
Pool = tuple[str, str]
Pools = dict[Pool, tuple[float, float]]
LASTING = ("endpoints", "compute", "storage", "services")
JOBS = ("processing", "transform")
UNUSED: Pool = ("commitments", "unused")


def pools(there: State, outside: Mapping[str, Mask] | None = None) -> Pools:
    """Quantity and recurring dollars of every pool; rows `outside` are left out. The dollars add up to the state's."""
    found: Pools = {UNUSED: (0.0, float(there.charges.unused_commitment_usd))}
    for block in there.charges.blocks:
        if block.meter.once:
            continue
        rows = ~(outside or {}).get(block.table, np.zeros(len(block.known_usd), bool))
        pool = block.meter.component, block.meter.unit
        quantity, usd = found.get(pool, (0.0, 0.0))
        found[pool] = (
            quantity + float(np.nansum(block.quantity[rows])),
            usd + float(block.known_usd[rows].sum()),
        )
    return found


def split(component: str, planned: Pools, now: Pools) -> tuple[float, float]:
    """Volume and mix of one component, in dollars."""
    volume = mix = 0.0
    for pool in {p for p in (*planned, *now) if p[0] == component}:
        (old, before), (new, after) = planned.get(pool, (0.0, 0.0)), now.get(pool, (0.0, 0.0))
        more = (new - old) * before / old if old > 0 else after - before
        volume, mix = volume + more, mix + (after - before - more)
    return volume, mix


def known_names(usage: Usage) -> set[str]:
    """The lasting resources of a month, each as a short digest: a kept plan carries no names of resources."""
    return {digest for name in LASTING for digest in _digests(usage, name) if digest}


def unknown_rows(usage: Usage, known: Iterable[str]) -> dict[str, Mask]:
    """Rows of lasting resources that are none of the known ones."""
    names = set(known)
    return {
        table: np.array([bool(d) and d not in names for d in _digests(usage, table)], bool)
        for table in LASTING
    }


def new_usd(there: State, rows: Mapping[str, Mask]) -> dict[str, float]:
    """Recurring dollars of these rows per component."""
    found: dict[str, float] = {}
    for block in there.charges.blocks:
        if not block.meter.once and block.table in rows:
            component = block.meter.component
            found[component] = found.get(component, 0.0) + float(block.known_usd[rows[block.table]].sum())
    return found


def _digests(usage: Usage, name: str) -> list[str]:
    """One per row; empty for what has a new name every time."""
    table = usage.table(name)
    names = usage.endpoints.endpoint_name if name == "endpoints" else table.resource_id
    passing = np.isin(usage.compute.kind, JOBS) if name == "compute" else np.zeros(len(table), bool)
    return ["" if gone else _digest(f"{name}/{text}") for text, gone in zip(names, passing, strict=True)]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
