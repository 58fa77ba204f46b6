"""Where CloudWatch has no tokens, the bill's quantities are used; nothing is invented."""

from typing import Any

import pytest

from simulator.sources.collect import collect
from simulator.usage.gb_months import covered_months
from tests.sources.collect.accounts import at, bedrock, cost, options
from tests.sources.collect.comparing import statuses
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin

SONNET, HAIKU = "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"
SERVICE = "Claude Sonnet 4.5 (Amazon Bedrock Edition)"
BILLED = [
    cost(SERVICE, 12.0, "USW2-MP:USW2_InputTokenCount-Units", quantity=4.0, unit="Units"),
    cost(SERVICE, 15.0, "USW2-MP:USW2_OutputTokenCount-Units", quantity=1.0, unit="Units"),
]


def seeded(aws: Standin, *metrics: Any, costs: list[Any], models: tuple[str, ...] = (SONNET,)) -> Any:
    listed = [{"modelArn": f"arn:aws:bedrock:us-west-2::foundation-model/{m}", "modelId": m} for m in models]
    aws.seed({"answers": {"bedrock:ListFoundationModels": listed}, "metrics": list(metrics), "costs": costs})
    return collect(options()).tables["bedrock"]


def test_billed_tokens_are_spread_over_days_by_requests(aws: Standin) -> None:
    """4 million input and 1 million output tokens, 30 and 10 requests: three quarters on the first day."""
    calls = bedrock(SONNET, "Invocations", [(at(40), 30), (at(5), 10)])
    table = seeded(aws, calls, costs=BILLED)
    assert table["requests"].tolist() == [30, 10]
    assert table["input_tokens"].tolist() == [3e6, 1e6]
    assert table["output_tokens"].tolist() == [750e3, 250e3]
    assert table["cost_usd"].tolist() == [20.25, 6.75]


def test_tokens_of_cloudwatch_are_not_replaced(aws: Standin) -> None:
    names = {"Invocations": 10, "InputTokenCount": 5000, "OutputTokenCount": 700}
    table = seeded(aws, *(bedrock(SONNET, n, [(at(5), v)]) for n, v in names.items()), costs=BILLED)
    assert table[["input_tokens", "output_tokens"]].to_numpy().tolist() == [[5000, 700]]


def test_denied_metrics_leave_the_tokens_of_the_bill_without_requests(aws: Standin) -> None:
    aws.faults({"service": "cloudwatch", "kind": "denied"})
    table = seeded(aws, costs=BILLED)
    assert table[["model_id", "input_tokens", "output_tokens", "cost_usd"]].to_numpy().tolist() == [
        [SONNET, 4e6, 1e6, 27.0]
    ]
    assert table["requests"].isna().all()


def test_cost_alone_is_kept_when_the_bill_has_no_tokens(aws: Standin) -> None:
    calls = bedrock(SONNET, "Invocations", [(at(5), 1642)])
    table = seeded(aws, calls, costs=[cost("Amazon Bedrock", 52.94, "USW2-Something")])
    assert table["cost_usd"].tolist() == [52.94]
    assert table["input_tokens"].isna().all()


def test_cost_is_not_shared_out_between_models(aws: Standin) -> None:
    calls = [bedrock(m, "Invocations", [(at(5), 10)]) for m in (SONNET, HAIKU)]
    table = seeded(
        aws, *calls, costs=[cost("Amazon Bedrock", 52.94, "USW2-Something")], models=(SONNET, HAIKU)
    )
    assert len(table) == 2
    assert table["cost_usd"].isna().all()


@pytest.mark.parametrize(
    "operation", ["ListFoundationModels", "ListInferenceProfiles", "ListProvisionedModelThroughputs"]
)
def test_each_list_denied_leaves_the_bill_of_the_models_it_would_have_named(
    aws: Standin, operation: str
) -> None:
    """The model behind the list is billed $27.00 for 4 million tokens in and 1 million out; the other one is read."""
    other = {"modelArn": f"arn:aws:bedrock:us-west-2::foundation-model/{HAIKU}", "modelId": HAIKU}
    profile = {"inferenceProfileId": f"us.{HAIKU}", "type": "SYSTEM_DEFINED", "models": []}
    listed = "ListInferenceProfiles" if operation == "ListFoundationModels" else "ListFoundationModels"
    called = f"us.{HAIKU}" if operation == "ListFoundationModels" else HAIKU
    aws.seed({
        "answers": {f"bedrock:{listed}": [profile if called.startswith("us.") else other]},
        "metrics": [bedrock(called, n, [(at(5), 10)]) for n in ("Invocations", "InputTokenCount", "OutputTokenCount")],
        "costs": BILLED,
    })  # fmt: skip
    aws.faults({"service": "bedrock", "operation": operation, "kind": "denied"})
    found = collect(options())
    table = found.tables["bedrock"].set_index("model_id")
    assert set(table.index) == {SONNET, HAIKU}
    assert (table.at[SONNET, "input_tokens"], table.at[SONNET, "cost_usd"]) == (4e6, 27.0)
    assert table.at[HAIKU, "input_tokens"] == 10
    assert statuses(found)["cloudwatch:bedrock_tokens"] == "denied"


@pytest.mark.parametrize("operation", ["ListBuckets", "GetBucketLocation"])
def test_buckets_that_could_not_be_listed_were_not_asked(aws: Standin, operation: str) -> None:
    seed_rich(aws)
    aws.faults({"service": "s3", "operation": operation, "kind": "denied"})
    ended = statuses(collect(options()))
    assert ended["s3:buckets"] == "denied"
    assert ended["s3:bucket_settings"] == ended["cloudwatch:bucket_sizes"] == "not asked"


@pytest.mark.parametrize(
    ("service", "operation", "kind", "source"),
    [
        ("ce", "GetDimensionValues", "malformed", "ce:bill"),
        ("s3", "GetBucketLocation", "malformed", "s3:buckets"),
        ("sagemaker", "ListInferenceComponents", "denied", "cloudwatch:endpoint_invocations"),
    ],
)
def test_what_was_asked_for_in_part_is_not_ok(
    aws: Standin, service: str, operation: str, kind: str, source: str
) -> None:
    seed_rich(aws)
    aws.faults({"service": service, "operation": operation, "kind": kind})
    assert statuses(collect(options()))[source] in ("denied", "unsupported")


AGENTCORE = "Amazon Bedrock AgentCore"


def test_agentcore_is_rows_of_its_own_and_no_model_is_charged_for_it(aws: Standin) -> None:
    """30 vCPU-hours at 0.0895, 9,000 calls at 0.005 per 1,000, and a generation of the runtime without a price here."""
    agents = [
        cost(AGENTCORE, 2.685, "USW2-Runtime:Consumption-based:vCPU", quantity=30.0, unit="vCPU-Hours"),
        cost(
            AGENTCORE,
            0.045,
            "USW2-Gateway:Consumption-based:API-Invocations",
            quantity=9_000.0,
            unit="Invocations",
        ),
        cost(AGENTCORE, 1.276, "USW2-Runtime:Consumption-based:vCPU-v2", quantity=10.0, unit="vCPU-Hours"),
    ]
    listed = [{"modelArn": f"arn:aws:bedrock:us-west-2::foundation-model/{SONNET}", "modelId": SONNET}]
    calls = bedrock(SONNET, "Invocations", [(at(5), 10)])
    aws.seed({
        "answers": {"bedrock:ListFoundationModels": listed}, "metrics": [calls],
        "costs": [cost("Amazon Bedrock", 5.0, "USW2-Something"), *agents],
    })  # fmt: skip
    found = collect(options())
    assert found.tables["bedrock"]["cost_usd"].tolist() == [5.0]
    rows: dict[Any, Any] = found.tables["services"].set_index("name").to_dict("index")
    assert rows["AgentCore Runtime vCPU in us-west-2"]["unit_hours"] == 30.0
    assert rows["AgentCore Runtime vCPU-v2 in us-west-2"]["billed_usd"] == pytest.approx(1.276)
    gateway = rows["AgentCore Gateway API-Invocations in us-west-2"]["requests"]
    assert gateway * covered_months(found.manifest) == pytest.approx(9_000, rel=0.02)
