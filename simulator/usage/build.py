"""Snapshot → usage: facts per resource into columns per month.

`basis="run_rate"` projects the window to 730 h; what runs now runs all month. `basis="window"` is what
the window itself metered, to be reconciled with the bill. See docs/method.md, "From snapshot to usage".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from simulator.catalog import Catalog, load_catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import run_rate_factor
from simulator.usage.bedrock import bedrock_usage, models_with_rates
from simulator.usage.columns import Basis
from simulator.usage.compute import compute_usage
from simulator.usage.endpoints import endpoint_usage
from simulator.usage.storage import storage_usage
from simulator.usage.tables import Usage
from simulator.usage.training import training_usage


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
    return Usage(
        training=training_usage(snapshot, catalog, factor, basis, keep),
        endpoints=endpoint_usage(snapshot, catalog, factor, basis, keep, on),
        compute=compute_usage(snapshot, catalog, factor, basis, keep),
        bedrock=bedrock_usage(snapshot, catalog, factor, basis, keep),
        storage=storage_usage(snapshot, catalog, factor, basis, keep),
        catalog=catalog,
        window_hours=snapshot.window_hours,
        period_hours=snapshot.covered_hours * factor,
    )


def _knowing(snapshot: Snapshot, catalog: Catalog) -> Catalog:
    """The catalogue with the instance types, regions and models that only this account has."""
    tables = snapshot.tables.values()
    types, regions = (
        {name for frame in tables if column in frame for name in frame[column].unique()}
        for column in ("instance_type", "region")
    )
    return catalog.knowing(types, regions, models_with_rates(snapshot))


def rebuilt(usage: Usage, snapshot: Snapshot, names: Collection[str], on: date) -> Usage:
    """The usage with these tables built anew from a snapshot of the same window; the others stay the same objects."""
    factor = run_rate_factor(snapshot.covered_hours)
    catalog, keep = usage.catalog, ()
    basis: Basis = "run_rate"
    made: dict[str, Any] = {}
    if "training" in names:
        made["training"] = training_usage(snapshot, catalog, factor, basis, keep)
    if "endpoints" in names:
        made["endpoints"] = endpoint_usage(snapshot, catalog, factor, basis, keep, on)
    if "compute" in names:
        made["compute"] = compute_usage(snapshot, catalog, factor, basis, keep)
    if "bedrock" in names:
        made["bedrock"] = bedrock_usage(snapshot, catalog, factor, basis, keep)
    if "storage" in names:
        made["storage"] = storage_usage(snapshot, catalog, factor, basis, keep)
    return replace(usage, **made)
