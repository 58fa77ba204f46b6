"""The columns of FOCUS 1.2: level, type, whether they may be null, allowed values; and the words we fill them with.

Source: FinOps Open Cost and Usage Specification 1.2, column definitions (focus.finops.org).
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT, NUMBER, MOMENT, JSON = "text", "number", "moment", "json"


@dataclass(frozen=True)
class FocusColumn:
    """One column of the specification."""

    name: str
    kind: str
    nullable: bool = True
    mandatory: bool = False
    allowed: tuple[str, ...] = ()


def _must(name: str, kind: str, *allowed: str, nullable: bool = False) -> FocusColumn:
    return FocusColumn(name, kind, nullable, True, allowed)


def _may(name: str, kind: str, *allowed: str) -> FocusColumn:
    return FocusColumn(name, kind, True, False, allowed)


FOCUS_COLUMNS = (
    _may("AvailabilityZone", TEXT),
    _must("BilledCost", NUMBER),
    _must("BillingAccountId", TEXT),
    _must("BillingAccountName", TEXT, nullable=True),
    _may("BillingAccountType", TEXT),
    _must("BillingCurrency", TEXT),
    _must("BillingPeriodEnd", MOMENT),
    _must("BillingPeriodStart", MOMENT),
    _may("CapacityReservationId", TEXT),
    _may("CapacityReservationStatus", TEXT, "Used", "Unused"),
    _must("ChargeCategory", TEXT, "Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    _must("ChargeClass", TEXT, "Correction", nullable=True),
    _must("ChargeDescription", TEXT, nullable=True),
    _may("ChargeFrequency", TEXT, "One-Time", "Recurring", "Usage-Based"),
    _must("ChargePeriodEnd", MOMENT),
    _must("ChargePeriodStart", MOMENT),
    _may("CommitmentDiscountCategory", TEXT, "Spend", "Usage"),
    _may("CommitmentDiscountId", TEXT),
    _may("CommitmentDiscountName", TEXT),
    _may("CommitmentDiscountQuantity", NUMBER),
    _may("CommitmentDiscountStatus", TEXT, "Used", "Unused"),
    _may("CommitmentDiscountType", TEXT),
    _may("CommitmentDiscountUnit", TEXT),
    _may("ConsumedQuantity", NUMBER),
    _may("ConsumedUnit", TEXT),
    _must("ContractedCost", NUMBER),
    _may("ContractedUnitPrice", NUMBER),
    _must("EffectiveCost", NUMBER),
    _may("InvoiceId", TEXT),
    _must("InvoiceIssuerName", TEXT),
    _must("ListCost", NUMBER),
    _may("ListUnitPrice", NUMBER),
    _may("PricingCategory", TEXT, "Standard", "Dynamic", "Committed", "Other"),
    _may("PricingCurrency", TEXT),
    _may("PricingCurrencyContractedUnitPrice", NUMBER),
    _may("PricingCurrencyEffectiveCost", NUMBER),
    _may("PricingCurrencyListUnitPrice", NUMBER),
    _must("PricingQuantity", NUMBER, nullable=True),
    _must("PricingUnit", TEXT, nullable=True),
    _must("ProviderName", TEXT),
    _must("PublisherName", TEXT),
    _may("RegionId", TEXT),
    _may("RegionName", TEXT),
    _may("ResourceId", TEXT),
    _may("ResourceName", TEXT),
    _may("ResourceType", TEXT),
    _must("ServiceCategory", TEXT, "AI and Machine Learning", "Storage"),
    _must("ServiceName", TEXT),
    _may("ServiceSubcategory", TEXT, "Machine Learning", "Generative AI", "Object Storage"),
    _may("SkuId", TEXT),
    _may("SkuMeter", TEXT),
    _may("SkuPriceDetails", JSON),
    _may("SkuPriceId", TEXT),
    _may("SubAccountId", TEXT),
    _may("SubAccountName", TEXT),
    _may("SubAccountType", TEXT),
    _may("Tags", JSON),
)
OWN_COLUMNS = (
    "x_Scenario",
    "x_Component",
    "x_Resource",
    "x_Levers",
    "x_PeriodHours",
    "x_PriceSource",
    "x_PriceGrade",
)

UNITS = {
    "instance_hour": "Hours", "gb_month": "GiB-Months", "gb": "GiB", "gb_second": "GiB-Seconds", "token": "Tokens",
    "request": "Requests", "transition": "Requests", "object_month": "Object-Months", "usd": "USD",
    "model_unit_hour": "Model Unit-Hours", "ocu_hour": "OCU-Hours", "model_month": "Model-Months",
    "cmu_minute": "Model Unit-Minutes", "cmu_month": "Model Unit-Months",
    "ktpm_month": "Thousand Tokens per Minute-Months", "hour": "Hours", "query": "Requests",
}  # fmt: skip
SAGEMAKER = ("Amazon SageMaker", "AI and Machine Learning", "Machine Learning")
SERVICES = {
    "bedrock": ("Amazon Bedrock", "AI and Machine Learning", "Generative AI"),
    "storage": ("Amazon Simple Storage Service", "Storage", "Object Storage"),
}
SERVICES_BY_PRICE = {
    "vector_store": ("Amazon OpenSearch Service", "Analytics", "Search"),
    "file_system": ("Amazon Elastic File System", "Storage", "File Storage"),
    "cloudwatch": ("AmazonCloudWatch", "Management and Governance", "Observability"),
}
RESOURCE_TYPES = {
    "training": "Training Job", "endpoints": "Endpoint Variant", "compute": "Notebook, App or Job", "storage": "Bucket",
    "services": "Service",
}  # fmt: skip
REGION_NAMES = {
    "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)", "ca-central-1": "Canada (Central)", "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)", "eu-west-2": "Europe (London)", "eu-west-3": "Europe (Paris)",
    "eu-north-1": "Europe (Stockholm)", "eu-south-1": "Europe (Milan)", "ap-south-1": "Asia Pacific (Mumbai)",
    "ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)",
    "ap-northeast-1": "Asia Pacific (Tokyo)", "ap-northeast-2": "Asia Pacific (Seoul)",
    "ap-northeast-3": "Asia Pacific (Osaka)", "sa-east-1": "South America (São Paulo)",
}  # fmt: skip
