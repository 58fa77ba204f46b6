"""Several regions and several accounts in one snapshot."""

import pytest

from simulator.sources.collect import CollectError, collect
from tests.sources.collect.accounts import GIB, bucket_size, endpoint, job, options
from tests.sources.collect.comparing import statuses
from tests.sources.collect.seeding import client, make_buckets, seed_rich
from tests.sources.collect.standin import Standin

SECOND = "222222222222"
ROLE = f"arn:aws:iam::{SECOND}:role/reader"


def test_regions_are_read_side_by_side_each_with_its_own_things(aws: Standin) -> None:
    aws.seed({"region": "us-west-2", "resources": {"training-job": [job("west")]}})
    aws.seed({"region": "eu-west-1", "resources": {"training-job": [job("europe")], **endpoint("e")}})
    snapshot = collect(options(regions=("us-west-2", "eu-west-1")))
    jobs = snapshot.tables["training_jobs"]
    assert jobs[["job_name", "region"]].to_numpy().tolist() == [
        ["west", "us-west-2"],
        ["europe", "eu-west-1"],
    ]
    assert snapshot.tables["endpoints"]["region"].tolist() == ["eu-west-1"]
    assert len(snapshot.tables["endpoint_traffic"]) == 720


def test_bucket_is_read_in_its_own_region_and_others_are_told(aws: Standin) -> None:
    make_buckets(["west"], "us-west-2")
    make_buckets(["europe"], "eu-west-1")
    make_buckets(["tokyo"], "ap-northeast-1")
    aws.seed({"region": "eu-west-1", "metrics": [bucket_size("europe", "StandardStorage", 5 * GIB)]})
    snapshot = collect(options(regions=("us-west-2", "eu-west-1")))
    assert snapshot.tables["storage"][["bucket", "region", "gib"]].to_numpy().tolist() == [
        ["europe", "eu-west-1", 5]
    ]
    assert any(
        "1 buckets lie in regions that were not read (ap-northeast-1)" in s
        for s in snapshot.manifest.assumptions
    )


def test_bucket_pattern_limits_what_is_read(aws: Standin) -> None:
    make_buckets(["ml-data", "web-logs"])
    collect(options(bucket_pattern="^ml-"))
    asked = [operation for _, operation, _ in aws.calls() if operation == "GetBucketVersioning"]
    assert len(asked) == 1


def test_bill_is_asked_once_an_account_not_once_a_region(aws: Standin) -> None:
    seed_rich(aws)
    collect(options(regions=("us-west-2", "eu-west-1", "us-east-1")))
    assert len([c for c in aws.calls() if c[0] == "ce"]) == 3


def test_accounts_of_roles_are_told_apart(aws: Standin) -> None:
    for account in (SECOND, "333333333333"):
        aws.seed({"account": account, "resources": {"training-job": [job("same-name")]}})
    snapshot = collect(options(role_arns=(ROLE, "arn:aws:iam::333333333333:role/reader")))
    assert snapshot.manifest.account_ids == (SECOND, "333333333333")
    assert snapshot.tables["training_jobs"]["account_id"].tolist() == [SECOND, "333333333333"]
    assert any(s.name == f"sagemaker:training_jobs us-west-2 {SECOND}" for s in snapshot.manifest.sources)


def test_role_that_cannot_be_assumed_leaves_the_other_accounts(aws: Standin) -> None:
    aws.seed({"account": SECOND, "resources": {"training-job": [job("seen")]}})
    aws.faults({"service": "sts", "operation": "AssumeRole", "kind": "denied", "times": 1})
    snapshot = collect(options(role_arns=("arn:aws:iam::333333333333:role/reader", ROLE)))
    assert snapshot.manifest.account_ids == (SECOND,)
    assert any("333333333333" in s.name and s.status == "denied" for s in snapshot.manifest.sources)


def test_no_role_can_be_assumed(aws: Standin) -> None:
    aws.faults({"service": "sts", "operation": "AssumeRole", "kind": "denied"})
    with pytest.raises(CollectError, match="none of the roles can be assumed"):
        collect(options(role_arns=(ROLE,)))


def test_every_active_account_of_an_organization_is_read(aws: Standin) -> None:
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="second", Email="a@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    aws.seed({"account": made, "resources": {"training-job": [job("theirs")]}})
    aws.seed({"resources": {"training-job": [job("ours")]}})
    jobs = (
        collect(options(organization_role="reader"))
        .tables["training_jobs"]
        .set_index("job_name")["account_id"]
    )
    assert jobs.to_dict() == {"ours": "123456789012", "theirs": made}


def test_organization_that_cannot_be_listed_says_to_name_roles(aws: Standin) -> None:
    aws.faults({"service": "organizations", "kind": "denied"})
    with pytest.raises(CollectError, match=r"could not be listed \(denied\): name the roles"):
        collect(options(organization_role="reader"))


def test_one_region_denied_leaves_the_other(aws: Standin) -> None:
    for region in ("us-west-2", "eu-west-1"):
        aws.seed({"region": region, "resources": {"training-job": [job(f"in-{region}")]}})
    aws.faults({"service": "sagemaker", "region": "eu-west-1", "kind": "denied"})
    snapshot = collect(options(regions=("us-west-2", "eu-west-1")))
    assert snapshot.tables["training_jobs"]["job_name"].tolist() == ["in-us-west-2"]
    assert statuses(snapshot)["sagemaker:training_jobs"] == "denied"
