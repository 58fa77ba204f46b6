"""Rates of Savings Plans in AWS's lists, as prices of the book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from simulator.aws.region_prefixes import PREFIXES, split_prefix
from simulator.aws.usage_types import use_of
from simulator.pricing.placing import EC2, accelerators, placed_usage
from simulator.pricing.price_list import Found, Read, day_of

PLAN_OFFERS = ("AWSMachineLearningSavingsPlans", "AWSComputeSavingsPlan")
"""Offers of Savings Plans: SageMaker's, and Compute's, which cover EC2 and never SageMaker."""


def savings_plan_rates(answers: Iterable[dict[str, Any]], today: date) -> list[Found]:
    """Rates of DescribeSavingsPlansOfferingRates as prices `<component>:<type>#<1y|3y>_<payment>`."""
    made = []
    for row in answers:
        offering = row["savingsPlanOffering"]
        years = round(int(offering["durationSeconds"]) / (365 * 24 * 3600))
        payment = offering["paymentOption"].lower().replace(" ", "_")
        use = use_of("AmazonSageMaker", "", row["usageType"], "", "Usage", row["unit"])
        placed = placed_usage(use, split_prefix(row["usageType"])[1], row["unit"].lower(), float(row["rate"]))
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
    placed = placed_usage(use, split_prefix(usage_type)[1], rate["unit"].lower(), float(price["price"]))
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
