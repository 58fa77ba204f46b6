"""Notebook instances, Studio apps, processing and batch transform: their columns and hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH
from simulator.usage.columns import Basis, Columns
from simulator.usage.office import office_hours
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Codes, Mask, Table, Texts, meter, text


@dataclass(frozen=True)
class Compute(Table):
    """Notebook instances, Studio apps, processing and batch transform, per month.

    `interactive` marks notebooks and Studio apps. `metered_hours` is what ran before any lever; idle and
    out-of-hours hours are parts of it. `office_hours[h]` is 1 in hours of the window inside office hours.
    """

    interactive: Mask
    instance_type: Codes
    instance_count: Array
    metered_hours: Array
    idle_hours: Array
    out_of_hours_hours: Array
    office_hours: Array
    kind: Texts = text("kind")
    notebook_hours: Array = meter("notebook", "instance_hour", "compute", by="instance_type", eligible=True)
    studio_hours: Array = meter("studio", "instance_hour", "compute", by="instance_type", eligible=True)
    processing_hours: Array = meter(
        "processing", "instance_hour", "compute", by="instance_type", eligible=True
    )
    transform_hours: Array = meter(
        "batch_transform", "instance_hour", "compute", by="instance_type", eligible=True
    )
    volume_gb_month: Array = meter("volume", "gb_month", "compute", item="gp2")


def compute_usage(
    s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]
) -> Compute:
    """Hours metered in the window, `factor` of them a month; volumes of notebooks are billed all month."""
    t = Columns(s, "compute")
    ids, kind = t.text("name"), t.text("kind")
    count = np.nan_to_num(t.number("instance_count"), nan=1.0)
    hours = t.number("hours") * count * factor
    kept_hours = s.covered_hours * factor
    once = np.isin(kind, ("processing", "transform"))
    start, end = t.hour("started_at"), t.hour("ended_at")
    meters = {
        f"{k}_hours": np.where(kind == k, hours, 0.0)
        for k in ("notebook", "studio", "processing", "transform")
    }
    return Compute(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        profile=Profile.intervals(
            np.where(once, start, np.nan), np.where(once, end, np.nan), round(s.window_hours)
        ),
        kept=t.kept(ids, keep),
        **t.facts(Compute),
        interactive=~once,
        instance_type=catalog.type_code(t.text("instance_type")),
        instance_count=count,
        metered_hours=hours,
        idle_hours=t.number("idle_hours") * count * factor,
        out_of_hours_hours=t.number("out_of_hours_hours") * count * factor,
        office_hours=office_hours(t.window_start, round(s.window_hours)),
        volume_gb_month=np.nan_to_num(t.number("volume_gb"))
        * np.where(once, np.nan_to_num(hours), kept_hours)
        / HOURS_PER_MONTH,
        **meters,
    )


def clock_shape(t: Compute, rows: Mask, left_hours: Array) -> Array:
    """When the `left_hours` (table's rows) of notebooks run, by hour of the window, for the chosen rows.

    What no longer runs ran outside office hours first: so the same hours lie in the same hours of the clock,
    whichever lever took the others. Rows whose hours were not told apart run all day.
    """
    left, outside = left_hours[rows], t.out_of_hours_hours[rows]
    outside_left = np.maximum(outside - (t.metered_hours[rows] - left), 0.0)
    share = np.where(left > 0, outside_left / np.where(left > 0, left, 1.0), 0.0)[:, None]
    office = t.office_hours
    inside = office / max(office.sum(), 1.0)
    rest = (1 - office) / max((1 - office).sum(), 1.0)
    return np.where(np.isnan(share), 1.0 / len(office), (1 - share) * inside + share * rest)
