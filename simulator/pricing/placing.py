"""Where a product of AWS's list belongs in the price book, and its price in the book's unit."""

from __future__ import annotations

import re

from simulator.aws.service_types import service_use
from simulator.aws.usage_types import Use
from simulator.catalog import load_catalog

EC2 = "AmazonEC2"
"""Read as CSV, line by line: its JSON would need gigabytes of memory."""
EC2_PLAIN = {
    "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA",
    "operation": "RunInstances",
}  # fmt: skip
"""Linux on shared hardware, without licences: what the book's `ec2` rows are of."""
SERVICE_UNITS = {
    "ocu_hour": ("hrs", "hours", "hour", "ocu-hours", "ocu-hour", "ocu hours"), "gb_month": ("gb-mo", "gb-month"),
    "gb": ("gb", "gigabytes"), "hour": ("hrs", "hours", "hour", "vcpu-hours", "gb-hours"),
    "request": ("requests", "invocations", "events", "records", "retrievals"),
}  # fmt: skip
"""Units of the book → how AWS's list spells them, in small letters."""
HOURLY = {
    ("training", "training"): "training", ("training", "warm_pool"): "warm_pool",
    ("hosting", "hosting"): "hosting", ("hosting", "async"): "async_inference",
    ("compute", "studio"): "studio", ("compute", "notebook"): "notebook",
    ("compute", "processing"): "processing", ("compute", "transform"): "batch_transform",
}  # fmt: skip
REQUESTS = {
    "": "STANDARD", "SIA-": "STANDARD_IA", "ZIA-": "ONEZONE_IA", "GIR-": "GLACIER_IR",
    "INT-": "INTELLIGENT_TIERING", "GLACIER-": "GLACIER", "GDA-": "DEEP_ARCHIVE",
}  # fmt: skip
REQUEST = re.compile(r"Requests-((?:[A-Z]+-)?)Tier([12])$")
HOURS, SECONDS = ("hrs", "hours", "hour"), ("seconds", "second", "sec", "s")


def placed_usage(use: Use, rest: str, unit: str, usd: float) -> tuple[str, str, float, str, float] | None:
    """(component, item, USD, unit, per) of the price book, or None for what the model does not price."""
    hourly = HOURLY.get((use.component, use.meter))
    if hourly and use.instance_type and unit in HOURS:
        return hourly, use.instance_type, usd, "instance_hour", 1
    if use.meter == "serverless" and unit in SECONDS and "rovision" not in rest:
        return "serverless_inference", "gb_second", usd / (int(use.item) / 1024), "gb_second", 1
    if use.component == "storage" and use.meter == "storage" and unit == "gb-mo":
        return "storage", use.item, usd, "gb_month", 1
    request = REQUEST.match(rest) if use.component == "storage" else None
    if request and request[1] in REQUESTS and unit == "requests":
        return (
            ("storage_put", "storage_get")[int(request[2]) - 1],
            REQUESTS[request[1]],
            usd * 1000,
            "request",
            1000,
        )
    if (
        use.component == "bedrock"
        and use.meter == "tokens"
        and (model := f"{use.scope}.{use.model}" if use.scope else use.model) in load_catalog().models
    ):
        batch, tier = ("batch_", "") if use.tier == "batch" else ("", use.tier)
        item = f"{model}#{tier}" if tier else model
        return f"bedrock_{batch}{use.item}", item, usd, "token", use.per_unit
    return None


def placed_service(
    offer: str, usage_type: str, unit: str, usd: float
) -> tuple[str, str, float, str, float] | None:
    """The price of a service beside the models (vector stores, file systems, MLflow …), as a bill's line is placed."""
    use = service_use(offer, usage_type)
    if use is None or not use.price[0] or unit not in SERVICE_UNITS.get(use.price[2], ()):
        return None
    return use.price[0], use.price[1], usd, use.price[2], 1


def placed_ec2(
    offer: str, attributes: dict[str, str], unit: str, usd: float
) -> tuple[str, str, float, str, float] | None:
    """Linux hours of an accelerator on EC2, shared hardware, no licence."""
    kind = "ml." + attributes["usagetype"].rpartition("BoxUsage:")[2]
    plain = all(attributes.get(name, value) == value for name, value in EC2_PLAIN.items())
    if offer != EC2 or unit not in HOURS or not plain or kind not in accelerators():
        return None
    return "ec2", kind, usd, "instance_hour", 1


def accelerators() -> frozenset[str]:
    """Instance types with GPUs or accelerator chips."""
    catalog = load_catalog()
    kinds = zip(catalog.instance_types, catalog.accelerator, strict=False)
    return frozenset(name for name, kind in kinds if kind not in ("", "none"))
