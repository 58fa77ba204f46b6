"""Notebooks, Studio apps, processing, batch transform, clusters and EC2 accelerators: their columns and hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH
from simulator.usage.columns import Basis, Columns
from simulator.usage.office import office_hours
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Codes, Mask, Table, Texts, derived, flag, meter, number, text
from simulator.usage.training import smaller_training_types

SAGEMAKER_KINDS = ("notebook", "studio", "processing", "transform")
ACCELERATORS = ("cluster", "ec2")


def _under_plan(offer: str) -> Any:
    return meter(
        "compute_savings_plan", "instance_hour", "compute", by="instance_type", item=f"ec2:{{}}#{offer}"
    )


@dataclass(frozen=True)
class Compute(Table):
    """Notebook instances, Studio apps, processing, batch transform, HyperPod clusters and EC2 accelerators, per month.

    `interactive` marks notebooks and Studio apps, `is_accelerator` clusters and EC2 (`kind`). `metered_hours` is
    what ran before any lever; idle and out-of-hours hours are parts of it. `office_hours[h]` is 1 in hours of the
    window inside office hours. Of what runs on spot already, the hours are those of equal cost on demand by the
    Spot Instance Advisor's mean. `plan_hours` are reserved by a flexible training plan, `block_hours` by an EC2
    Capacity Block; `ec2_plan_*` run under a Compute Savings Plan, `job_hours` as SageMaker training jobs,
    `resized_*` on `resized_type`, and `bedrock_*` are tokens bought in the place of hours. Clusters have the
    training price of their type (rule R1: the components of a type agree within 1 % in a region).
    """

    is_accelerator: Mask = field(init=False, metadata=derived("kind"))
    interactive: Mask
    instance_type: Codes
    resized_type: Codes
    smaller_type: Codes
    bedrock_model: Codes
    instance_count: Array
    metered_hours: Array
    idle_hours: Array
    out_of_hours_hours: Array
    office_hours: Array
    kind: Texts = text("kind")
    spot: Array = flag("spot_enabled")
    checkpointing: Array = flag("checkpointing")
    gpu_utilization_ratio: Array = number("gpu_utilization_ratio")
    gpu_memory_ratio: Array = number("gpu_memory_ratio")
    notebook_hours: Array = meter("notebook", "instance_hour", "compute", by="instance_type", eligible=True)
    studio_hours: Array = meter("studio", "instance_hour", "compute", by="instance_type", eligible=True)
    processing_hours: Array = meter(
        "processing", "instance_hour", "compute", by="instance_type", eligible=True
    )
    transform_hours: Array = meter(
        "batch_transform", "instance_hour", "compute", by="instance_type", eligible=True
    )
    cluster_hours: Array = meter("training", "instance_hour", "training", by="instance_type")
    cluster_spot_hours: Array = meter("training", "instance_hour", "training", by="instance_type")
    plan_hours: Array = meter("training_plan", "instance_hour", "training", by="instance_type")
    ec2_hours: Array = meter("ec2", "instance_hour", "compute", by="instance_type")
    ec2_spot_hours: Array = meter("ec2", "instance_hour", "compute", by="instance_type")
    resized_cluster_hours: Array = meter("training", "instance_hour", "training", by="resized_type")
    resized_ec2_hours: Array = meter("ec2", "instance_hour", "compute", by="resized_type")
    block_hours: Array = meter("capacity_block", "instance_hour", "compute", by="instance_type")
    ec2_plan_1y_hours: Array = _under_plan("1y_no_upfront")
    ec2_plan_3y_hours: Array = _under_plan("3y_no_upfront")
    job_hours: Array = meter("training", "instance_hour", "training", by="instance_type", eligible=True)
    bedrock_input_tokens: Array = meter("bedrock_input", "token", "compute", by="bedrock_model")
    bedrock_output_tokens: Array = meter("bedrock_output", "token", "compute", by="bedrock_model")
    volume_gb_month: Array = meter("volume", "gb_month", "compute", item="gp2")
    billed_units: Array = meter("billed", "usd", "compute", item="bedrock")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "is_accelerator", np.isin(self.kind, ACCELERATORS))


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
    code, region = catalog.type_code(t.text("instance_type")), catalog.region_code(t.text("region"))
    on_spot = np.isin(kind, ACCELERATORS) & (t.flag("spot_enabled") == 1)
    billed = np.where(on_spot, hours * (1 - catalog.spot_saving[code, region]), hours)
    meters = {
        f"{k}{'_spot' * spot}_hours": np.where((kind == k) & (on_spot == spot), billed, 0.0)
        for k in (*SAGEMAKER_KINDS, *ACCELERATORS)
        for spot in (False, True)[: 1 + (k in ACCELERATORS)]
    }
    return Compute(
        resource_id=ids,
        region=region,
        owner=t.text("owner"),
        tags=t.text("tags"),
        profile=Profile.intervals(
            np.where(once, start, np.nan), np.where(once, end, np.nan), round(s.window_hours)
        ),
        kept=t.kept(ids, keep),
        **t.facts(Compute),
        billed_units=np.nan_to_num(t.number("billed_usd")) * factor,
        interactive=np.isin(kind, ("notebook", "studio")),
        instance_type=code,
        resized_type=code,
        smaller_type=smaller_training_types(catalog)[code],
        bedrock_model=np.full(len(ids), -1, np.int64),
        instance_count=count,
        metered_hours=hours,
        idle_hours=t.number("idle_hours") * count * factor,
        out_of_hours_hours=t.number("out_of_hours_hours") * count * factor,
        office_hours=office_hours(t.window_start, round(s.window_hours)),
        volume_gb_month=np.nan_to_num(t.number("volume_gb"))
        * np.where(once, np.nan_to_num(hours), kept_hours * np.where(np.isin(kind, ACCELERATORS), count, 1.0))
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
