"""The policy lists exactly what is called, and nothing that is called writes."""

import json

import pytest

from simulator.sources.collect import collect
from simulator.sources.collect.client.permissions import ACTIONS, permitted, policy_text
from simulator.sources.collect.client.session import Calls, open_account
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import options
from tests.sources.collect.seeding import client, make_buckets, seed_rich
from tests.sources.collect.standin import ROOT, Standin

POLICY = ROOT / "docs" / "iam-policy.json"
READING = ("List", "Describe", "Get")


def test_policy_file_is_current() -> None:
    assert POLICY.read_text() == policy_text()


def test_policy_lists_exactly_the_actions_of_a_full_run_both_ways(aws: Standin, tmp_path) -> None:
    seed_rich(aws)
    make_buckets(["far-away"], region="eu-west-1")
    client("organizations").create_organization(FeatureSet="ALL")
    client("organizations").create_account(AccountName="second", Email="a@example.com")
    aws.forget()
    run(options(organization_role="reader", prices_out=tmp_path / "prices.csv"))
    called = {(service, operation) for service, operation, _ in aws.calls()}
    needed = {ACTIONS[call] for call in called} - {""}
    allowed = {a for s in json.loads(POLICY.read_text())["Statement"] for a in s["Action"]}
    assert needed == allowed


def test_no_call_of_a_full_run_writes_reads_an_object_or_invokes_a_model(aws: Standin) -> None:
    seed_rich(aws)
    collect(options(role_arns=("arn:aws:iam::111111111111:role/reader",)))
    called = {(service, operation) for service, operation, _ in aws.calls()}
    wrong = {c for c in called if not c[1].startswith(READING) and c != ("sts", "AssumeRole")}
    assert not wrong
    assert not called & {("s3", "GetObject"), ("bedrock", "InvokeModel")}


def test_every_policy_statement_only_reads() -> None:
    for statement in json.loads(POLICY.read_text())["Statement"]:
        for action in statement["Action"]:
            name = action.partition(":")[2]
            assert name.startswith(READING) or action == "sts:AssumeRole"
            assert "Object" not in name


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sagemaker", "DeleteEndpoint"),
        ("s3", "GetObject"),
        ("bedrock", "CreateModelInvocationJob"),
        ("iam", "ListUsers"),
    ],
)
def test_undeclared_operations_are_not_permitted(service: str, operation: str) -> None:
    assert not permitted(service, operation)


def test_client_of_the_collectors_refuses_to_write(aws: Standin) -> None:
    account = open_account(options(), Calls())
    with pytest.raises(RuntimeError, match="only read"):
        account.client("sagemaker", "us-west-2").delete_endpoint(EndpointName="busy")
    assert aws.calls() == []
