"""SageMaker lines of the bill: instance-hours by type, volumes, serverless, the Savings Plan amortized."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from scripts.team.bill_lines import Bill, Row, records
from scripts.team.traces import HOURS

SERVICE = "Amazon SageMaker"
PLAN_USD_PER_HOUR, PLAN_DISCOUNT_RATIO = (
    2.5,
    0.20,
)  # the ratio: estimate of AWS's Cloud Intelligence Dashboards
HOURS_PER_MONTH = 730
DELETED_JOBS: Row = {"instance_type": "ml.g5.12xlarge", "region": "us-east-1", "hours": 168.4}
DELETED_ENDPOINT: Row = {"instance_type": "ml.g5.4xlarge", "region": "us-east-1", "hours": 262.0}
COMPUTE = {
    "notebook": ("notebook", "Notebk:"),
    "processing": ("processing", "Processing:"),
    "transform": ("batch_transform", "Tsform:"),
}
Key = tuple[str, str, str, str, str]
Tables = dict[str, pd.DataFrame]


def add_sagemaker(bill: Bill, tables: Tables) -> None:
    """Write all lines of SageMaker."""
    hours: dict[Key, float] = defaultdict(float)
    for key, amount in (*_training(tables), *_hosting(tables), *_compute(tables)):
        hours[key] += amount
    for (component, price, token, instance, region), amount in sorted(hours.items()):
        usd = amount * bill.price_usd(price, instance, region)
        bill.add(SERVICE, component, region, f"{token}{instance}", amount, "Hrs", usd)
    _cover_by_plan(bill)
    _volumes(bill, tables)
    _serverless(bill, tables)


def _training(tables: Tables) -> Iterator[tuple[Key, float]]:
    for job in records(tables["training_jobs"]):
        seconds = job["billable_seconds"] if job["billable_seconds"] > 0 else job["training_seconds"]
        token = "TrSpt:" if job["spot_enabled"] else "Train:"
        yield _key("training", "training", token, job), seconds / 3600 * job["instance_count"]
        if job["warm_pool_seconds"] > 0:
            retained = job["warm_pool_seconds"] / 3600 * job["instance_count"]
            yield _key("training", "warm_pool", "TrainWarmPool:", job), retained
    yield _key("training", "training", "Train:", DELETED_JOBS), DELETED_JOBS["hours"]


def _hosting(tables: Tables) -> Iterator[tuple[Key, float]]:
    for variant in records(tables["endpoints"]):
        hours = variant["instance_hours"]
        if hours > 0:
            asynchronous = variant["mode"] == "async"
            price, token = ("async_inference", "AsyncInf:") if asynchronous else ("hosting", "Host:")
            yield _key("hosting", price, token, variant), hours
    yield _key("hosting", "hosting", "Host:", DELETED_ENDPOINT), DELETED_ENDPOINT["hours"]


def _compute(tables: Tables) -> Iterator[tuple[Key, float]]:
    for row in records(tables["compute"]):
        app = row["name"].partition("/")[0]
        price, token = COMPUTE.get(row["kind"], ("studio", f"Studio:{app}-"))
        yield _key("compute", price, token, row), row["hours"] * row["instance_count"]


def _key(component: str, price: str, token: str, row: Row) -> Key:
    return component, price, token, row["instance_type"], row["region"]


def _cover_by_plan(bill: Bill) -> None:
    """Split the hosting of one type that runs all month: the covered part costs the plan's rate."""
    line = next(x for x in bill.lines if x["usage_type"] == "USE1-Host:ml.m5.4xlarge")
    fee_usd = PLAN_USD_PER_HOUR * HOURS
    share = fee_usd / (1 - PLAN_DISCOUNT_RATIO) / line["cost_usd"]
    covered = dict(line, cost_usd=fee_usd, line_type="SavingsPlanCoveredUsage")
    covered["usage_quantity"] = round(line["usage_quantity"] * share, 6)
    line["usage_quantity"] = round(line["usage_quantity"] * (1 - share), 6)
    line["cost_usd"] *= 1 - share
    bill.lines.append(covered)


def _volumes(bill: Bill, tables: Tables) -> None:
    """Attached storage of endpoints and of notebooks and apps, per month of 730 hours."""
    gb: dict[tuple[str, str, str], float] = defaultdict(float)
    for variant in records(tables["endpoints"]):
        if variant["volume_gb"] > 0 and variant["instance_hours"] > 0:
            amount = variant["volume_gb"] * variant["instance_hours"] / HOURS_PER_MONTH
            gb["hosting", "Host", variant["region"]] += amount
    for row in records(tables["compute"]):
        if row["kind"] in ("notebook", "studio"):
            token = "Notebk" if row["kind"] == "notebook" else "Studio"
            gb["compute", token, row["region"]] += row["volume_gb"] * HOURS / HOURS_PER_MONTH
    for (component, token, region), amount in sorted(gb.items()):
        usd = amount * bill.price_usd("volume", "gp2", "us-east-1")
        bill.add(SERVICE, component, region, f"{token}:VolumeUsage.gp2", amount, "GB-Mo", usd)


def _serverless(bill: Bill, tables: Tables) -> None:
    traffic = tables["endpoint_traffic"]
    for row in records(tables["endpoints"]):
        if row["mode"] == "serverless":
            calls = float(traffic.loc[traffic["endpoint_name"] == row["endpoint_name"], "invocations"].sum())
            seconds, gb = calls * row["latency_ms"] / 1000, row["serverless_memory_mb"] / 1024
            usd = seconds * gb * bill.price_usd("serverless_inference", "gb_second", row["region"])
            usage = f"ServerlessInf:Mem-{gb:.0f}GB"
            bill.add(SERVICE, "hosting", row["region"], usage, seconds, "seconds", usd)
