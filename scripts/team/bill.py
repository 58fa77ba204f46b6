"""The bill of the sample: usage at list price, plus what no inventory shows.

Prices are those of pricing_data. As on real bills, some spend has no resource behind it any more: jobs and an
endpoint that were deleted, data transfer, logs, tax. The Savings Plan is shown amortized.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from scripts.team.traces import HOURS, START
from simulator.prices import PriceBook

END = START + pd.Timedelta(hours=HOURS)
PREFIX = {"us-east-1": "USE1", "us-west-2": "USW2", "eu-west-1": "EU"}
SAGEMAKER, S3 = "Amazon SageMaker", "Amazon Simple Storage Service"
PLAN_USD_PER_HOUR, PLAN_DISCOUNT_RATIO = (
    2.5,
    0.20,
)  # the ratio: estimate of AWS's Cloud Intelligence Dashboards
BEDROCK_NAMES = {
    "anthropic.claude-sonnet-4-5-20250929-v1:0": ("Claude Sonnet 4.5 (Amazon Bedrock Edition)", ""),
    "anthropic.claude-haiku-4-5-20251001-v1:0": ("Claude Haiku 4.5 (Amazon Bedrock Edition)", ""),
    "anthropic.claude-3-haiku-20240307-v1:0": ("Claude 3 Haiku (Amazon Bedrock Edition)", ""),
    "amazon.nova-pro-v1:0": ("Amazon Bedrock", "NovaPro"),
    "amazon.nova-lite-v1:0": ("Amazon Bedrock", "NovaLite"),
    "meta.llama3-3-70b-instruct-v1:0": ("Amazon Bedrock", "Llama3-3-70B"),
    "mistral.mistral-large-2407-v1:0": ("Amazon Bedrock", "MistralLarge2407"),
    "amazon.titan-embed-text-v2:0": ("Amazon Bedrock", "TitanEmbeddingV2-Text"),
}
DIRECTIONS = {
    "input": ("InputTokenCount", "input-tokens"),
    "output": ("OutputTokenCount", "output-tokens"),
    "cache_read": ("CacheReadInputTokenCount", "cache-read-input-token-count"),
    "cache_write": ("CacheWriteInputTokenCount", "cache-write-input-token-count"),
}
CLASS_USAGE = {
    "STANDARD": "TimedStorage-ByteHrs",
    "STANDARD_IA": "TimedStorage-SIA-ByteHrs",
    "GLACIER_IR": "TimedStorage-GIR-ByteHrs",
    "GLACIER": "TimedStorage-GlacierByteHrs",
    "DEEP_ARCHIVE": "TimedStorage-GDA-ByteHrs",
    "INTELLIGENT_TIERING_FA": "TimedStorage-INT-FA-ByteHrs",
    "INTELLIGENT_TIERING_IA": "TimedStorage-INT-IA-ByteHrs",
}
RETRIEVALS = {"STANDARD_IA": "Retrieval-SIA", "GLACIER_IR": "Retrieval-GIR"}
Line = dict[str, Any]


def bill(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The table `billed`, one line per usage type for the window."""
    book = PriceBook.load(date(2026, 10, 31))
    hours = pd.DataFrame([*_training(tables), *_hosting(tables), *_compute(tables)])
    key = ["component", "price", "token", "instance_type", "region"]
    lines = [_hour_line(book, *k, h) for k, h in hours.groupby(key)["hours"].sum().items()]
    lines = _with_plan(lines)
    lines += _volumes(tables, book) + _serverless(tables, book)
    lines += _bedrock(tables["bedrock"], book) + _storage(tables["storage"], book)
    lines += _others(sum(line["cost_usd"] for line in lines))
    frame = pd.DataFrame(lines)
    frame["cost_usd"] = frame["cost_usd"].round(6)
    return frame.assign(period_start=START, period_end=END)


def _use(component: str, price: str, token: str, row: Any, hours: float) -> Line:
    return {
        "component": component,
        "price": price,
        "token": token,
        "instance_type": row.instance_type,
        "region": row.region,
        "hours": hours,
    }


def _training(tables: dict[str, pd.DataFrame]) -> Iterator[Line]:
    for job in tables["training_jobs"].itertuples():
        billed = job.training_seconds if pd.isna(job.billable_seconds) else job.billable_seconds
        yield _use(
            "training",
            "training",
            "TrSpt" if job.spot_enabled else "Train",
            job,
            billed / 3600 * job.instance_count,
        )
        if not pd.isna(job.warm_pool_seconds):
            yield _use(
                "training",
                "warm_pool",
                "TrainWarmPool",
                job,
                job.warm_pool_seconds / 3600 * job.instance_count,
            )
    gone = pd.Series({"instance_type": "ml.g5.12xlarge", "region": "us-east-1"})
    yield _use("training", "training", "Train", gone, 168.4)


def _hosting(tables: dict[str, pd.DataFrame]) -> Iterator[Line]:
    for variant in tables["endpoints"].itertuples():
        if variant.mode != "serverless" and variant.instance_hours > 0:
            asynchronous = variant.mode == "async"
            price, token = ("async_inference", "AsyncInf") if asynchronous else ("hosting", "Host")
            yield _use("hosting", price, token, variant, variant.instance_hours)
    gone = pd.Series({"instance_type": "ml.g5.4xlarge", "region": "us-east-1"})
    yield _use("hosting", "hosting", "Host", gone, 262.0)


def _compute(tables: dict[str, pd.DataFrame]) -> Iterator[Line]:
    known = {
        "notebook": ("notebook", "Notebk"),
        "processing": ("processing", "Processing"),
        "transform": ("batch_transform", "Tsform"),
    }
    for row in tables["compute"].itertuples():
        app = row.name.partition("/")[0]
        price, token = known.get(row.kind, ("studio", f"Studio:{app}-"))
        yield _use("compute", price, token, row, row.hours * row.instance_count)


def _hour_line(
    book: PriceBook, component: str, price: str, token: str, instance: str, region: str, hours: float
) -> Line:
    text = f"{token}{instance}" if token.endswith("-") else f"{token}:{instance}"
    usd = book.price(price, instance, region).list_usd * hours
    return _line(SAGEMAKER, component, region, text, hours, "Hrs", usd)


def _line(
    service: str,
    component: str,
    region: str,
    usage: str,
    quantity: float,
    unit: str,
    usd: float,
    kind: str = "Usage",
) -> Line:
    return {
        "service": service,
        "component": component,
        "region": region,
        "usage_type": f"{PREFIX[region]}-{usage}",
        "usage_quantity": round(quantity, 6),
        "usage_unit": unit,
        "cost_usd": usd,
        "line_type": kind,
    }


def _with_plan(lines: list[Line]) -> list[Line]:
    """Part of the steadiest hosting is covered: it costs the plan's rate."""
    steady = max(
        (x for x in lines if ":ml.m5.4xlarge" in x["usage_type"] and x["component"] == "hosting"),
        key=lambda x: x["cost_usd"],
    )
    value = PLAN_USD_PER_HOUR * HOURS / (1 - PLAN_DISCOUNT_RATIO)
    share = value / steady["cost_usd"]
    covered = steady | {
        "usage_quantity": round(steady["usage_quantity"] * share, 6),
        "cost_usd": PLAN_USD_PER_HOUR * HOURS,
        "line_type": "SavingsPlanCoveredUsage",
    }
    rest = steady | {
        "usage_quantity": round(steady["usage_quantity"] * (1 - share), 6),
        "cost_usd": steady["cost_usd"] * (1 - share),
    }
    return [x for x in lines if x is not steady] + [rest, covered]


def _volumes(tables: dict[str, pd.DataFrame], book: PriceBook) -> list[Line]:
    endpoints = tables["endpoints"]
    hosted = (endpoints["volume_gb"].astype(float) * endpoints["instance_hours"].astype(float) / 730).fillna(
        0
    )
    kept = tables["compute"][tables["compute"]["kind"].isin(["notebook", "studio"])]
    lines = []
    for component, token, region, gb in (
        *(("hosting", "Host", r, gb) for r, gb in hosted.groupby(endpoints["region"]).sum().items()),
        *(
            ("compute", "Notebk", r, gb * HOURS / 730)
            for r, gb in kept.groupby("region")["volume_gb"].sum().items()
        ),
    ):
        price = book.price("volume", "gp2", "us-east-1").list_usd
        if gb:
            lines.append(
                _line(SAGEMAKER, component, region, f"{token}:VolumeUsage.gp2", gb, "GB-Mo", gb * price)
            )
    return lines


def _serverless(tables: dict[str, pd.DataFrame], book: PriceBook) -> list[Line]:
    lines = []
    calls = tables["endpoint_traffic"].groupby("endpoint_name")["invocations"].sum()
    for row in tables["endpoints"][tables["endpoints"]["mode"] == "serverless"].itertuples():
        seconds, gb = calls[row.endpoint_name] * row.latency_ms / 1000, row.serverless_memory_mb / 1024
        usd = seconds * gb * book.price("serverless_inference", "gb_second", row.region).list_usd
        lines.append(
            _line(SAGEMAKER, "hosting", row.region, f"ServerlessInf:Mem-{gb:.0f}GB", seconds, "seconds", usd)
        )
    return lines


def _bedrock(frame: pd.DataFrame, book: PriceBook) -> list[Line]:
    lines = []
    columns = [f"{d}_tokens" for d in DIRECTIONS]
    for (model, region, scope, tier), total in (
        frame.groupby(["model_id", "region", "scope", "tier"])[columns].sum().iterrows()
    ):
        service, short = BEDROCK_NAMES[model]
        item = model if scope == "in_region" else f"{scope}.{model}"
        for direction, (market, token) in DIRECTIONS.items():
            tokens = float(total[f"{direction}_tokens"])
            if not tokens:
                continue
            component = f"bedrock_{'batch_' if tier == 'batch' else ''}{direction}"
            usd = tokens * book.price(component, item, region).list_usd
            if short:
                text, quantity, unit = (
                    f"{short}-{token}{'-batch' if tier == 'batch' else ''}",
                    tokens / 1000,
                    "1K tokens",
                )
            else:
                text, quantity, unit = f"MP:{PREFIX[region]}_{market}-Units", tokens / 1e6, "Units"
            lines.append(_line(service, "bedrock", region, text, quantity, unit, usd))
    return lines


def _storage(frame: pd.DataFrame, book: PriceBook) -> list[Line]:
    lines = []
    for (region, name), gib in frame.groupby(["region", "storage_class"])["gib"].sum().items():
        lines.append(
            _line(
                S3, "storage", region, CLASS_USAGE[name], gib, "GB-Mo", _tiered_usd(book, name, region, gib)
            )
        )
    for region, rows in frame.groupby("region"):
        for column, price, token in (
            ("put_requests", "storage_put", "Requests-Tier1"),
            ("get_requests", "storage_get", "Requests-Tier2"),
        ):
            quantity = float(rows[column].sum())
            usd = quantity * book.price(price, "STANDARD", region).list_usd
            lines.append(_line(S3, "storage", region, token, quantity, "Requests", usd))
        lines += _reads(rows, region, book)
    return lines


def _reads(rows: pd.DataFrame, region: str, book: PriceBook) -> list[Line]:
    """Retrieval from the colder classes, and the monitoring of Intelligent-Tiering."""
    lines = []
    for name, token in RETRIEVALS.items():
        gb = float(rows.loc[rows["storage_class"] == name, "retrieved_gib"].sum())
        if gb:
            usd = gb * book.price("storage_retrieval", name, region).list_usd
            lines.append(_line(S3, "storage", region, token, gb, "GB", usd))
    watched = float(rows.loc[rows["storage_class"].str.startswith("INTELLIGENT"), "objects"].sum())
    if watched:
        usd = watched * book.price("storage_monitoring", "INTELLIGENT_TIERING", region).list_usd
        lines.append(_line(S3, "storage", region, "Monitoring-Automation-INT", watched, "Objects", usd))
    return lines


def _tiered_usd(book: PriceBook, name: str, region: str, gib: float) -> float:
    table = book.table("storage", (name,), (region,))
    bounds, prices = table.tiers.get((0, 0), ([0.0], [float(table.usd[0, 0])]))
    tops = [*list(bounds)[1:], float("inf")]
    return sum(
        float(p) * max(0.0, min(gib, top) - low) for low, top, p in zip(bounds, tops, prices, strict=True)
    )


def _others(subtotal: float) -> list[Line]:
    """What an ML bill has beside ML services; amounts invented."""
    lines = [
        _line(
            "Amazon Bedrock",
            "bedrock",
            "us-east-1",
            "Guardrail-ContentPolicyUnitsConsumed",
            574_000,
            "Units",
            86.10,
        ),
        _line("AWS Data Transfer", "other", "us-east-1", "DataTransfer-Out-Bytes", 4210.0, "GB", 378.90),
        _line("AmazonCloudWatch", "other", "us-east-1", "DataProcessing-Bytes", 812.0, "GB", 406.00),
        _line("AmazonCloudWatch", "other", "us-east-1", "CW:MetricMonitorUsage", 640.0, "Metrics", 192.00),
        _line(
            "Amazon EC2 Container Registry (ECR)",
            "other",
            "us-east-1",
            "TimedStorage-ByteHrs",
            1490.0,
            "GB-Mo",
            149.00,
        ),
        _line(
            "AWS Key Management Service", "other", "us-east-1", "KMS-Requests", 9_200_000, "Requests", 27.60
        ),
    ]
    tax = {"service": "Tax", "component": "other", "cost_usd": round(subtotal * 0.018, 2), "line_type": "Tax"}
    return [*lines, tax]
