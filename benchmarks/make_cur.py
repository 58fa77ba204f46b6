"""A synthetic Cost and Usage Report (CUR 2.0 names): hourly lines with resource ids, one file a day.

    python benchmarks/make_cur.py OUT [--rows 10000000] [--days 30] [--csv] [--seed 7]

The same seed gives the same lines. Every (resource, usage type) has one line an hour; quantities vary. Prints rows
and the unblended total, so that an import can be checked. Writes OUT/parquet/*.parquet and, if asked, OUT/csv/*.csv.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

START = datetime(2026, 10, 1)  # noqa: DTZ001  CUR times are UTC without a mark
REGIONS = {
    "us-east-1": "USE1",
    "us-west-2": "USW2",
    "eu-west-1": "EU",
    "eu-central-1": "EUC1",
    "us-east-2": "USE2",
}
INSTANCES = (
    "g5.xlarge",
    "g5.2xlarge",
    "g5.12xlarge",
    "g4dn.xlarge",
    "m5.large",
    "m5.xlarge",
    "m5.2xlarge",
    "c5.xlarge",
    "c5.4xlarge",
    "t3.medium",
    "r5.2xlarge",
    "p4d.24xlarge",
)
SAGEMAKER = {
    "Host": "endpoint/ep",
    "Train": "training-job/job",
    "TrSpt": "training-job/spot",
    "Notebk": "notebook-instance/nb",
    "Studio:JupyterLab-": "app/space",
    "Processing": "processing-job/proc",
    "Tsform": "transform-job/tf",
}
TOKENS = ("input-tokens", "output-tokens", "cache-read-input-token-count", "cache-write-input-token-count")
MODELS = ("Claude4.5Sonnet", "Claude4.5Haiku", "NovaPro", "NovaLite", "Llama3-3-70B", "MistralLarge")
STORAGE = (
    "TimedStorage-ByteHrs",
    "TimedStorage-SIA-ByteHrs",
    "TimedStorage-GIR-ByteHrs",
    "Requests-Tier1",
    "Requests-Tier2",
)
SHARES = (  # product code, share of lines, unit, typical dollars per hour
    ("AmazonSageMaker", 0.20, "Hrs", 2.0),
    ("AmazonEC2", 0.30, "Hrs", 0.8),
    ("AmazonS3", 0.15, "GB-Mo", 0.02),
    ("AmazonBedrock", 0.10, "1K tokens", 0.5),
    ("AWSDataTransfer", 0.05, "GB", 0.05),
    ("AmazonCloudWatch", 0.10, "Metrics", 0.01),
    ("AmazonEKS", 0.05, "Hours", 0.1),
    ("AmazonRDS", 0.05, "Hrs", 0.4),
)


@dataclass(frozen=True)
class Fleet:
    """What does not change from hour to hour: one entry per line of an hour."""

    texts: dict[str, np.ndarray]
    usd_per_hour: np.ndarray
    tags: list[list[tuple[str, str]]]

    def __len__(self) -> int:
        return len(self.usd_per_hour)


def fleet(lines_per_hour: int, rng: np.random.Generator) -> Fleet:
    """An account of many services, a fifth of it SageMaker."""
    codes = rng.choice(len(SHARES), lines_per_hour, p=[s[1] for s in SHARES])
    region = rng.choice(list(REGIONS), lines_per_hour, p=[0.4, 0.25, 0.15, 0.1, 0.1])
    account = np.array([f"{100000000007 + 13 * i}" for i in range(40)])[rng.integers(0, 40, lines_per_hour)]
    instance = rng.choice(INSTANCES, lines_per_hour)
    rows = [
        _line(SHARES[c][0], i, r, a, t)
        for i, (c, r, a, t) in enumerate(zip(codes, region, account, instance, strict=True))
    ]
    usage_type, resource = (np.array(column, object) for column in zip(*rows, strict=True))
    sagemaker = codes == 0
    kind = np.where(sagemaker & (rng.random(lines_per_hour) < 0.2), "SavingsPlanCoveredUsage", "Usage")
    kind = np.where(~sagemaker & (rng.random(lines_per_hour) < 0.03), "EdpDiscount", kind)
    texts = {
        "account": account,
        "region": region,
        "usage_type": usage_type,
        "resource": resource,
        "kind": kind,
        "product": np.array([SHARES[c][0] for c in codes], object),
        "unit": np.array([SHARES[c][2] for c in codes], object),
        "instance_type": np.where(sagemaker, np.char.add("ml.", instance), ""),
        "plan": np.where(
            kind == "SavingsPlanCoveredUsage", "arn:aws:savingsplans::100000000007:savingsplan/plan-1", ""
        ),
    }
    tags = [
        [("user:team", f"team-{i % 25}"), ("user:env", "prod" if i % 3 else "dev")] if i % 5 else []
        for i in range(lines_per_hour)
    ]
    level = np.array([SHARES[c][3] for c in codes]) * rng.lognormal(0, 0.5, lines_per_hour)
    return Fleet(texts, np.where(kind == "EdpDiscount", -0.1 * level, level), tags)


def _line(product: str, i: int, region: str, account: str, instance: str) -> tuple[str, str]:
    prefix = "" if region == "us-east-1" and i % 2 else REGIONS[region] + "-"
    arn = f":{region}:{account}:"
    if product == "AmazonSageMaker":
        token, place = list(SAGEMAKER.items())[i % len(SAGEMAKER)]
        joined = "" if token.endswith("-") else ":"
        return f"{prefix}{token}{joined}ml.{instance}", f"arn:aws:sagemaker{arn}{place}-{i:06d}"
    if product == "AmazonBedrock":
        return f"{prefix}{MODELS[i % len(MODELS)]}-{TOKENS[i % len(TOKENS)]}", ""
    if product == "AmazonS3":
        return prefix + STORAGE[i % len(STORAGE)], f"bucket-{i // len(STORAGE):06d}"
    if product == "AmazonEC2":
        return f"{prefix}BoxUsage:{instance}", f"i-{i:017x}"
    return f"{prefix}{product[6:]}-Usage", f"arn:aws:{product.lower()}{arn}thing/{i:06d}"


def day_table(of: Fleet, day: datetime, serial: int, rng: np.random.Generator) -> pa.Table:
    """24 hours of lines."""
    total = len(of) * 24
    start = np.repeat(np.datetime64(day, "us") + np.arange(24) * np.timedelta64(1, "h"), len(of))
    amount = np.round(rng.gamma(4.0, 0.25, total), 10)
    cost = np.round(amount * np.tile(of.usd_per_hour, 24), 10)
    covered = np.tile(of.texts["kind"] == "SavingsPlanCoveredUsage", 24)
    month = day.replace(day=1)
    texts = {name: _repeated(values) for name, values in of.texts.items()}
    rates = pa.array(np.tile(np.round(of.usd_per_hour, 10), 24))
    tags = pa.array(of.tags, pa.map_(pa.string(), pa.string())).take(
        pa.array(np.tile(np.arange(len(of)), 24))
    )
    return pa.table(
        {
            "bill_bill_type": _constant("Anniversary", total),
            "bill_billing_entity": _constant("AWS", total),
            "bill_billing_period_start_date": _constant(month, total),
            "bill_billing_period_end_date": _constant((month + timedelta(days=32)).replace(day=1), total),
            "bill_payer_account_id": _constant("100000000007", total),
            "identity_line_item_id": pa.array(
                np.char.add("line", np.arange(serial, serial + total).astype("U12"))
            ),
            "identity_time_interval": pa.array(np.datetime_as_string(start, unit="s", timezone="UTC")),
            "line_item_usage_account_id": texts["account"],
            "line_item_line_item_type": texts["kind"],
            "line_item_usage_start_date": pa.array(start),
            "line_item_usage_end_date": pa.array(start + np.timedelta64(1, "h")),
            "line_item_product_code": texts["product"],
            "line_item_usage_type": texts["usage_type"],
            "line_item_operation": _constant("RunInstance", total),
            "line_item_availability_zone": texts["region"],
            "line_item_resource_id": texts["resource"],
            "line_item_usage_amount": pa.array(amount),
            "line_item_normalization_factor": pa.array(np.ones(total)),
            "line_item_normalized_usage_amount": pa.array(amount),
            "line_item_currency_code": _constant("USD", total),
            "line_item_unblended_rate": rates,
            "line_item_unblended_cost": pa.array(cost),
            "line_item_blended_rate": rates,
            "line_item_blended_cost": pa.array(cost),
            "line_item_line_item_description": texts["usage_type"],
            "line_item_legal_entity": _constant("Amazon Web Services, Inc.", total),
            "product_instance_type": texts["instance_type"],
            "product_region_code": texts["region"],
            "product_sku": texts["usage_type"],
            "pricing_term": _constant("OnDemand", total),
            "pricing_unit": texts["unit"],
            "pricing_public_on_demand_cost": pa.array(cost * 1.1),
            "pricing_currency": _constant("USD", total),
            "savings_plan_savings_plan_a_r_n": texts["plan"],
            "savings_plan_savings_plan_effective_cost": pa.array(np.where(covered, cost * 0.7, 0.0)),
            "savings_plan_savings_plan_rate": pa.array(np.where(covered, 0.7, 0.0)),
            "savings_plan_total_commitment_to_date": pa.array(np.zeros(total)),
            "savings_plan_used_commitment": pa.array(np.zeros(total)),
            "reservation_effective_cost": pa.array(np.zeros(total)),
            "resource_tags": tags,
        }
    )


def _repeated(values: np.ndarray) -> pa.Array:
    words, codes = np.unique(values.astype(str), return_inverse=True)
    code = pa.array(np.tile(codes.astype("int32"), 24))
    return pa.DictionaryArray.from_arrays(code, pa.array(words)).dictionary_decode()


def _constant(value: str | datetime, total: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), total)


def make(out: Path, rows: int, days: int, *, csv: bool = False, seed: int = 7) -> dict[str, float]:
    """Write the files; returns rows and unblended_usd as numpy adds them up."""
    rng = np.random.default_rng(seed)
    lines = fleet(max(1, round(rows / days / 24)), rng)
    count, total = 0, 0.0
    for kind in ("parquet", "csv") if csv else ("parquet",):
        (out / kind).mkdir(parents=True, exist_ok=True)
    for d in range(days):
        table = day_table(lines, START + timedelta(days=d), count, rng)
        pq.write_table(table, out / "parquet" / f"day-{d:02d}.parquet")
        if csv:
            text = pa.array([json.dumps(dict(t)) for t in lines.tags]).take(
                pa.array(np.tile(np.arange(len(lines)), 24))
            )
            place = table.schema.get_field_index("resource_tags")
            pa.csv.write_csv(table.set_column(place, "resource_tags", text), out / "csv" / f"day-{d:02d}.csv")
        count += len(table)
        total += float(table["line_item_unblended_cost"].to_numpy().sum())
    return {"rows": count, "unblended_usd": total}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(json.dumps(make(args.out, args.rows, args.days, csv=args.csv, seed=args.seed)))
