"""AWS price offers → rows of the price book. Pure: offers are given as data, rows come back.

A product is found by its usage type (`USW2-Host:ml.g5.2xlarge`), never by instanceType, which may read "NA".
Source: AWS Price List bulk offer files (products, terms.OnDemand, priceDimensions); rules.md#cost-identities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from simulator.aws.service_types import service_use
from simulator.aws.usage_types import PREFIXES, Use, split_prefix, use_of
from simulator.catalog import load_catalog
from simulator.pricing.files import COLUMNS

OFFERS = (
    "AmazonSageMaker",
    "AmazonS3",
    "AmazonBedrock",
    "AmazonBedrockService",
    "AmazonBedrockFoundationModels",
    "AmazonEC2",
    "AmazonES",
    "AmazonEFS",
    "AmazonFSx",
)
EC2 = "AmazonEC2"
"""Read as CSV, line by line: its JSON would need gigabytes of memory."""
EC2_PLAIN = {
    "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA",
    "operation": "RunInstances",
}  # fmt: skip
"""Linux on shared hardware, without licences: what the book's `ec2` rows are of."""
PLAN_OFFERS = ("AWSMachineLearningSavingsPlans", "AWSComputeSavingsPlan")
"""Offers of Savings Plans: SageMaker's, and Compute's, which cover EC2 and never SageMaker."""
SERVICE_UNITS = {
    "ocu_hour": ("hrs", "hours", "hour", "ocu-hours", "ocu-hour", "ocu hours"), "gb_month": ("gb-mo", "gb-month"),
    "gb": ("gb", "gigabytes"), "hour": ("hrs", "hours", "hour"),
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
CONFIRM_DAYS = 30
SAME = 1e-9


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
            placed = _placed(use, split_prefix(usage_type)[1], unit, usd)
            placed = (
                placed
                or _beside(offer, usage_type, unit, usd)
                or _ec2(offer, product["attributes"], unit, usd)
            )
            if placed and usd > 0 and region and latest:
                component, item, price, unit, per = placed
                yield Found(
                    component, item, region, price, unit, per, day_of(latest["effectiveDate"], where), usage_type,
                    float(d.get("beginRange") or 0), float(d.get("endRange") or "inf"),
                )  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{where}: not in the form of an AWS offer: {error!r}") from None


def _placed(use: Use, rest: str, unit: str, usd: float) -> tuple[str, str, float, str, float] | None:
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


def _beside(offer: str, usage_type: str, unit: str, usd: float) -> tuple[str, str, float, str, float] | None:
    """The price of a service beside the models (vector stores, file systems, MLflow …), as a bill's line is placed."""
    use = service_use(offer, usage_type)
    if use is None or not use.price[0] or unit not in SERVICE_UNITS.get(use.price[2], ()):
        return None
    return use.price[0], use.price[1], usd, use.price[2], 1


def _ec2(
    offer: str, attributes: dict[str, str], unit: str, usd: float
) -> tuple[str, str, float, str, float] | None:
    """Linux hours of an accelerator on EC2, shared hardware, no licence."""
    kind = "ml." + attributes["usagetype"].rpartition("BoxUsage:")[2]
    plain = all(attributes.get(name, value) == value for name, value in EC2_PLAIN.items())
    if offer != EC2 or unit not in HOURS or not plain or kind not in accelerators():
        return None
    return "ec2", kind, usd, "instance_hour", 1


def savings_plan_rates(answers: Iterable[dict[str, Any]], today: date) -> list[Found]:
    """Rates of DescribeSavingsPlansOfferingRates as prices `<component>:<type>#<1y|3y>_<payment>`."""
    made = []
    for row in answers:
        offering = row["savingsPlanOffering"]
        years = round(int(offering["durationSeconds"]) / (365 * 24 * 3600))
        payment = offering["paymentOption"].lower().replace(" ", "_")
        use = use_of("AmazonSageMaker", "", row["usageType"], "", "Usage", row["unit"])
        placed = _placed(use, split_prefix(row["usageType"])[1], row["unit"].lower(), float(row["rate"]))
        region = {p["name"]: p["value"] for p in row.get("properties", [])}.get("region")
        region = region or PREFIXES.get(split_prefix(row["usageType"])[0], "")
        if placed and placed[3] == "instance_hour" and region and offering.get("currency", "USD") == "USD":
            item = f"{placed[0]}:{placed[1]}#{years}y_{payment}"
            made.append(
                Found("savings_plan", item, region, placed[2], "instance_hour", 1, today, row["usageType"])
            )
    return made


def read_plans(data: Any, where: str, *, offer: str, region: str) -> Read:
    """Rates of a Savings Plan offer file of one region. Raises ValueError where it is not one.

    Source: AWS Price List bulk files, savingsPlan: products by sku, terms.savingsPlan with rates.
    """
    try:
        bought = {p["sku"]: p["attributes"] for p in data["products"]}
        terms = data["terms"]["savingsPlan"]
        day = day_of(data["publicationDate"], f"{where}: publicationDate")
        read = Read(offer, day)
        for term in terms:
            attributes = bought[term["sku"]]
            length = f"{int(term['leaseContractLength']['duration'])}y"
            payment = attributes["purchaseOption"].lower().replace(" ", "_")
            for rate in term["rates"]:
                found = _plan_rate(rate, f"{length}_{payment}", region, day_of(term["effectiveDate"], where))
                read.prices += [found] if found else []
                read.passed_over += found is None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{where}: not in the form of a Savings Plan offer: {error!r}") from None
    return read


def _plan_rate(rate: dict[str, Any], plan: str, region: str, since: date) -> Found | None:
    usage_type, price = rate["discountedUsageType"], rate["discountedRate"]
    if price.get("currency", "USD") != "USD":
        return None
    if rate["discountedServiceCode"] == EC2:
        return _compute_rate(rate, plan, region, since)
    use = use_of("AmazonSageMaker", "", usage_type, "", "Usage", rate["unit"])
    placed = _placed(use, split_prefix(usage_type)[1], rate["unit"].lower(), float(price["price"]))
    sagemaker = rate["discountedServiceCode"] == "AmazonSageMaker"
    if not (sagemaker and placed and placed[3] == "instance_hour"):
        return None
    item = f"{placed[0]}:{placed[1]}#{plan}"
    return Found("savings_plan", item, region, placed[2], "instance_hour", 1, since, usage_type)


def _compute_rate(rate: dict[str, Any], plan: str, region: str, since: date) -> Found | None:
    """The rate of a Compute Savings Plan for an accelerator on EC2, Linux; a component of its own: no SageMaker plan
    has it."""
    kind = "ml." + rate["discountedUsageType"].rpartition("BoxUsage:")[2]
    linux = rate.get("discountedOperation", "RunInstances") == "RunInstances"
    if not linux or kind not in accelerators():
        return None
    item, usd = f"ec2:{kind}#{plan}", float(rate["discountedRate"]["price"])
    return Found(
        "compute_savings_plan", item, region, usd, "instance_hour", 1, since, rate["discountedUsageType"]
    )


def accelerators() -> frozenset[str]:
    """Instance types with GPUs or accelerator chips."""
    catalog = load_catalog()
    kinds = zip(catalog.instance_types, catalog.accelerator, strict=False)
    return frozenset(name for name, kind in kinds if kind not in ("", "none"))


def new_rows(
    read: Read, known: pd.DataFrame, today: date, source: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows to append, and sentences on what was left out. An unchanged price checked lately needs no row.

    Raises ValueError when the offer is older than what the book holds: prices never go backwards in time.
    """
    if read.published > today + timedelta(days=1):
        raise ValueError(f"{read.offer}: published on {read.published}, after today, {today}; refused")
    _not_older(read, known)
    published = known[~known["grade"].isin(["assumed", "own"])].sort_values("effective_from", kind="stable")
    wanted = {p.key for p in read.prices}
    places = zip(published["component"], published["item"], published["region"], strict=True)
    published = published[[place in wanted for place in places]]
    latest = {
        (str(a), str(b), str(c)): rows.drop_duplicates("tier_from", keep="last")
        for (a, b, c), rows in published.groupby(["component", "item", "region"])
    }
    made: list[dict[str, Any]] = []
    left_out: list[str] = []
    for key, prices in _by_key(read.prices).items():
        steps = {p.tier_from: p for p in prices}
        if len({(p.tier_from, round(p.usd / p.per, 15)) for p in prices}) > len(steps):
            types = ", ".join(sorted({p.usage_type for p in prices}))
            left_out.append(f"{'/'.join(key[:2])} in {key[2]}: two prices in the offer ({types})")
        elif key in latest and set(latest[key]["tier_from"]) != set(steps):
            left_out.append(f"{'/'.join(key[:2])} in {key[2]}: its tiers changed; enter it by hand")
        else:
            made += _dated(list(steps.values()), latest.get(key), read, today, source)
    return made, left_out


def _not_older(read: Read, known: pd.DataFrame) -> None:
    beginning = f"price-list-{read.offer}-"
    regions = {p.region for p in read.prices}
    ours = known[known["source"].str.startswith(beginning) & known["region"].isin(regions)]
    newest = ours["source"].str.removeprefix(beginning).max() if len(ours) else ""
    if newest > read.published.isoformat():
        raise ValueError(
            f"{read.offer}: published on {read.published}, but the book already holds the offer of {newest}; "
            "prices never go backwards, nothing was written"
        )


def _dated(
    steps: list[Found], latest: pd.DataFrame | None, read: Read, today: date, source: str
) -> list[dict[str, Any]]:
    """Rows of one key, all its tiers together, or none when nothing changed."""
    since = max(p.since for p in steps)
    if latest is not None:
        last = date.fromisoformat(latest["effective_from"].max())
        before = dict(zip(latest["tier_from"], latest["usd"] / latest["per"], strict=True))
        same = all(abs(p.usd / p.per - before[p.tier_from]) <= SAME * before[p.tier_from] for p in steps)
        lately = (today - timedelta(days=CONFIRM_DAYS)).isoformat()
        if same and (read.published <= last or _confirmed(latest, lately)):
            return []
        if same or since <= last:
            since = read.published
        if since <= last:
            name = "/".join(steps[0].key[:2])
            raise ValueError(
                f"{read.offer}: the offer of {read.published} has {name} in {steps[0].region} at {steps[0].usd:.10g}, "
                f"but the book has a later price, from {last}; prices never go backwards, nothing was written"
            )
    return [_row(p, since, today, source) for p in steps]


def _confirmed(latest: pd.DataFrame, lately: str) -> bool:
    return bool(((latest["grade"] == "api") & (latest["checked_on"] >= lately)).all())


def _row(price: Found, since: date, today: date, source: str) -> dict[str, Any]:
    tiered = price.tier_from > 0 or price.tier_to != float("inf")
    values = (
        *price.key, f"{price.tier_from:.10g}" if tiered else "",
        "" if price.tier_to == float("inf") else f"{price.tier_to:.10g}", f"{price.usd:.10g}", price.unit,
        f"{price.per:.10g}", since.isoformat(), "", today.isoformat(), "api", source, price.usage_type,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _by_key(prices: Iterable[Found]) -> dict[tuple[str, str, str], list[Found]]:
    found: dict[tuple[str, str, str], list[Found]] = {}
    for price in prices:
        found.setdefault(price.key, []).append(price)
    return found


def day_of(value: Any, where: str) -> date:
    """The day of a time AWS gives. Raises ValueError naming where."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ValueError(f"{where}: expected a date, not {value!r}") from None
