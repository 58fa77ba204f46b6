"""The bill of the sample: usage at list price, plus what no inventory shows.

As on real bills, some spend has no resource behind it any more: jobs and an endpoint that were deleted,
guardrails, data transfer, logs, tax.
"""

from __future__ import annotations

import pandas as pd

from scripts.team.bill_bedrock import add_bedrock
from scripts.team.bill_lines import Bill
from scripts.team.bill_sagemaker import add_sagemaker
from scripts.team.bill_storage import add_storage
from scripts.team.traces import HOURS, START

# service, component, usage type, quantity, unit, dollars: amounts invented
OTHERS = (
    ("Amazon Bedrock", "bedrock", "Guardrail-ContentPolicyUnitsConsumed", 574_000, "Units", 86.10),
    ("AWS Data Transfer", "other", "DataTransfer-Out-Bytes", 4_210, "GB", 378.90),
    ("AmazonCloudWatch", "other", "DataProcessing-Bytes", 812, "GB", 406.00),
    ("AmazonCloudWatch", "other", "CW:MetricMonitorUsage", 640, "Metrics", 192.00),
    ("Amazon EC2 Container Registry (ECR)", "other", "TimedStorage-ByteHrs", 1_490, "GB-Mo", 149.00),
    ("AWS Key Management Service", "other", "KMS-Requests", 9_200_000, "Requests", 27.60),
)
TAX_RATIO = 0.018


def team_bill(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The table `billed`, one line per usage type for the window."""
    bill = Bill()
    add_sagemaker(bill, tables)
    add_bedrock(bill, tables["bedrock"])
    add_storage(bill, tables["storage"])
    for service, component, usage, quantity, unit, usd in OTHERS:
        bill.add(service, component, "us-east-1", usage, quantity, unit, usd)
    tax_usd = round(bill.total_usd() * TAX_RATIO, 2)
    tax = {"service": "Tax", "component": "other", "cost_usd": tax_usd, "line_type": "Tax"}
    frame = pd.DataFrame([*bill.lines, tax])
    frame["cost_usd"] = frame["cost_usd"].round(6)
    return frame.assign(period_start=START, period_end=START + pd.Timedelta(hours=HOURS))
