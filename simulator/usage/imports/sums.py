"""The sums an import needs, over lines, as Ibis expressions: a few thousand rows whatever the size of the export.

`money` accounts for every line; `hours` are instance-hours of SageMaker by resource and hour; `plans` the Savings Plan
fees; `tags` the tags of resources. Resources are kept apart for the services we model only.
"""

from __future__ import annotations

from typing import Any

import ibis

WHOLE = 1e-6
HOUR_TYPES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
MONEY_KEYS = (
    "account_id", "provider", "line_type", "product", "product_name", "usage_type", "description", "resource_id", "unit",
    "currency", "region", "period", "bad",
)  # fmt: skip


def is_sagemaker(t: Any) -> Any:
    """Lines of SageMaker; FOCUS names the service in words."""
    return t.product.contains("SageMaker")


def is_bedrock(t: Any) -> Any:
    """Lines of Bedrock, also those billed through the Marketplace (service name or usage type tells)."""
    return t.product.contains("Bedrock") | t.product_name.contains("Bedrock") | t.usage_type.contains("MP:")


def is_s3(t: Any) -> Any:
    """Lines of S3."""
    return (t.product == "AmazonS3") | t.product.contains("Simple Storage Service")


def money(t: Any) -> Any:
    """Dollars and quantities by everything that decides what a line is; Bedrock by day, the rest by month."""
    bedrock = is_bedrock(t)
    ours = is_sagemaker(t) | bedrock | is_s3(t)
    keyed = t.mutate(
        period=ibis.ifelse(bedrock, t.start.truncate("D"), t.start.truncate("M")),
        resource_id=ibis.ifelse(ours, t.resource_id, ""),
        product_name=ibis.ifelse(bedrock, t.product_name, ""),
        description=ibis.ifelse(t.usage_type == "", t.description, ""),
    )
    return keyed.group_by(*MONEY_KEYS).agg(
        rows=keyed.count(),
        quantity=keyed.quantity.sum(),
        quantity_rows=keyed.quantity.count(),
        unblended=keyed.unblended.sum(),
        net_unblended=keyed.net_unblended.sum(),
        amortized=keyed.amortized.sum(),
        amortized_rows=keyed.amortized.count(),
        list_cost=keyed.list_cost.sum(),
        first=keyed.start.min(),
        last=keyed.end.max(),
        last_start=keyed.start.max(),
    )


def hours(t: Any) -> Any:
    """Instance-hours by resource, usage type and hour; usage and covered usage of one hour add up."""
    metered = t.filter(
        is_sagemaker(t)
        & t.usage_type.contains("ml.")
        & t.line_type.isin(HOUR_TYPES)
        & ~t.bad
        & t.quantity.notnull()
    )
    keyed = metered.mutate(hour=metered.start.truncate("h"))
    return keyed.group_by("account_id", "region", "resource_id", "usage_type", "hour").agg(
        hours=keyed.quantity.sum(), end=keyed.end.max()
    )


def hours_by_resource(h: Any) -> Any:
    """Of `hours`: per resource the total, the span, and how the instance count moved from hour to hour.

    `least` looks at whole instance-hours only: an hour in which something started or stopped is a part of one.
    """
    whole = (h.hours - h.hours.round()).abs() < WHOLE
    return h.group_by("account_id", "region", "resource_id", "usage_type").agg(
        hours=h.hours.sum(),
        metered_hours=h.count(),
        least=h.hours.min(where=whole),
        most=h.hours.max(),
        first=h.hour.min(),
        last=h.hour.max(),
        first_hours=h.hours.argmin(h.hour),
        last_hours=h.hours.argmax(h.hour),
        last_end=h.end.max(),
    )


def hours_by_type(h: Any) -> Any:
    """Of `hours`: the hourly profile of the account."""
    return h.group_by("account_id", "region", "usage_type", "hour").agg(hours=h.hours.sum())


def plans(t: Any) -> Any:
    """Savings Plan fees by plan: committed dollars and the hours they are for."""
    fees = t.filter(t.line_type.isin(["SavingsPlanRecurringFee", "SavingsPlanUpfrontFee"]) & ~t.bad)
    return fees.group_by("plan_id", "product", "line_type").agg(
        account_id=fees.account_id.max(),
        commitment=fees.plan_commitment.sum(),
        hours=fees.quantity.sum(),
        unblended=fees.unblended.sum(),
        start=fees.plan_start.max(),
        end=fees.plan_end.max(),
        payment=fees.plan_payment.max(),
        term=fees.plan_term.max(),
        first=fees.start.min(),
        last=fees.end.max(),
    )


def tags(t: Any, columns: tuple[str, ...]) -> Any:
    """Tags of resources of the services we model, from one source: its tag columns at the latest line."""
    ours = t.filter((is_sagemaker(t) | is_s3(t)) & (t.resource_id != "") & ~t.bad)
    found = {c: ours[c].argmax(ours.start) if ours[c].type().is_map() else ours[c].max() for c in columns}
    return ours.group_by("account_id", "region", "resource_id").agg(**found)
