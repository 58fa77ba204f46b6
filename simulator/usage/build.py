"""Snapshot → usage: facts per resource into columns per month.

`basis="run_rate"` projects the window to 730 h; what runs now runs all month. `basis="window"` is what
the window itself metered, to be reconciled with the bill. See docs/method.md, "From snapshot to usage".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pandas as pd

from simulator.catalog import Catalog, load_catalog
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Manifest, Snapshot
from simulator.snapshot.typed import typed
from simulator.units import run_rate_factor
from simulator.usage.bedrock import bedrock_usage
from simulator.usage.bedrock_days import models_to_price
from simulator.usage.columns import Basis
from simulator.usage.compute import compute_usage
from simulator.usage.endpoints import endpoint_usage
from simulator.usage.services import service_usage
from simulator.usage.storage import storage_usage
from simulator.usage.table import Table
from simulator.usage.tables import Usage
from simulator.usage.training import training_usage


def _on_any_day(build: Callable[..., Table]) -> Callable[..., Table]:
    """A builder whose table is the same on every day."""
    return lambda snapshot, catalog, factor, basis, keep, on: build(snapshot, catalog, factor, basis, keep)


def to_usage(
    snapshot: Snapshot,
    *,
    basis: Basis = "run_rate",
    keep: Collection[str] = (),
    catalog: Catalog | None = None,
    on: date | None = None,
) -> Usage:
    """Usage of a month (`run_rate`) or of the window itself. `keep` lists resource ids no lever may touch.

    `on` is the day whose month is meant (the window's end by default): endpoints created later run nothing yet.
    """
    catalog = _knowing(snapshot, catalog or load_catalog())
    factor = run_rate_factor(snapshot.covered_hours) if basis == "run_rate" else 1.0
    made: dict[str, Any] = {name: _table(name, snapshot, catalog, factor, basis, keep, on) for name in BUILT}
    return Usage(
        **made,
        catalog=catalog,
        window_hours=snapshot.window_hours,
        period_hours=snapshot.covered_hours * factor,
    )


def _knowing(snapshot: Snapshot, catalog: Catalog) -> Catalog:
    """The catalogue with the instance types, regions and models that only this account has."""
    tables = [frame for frame in snapshot.tables.values() if len(frame)]
    types, regions = (
        {name for frame in tables if column in frame for name in frame[column].unique()}
        for column in ("instance_type", "region")
    )
    return catalog.knowing(types, regions, models_to_price(snapshot))


def rebuilt(usage: Usage, snapshot: Snapshot, names: Collection[str], on: date) -> Usage:
    """The usage with these tables built anew from a snapshot of the same window; the others stay the same objects."""
    factor = run_rate_factor(snapshot.covered_hours)
    made: dict[str, Any] = {
        n: _table(n, snapshot, usage.catalog, factor, "run_rate", (), on) for n in BUILT if n in names
    }
    return replace(usage, **made)


def _table(
    name: str,
    snapshot: Snapshot,
    catalog: Catalog,
    factor: float,
    basis: Basis,
    keep: Collection[str],
    on: date | None,
) -> Table:
    """One table of usage. Without a row it follows from the window alone, and is made once."""
    source, build = BUILT[name]
    if snapshot.tables[source].empty:
        return _without_rows(name, snapshot.manifest.window_start, snapshot.manifest.window_end)
    return build(snapshot, catalog, factor, basis, keep, on)


@lru_cache(maxsize=64)
def _without_rows(name: str, start: datetime, end: datetime) -> Table:
    build = BUILT[name][1]
    nothing = Snapshot(Manifest("", start, end), {t: typed(TABLES[t], pd.DataFrame()) for t in TABLES})
    return build(nothing, load_catalog(), 1.0, "run_rate", (), None)


BUILT: dict[str, tuple[str, Callable[..., Table]]] = {
    "training": ("training_jobs", _on_any_day(training_usage)),
    "endpoints": ("endpoints", endpoint_usage),
    "compute": ("compute", _on_any_day(compute_usage)),
    "bedrock": ("bedrock", _on_any_day(bedrock_usage)),
    "storage": ("storage", _on_any_day(storage_usage)),
    "services": ("services", _on_any_day(service_usage)),
}
"""Table of usage → table of the snapshot, and how the one is made of the other."""
