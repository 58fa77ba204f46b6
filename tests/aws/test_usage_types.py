"""Usage types become our components, meters, types, classes, models and regions."""

import csv
from pathlib import Path

import pytest

from simulator.aws.bedrock_types import model_of_resource
from simulator.aws.region_prefixes import PREFIXES
from simulator.aws.usage_types import component_of, part_of, use_of

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "usage_types.csv"
SAGEMAKER = "AmazonSageMaker"
COMPONENTS = {
    "hosting": "hosting",
    "hosting_data": "hosting",
    "hosting_storage": "hosting",
    "async_inference": "hosting",
    "serverless_inference": "hosting",
    "training": "training",
    "training_spot": "training",
    "training_warm_pool": "training",
    "processing": "compute",
    "batch_transform": "compute",
    "notebook_instance": "compute",
    "notebook_instance_storage": "compute",
    "studio": "compute",
    "studio_jupyterlab": "compute",
    "studio_code_editor": "compute",
    "studio_kernel_gateway": "compute",
    "studio_storage": "compute",
    "rstudio": "compute",
    "hyperpod": "training",
    "hyperpod_reserved": "training",
    "data_wrangler": "compute",
    "autopilot": "compute",
}


def use(usage_type, product=SAGEMAKER, name="", unit="Hrs", kind="Usage", words=""):
    return use_of(product, name, usage_type, words, kind, unit)


@pytest.mark.parametrize(
    ("usage_type", "component", "meter", "instance_type", "region"),
    [
        ("USW2-Host:ml.g5.2xlarge", "hosting", "hosting", "ml.g5.2xlarge", "us-west-2"),
        ("Host:ml.m5.large", "hosting", "hosting", "ml.m5.large", ""),
        ("APN1-AsyncInf:ml.g6.xlarge", "hosting", "async", "ml.g6.xlarge", "ap-northeast-1"),
        ("APS3-Train:ml.r5.4xlarge", "training", "training", "ml.r5.4xlarge", "ap-south-1"),
        ("EU-TrSpt:ml.p4d.24xlarge", "training", "training_spot", "ml.p4d.24xlarge", "eu-west-1"),
        ("USE1-TrainWarmPool:ml.g4dn.xlarge", "training", "warm_pool", "ml.g4dn.xlarge", "us-east-1"),
        ("USE1-Studio:JupyterLab-ml.t3.medium", "compute", "studio", "ml.t3.medium", "us-east-1"),
        ("EU-Studio:CodeEditor-ml.m5.large", "compute", "studio", "ml.m5.large", "eu-west-1"),
        ("USE1-Notebk:VolumeUsage.gp2", "compute", "volume", "", "us-east-1"),
        ("Tsform:ml.g4dn.xlarge", "compute", "transform", "ml.g4dn.xlarge", ""),
        ("USE1-Cluster:ml.p4d.24xlarge", "training", "hyperpod", "ml.p4d.24xlarge", "us-east-1"),
        ("Host:ml.m.xlarge-HostingParent", "hosting", "", "", ""),
    ],
)
def test_sagemaker_usage_types(usage_type, component, meter, instance_type, region):
    found = use(usage_type)
    assert (found.component, found.meter, found.instance_type, found.region) == (
        component,
        meter,
        instance_type,
        region,
    )


def test_serverless_memory_is_in_the_name():
    assert (use("USE2-ServerlessInf:Mem-4GB").meter, use("USE2-ServerlessInf:Mem-4GB").item) == (
        "serverless",
        "4096",
    )


@pytest.mark.parametrize(
    ("usage_type", "unit", "direction", "model", "tier", "scope", "tokens"),
    [
        (
            "USE1-Claude4.6Sonnet-input-tokens",
            "1K tokens",
            "input",
            "anthropic.claude-sonnet-4-6",
            "",
            "",
            1e3,
        ),
        (
            "USE1-Claude4.6Sonnet-cache-read-input-token-count",
            "1K tokens",
            "cache_read",
            "anthropic.claude-sonnet-4-6",
            "",
            "",
            1e3,
        ),
        (
            "USE1-Claude4.6Opus-cache-write-input-token-count-cross-region-global",
            "1K tokens",
            "cache_write",
            "anthropic.claude-opus-4-6-v1",
            "",
            "global",
            1e3,
        ),
        (
            "USE1-Nova2.0Lite-input-tokens-flex",
            "1K tokens",
            "input",
            "amazon.nova-2-lite-v1:0",
            "flex",
            "",
            1e3,
        ),
        (
            "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch",
            "1M tokens",
            "input",
            "amazon.nova-2-lite-v1:0",
            "batch",
            "global",
            1e6,
        ),
        ("USE1-NovaPro-output-tokens", "1K tokens", "output", "amazon.nova-pro-v1:0", "", "", 1e3),
        (
            "USE1-Llama3-3-70B-output-tokens",
            "1K tokens",
            "output",
            "meta.llama3-3-70b-instruct-v1:0",
            "",
            "",
            1e3,
        ),
    ],
)
def test_bedrock_usage_types(usage_type, unit, direction, model, tier, scope, tokens):
    found = use(usage_type, "AmazonBedrock", unit=unit)
    assert (found.component, found.meter, found.item) == ("bedrock", "tokens", direction)
    assert (found.model, found.tier, found.scope, found.per_unit) == (model, tier, scope, tokens)


def test_marketplace_lines_have_the_model_in_the_product_name_and_count_millions():
    found = use(
        "USW2-MP:USW2_InputTokenCount-Units", "3xlkjasdf", "Claude 3 Haiku (Amazon Bedrock Edition)", "Units"
    )
    assert (found.component, found.item, found.model) == (
        "bedrock",
        "input",
        "anthropic.claude-3-haiku-20240307-v1:0",
    )
    assert (found.per_unit, found.region) == (1e6, "us-west-2")


@pytest.mark.parametrize(
    "usage_type",
    [
        "USE1-qwen.qwen3-coder-next-reserved-input-tpm",
        "USE1-OSS-CustomModelImport-Inference-v1:0",
        "USE1-NovaPro-Customization-Training",
        "USE1-MP:USE1_created_image-Units",
        "USE1-Nova2.0Lite-nova-grounding",
    ],
)
def test_what_is_billed_by_bedrock_but_is_no_token_stays_dollars(usage_type):
    found = use(usage_type, "AmazonBedrock", unit="Units")
    assert (found.component, found.meter) == ("bedrock", "")


def test_a_model_nobody_knows_keeps_the_name_of_the_bill():
    assert use("USE1-Quux7Large-input-tokens", "AmazonBedrock", unit="1K tokens").model == "Quux7Large"


def test_a_name_that_fits_several_models_is_not_guessed():
    assert use("USE1-MistralLarge-input-tokens", "AmazonBedrock", unit="1K tokens").model == "MistralLarge"


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", ("amazon.nova-pro-v1:0", "")),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-6",
            ("anthropic.claude-sonnet-4-6", "us"),
        ),
        ("arn:aws:bedrock:us-east-1:1:guardrail/abc", ("", "")),
    ],
)
def test_a_resource_that_names_the_model_is_read(resource, found):
    assert model_of_resource(resource) == found


@pytest.mark.parametrize(
    ("usage_type", "meter", "storage_class"),
    [
        ("TimedStorage-ByteHrs", "storage", "STANDARD"),
        ("EUC1-TimedStorage-SIA-ByteHrs", "storage", "STANDARD_IA"),
        ("USW2-TimedStorage-GlacierByteHrs", "storage", "GLACIER"),
        ("USW2-TimedStorage-INT-AIA-ByteHrs", "storage", "INTELLIGENT_TIERING_AIA"),
        ("USW2-Requests-Tier1", "put", ""),
        ("Requests-GIR-Tier2", "get", ""),
        ("USW2-Requests-Tier3", "", ""),
        ("USW2-Retrieval-SIA", "retrieval", "STANDARD_IA"),
        ("USW2-Bulk-Retrieval-Bytes", "retrieval", "GLACIER"),
        ("USW2-EarlyDelete-ByteHrs", "", ""),
        ("USE1-CAN1-AWS-Out-Bytes", "", ""),
        ("USW2-TimedStorage-SIA-SmObjects", "storage", "STANDARD_IA"),
        ("APS9-TimedStorage-ByteHrs", "storage", "STANDARD"),
        ("APS9-Retrieval-XZ", "retrieval", "EXPRESS_ONEZONE"),
        ("Tables-TimedStorage-ByteHrs", "", ""),
    ],
)
def test_storage_usage_types(usage_type, meter, storage_class):
    found = use(usage_type, "AmazonS3")
    assert (found.component, found.meter, found.item) == ("storage", meter, storage_class)


@pytest.mark.parametrize("kind", ["Tax", "Credit", "Refund", "Fee"])
def test_what_is_not_usage_is_other(kind):
    assert use("USW2-Host:ml.g5.2xlarge", kind=kind).component == "other"


def test_discount_lines_belong_to_what_they_discount_and_plan_fees_are_commitments():
    discount = use("USW2-Host:ml.g5.2xlarge", kind="EdpDiscount")
    assert (discount.component, discount.meter) == ("hosting", "")
    fee = use("SageMakerSP:1yrNoUpfront", "MachineLearningSavingsPlans", kind="SavingsPlanRecurringFee")
    assert fee.component == "commitments"
    assert use("ComputeSP:1yr", "ComputeSavingsPlans", kind="SavingsPlanRecurringFee").component == "other"


@pytest.mark.parametrize(
    ("product", "usage_type", "component"),
    [
        ("Amazon SageMaker", "USE1-TrSpt:ml.g5.xlarge", "training"),
        ("AmazonSageMaker", "USE1-Studio:KernelGateway-ml.m5.large", "compute"),
        ("AmazonSageMaker", "JupyterLab-ml.t3.medium", "compute"),
        ("AmazonSageMaker", "CodeEditor-ml.t3.medium", "compute"),
        ("AmazonSageMaker", "FreeServerlessParent", "hosting"),
        ("AmazonSageMaker", "USE1-Data-Bytes-Out", "hosting"),
        ("AmazonSageMaker", "USE1-TrainingPlan-ml.p5.48xlarge", "commitments"),
        ("AmazonSageMaker", "EU-DataWrangler:ml.m5.4xlarge", "compute"),
        ("AmazonSageMaker", "Canvas:Session-Hrs", "other"),
        ("Savings Plans for AWS Machine Learning", "", "commitments"),
        ("AmazonS3GlacierDeepArchive", "USE1-TimedStorage-GDA-ByteHrs", "storage"),
        ("Claude Sonnet 4.6 (Amazon Bedrock Edition)", "USE2-MP:USE2_InputTokenCount-Units", "bedrock"),
        ("Amazon Elastic Compute Cloud - Compute", "BoxUsage:p5.48xlarge", "compute"),
    ],
)
def test_service_and_usage_type_alone_tell_the_component(product, usage_type, component):
    assert component_of(product, usage_type) == component


@pytest.mark.parametrize(
    ("product", "usage_type", "line_type", "part"),
    [
        ("AmazonSageMaker", "Canvas:Session-Hrs", "Usage", "SageMaker, other"),
        ("AmazonSageMaker", "", "Tax", "tax"),
        ("AmazonEC2", "EU-BoxUsage:p5.48xlarge", "Usage", "ML on EC2"),
        ("AmazonEC2", "BoxUsage:trn1.32xlarge", "Usage", "ML on EC2"),
        ("AmazonEC2", "BoxUsage:dl1.24xlarge", "Usage", "ML on EC2"),
        ("AmazonEC2", "BoxUsage:m5.large", "Usage", "other services"),
        ("Amazon OpenSearch Service", "USE1-SearchOCU", "Usage", "OpenSearch"),
        ("AWSSupportBusiness", "Dollar", "Fee", "support"),
        ("AmazonEC2", "", "Credit", "credits"),
        ("AmazonEC2", "", "Refund", "refunds"),
    ],
)
def test_other_has_named_parts(product, usage_type, line_type, part):
    assert part_of(product, "", usage_type, line_type) == part


def test_without_a_usage_type_the_wording_of_the_line_tells_the_component():
    words = "$1.515 per Hosting ml.g5.2xlarge hour in US West (Oregon)"
    assert (use("", words=words).component, use("", words=words).instance_type) == (
        "hosting",
        "ml.g5.2xlarge",
    )
    assert use("", words="$0.23 per Processing ml.m5.xlarge hour in EU (Ireland)").component == "compute"


@pytest.mark.skipif(not FACTS.exists(), reason=f"{FACTS.name} is not beside the repository")
def test_every_usage_type_seen_on_real_bills_gets_its_component():
    with FACTS.open(newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["kind"] == "exact"]
    assert len(rows) > 100
    for row in rows:
        service, name = row["service"], ""
        if service.startswith("AWS Marketplace: "):
            service, name = "opaque", service.removeprefix("AWS Marketplace: ")
        found = use_of(service, name, row["usage_type"], "", "Usage", row["unit"])
        if service == "AmazonS3":
            assert found.component == "storage", row
        elif service == SAGEMAKER:
            assert found.component == COMPONENTS.get(row["component"], "other"), row
            assert found.component == "other" or found.instance_type == row["instance_type"], row
        else:
            assert found.component == "bedrock", row
            if row["component"] in ("input", "output", "cache_read", "cache_write") and row["unit"]:
                assert found.item == row["component"], row
        assert found.region == PREFIXES.get(row["region_prefix"], found.region), row
