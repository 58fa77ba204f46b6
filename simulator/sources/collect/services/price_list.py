"""Today's list prices of the instance types in use, in the form of pricing_data/prices: the answer to "own prices".

Free. Each price is found by its usage type (USW2-Host:ml.g5.2xlarge): the list's instanceType may read
"ml.g5.2xlarge-Hosting" or "NA" (rules.md#cost-identities). A type that is not found gets no row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.aws.region_prefixes import PREFIXES
from simulator.sources.collect.client.reader import Reader

USAGE_WORDS = {
    "training": ("Train",),
    "hosting": ("Host",),
    "async_inference": ("AsyncInf",),
    "notebook": ("Notebk",),
    "studio": ("Studio:JupyterLab", "Studio:KernelGateway"),
    "processing": ("Processing",),
    "batch_transform": ("Tsform",),
}
COLUMNS = (
    "component", "item", "region", "tier_from", "tier_to", "usd", "unit", "per", "effective_from", "checked_on",
    "grade", "source", "note",
)  # fmt: skip
SOURCE = "own-price-list"
Need = tuple[str, str, str]
Row = dict[str, str]


def read_prices(reader: Reader, needs: Iterable[Need]) -> list[Row]:
    """The prices of (component, region, instance type), as far as they are found."""
    needs = sorted(needs)
    today = reader.place.end.date().isoformat()
    rows = []
    for done, (_, row) in enumerate(reader.each(needs, lambda need: _price(reader, need, today)), 1):
        reader.progress(done, len(needs))
        if row:
            rows.append(row)
    return rows


def as_csv(rows: Iterable[Row]) -> str:
    """Prices as a file of own prices."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _price(reader: Reader, need: Need, today: str) -> Row | None:
    component, region, instance_type = need
    for usage_type in usage_types(*need):
        answer = reader.call(
            "pricing", "GetProducts", needs="PriceList", ServiceCode="AmazonSageMaker", MaxResults=10,
            Filters=[{"Type": "TERM_MATCH", "Field": "usagetype", "Value": usage_type}],
        )  # fmt: skip
        found = hourly_price([json.loads(p) if isinstance(p, str) else p for p in answer["PriceList"]])
        if found:
            usd, since = found
            return {
                "component": component, "item": instance_type, "region": region, "usd": f"{usd:.10g}",
                "unit": "instance_hour", "per": "1", "effective_from": since[:10] or today, "checked_on": today,
                "grade": "api", "source": SOURCE, "note": usage_type,
            }  # fmt: skip
    return None


def usage_types(component: str, region: str, instance_type: str) -> list[str]:
    """Usage types under which the price may stand, with every billing prefix of the region."""
    prefixes = [p for p, r in PREFIXES.items() if r == region]
    return [
        f"{p}-{w}{'-' if ':' in w else ':'}{instance_type}"
        for p in prefixes
        for w in USAGE_WORDS.get(component, ())
    ]


def hourly_price(products: Iterable[dict[str, Any]]) -> tuple[float, str] | None:
    """(USD per hour, effective date) of the first on-demand hourly term; None without one. A price of 0 is none."""
    for product in products:
        for term in product.get("terms", {}).get("OnDemand", {}).values():
            for dimension in term.get("priceDimensions", {}).values():
                usd = float(dimension.get("pricePerUnit", {}).get("USD", 0))
                if dimension.get("unit", "").lower() in ("hrs", "hours", "hour") and usd > 0:
                    since = str(term.get("effectiveDate", ""))
                    return usd, datetime.fromisoformat(
                        since.replace("Z", "+00:00")
                    ).date().isoformat() if since else ""
    return None
