"""Training a model once, from its size and its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from simulator.demand.training_rows import training_rows
from simulator.demand.workload import OURS, Rows, Window, Workload, amount, words
from simulator.params import param
from simulator.units import HOURS_PER_MONTH

FLOP_PER_PARAMETER_AND_TOKEN = 6
"""Forward and backward pass of a dense model. Source: Kaplan et al. 2020, arXiv:2001.08361, section 2.1."""


@dataclass(frozen=True)
class Pretraining(Workload):
    """6 × parameters × tokens operations at the accelerators' peak × utilization, on a cluster until they are done.

    It ends by itself. Source: arXiv:2001.08361 (operations); the peak is that of the accelerator's data sheet.
    """

    id = "pretraining"
    title = "One-off training"

    instance_type: str = words("Instance type", "ml.p5.48xlarge")
    instances: int = amount("Instances", "instances", 4, minimum=1, most=10_000, integer=True)
    accelerators: int = amount(
        "Accelerators per instance", "accelerators", 8, minimum=1, most=64, integer=True
    )
    parameters: float = amount("Parameters of the model", "parameters", 7e9)
    tokens: float = amount("Tokens it is trained on", "tokens", 1e11)
    peak_tflops: float = param(
        "Peak of one accelerator, dense BF16",
        "TFLOP/s",
        989.0,
        source="NVIDIA H100 SXM data sheet: 989 TFLOP/s dense BF16",
        grade="official",
        minimum=1,
        maximum=100_000,
    )
    utilization: float = param(
        "Share of the peak that is used",
        "ratio",
        0.4,
        low=0.3,
        high=0.5,
        source=f"{OURS}; 0.3 to 0.5 is what large runs report",
        grade="assumed",
        minimum=0.01,
    )

    @property
    def cluster_hours(self) -> float:
        """Hours the whole cluster runs."""
        operations = FLOP_PER_PARAMETER_AND_TOKEN * self.parameters * self.tokens
        speed = self.peak_tflops * 1e12 * self.utilization * self.accelerators * self.instances
        return operations / speed / 3600

    def last_day(self) -> date:
        """The day after the run."""
        done = self.start + timedelta(days=max(ceil(self.cluster_hours / 24), 1))
        return min(done, self.end) if self.end else done

    def rows(self, window: Window) -> Rows:
        """A whole month of the cluster, scaled so that its days hold exactly its hours."""
        days = max(ceil(self.cluster_hours / 24), 1)
        busy = self.cluster_hours / (days * 24)
        return training_rows(
            self,
            window,
            instance_type=self.instance_type,
            instances=self.instances,
            runs=1,
            hours=HOURS_PER_MONTH * busy,
        )
