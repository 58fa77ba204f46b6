"""S3, volumes, CloudWatch and the other small prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from scripts.price_facts.sources import source_of
from scripts.price_facts.table import PriceRow, merged, read

Fact = Mapping[str, str]
# charge of the facts -> (component, suffix of the item, unit, per)
CHARGES = {
    "storage": ("storage", "", "gb_month", "1"),
    "storage_staging": ("storage", "#staging", "gb_month", "1"),
    "put_copy_post_list": ("storage_put", "", "request", "1000"),
    "get_and_other": ("storage_get", "", "request", "1000"),
    "lifecycle_transition_in": ("storage_transition", "", "transition", "1000"),
    "retrieval": ("storage_retrieval", "", "gb", "1"),
    "retrieval_standard": ("storage_retrieval", "", "gb", "1"),
    "retrieval_bulk": ("storage_retrieval", "#bulk", "gb", "1"),
    "retrieval_expedited": ("storage_retrieval", "#expedited", "gb", "1"),
    "retrieval_request_standard": ("storage_retrieval_request", "", "request", "1000"),
    "retrieval_request_bulk": ("storage_retrieval_request", "#bulk", "request", "1000"),
    "retrieval_request_expedited": ("storage_retrieval_request", "#expedited", "request", "1000"),
    "upload": ("storage_upload", "", "gb", "1"),
    "monitoring": ("storage_monitoring", "", "object_month", "1000"),
}
# item of misc.csv -> (component, item, unit, per, tier_from, tier_to)
MISC = {
    "alarm_standard": ("cloudwatch", "alarm_standard", "alarm_month", "1", "", ""),
    "alarm_high_resolution": ("cloudwatch", "alarm_high_resolution", "alarm_month", "1", "", ""),
    "api_get_metric_data": ("cloudwatch", "get_metric_data", "metric", "1000", "", ""),
    "api_request": ("cloudwatch", "api_request", "request", "1000", "", ""),
    "logs_ingestion": ("cloudwatch", "logs_ingestion", "gb", "1", "", ""),
    "logs_storage": ("cloudwatch", "logs_storage", "gb_month", "1", "", ""),
    "custom_metric_first_10000": ("cloudwatch", "custom_metric", "metric_month", "1", "0", "10000"),
    "custom_metric_next_240000": ("cloudwatch", "custom_metric", "metric_month", "1", "10000", "250000"),
    "custom_metric_next_750000": ("cloudwatch", "custom_metric", "metric_month", "1", "250000", "1000000"),
    "custom_metric_over_1000000": ("cloudwatch", "custom_metric", "metric_month", "1", "1000000", ""),
    "storage_training": ("volume", "gp2", "gb_month", "1", "", ""),
    "storage_endpoint": ("volume", "gp2", "gb_month", "1", "", ""),
    "storage_training_warm_pool": ("volume", "gp2", "gb_month", "1", "", ""),
    "storage_notebook_instance": ("volume", "gp2", "gb_month", "1", "", ""),
    "storage_async_endpoint_volume": ("volume", "gp2", "gb_month", "1", "", ""),
    "storage_processing": ("volume", "gp2_processing", "gb_month", "1", "", ""),
    "storage_studio_space_gp3": ("volume", "gp3", "gb_month", "1", "", ""),
    "ebs_gp3": ("volume", "ec2_gp3", "gb_month", "1", "", ""),
    "ebs_snapshot": ("volume", "ec2_snapshot", "gb_month", "1", "", ""),
    "endpoint_data_in": ("endpoint_data", "in", "gb", "1", "", ""),
    "endpoint_data_out": ("endpoint_data", "out", "gb", "1", "", ""),
    "async_inference_data": ("endpoint_data", "async", "gb", "1", "", ""),
    "data_transfer_out_internet_after_100gb": ("data_transfer", "internet_out", "gb", "1", "", ""),
    "public_ipv4_in_use": ("network", "public_ipv4", "hour", "1", "", ""),
    "debugger_builtin_rule_instance": ("debugger", "builtin_rule", "instance_hour", "1", "", ""),
    "debugger_builtin_rule_volume": ("debugger", "builtin_rule_volume", "gb_month", "1", "", ""),
}

EXPLORER = PriceRow(
    *("cost_explorer", "request", "*", "0.01", "request", "2026-08-01", "official", "aws-cost-explorer-faq"),
    note="per request and per page",
)
DASHBOARD = PriceRow(
    *(
        "cloudwatch",
        "dashboard",
        "*",
        "3",
        "dashboard_month",
        "2026-06-13",
        "secondary",
        "factualminds-2026-06",
    ),
    note="beyond three free dashboards of up to 50 metrics",
)

BILLED = PriceRow(
    *("billed", "bedrock", "*", "1", "usd", "2023-01-01", "official", "domain"),
    note="an identity: usage known only by its cost is counted in billed dollars",
)


def s3(facts: Path) -> list[PriceRow]:
    """S3 prices of every region; the archive and size rules of region `all` are limits, not prices."""
    return [_s3(r) for r in read(facts / "s3.csv") if r["region"] != "all"]


def _s3(fact: Fact) -> PriceRow:
    component, suffix, unit, per = CHARGES[fact["charge"]]
    row = _row(component, fact["storage_class"] + suffix, fact, fact["value"], unit, "")
    tiered = bool(fact["tier_to_gb"]) or fact["tier_from_gb"] not in ("", "0")
    return replace(row, per=per, tier_from=fact["tier_from_gb"] if tiered else "", tier_to=fact["tier_to_gb"])


def other(facts: Path) -> list[PriceRow]:
    """CloudWatch, volumes, endpoint data, training plans, serverless, a Savings Plan rate, Cost Explorer."""
    rows = [_misc(r) for r in read(facts / "misc.csv") if r["item"] in MISC]
    rows += [_plan(r) for r in read(facts / "misc.csv") if _is_plan(r)]
    rows += [_serverless(r) for r in read(facts / "serverless_inference.csv") if _is_sku(r)]
    rows += [_savings_plan(r) for r in read(facts / "savings_plans_rates.csv") if r["kind"] == "rate"]
    return merged([*rows, EXPLORER, DASHBOARD, BILLED])


def _row(component: str, item: str, fact: Fact, usd: str, unit: str, note: str) -> PriceRow:
    source = source_of(fact["source"])
    grade, name = source.grade, source.source
    return PriceRow(component, item, fact["region"], usd, unit, fact["as_of"], grade, name, note=note)


def _misc(fact: Fact) -> PriceRow:
    component, item, unit, per, tier_from, tier_to = MISC[fact["item"]]
    row = _row(component, item, fact, fact["value"], unit, fact["note"])
    return replace(row, per=per, tier_from=tier_from, tier_to=tier_to)


def _is_plan(fact: Fact) -> bool:
    """A training plan of a region with a code; "US East (Dallas)" has none."""
    return fact["service"] == "sagemaker_training_plan" and " " not in fact["region"]


def _plan(fact: Fact) -> PriceRow:
    note = "flexible training plan, reserved capacity"
    return _row("training_plan", fact["item"], fact, fact["value"], "instance_hour", note)


def _is_sku(fact: Fact) -> bool:
    """The one real price, 3 GB in us-east-1. The other rows are undated or contradicted."""
    return fact["charge"] == "on_demand_inference" and fact["memory_gb"].isdigit()


def _serverless(fact: Fact) -> PriceRow:
    usd = f"{Decimal(fact['value']) / Decimal(fact['memory_gb']):f}"
    note = f"{fact['value']} a second for {fact['memory_gb']} GB"
    return _row("serverless_inference", "gb_second", fact, usd, "gb_second", note)


def _savings_plan(fact: Fact) -> PriceRow:
    term = fact["term"].replace("yr", "y")
    item = f"{fact['component']}:{fact['instance_type']}#{term}_{fact['payment_option']}"
    return _row("savings_plan", item, fact, fact["value"], "instance_hour", "the only per-type rate found")
