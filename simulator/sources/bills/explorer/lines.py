"""What both forms of Cost Explorer have in common: dimensions, kinds of charge, names of services; lines as a frame."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from simulator.sources.bills.lines import AMOUNTS, COLUMNS, NEW_LINE_TYPE

Span = tuple[pd.Timestamp, pd.Timestamp]
DIMENSIONS = {
    "service": "product",
    "usage_type": "usage_type",
    "region": "region",
    "linked_account": "account_id",
    "charge_type": "line_type",
    "record_type": "line_type",
    "instance_type": "instance_type",
}


def dimension(name: str) -> str:
    """The field that a dimension fills, as the console or the API spells it; "" for others (tags, cost categories)."""
    return DIMENSIONS.get(name.strip().lower().replace(" ", "_"), "")


@dataclass(frozen=True)
class Explored:
    """A table of Cost Explorer: its lines, the periods it covers (billed or not), and sentences."""

    lines: pd.DataFrame
    covered: tuple[Span, ...]
    warnings: tuple[str, ...] = ()


def spans_of(moments: Iterable[tuple[datetime, datetime]]) -> tuple[Span, ...]:
    """The moments as spans, each once, in their order."""
    return tuple((pd.Timestamp(a), pd.Timestamp(b)) for a, b in dict.fromkeys(moments))


def frame_of(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """Lines with every column, typed as the engines type them."""
    given = pd.DataFrame(lines)
    frame = given.reindex(columns=list(COLUMNS))
    frame["month"] = frame["start"]
    times = ["start", "month", "end", "plan_start", "plan_end"]
    for column in COLUMNS:
        if column in AMOUNTS:
            frame[column] = pd.to_numeric(frame[column]).astype(float)
        elif column in times:
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
        elif column not in ("good", "in_range", "says_amortized"):
            frame[column] = frame[column].astype(object).where(frame[column].notna(), "").astype("str")
    kinds = frame["line_type"].replace(CHARGE_TYPES)
    # a kind that is told in words we do not know is a kind of its own, never a line that cannot be read
    frame["line_type"] = kinds.where(kinds.str.match(NEW_LINE_TYPE), kinds.map(_one_word))
    frame["product"] = frame["product"].replace(CONSOLE_NAMES)
    nameless = frame["product"] == ""
    frame.loc[nameless, "product"] = frame.loc[nameless, "usage_type"].map(_product_of)
    if "instance_type" in given:
        nameless = frame["product"] == ""
        frame.loc[nameless, "product"] = given.loc[nameless, "instance_type"].map(_product_of_instance)
    if "line_type" not in given or (given["line_type"] == "Usage").all():
        frame["line_type"] = _plan_lines(frame)
    frame["region"] = frame["region"].where(frame["region"].str.match(r"^[a-z]{2}-[a-z-]+-\d$"), "")
    return frame.assign(
        good=frame["unblended"].notna(),
        in_range=frame["unblended"].notna(),
        provider="AWS",
        says_amortized=True,
        currency=frame["currency"].replace("", "USD"),
    )


def _plan_lines(frame: pd.DataFrame) -> pd.Series:
    """Kinds of lines where charge types are not told, but the fee of a plan without upfront payment is.

    What its plan covers is listed with hours and without a cost: covered usage and its negation, added up.
    """
    fee = frame["usage_type"].str.contains(FEE) & (frame["unblended"] > 0)
    covered = (
        frame["usage_type"].str.contains(COVERABLE) & (frame["unblended"] == 0) & (frame["quantity"] > 0)
    )
    covered &= frame["start"].isin(frame.loc[fee, "start"])
    kinds = frame["line_type"].mask(fee, "SavingsPlanRecurringFee")
    return kinds.mask(covered, "SavingsPlanCoveredUsage")


def _product_of_instance(kind: str) -> str:
    """`ml.g5.2xlarge` is SageMaker's, `g5.2xlarge` EC2's; what has no instance type is nobody's."""
    return "AmazonSageMaker" if kind.startswith("ml.") else "AmazonEC2" if "." in kind else ""


def _one_word(kind: str) -> str:
    """`Some new charge` → `SomeNewCharge`, as CUR would write it."""
    return ("".join(w.capitalize() for w in re.findall(r"[A-Za-z]+", kind)) or "Usage")[:40]


def _product_of(usage_type: str) -> str:
    """The product of a usage type that only one product has; TimedStorage-ByteHrs is S3's, but not only S3's."""
    return next((product for pattern, product in PRODUCTS if pattern.search(usage_type)), "")


FEE = re.compile(r"(?:SageMaker|MachineLearning)S(?:avings)?P(?:lan)?s?:\S*NoUpfront")
COVERABLE = re.compile(r":(?:\w+-)?ml\.")
CONSOLE_NAMES = {"S3": "AmazonS3", "SageMaker": "AmazonSageMaker", "Bedrock": "AmazonBedrock"}
"""Short names of services in console downloads."""
PRODUCTS = (
    (re.compile(r"SageMakerSP|MachineLearningSP"), "MachineLearningSavingsPlans"),
    (
        re.compile(
            r":(\w+-)?ml\.|ServerlessInf|TrainWarmPool|(Host|Train|Notebk|Studio|Processing|Cluster):VolumeUsage"
            r"|SageMaker|TrainingPlan|Canvas:|FeatureStore:|MLflow|GroundTruth|Geospatial:|DataWrangler"
        ),
        "AmazonSageMaker",
    ),
    (re.compile(r"AgentCore"), "AmazonBedrockAgentCore"),
    (
        re.compile(
            r"-(input|output)-tokens|-cache-(read|write)-|^MP:|TokenCount|ModelUnits|Guardrail-|KnowledgeBases?-"
            r"|CustomModelImport|DataAutomation-|-Customization-|InvokeFlow|BedrockFlows",
            re.I,
        ),
        "AmazonBedrock",
    ),
    (re.compile(r"(Indexing|Search)OCU"), "AmazonES"),
    (re.compile(r"(Box|Spot)Usage:"), "AmazonEC2"),
    (
        re.compile(r"TimedStorage-(SIA|ZIA|GIR|Glacier|GDA|INT|RRS|XZ)|(Vectors|Tables)-TimedStorage"),
        "AmazonS3",
    ),
)
CHARGE_TYPES = {
    "Savings Plan Covered Usage": "SavingsPlanCoveredUsage",
    "Savings Plan Negation": "SavingsPlanNegation",
    "Savings Plan Recurring Fee": "SavingsPlanRecurringFee",
    "Savings Plan Upfront Fee": "SavingsPlanUpfrontFee",
    "DiscountedUsage": "DiscountedUsage",
    "Usage": "Usage",
    "Reservation applied usage": "DiscountedUsage",
    "Recurring reservation fee": "RIFee",
    "Upfront reservation fee": "Fee",
    "Savings Plans for AWS Compute usage": "SavingsPlanRecurringFee",
    "Enterprise Discount Program Discount": "EdpDiscount",
    "Private Rate Card Discount": "PrivateRateDiscount",
    "Private Rate Discount": "PrivateRateDiscount",
    "Bundled Discount": "BundledDiscount",
    "Solution Provider Program Discount": "SppDiscount",
    "Distributor Discount": "SppDiscount",
    "Reservation Volume Discount": "RiVolumeDiscount",
    "Volume Discount": "RiVolumeDiscount",
    "Other out-of-cycle charges": "Fee",
    "Support fee": "Fee",
    "Recurring": "Fee",
}
"""Record types as Cost Explorer words them. Source: Cost Explorer user guide, "Charge type" filter."""
