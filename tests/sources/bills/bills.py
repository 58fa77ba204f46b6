# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Small bills made by hand, written in every format an import reads: the same lines, so the same totals."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ACCOUNT = "011122220001"
DAY = datetime(2026, 10, 1)
ARN = f"arn:aws:sagemaker:us-west-2:{ACCOUNT}:"
PLAN = f"arn:aws:savingsplans::{ACCOUNT}:savingsplan/plan-1"
LEGACY = {
    "line_item_usage_account_id": "lineItem/UsageAccountId",
    "line_item_line_item_type": "lineItem/LineItemType",
    "line_item_usage_start_date": "lineItem/UsageStartDate",
    "line_item_usage_end_date": "lineItem/UsageEndDate",
    "line_item_product_code": "lineItem/ProductCode",
    "line_item_usage_type": "lineItem/UsageType",
    "line_item_resource_id": "lineItem/ResourceId",
    "line_item_usage_amount": "lineItem/UsageAmount",
    "line_item_currency_code": "lineItem/CurrencyCode",
    "line_item_unblended_cost": "lineItem/UnblendedCost",
    "product_region_code": "product/regionCode",
    "product_product_name": "product/ProductName",
    "pricing_unit": "pricing/unit",
    "savings_plan_savings_plan_a_r_n": "savingsPlan/SavingsPlanARN",
    "savings_plan_savings_plan_effective_cost": "savingsPlan/SavingsPlanEffectiveCost",
    "savings_plan_total_commitment_to_date": "savingsPlan/TotalCommitmentToDate",
    "savings_plan_used_commitment": "savingsPlan/UsedCommitment",
    "savings_plan_start_time": "savingsPlan/StartTime",
    "savings_plan_end_time": "savingsPlan/EndTime",
    "savings_plan_payment_option": "savingsPlan/PaymentOption",
    "savings_plan_purchase_term": "savingsPlan/PurchaseTerm",
    "resource_tags_user_owner": "resourceTags/user:owner",
}
NUMBERS = (
    "line_item_usage_amount",
    "line_item_unblended_cost",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
)
TIMES = (
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "savings_plan_start_time",
    "savings_plan_end_time",
)


def line(
    usage_type: str,
    cost: float,
    *,
    kind: str = "Usage",
    quantity: float | None = 1.0,
    unit: str = "Hrs",
    product: str = "AmazonSageMaker",
    resource: str = "",
    hour: float = 0.0,
    hours: float = 1.0,
    region: str = "us-west-2",
    **more: Any,
) -> dict[str, Any]:
    """One line of a bill, with the columns of CUR 2.0 in Athena's spelling."""
    start = DAY + timedelta(hours=hour)
    return dict.fromkeys(LEGACY, "") | {
        "line_item_usage_account_id": ACCOUNT,
        "line_item_line_item_type": kind,
        "line_item_usage_start_date": start,
        "line_item_usage_end_date": start + timedelta(hours=hours),
        "line_item_product_code": product,
        "line_item_usage_type": usage_type,
        "line_item_resource_id": resource,
        "line_item_usage_amount": quantity,
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": cost,
        "product_region_code": region,
        "pricing_unit": unit,
        **more,
    }


def mixed_bill() -> list[dict[str, Any]]:
    """Two days: an endpoint partly covered by a plan, a job, tokens, a bucket, EC2, tax, a credit, the plan's fee.

    Worked out by hand: unblended = endpoint 48 h × $1.50 (half of it covered, cancelled by negation) + job $6
    + tokens $9 + bucket $2 + EC2 $5 + tax $3 - credit $4 + fee $24 = 36 + 6 + 9 + 2 + 5 + 3 - 4 + 24 = $81.
    Amortized: the covered 48 halves at $0.50 are $24, and of the fee nothing was unused: 36 + 24 + 6 + 9 + 2 + 5
    + 3 - 4 = $81.
    """
    lines = []
    for hour in range(48):
        own: dict[str, Any] = {
            "resource": f"{ARN}endpoint/chat",
            "hour": hour,
            "resource_tags_user_owner": "search",
        }
        lines.append(line("USW2-Host:ml.g5.2xlarge", 0.75, quantity=0.5, **own))
        lines.append(
            line(
                "USW2-Host:ml.g5.2xlarge",
                0.75,
                quantity=0.5,
                kind="SavingsPlanCoveredUsage",
                **own,
                savings_plan_savings_plan_a_r_n=PLAN,
                savings_plan_savings_plan_effective_cost=0.5,
            )
        )
    for day in range(2):
        lines.append(
            line(
                "USW2-Host:ml.g5.2xlarge",
                -18.0,
                kind="SavingsPlanNegation",
                quantity=12.0,
                hour=24 * day,
                hours=24,
            )
        )
        lines.append(
            line(
                "SageMakerSP:1yrNoUpfront",
                12.0,
                kind="SavingsPlanRecurringFee",
                quantity=24.0,
                hour=24 * day,
                hours=24,
                product="MachineLearningSavingsPlans",
                region="global",
                savings_plan_savings_plan_a_r_n=PLAN,
                savings_plan_total_commitment_to_date=12.0,
                savings_plan_used_commitment=12.0,
                savings_plan_start_time=datetime(2026, 3, 1),
                savings_plan_end_time=datetime(2027, 3, 1),
                savings_plan_payment_option="No Upfront",
                savings_plan_purchase_term="1yr",
            )
        )
    for hour, quantity in ((10, 1.0), (11, 2.0), (12, 1.0)):
        lines.append(
            line(
                "USW2-Train:ml.m5.xlarge",
                quantity * 1.5,
                quantity=quantity,
                resource=f"{ARN}training-job/fit",
                hour=hour,
            )
        )
    for words, thousands, cost in (("input-tokens", 2000.0, 6.0), ("output-tokens", 200.0, 3.0)):
        lines.append(
            line(
                f"USW2-Claude4.5Sonnet-{words}",
                cost,
                quantity=thousands,
                unit="1K tokens",
                product="AmazonBedrock",
                hours=24,
            )
        )
    for day in range(2):
        lines.append(
            line(
                "USW2-TimedStorage-ByteHrs",
                1.0,
                quantity=100 / 31,
                unit="GB-Mo",
                product="AmazonS3",
                resource="models",
                hour=24 * day,
                hours=24,
            )
        )
    lines.append(line("USW2-BoxUsage:t3.large", 5.0, product="AmazonEC2", resource="i-1"))
    lines.append(line("", 3.0, kind="Tax", unit="", product="AmazonSageMaker", hours=24 * 31))
    lines.append(line("USW2-Host:ml.g5.2xlarge", -4.0, kind="Credit", quantity=0.0))
    return lines


MIXED_USD = {"unblended": 81.0, "amortized": 81.0, "rows": 110}
MIXED_PARTS = {"training": 6.0, "hosting": 36.0, "bedrock": 9.0, "storage": 2.0, "commitments": 24.0}
MIXED_OTHER_USD = 5.0 + 3.0 - 4.0


def legacy_csv(lines: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """Legacy CUR as CSV: names with slashes, times with and without milliseconds."""
    rows = [{LEGACY[k]: _text(v, millis=i % 2 == 0) for k, v in row.items()} for i, row in enumerate(lines)]
    return _write_csv(rows, path)


def athena_parquet(lines: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """Legacy CUR as Athena has it: snake case, typed."""
    pq.write_table(_typed_table(lines), path)
    return path


def cur2_csv(lines: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """CUR 2.0 as CSV (packed when the name ends in .gz): maps as JSON text."""
    rows = []
    for row in lines:
        out = {
            k: _text(v)
            for k, v in row.items()
            if k not in ("product_product_name", "resource_tags_user_owner")
        }
        out["product"] = json.dumps({"product_name": row["product_product_name"]})
        owner = row["resource_tags_user_owner"]
        out["resource_tags"] = json.dumps({"user_owner": owner} if owner else {})
        rows.append(out)
    return _write_csv(rows, path)


def cur2_parquet(lines: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """CUR 2.0 as Parquet: maps are maps."""
    rows = list(lines)
    table = _typed_table(rows).drop_columns(["product_product_name", "resource_tags_user_owner"])
    text_map = pa.map_(pa.string(), pa.string())
    tags = [
        [("user_owner", r["resource_tags_user_owner"])] if r["resource_tags_user_owner"] else [] for r in rows
    ]
    names = [[("product_name", r["product_product_name"])] if r["product_product_name"] else [] for r in rows]
    table = table.append_column("resource_tags", pa.array(tags, text_map)).append_column(
        "product", pa.array(names, text_map)
    )
    pq.write_table(table, path)
    return path


WRITERS = {
    "legacy.csv": legacy_csv,
    "athena.parquet": athena_parquet,
    "cur2.csv.gz": cur2_csv,
    "cur2.parquet": cur2_parquet,
}


def _typed_table(lines: Iterable[Mapping[str, Any]]) -> pa.Table:
    rows = [
        {k: (None if v == "" and k in (*NUMBERS, *TIMES) else v) for k, v in row.items()} for row in lines
    ]
    kinds = {
        k: pa.float64() if k in NUMBERS else pa.timestamp("us") if k in TIMES else pa.string()
        for k in (*LEGACY, *(k for k in rows[0] if k not in LEGACY))
    }
    return pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))


def _text(value: Any, millis: bool = True) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z" if millis else "%Y-%m-%dT%H:%M:%SZ")
    return "" if value is None else str(value)


def _write_csv(rows: Sequence[Mapping[str, str]], path: Path) -> Path:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = stream.getvalue().encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
