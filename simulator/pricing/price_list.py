"""AWS price offers → prices. Pure: offers are given as data, prices come back; `dated_rows` makes rows of them.

A product is found by its usage type (`USW2-Host:ml.g5.2xlarge`), never by instanceType, which may read "NA".
Source: AWS Price List bulk offer files (products, terms.OnDemand, priceDimensions); rules.md#cost-identities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from simulator.aws.region_prefixes import PREFIXES, split_prefix
from simulator.aws.usage_types import use_of
from simulator.pricing.placing import placed_ec2, placed_service, placed_usage

OFFERS = (
    "AmazonSageMaker",
    "AmazonS3",
    "AmazonBedrock",
    "AmazonBedrockService",
    "AmazonBedrockFoundationModels",
    "AmazonBedrockAgentCore",
    "AmazonEC2",
    "AmazonES",
    "AmazonEFS",
    "AmazonFSx",
)


@dataclass(frozen=True)
class Found:
    """One price of an offer: `usd` for `per` units from `tier_from` to `tier_to` units, since `since`."""

    component: str
    item: str
    region: str
    usd: float
    unit: str
    per: float
    since: date
    usage_type: str
    tier_from: float = 0.0
    tier_to: float = float("inf")

    @property
    def key(self) -> tuple[str, str, str]:
        """Component, item, region."""
        return self.component, self.item, self.region


@dataclass
class Read:
    """What one offer file said. `passed_over` counts products the model does not price."""

    offer: str
    published: date
    prices: list[Found] = field(default_factory=list)
    passed_over: int = 0


def read_offer(data: Any, where: str, *, offer: str, region: str = "") -> Read:
    """Prices of an offer file (or of GetProducts in the same form). Raises ValueError where it is not one."""
    if not isinstance(data, dict) or not isinstance(data.get("products"), dict):
        raise ValueError(f"{where}: not an AWS offer file: it has no 'products'")
    terms = data.get("terms")
    if not isinstance(terms, dict) or not isinstance(terms.get("OnDemand"), dict):
        raise ValueError(f"{where}: not a complete AWS offer file: it has no 'terms.OnDemand'")
    if data.get("offerCode", offer) != offer:
        raise ValueError(f"{where}: expected the offer {offer}, not {data['offerCode']!r}")
    read = Read(offer, day_of(data.get("publicationDate"), f"{where}: publicationDate"))
    for sku, product in data["products"].items():
        made = list(_prices(product, terms["OnDemand"].get(sku, {}), offer, f"{where}: product {sku}"))
        read.prices += [p for p in made if not region or p.region == region]
        read.passed_over += not made
    return read


def _prices(product: Any, terms: Any, offer: str, where: str) -> Iterator[Found]:
    try:
        usage_type = product["attributes"]["usagetype"]
        latest = max(terms.values(), key=lambda t: t["effectiveDate"]) if terms else None
        dimensions = list(latest["priceDimensions"].values()) if latest else []
        region = product["attributes"].get("regionCode") or PREFIXES.get(split_prefix(usage_type)[0], "")
        for d in dimensions:
            usd = float(d["pricePerUnit"].get("USD", 0))
            use = use_of(
                offer, product["attributes"].get("servicename", offer), usage_type, "", "Usage", d["unit"]
            )
            unit = d["unit"].lower()
            placed = placed_usage(use, split_prefix(usage_type)[1], unit, usd)
            placed = (
                placed
                or placed_service(offer, usage_type, unit, usd)
                or placed_ec2(offer, product["attributes"], unit, usd)
            )
            if placed and usd > 0 and region and latest:
                component, item, price, unit, per = placed
                yield Found(
                    component, item, region, price, unit, per, day_of(latest["effectiveDate"], where), usage_type,
                    float(d.get("beginRange") or 0), float(d.get("endRange") or "inf"),
                )  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{where}: not in the form of an AWS offer: {error!r}") from None


def day_of(value: Any, where: str) -> date:
    """The day of a time AWS gives. Raises ValueError naming where."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ValueError(f"{where}: expected a date, not {value!r}") from None
