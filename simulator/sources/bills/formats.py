"""The formats of AWS billing exports, told apart by their columns, and where each keeps the fields we read.

A field is looked for under several names: of `a||b` the first present is read; `a|b` reads `b` where `a` is empty;
`column[key]` reads a key of a map or JSON column. Names of legacy CUR files (`lineItem/UsageType`) are brought to the
form of Athena and CUR 2.0 first (`line_item_usage_type`). Source: CUR and Data Exports user guides (column
dictionaries); FOCUS 1.0 to 1.3 specifications.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.sources.bills.report import BillError

TEXTS = (
    "account_id",
    "provider",
    "line_type",
    "category",
    "commitment_status",
    "product",
    "product_name",
    "usage_type",
    "description",
    "resource_id",
    "unit",
    "currency",
    "region",
    "plan_id",
    "reservation_id",
    "plan_payment",
    "plan_term",
    "line_id",
    "interval",
    "operation",
    "zone",
    "sku",
)
NUMBERS = (
    "quantity",
    "unblended",
    "net_unblended",
    "effective",
    "plan_effective",
    "plan_commitment",
    "plan_used",
    "reservation_effective",
    "unused_upfront",
    "unused_recurring",
)
TIMES = ("start", "end", "bill_start", "plan_start", "plan_end")

CUR_FIELDS: dict[str, str] = {
    "account_id": "line_item_usage_account_id||bill_payer_account_id",
    "line_type": "line_item_line_item_type",
    "product": "line_item_product_code",
    "product_name": "product_product_name||product_productname||product[product_name]",
    "usage_type": "line_item_usage_type",
    "resource_id": "line_item_resource_id",
    "unit": "pricing_unit",
    "currency": "line_item_currency_code",
    "region": "product_region_code|product_region||product_regioncode||product[region]",
    "start": "line_item_usage_start_date",
    "end": "line_item_usage_end_date",
    "bill_start": "bill_billing_period_start_date",
    "quantity": "line_item_usage_amount",
    "unblended": "line_item_unblended_cost",
    "net_unblended": "line_item_net_unblended_cost",
    "plan_id": "savings_plan_savings_plan_a_r_n||savings_plan_savings_plan_arn",
    "plan_effective": "savings_plan_savings_plan_effective_cost",
    "plan_commitment": "savings_plan_total_commitment_to_date",
    "plan_used": "savings_plan_used_commitment",
    "plan_payment": "savings_plan_payment_option",
    "plan_term": "savings_plan_purchase_term",
    "plan_start": "savings_plan_start_time",
    "plan_end": "savings_plan_end_time",
    "reservation_id": "reservation_reservation_a_r_n||reservation_reservation_arn",
    "reservation_effective": "reservation_effective_cost",
    "unused_upfront": "reservation_unused_amortized_upfront_fee_for_billing_period",
    "unused_recurring": "reservation_unused_recurring_fee",
    "line_id": "identity_line_item_id",
    "interval": "identity_time_interval",
    "operation": "line_item_operation",
    "zone": "line_item_availability_zone",
    "sku": "pricing_rate_id||product_sku",
}
FOCUS_FIELDS: dict[str, str] = {
    "account_id": "SubAccountId|BillingAccountId",
    "provider": "ProviderName|ServiceProviderName",
    "category": "ChargeCategory",
    "commitment_status": "CommitmentDiscountStatus",
    "product": "x_ServiceCode|ServiceName",
    "product_name": "ServiceName",
    "usage_type": "x_UsageType|SkuMeter",
    "description": "ChargeDescription",
    "resource_id": "ResourceId",
    "unit": "ConsumedUnit|PricingUnit",
    "currency": "BillingCurrency",
    "region": "RegionId|Region",
    "start": "ChargePeriodStart",
    "end": "ChargePeriodEnd",
    "bill_start": "BillingPeriodStart",
    "quantity": "ConsumedQuantity|PricingQuantity",
    "unblended": "BilledCost",
    "effective": "EffectiveCost",
    "plan_id": "CommitmentDiscountId",
    "operation": "x_Operation",
    "zone": "AvailabilityZone",
    "sku": "SkuPriceId|SkuId",
}
IDENTITY = ("line_id", "interval")
APART = ("operation", "zone", "sku")
"""What tells alike lines apart where they have no identity; not read where they have one."""
CUR_REQUIRED = ("line_type", "product", "usage_type", "currency", "start", "unblended")
FOCUS_REQUIRED = ("category", "product", "currency", "start", "unblended")
JSON_TAGS = ("resource_tags", "Tags", "tags")
TAG_PREFIX = "resource_tags_"


@dataclass(frozen=True)
class Format:
    """A recognised export: `fields` maps a field to the columns it is read from, in order of preference.

    Columns are named as in the file. `tags` is one map or JSON column, or one column a tag.
    """

    name: str
    family: str
    fields: Mapping[str, tuple[str, ...]]
    tags: tuple[str, ...]

    def columns(self) -> tuple[str, ...]:
        """Columns of the file that are read, each once."""
        read = [source.partition("[")[0] for sources in self.fields.values() for source in sources]
        return tuple(dict.fromkeys([*read, *self.tags]))

    def kind_of(self, column: str) -> str:
        """`number`, `time` or `text`: how a column of the file is to be read."""
        for field, sources in self.fields.items():
            if column in sources:
                return "number" if field in NUMBERS else "time" if field in TIMES else "text"
        return "text"


def recognise(columns: Sequence[str], name: str) -> Format:
    """The format of a file with these columns. Raises BillError that names what is missing."""
    if "ChargePeriodStart" in columns and ("BilledCost" in columns or "ChargeCategory" in columns):
        return _format(
            name,
            f"FOCUS {_focus_version(columns)}",
            "focus",
            FOCUS_FIELDS,
            FOCUS_REQUIRED,
            columns,
            {c: c for c in columns},
        )
    snake: dict[str, str] = {}
    for column in columns:
        snake.setdefault(snake_case(column), column)
    if "line_item_unblended_cost" in snake or "line_item_usage_type" in snake:
        kind = "legacy CUR" if _is_legacy(columns, snake) else "CUR 2.0"
        return _format(name, kind, "cur", CUR_FIELDS, CUR_REQUIRED, columns, snake)
    shown = ", ".join(list(columns)[:6])
    raise BillError(
        f"{name}: not a billing export we know (its columns begin {shown[:200]!r}); expected a Cost and Usage Report, "
        "FOCUS, a Cost Explorer CSV or a GetCostAndUsage answer"
    )


def _is_legacy(columns: Sequence[str], known: Mapping[str, str]) -> bool:
    """Slashes in the names, or (Athena) one column a tag or product attribute where CUR 2.0 has one map."""
    if any("/" in c for c in columns):
        return True
    attributes = {"product_product_name", "product_productname", "product_region"} & set(known)
    return not {"product", "resource_tags"} & set(known) and bool(attributes or _tags(known))


def _format(
    file: str,
    name: str,
    family: str,
    fields: Mapping[str, str],
    needed: Sequence[str],
    columns: Sequence[str],
    known: Mapping[str, str],
) -> Format:
    found: dict[str, tuple[str, ...]] = {}
    for field, alternatives in fields.items():
        for group in alternatives.split("||"):
            present = tuple(source for name in group.split("|") if (source := _source(name, known)))
            if present:
                found[field] = present
                break
    if set(IDENTITY) <= set(found):
        found = {f: sources for f, sources in found.items() if f not in APART}
    missing = [fields[f].partition("|")[0] for f in needed if f not in found]
    if missing:
        raise BillError(f"{file}: {name} without column {', '.join(missing)}; export it with these columns")
    read = [s.partition("[")[0] for sources in found.values() for s in sources]
    twice = sorted({c for c in read if list(columns).count(c) > 1})
    if twice:
        raise BillError(f"{file}: column {twice[0]} occurs twice; expected each column once")
    return Format(name, family, found, _tags(known))


def _source(name: str, known: Mapping[str, str]) -> str:
    """The column as the file spells it, with its key; "" when the file does not have it."""
    column, bracket, key = name.partition("[")
    return known[column] + bracket + key if column in known else ""


def _tags(known: Mapping[str, str]) -> tuple[str, ...]:
    for column in JSON_TAGS:
        if column in known:
            return (known[column],)
    return tuple(original for name, original in known.items() if name.startswith(TAG_PREFIX))


def _focus_version(columns: Sequence[str]) -> str:
    """1.3 brought ServiceProviderName, HostProviderName and AllocatedMethodId, 1.2 InvoiceId and BillingAccountType,
    1.1 SkuMeter and ServiceSubcategory. Source: FOCUS change logs."""
    if {"ServiceProviderName", "HostProviderName", "AllocatedMethodId"} & set(columns):
        return "1.3"
    if {"InvoiceId", "BillingAccountType", "SubAccountType"} & set(columns):
        return "1.2"
    if {"SkuMeter", "SkuPriceDetails", "ServiceSubcategory", "CommitmentDiscountQuantity"} & set(columns):
        return "1.1"
    return "1.0"


def snake_case(column: str) -> str:
    """`lineItem/UsageType` → `line_item_usage_type`; a name that is lower case already stays as it is."""
    if "/" not in column:
        return column
    spaced = re.sub(r"(?<=[A-Za-z0-9])([A-Z])", r"_\1", column.replace(":", "_").replace("/", "_/"))
    spaced = re.sub(r"[^A-Za-z0-9]+", "_", spaced)
    return spaced.strip("_").lower()
