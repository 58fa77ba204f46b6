"""EC2 Capacity Blocks for accelerators that run for days or weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

OFFERED = ("ml.p4d.", "ml.p4de.", "ml.p5.", "ml.p5e.", "ml.p5en.", "ml.p6-b200.", "ml.trn1.", "ml.trn2.")
"""Types that Capacity Blocks reserve, in some regions. Source: EC2 user guide, capacity-blocks-how."""


@dataclass(frozen=True)
class CapacityBlock(Lever):
    """Reserve EC2 accelerators by Capacity Blocks: blocks of 1 to 182 days, paid up front, used or not.

    The nodes that run on average are reserved for the given share of the month; what runs beyond stays on demand. AWS
    sets the price by supply and demand when the block is bought: it is not in our data, and the lever asks for it
    (`capacity_block` in own prices, from DescribeCapacityBlockOfferings) before it saves. Savings Plans do not cover
    blocks. A bad idea for work whose dates move: a block starts and ends on its day and cannot be cancelled.

    Source: rules.md#training-plans; EC2 user guide, ec2-capacity-blocks and capacity-blocks-how.
    """

    id = "capacity_block"
    title = "EC2 Capacity Blocks"
    stage = 7
    table = "compute"
    excludes = ("accelerator_spot", "ec2_savings_plan")
    effort_hours = 4.0
    reversible = False
    phase = 2

    reserved_ratio: float = param(
        "Share of the month for which the nodes are reserved", "ratio", 1.0, low=0.8, high=1.0, step=0.05,
        minimum=0.05, grade="assumed", source="Chosen with the block: whole days; below 1 the rest is on demand",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Accelerators on EC2 on demand, of a type that blocks reserve."""
        t = usage.compute
        names = np.array([*usage.catalog.instance_types, ""], object)[t.instance_type]
        offered = np.array([str(n).startswith(OFFERED) for n in names], bool)
        return decide(
            t,
            refuse(t.kind == "cluster", "HyperPod reserves by training plans: Capacity Blocks are EC2's."),
            *without_accelerators(t),
            unsure(t.instance_type < 0, "Its type is unknown."),
            refuse(~offered, "Capacity Blocks do not reserve its type."),
            otherwise="Its nodes can be reserved by Capacity Blocks, paid for whether they work or not.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Reserve the nodes that run on average; hours beyond stay on demand."""
        t, ok = usage.compute, self.verdicts(usage).applies
        if not ok.any():
            return usage
        nodes = np.ceil(running_hours(t) / usage.period_hours - 1e-9)
        reserved = np.where(ok, nodes * usage.period_hours * self.reserved_ratio, 0.0)
        used = np.where(ok, t.ec2_hours * self.reserved_ratio, 0.0)
        return rewritten(
            usage,
            "compute",
            ec2_hours=np.maximum(t.ec2_hours - used, 0.0),
            block_hours=t.block_hours + reserved,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Hours measured on the bill."""
        return (Evidence(~np.isnan(usage.compute.metered_hours), "Its hours are unknown."),)
