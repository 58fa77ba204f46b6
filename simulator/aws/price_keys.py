"""Usage type → the key of the price book its dollars over its quantity are a price of."""

from __future__ import annotations

from typing import NamedTuple

from simulator.aws.service_types import service_use

INSTANCE_PRICES = {
    "hosting": "hosting",
    "async": "async_inference",
    "training": "training",
    "hyperpod": "training",
    "warm_pool": "warm_pool",
    "transform": "batch_transform",
    "processing": "processing",
    "notebook": "notebook",
    "studio": "studio",
    "ec2": "ec2",
}
MIB_PER_GIB = 1024.0
S3_PRICES = {
    "storage": ("storage", "gb_month"),
    "put": ("storage_put", "request"),
    "get": ("storage_get", "request"),
    "retrieval": ("storage_retrieval", "gb"),
    "monitored": ("storage_monitoring", "object_month"),
}


class PriceKey(NamedTuple):
    """Component, item, variant and unit of the price book, and how many units one billed quantity is."""

    component: str
    item: str
    variant: str
    unit: str
    units: float


NOTHING = PriceKey("", "", "", "", 1.0)
"""No key: nothing in the book is this."""


def price_key(
    meter: str,
    *,
    product: str,
    item: str,
    usage_type: str,
    instance_type: str,
    model: str,
    tier: str,
    scope: str,
    per_unit: float,
) -> PriceKey:
    """The price a billed line is of, from what its usage type says (`aws.usage_types.Use`); else `NOTHING`."""
    if meter in INSTANCE_PRICES and instance_type:
        return PriceKey(INSTANCE_PRICES[meter], instance_type, "", "instance_hour", 1.0)
    if meter == "tokens" and model not in ("", "unknown"):
        return _tokens(item, model, tier, scope, per_unit)
    if meter == "volume":
        return PriceKey("volume", "gp2", "", "gb_month", 1.0)
    if meter == "serverless" and item:
        return PriceKey("serverless_inference", "gb_second", "", "gb_second", float(item) / MIB_PER_GIB)
    if meter in ("put", "get") and "Requests-Tier" not in usage_type:
        return NOTHING
    if meter in S3_PRICES:
        component, unit = S3_PRICES[meter]
        ours = {"put": "STANDARD", "get": "STANDARD", "monitored": "INTELLIGENT_TIERING"}.get(meter, item)
        return PriceKey(component, ours, "", unit, 1.0)
    beside = service_use(product, usage_type)
    return PriceKey(beside.price[0], beside.price[1], "", beside.price[2], 1.0) if beside else NOTHING


def _tokens(direction: str, model: str, tier: str, scope: str, per_unit: float) -> PriceKey:
    """The profile stands in front of the model; batch is a component, other tiers are variants."""
    prefixed = scope in ("", "in_region") or model.startswith(f"{scope}.")
    batch = "batch_" if tier == "batch" else ""
    variant = "" if tier in ("", "batch") else tier
    return PriceKey(
        f"bedrock_{batch}{direction}", model if prefixed else f"{scope}.{model}", variant, "token", per_unit
    )
