"""Usage types → our words: component, meter, instance type, storage class, region.

Order matters: the first word found decides, as in the summary views of the AWS Cloud Intelligence Dashboards and the
usage type lists of the S3 user guide ("Understanding your AWS billing and usage reports for Amazon S3").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from simulator.aws.bedrock_types import bedrock_use
from simulator.aws.region_prefixes import PREFIXES, split_prefix
from simulator.aws.service_types import AGENTCORE
from simulator.aws.storage_classes import TIMED_STORAGE

INSTANCE = re.compile(r"ml\.[a-z0-9-]+?\.(?:\d*xlarge|large|medium|small|metal)(?![a-z0-9])")
SAGEMAKER = (
    (re.compile(r"ReservedCluster:", re.I), "training", ""),
    (re.compile(r"Cluster:", re.I), "training", "hyperpod"),
    (
        re.compile(r"DataWrangler|Debugger|Autopilot|Model-?Monitor|TensorBoard|Optimization:", re.I),
        "compute",
        "",
    ),
    (re.compile(r"Studio|KernelGateway|JupyterLab|CodeEditor", re.I), "compute", "studio"),
    (re.compile(r"Notebk"), "compute", "notebook"),
    (re.compile(r"WarmPool"), "training", "warm_pool"),
    (re.compile(r"TrSpt|SpotTrain"), "training", "training_spot"),
    (re.compile(r"TrainingPlan"), "commitments", ""),
    (re.compile(r"Train"), "training", "training"),
    (re.compile(r"ServerlessInf|FreeServerless"), "hosting", "serverless"),
    (re.compile(r"AsyncInf"), "hosting", "async"),
    (re.compile(r"Host|Data-Bytes"), "hosting", "hosting"),
    (re.compile(r"Tsform"), "compute", "transform"),
    (re.compile(r"Processing"), "compute", "processing"),
)
SAGEMAKER_WORDS = (
    (re.compile(r"Warm Pool"), "training", "warm_pool"),
    (re.compile(r"\bTraining\b"), "training", "training"),
    (re.compile(r"Studio"), "compute", "studio"),
    (re.compile(r"Notebook"), "compute", "notebook"),
    (re.compile(r"Processing"), "compute", "processing"),
    (re.compile(r"Batch ?Transform"), "compute", "transform"),
    (re.compile(r"Hosting|Endpoint"), "hosting", "hosting"),
)
PUT, GET = re.compile(r"Requests-([A-Z]+-)?Tier1$"), re.compile(r"Requests-([A-Z]+-)?Tier2$")
RETRIEVAL = re.compile(r"^(Retrieval-(?P<code>SIA|ZIA|GIR|XZ)|(Standard|Bulk|Expedited)-Retrieval-Bytes)")
RETRIEVED_FROM = {"SIA": "STANDARD_IA", "ZIA": "ONEZONE_IA", "GIR": "GLACIER_IR", "XZ": "EXPRESS_ONEZONE"}
SMALL = {f"TimedStorage-{code}-SmObjects": name for code, name in RETRIEVED_FROM.items() if code != "XZ"}
"""What small objects are billed for below the minimum size of their class: gigabytes of that class at its price."""
S3_CODES = re.compile(r"(amazons3|amazonglacier|amazonsimplestorageservice|s3$)")
ACCELERATED = re.compile(
    r"(BoxUsage|SpotUsage|DedicatedUsage|Reservation|HostUsage|UnusedBox)\S*:(p|g|trn|inf|dl)\d"
)
ON_EC2 = re.compile(r"EC2|Elastic Compute|EKS|ECS", re.I)
PARTS = (
    (re.compile(r"AmazonES|OpenSearch", re.I), "OpenSearch"),
    (re.compile(r"EFS|Elastic File System", re.I), "EFS"),
    (re.compile(r"FSx", re.I), "FSx"),
    (re.compile(r"CloudWatch", re.I), "CloudWatch"),
)
ADJUSTMENTS = {
    "Tax": "tax",
    "Credit": "credits",
    "Refund": "refunds",
    "EdpDiscount": "discounts",
    "PrivateRateDiscount": "discounts",
    "BundledDiscount": "discounts",
    "Discount": "discounts",
    "Enterprise Discount Program Discount": "discounts",
    "Private Rate Card Discount": "discounts",
    "SppDiscount": "discounts",
}
"""Kinds of lines that are no usage: CUR's words and Cost Explorer's."""
DISCOUNTS = tuple(kind for kind, part in ADJUSTMENTS.items() if part == "discounts")
PLAN_FEES = ("SavingsPlanRecurringFee", "SavingsPlanUpfrontFee")
USAGE_LINES = (
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanUnused",
)


@dataclass(frozen=True)
class Use:
    """What a line is. `component` is ours or `other`; `meter` what its quantity counts, "" when nothing we model.

    `item` is a storage class, a Bedrock token direction, or a serverless memory size in MB. `region` is that of the
    usage type's prefix, "" without one.
    """

    component: str
    meter: str = ""
    instance_type: str = ""
    item: str = ""
    region: str = ""
    model: str = ""
    tier: str = ""
    scope: str = ""
    per_unit: float = 1.0


OTHER = Use("other")


@lru_cache(maxsize=200_000)
def use_of(
    product: str, product_name: str, usage_type: str, description: str, line_type: str, unit: str
) -> Use:
    """Classify one kind of line. Taxes, credits and refunds are `other`: they are not usage.

    A discount as a line of its own belongs to the component it discounts, without a meter; fees of SageMaker Savings
    Plans are `commitments`.
    """
    prefix, rest = split_prefix(usage_type)
    service = service_of(product, product_name, usage_type)
    found = _adjustment(service, rest, line_type)
    if found is None and line_type in DISCOUNTS:
        found = replace(use_of(product, product_name, usage_type, description, "Usage", unit), meter="")
    if found is None:
        found = _used(service, product, product_name, rest, description, line_type, unit)
    return replace(found if found.component != "other" else OTHER, region=PREFIXES.get(prefix, ""))


def _adjustment(service: str, rest: str, line_type: str) -> Use | None:
    """Lines that are no usage: fees of plans, discounts without a usage type, taxes and the like; None for others."""
    if line_type in PLAN_FEES and service in ("sagemaker", "sagemaker_plans"):
        return Use("commitments")
    if line_type == "Fee" and "TrainingPlan" in rest and service == "sagemaker":
        return Use("commitments")
    if line_type in DISCOUNTS:
        return None if rest else OTHER
    return OTHER if line_type not in USAGE_LINES else None


def _used(
    service: str, product: str, product_name: str, rest: str, description: str, line_type: str, unit: str
) -> Use:
    if service == "sagemaker_plans":
        return Use("commitments")
    if service == "sagemaker":
        return _sagemaker(rest, description)
    if service == "bedrock" and AGENTCORE.search(product):
        return Use("bedrock")
    if service == "bedrock":
        found = bedrock_use(rest, product_name or product, unit)
        return Use(
            "bedrock", found.meter, "", found.direction, "", found.model, found.tier, found.scope,
            found.tokens_per_unit,
        )  # fmt: skip
    if service == "s3":
        return _s3(rest)
    found_type = ACCELERATED.search(rest) if line_type == "Usage" and ON_EC2.search(product) else None
    return _accelerator(rest, found_type[1]) if found_type else OTHER


def _accelerator(rest: str, kind: str) -> Use:
    """Accelerators on EC2: hours on demand are metered; spot, reservations and unused capacity are dollars."""
    instance = f"ml.{rest.rpartition(':')[2]}"
    return Use("compute", "ec2" if kind == "BoxUsage" else "", instance)


@lru_cache(maxsize=50_000)
def service_of(product: str, product_name: str = "", usage_type: str = "") -> str:
    """`sagemaker`, `sagemaker_plans`, `bedrock`, `s3`, or "" for everything else.

    Product codes of a CUR, service names of FOCUS and of Cost Explorer alike. Third-party models are services of
    their own whose name ends in "(Amazon Bedrock Edition)".
    """
    code = re.sub(r"[^a-z0-9]", "", product.lower())
    if "machinelearningsavings" in code or ("savingsplans" in code and "machinelearning" in code):
        return "sagemaker_plans"
    if "sagemaker" in code:
        return "sagemaker"
    if "bedrock" in code or "bedrock" in product_name.lower():
        return "bedrock"
    return "s3" if S3_CODES.match(code) else ""


def component_of(product: str, usage_type: str, line_type: str = "Usage", unit: str = "") -> str:
    """Component of a bill line that has no more than its service, usage type and kind; `other` when none tells."""
    if line_type in (*PLAN_FEES, *DISCOUNTS):
        line_type = "Usage"
    return use_of(product, product, usage_type or "", "", line_type or "Usage", unit).component


def part_of(product: str, product_name: str, usage_type: str, line_type: str) -> str:
    """The named part of what is `other`: what kind of dollars these are. Tax is never mixed with usage.

    Tax, credits, refunds, support and discounts by the kind of line; then what is ML but of no component of ours.
    """
    if kind := ADJUSTMENTS.get(line_type):
        return kind
    if "support" in product.lower():
        return "support"
    service = service_of(product, product_name, usage_type)
    if service in ("sagemaker", "sagemaker_plans"):
        return "SageMaker, other"
    if service == "bedrock":
        return "Bedrock, other"
    if ACCELERATED.search(usage_type) and ON_EC2.search(product):
        return "ML on EC2"
    for pattern, part in PARTS:
        if pattern.search(product):
            return part
    return "other services"


@lru_cache(maxsize=50_000)
def _sagemaker(rest: str, description: str) -> Use:
    table, text = (SAGEMAKER, rest) if rest else ((*SAGEMAKER_WORDS, *SAGEMAKER), description)
    for pattern, component, meter in table:
        if pattern.search(text):
            return _metered(component, meter, rest, text)
    return OTHER if rest else Use("compute")


def _metered(component: str, meter: str, rest: str, text: str) -> Use:
    instance = INSTANCE.search(text)
    if "VolumeUsage" in text or "GB-Mo" in text:
        return Use(component, "volume", item=meter)
    if meter == "serverless" and re.search(r"Provisioned|ProvConcurrency|-PC", text):
        return Use(component)
    if meter == "serverless":
        memory = re.search(r"Mem-(\d+)GB", text)
        return Use(
            component, "serverless" if memory else "", item=str(int(memory[1]) * 1024) if memory else ""
        )
    if "Data-Bytes" in text:
        return Use(component, "hosting_data")
    if instance is None or text.endswith("Parent"):
        return Use(component)
    return Use(component, meter, instance[0])


def _s3(rest: str) -> Use:
    if rest in TIMED_STORAGE:
        return Use("storage", "storage", item=TIMED_STORAGE[rest])
    if rest in SMALL:
        return Use("storage", "storage", item=SMALL[rest])
    if PUT.search(rest) and "Tables-" not in rest:
        return Use("storage", "put")
    if GET.search(rest) and "Tables-" not in rest:
        return Use("storage", "get")
    if retrieved := RETRIEVAL.search(rest):
        return Use("storage", "retrieval", item=RETRIEVED_FROM.get(retrieved["code"] or "", "GLACIER"))
    if rest == "Monitoring-Automation-INT":
        return Use("storage", "monitored")
    return Use("storage")
