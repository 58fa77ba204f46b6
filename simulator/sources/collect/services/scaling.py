"""Limits of auto-scaling by endpoint variant. Source: Application Auto Scaling DescribeScalableTargets."""

from __future__ import annotations

from simulator.sources.collect.client.reader import Reader

Limits = dict[tuple[str, str], tuple[int, int]]


class ScalingBook:
    """(min, max) instances by (endpoint, variant); `known` is False when they could not be read."""

    def __init__(self) -> None:
        self.limits: Limits = {}
        self.known = False

    def read(self, reader: Reader) -> int:
        """Fill the book. Targets of inference components scale copies, not instances: they are left out."""
        for page in reader.pages(
            "application-autoscaling", "DescribeScalableTargets", "ScalableTargets",
            ServiceNamespace="sagemaker", MaxResults=50,
        ):  # fmt: skip
            for target in page["ScalableTargets"]:
                kind, _, rest = target["ResourceId"].partition("/")
                endpoint, _, variant = rest.partition("/variant/")
                if kind == "endpoint" and variant:
                    self.limits[endpoint, variant] = (target["MinCapacity"], target["MaxCapacity"])
        self.known = True
        return len(self.limits)
