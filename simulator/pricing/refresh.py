"""`prices refresh`: today's prices from AWS, appended as dated rows. All or nothing.

Bulk offer files over HTTP (no credentials), those of Savings Plans too; or pricing.GetProducts and
savingsplans.DescribeSavingsPlansOfferingRates. Rows go to prices/refreshed.csv of the user's data folder, never into
the installed package unless that is named; what their sources mean to sources_refreshed.csv; each is written beside
its place and moved there when it is whole.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.documents import write_beside
from simulator.pricing.bulk_offers import DOWNLOADS, PRICE_LIST_URL, Progress, from_bulk
from simulator.pricing.dated_rows import new_rows
from simulator.pricing.files import COLUMNS, DATA, shipped_rows, user_folder
from simulator.pricing.placing import EC2, EC2_PLAIN
from simulator.pricing.plan_list import PLAN_OFFERS, savings_plan_rates
from simulator.pricing.price_list import OFFERS, Read, read_offer

API_FILTERS = {
    EC2: [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in EC2_PLAIN.items()]
}
"""What GetProducts is asked for beside the region."""
SOURCE_COLUMNS = ("source", "text", "url_or_repo", "note")
Row = dict[str, Any]


@dataclass
class Refreshed:
    """What a refresh did: rows appended, offers read (with what they passed over), sentences on what was left out."""

    rows: int = 0
    offers: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The refresh in words."""
        head = f"{self.rows} rows appended" if self.rows else "nothing changed: no row appended"
        return "\n".join([head, *self.offers, *(f"left out: {s}" for s in self.left_out)])


def refresh(
    regions: Sequence[str],
    today: date,
    *,
    offers: Sequence[str] = OFFERS,
    through_api: bool = False,
    savings_plans: bool = False,
    url: str = PRICE_LIST_URL,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Refreshed:
    """Read the offers of the regions and append what is new, to the user's data folder unless another is named.

    Raises ValueError, having written no price, when any offer is broken, incomplete or older than what the book
    holds, or a region is unknown. What was downloaded until then is not downloaded again by the next refresh.
    """
    target, shipped = folder or user_folder(), folder or DATA
    regions = _regions(regions, shipped)
    known = shipped_rows(shipped)
    done, rows, sources, seen = Refreshed(), [], {}, set[tuple[str, str, str]]()
    if through_api:
        reads = [*_from_api(offers, regions), *(_plan_rates(regions, today) if savings_plans else ())]
    else:
        reads = from_bulk(offers, PLAN_OFFERS if savings_plans else (), regions, url, target, progress)
    for read in reads:
        source = f"price-list-{read.offer}-{read.published}"
        read.prices = [p for p in read.prices if p.key not in seen]
        added, left_out = new_rows(read, known, today, source)
        seen |= {p.key for p in read.prices}
        rows += added
        done.left_out += left_out
        done.offers.append(
            f"{read.offer} of {read.published}: {len(read.prices)} prices, {len(added)} rows, "
            f"{read.passed_over} products passed over (not in the model)"
        )
        if added:
            sources[source] = f"AWS prices, {read.offer}, published {read.published}"
    (target / "prices").mkdir(parents=True, exist_ok=True)
    _append(target / "sources_refreshed.csv", SOURCE_COLUMNS, _new_sources(target, sources))
    _append(target / "prices" / "refreshed.csv", COLUMNS, rows)
    shutil.rmtree(target / DOWNLOADS, ignore_errors=True)
    done.rows = len(rows)
    return done


def _regions(regions: Sequence[str], folder: Path) -> list[str]:
    known = pd.read_csv(folder / "regions.csv", dtype=str)["region"].tolist()
    for region in regions:
        if region not in known:
            raise ValueError(f"--region {region}: expected a region of regions.csv, such as us-east-1")
    return list(dict.fromkeys(regions)) or known


def _from_api(offers: Sequence[str], regions: Sequence[str]) -> Iterator[Read]:
    """pricing.GetProducts, in the form of an offer file. Needs credentials; answers in us-east-1."""
    pages = _client("pricing").get_paginator("get_products")
    for offer in offers:
        for region in regions:
            filters = [
                {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
                *API_FILTERS.get(offer, ()),
            ]
            found = [
                json.loads(p)
                for a in pages.paginate(ServiceCode=offer, Filters=filters)
                for p in a["PriceList"]
            ]
            if found:
                data = {
                    "offerCode": offer,
                    "publicationDate": max(p.get("publicationDate", "") for p in found),
                    "products": {p["product"]["sku"]: p["product"] for p in found},
                    "terms": {
                        "OnDemand": {p["product"]["sku"]: p["terms"].get("OnDemand", {}) for p in found}
                    },
                }
                yield read_offer(data, f"GetProducts {offer} {region}", offer=offer, region=region)


def _plan_rates(regions: Sequence[str], today: date) -> Iterator[Read]:
    """DescribeSavingsPlansOfferingRates, page by page. Needs credentials."""
    client = _client("savingsplans")
    more: dict[str, str] = {}
    rows: list[Row] = []
    filters = [{"name": "region", "values": list(regions)}]
    while True:
        page = client.describe_savings_plans_offering_rates(products=["SageMaker"], filters=filters, **more)
        rows += page["searchResults"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
    yield Read("SavingsPlans", today, savings_plan_rates(rows, today))


def _client(service: str) -> Any:
    import boto3

    return boto3.client(service, region_name="us-east-1")


def _new_sources(folder: Path, sources: dict[str, str]) -> list[Row]:
    path = folder / "sources_refreshed.csv"
    known = set(pd.read_csv(path, dtype=str)["source"]) if path.exists() else set()
    texts = {s: t for s, t in sources.items() if s not in known}
    return [dict(zip(SOURCE_COLUMNS, (s, t, PRICE_LIST_URL, ""), strict=True)) for s, t in texts.items()]


def _append(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """The file with the rows at its end, in one move: a reader sees the old file or the new one. Raises OutputError.

    A file of an older form gains the columns it lacks, blank.
    """
    if not rows:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as before:
            writer.writerows(csv.DictReader(before))
    writer.writerows(rows)
    write_beside(path, text.getvalue().encode())
