"""Credentials come from boto3's own chain; when they do not work, clear words say what to do."""

import pytest

from simulator.sources.collect import CollectError, collect
from tests.sources.collect.accounts import options
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin


def test_expired_token_says_how_to_renew_it(aws: Standin) -> None:
    aws.faults({"service": "*", "kind": "expired"})
    with pytest.raises(CollectError, match=r"credentials have expired.*continues where it stopped"):
        collect(options())


def test_token_that_expires_half_way_ends_the_run_and_keeps_what_was_read(aws: Standin) -> None:
    seed_rich(aws)
    aws.faults({"service": "bedrock", "kind": "expired"})
    with pytest.raises(CollectError, match="credentials have expired"):
        collect(options())
    aws.faults()
    aws.forget()
    collect(options())
    assert "DescribeTrainingJob" not in {operation for _, operation, _ in aws.calls()}


@pytest.mark.parametrize("service", ["sts", "sagemaker"])
def test_wrong_clock_says_by_how_much(aws: Standin, service: str) -> None:
    """The stand-in's clock is an hour ahead."""
    aws.faults({"service": service, "kind": "skew"})
    with pytest.raises(CollectError, match=r"clock is wrong by 60 minutes \(behind\).*Set the clock"):
        collect(options())


def test_no_credentials_at_all(aws: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CollectError, match=r"no usable AWS credentials.*aws sso login"):
        collect(options())
    assert aws.calls() == []


def test_profile_that_does_not_exist(aws: Standin) -> None:
    with pytest.raises(CollectError, match=r"profile .*nobody.* could not be found"):
        collect(options(profile="nobody"))


def test_profile_is_read_from_the_aws_configuration(
    aws: Standin, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "config").write_text("[profile audit]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text("[audit]\naws_access_key_id = A\naws_secret_access_key = B\n")
    snapshot = collect(options(profile="audit", regions=()))
    assert snapshot.manifest.name == "AWS 123456789012 eu-west-1"


def test_no_region_anywhere(aws: Standin) -> None:
    with pytest.raises(CollectError, match="no region: name one"):
        collect(options(regions=()))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"regions": ("oregon",)}, "region 'oregon'"),
        ({"role_arns": ("reader",)}, "role 'reader'"),
        ({"days": 0}, "days 0"),
        ({"bucket_pattern": "("}, "bucket pattern"),
        ({"parallel": 99}, "parallel"),
    ],
)
def test_impossible_options_are_refused_in_words(settings: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        options(**settings)
