"""Inference components by endpoint variant: copies and the accelerators each takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.sources.collect.client.reader import Reader


@dataclass
class Hosted:
    """What the components of one variant need together."""

    names: list[str]
    copies: float = 0.0
    accelerators: float = 0.0

    def columns(self) -> dict[str, Any]:
        """The columns `copies` and `accelerators_per_copy` (mean, rounded up to whole devices)."""
        if not self.copies:
            return {"copies": self.copies}
        return {"copies": self.copies, "accelerators_per_copy": -(-self.accelerators // self.copies)}


class ComponentBook:
    """Components by (endpoint, variant). `known` is False when they could not be read."""

    def __init__(self) -> None:
        self.hosted: dict[tuple[str, str], Hosted] = {}
        self.known = False

    def read(self, reader: Reader) -> int:
        """Fill the book from ListInferenceComponents and DescribeInferenceComponent."""
        listed = reader.items(
            "sagemaker",
            "ListInferenceComponents",
            "InferenceComponents",
            "InferenceComponentName",
            MaxResults=100,
        )

        def describe(item: dict[str, Any]) -> dict[str, Any]:
            return reader.call(
                "sagemaker",
                "DescribeInferenceComponent",
                InferenceComponentName=item["InferenceComponentName"],
            )

        for item, component in reader.each(listed, describe):
            key = item["EndpointName"], item["VariantName"]
            hosted = self.hosted.setdefault(key, Hosted([]))
            hosted.names.append(item["InferenceComponentName"])
            if component:
                copies = component.get("RuntimeConfig", {}).get("CurrentCopyCount") or 0
                needs = component.get("Specification", {}).get("ComputeResourceRequirements", {})
                hosted.copies += copies
                hosted.accelerators += copies * (needs.get("NumberOfAcceleratorDevicesRequired") or 0)
        self.known = True
        return len(listed)
