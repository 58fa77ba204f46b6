"""Two accounts are never mixed, nothing is overwritten by nothing, and what a killed run left is cleaned."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import boto3
import pytest

from simulator.cli.main import main
from simulator.snapshot.snapshot import load_snapshot
from simulator.sources.collect import Cancelled, Progress, plan_cost
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import job, options
from tests.sources.collect.comparing import statuses
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin

SECOND = "222222222222"


@pytest.fixture
def as_second(aws: Standin, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Keys of the second account, which has one training job."""
    aws.seed({"account": SECOND, "resources": {"training-job": [job("of-b")]}})
    keys = boto3.client("sts", region_name="us-west-2").assume_role(
        RoleArn=f"arn:aws:iam::{SECOND}:role/b", RoleSessionName="second"
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def use(keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in keys.items():
        monkeypatch.setenv(name, value)


def test_plan_as_one_account_then_collect_as_another(
    aws: Standin, as_second: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_rich(aws)
    plan_cost(options())
    with monkeypatch.context() as other:
        use(as_second, other)
        seen = run(options()).snapshot
    assert seen.manifest.account_ids == (SECOND,)
    assert list(seen.tables["training_jobs"]["job_name"]) == ["of-b"]
    assert seen.tables["endpoints"].empty
    aws.forget()
    first = run(options()).snapshot
    assert first.manifest.account_ids == ("123456789012",)
    assert "of-b" not in set(first.tables["training_jobs"]["job_name"])
    assert Counter(o for _, o, _ in aws.calls())["GetCostAndUsage"] > 0, (
        "the bill of the other is not taken for its own"
    )


def test_run_broken_off_is_not_continued_by_another_account(
    aws: Standin, as_second: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_rich(aws)
    cancel = threading.Event()

    def listen(progress: Progress) -> None:
        if "sagemaker:training_jobs" in progress.reading and progress.done:
            cancel.set()

    with pytest.raises(Cancelled):
        run(options(), progress=listen, cancel=cancel)
    told: list[str] = []
    with monkeypatch.context() as other:
        use(as_second, other)
        seen = run(options(), progress=lambda p: told.append(p.reading))
    assert not seen.resumed
    assert seen.snapshot.tables["endpoints"].empty
    assert any("other credentials was broken off" in t for t in told)
    assert run(options()).resumed, "the first account's own answers wait for it"


def test_identity_is_asked_in_every_run(aws: Standin) -> None:
    plan_cost(options())
    aws.forget()
    run(options())
    assert Counter(o for _, o, _ in aws.calls())["GetCallerIdentity"] == 1


def collect(out: Path, *more: str) -> int:
    return main(["collect", "--out", str(out), "--region", "us-west-2", "--quiet", *more])


def test_nothing_read_ends_with_3_and_leaves_the_old_file(
    aws: Standin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.zip"
    out.write_bytes(b"the good one")
    aws.faults({"service": "*", "kind": "denied"})
    assert collect(out) == 3
    assert "nothing could be read" in capsys.readouterr().err
    assert out.read_bytes() == b"the good one"
    assert [p.name for p in tmp_path.glob("*a.zip*")] == ["a.zip"]


def test_some_read_is_0_with_the_list_of_the_others_and_strict_is_3(
    aws: Standin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_rich(aws)
    aws.faults({"service": "savingsplans", "kind": "denied"})
    assert collect(tmp_path / "a.zip") == 0
    assert "not read, so unknown: savingsplans:plans" in capsys.readouterr().out
    assert collect(tmp_path / "b.zip", "--strict") == 3
    assert "--strict: not read: savingsplans:plans" in capsys.readouterr().err
    assert not (tmp_path / "b.zip").exists()


def test_profile_of_the_environment_that_does_not_exist_is_refused(
    aws: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert collect(tmp_path / "a.zip") == 2
    assert "profile nope could not be found" in capsys.readouterr().err or "nope" in capsys.readouterr().err
    assert aws.calls() == []


def test_place_that_cannot_be_written_is_refused_before_the_first_call(aws: Standin, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert collect(tmp_path / "file" / "a.zip") == 2
    assert collect(tmp_path / "a.zip", "--prices", str(tmp_path / "file" / "p.csv")) == 2
    assert collect(tmp_path / "a.zip", "--prices", str(tmp_path)) == 2
    assert aws.calls() == []


@pytest.mark.parametrize(
    "rule", [{"service": "pricing", "kind": "denied"}, {"service": "s3", "kind": "denied"}]
)
def test_own_prices_stay_where_none_are_read_or_nothing_is_written(
    aws: Standin, tmp_path: Path, rule: dict[str, str]
) -> None:
    seed_rich(aws)
    aws.faults(rule)
    prices = tmp_path / "prices.csv"
    prices.write_text("the good ones")
    strict = ["--strict"] if rule["service"] == "s3" else []
    assert collect(tmp_path / "a.zip", "--prices", str(prices), *strict) == (3 if strict else 0)
    assert prices.read_text() == "the good ones"


def test_profile_that_assumes_a_role_needs_no_region_of_its_own(
    aws: Standin, as_second: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id=AKIASTANDIN\naws_secret_access_key=x\n"
        f"[chain]\nrole_arn=arn:aws:iam::{SECOND}:role/b\nsource_profile=base\n"
        "[lost]\ncredential_process=/bin/false\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert collect(tmp_path / "a.zip", "--profile", "chain") == 0
    assert load_snapshot(tmp_path / "a.zip").manifest.account_ids == (SECOND,)
    assert collect(tmp_path / "b.zip", "--profile", "lost") == 2


def test_answers_wait_until_the_snapshot_is_written(
    aws: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_rich(aws)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("simulator.cli.collect.save_snapshot", full)
        assert collect(tmp_path / "a.zip") == 2
    aws.forget()
    assert collect(tmp_path / "a.zip") == 0
    absent_settings = {"GetBucketLifecycleConfiguration", "GetBucketTagging"}  # an error answer is not kept
    assert {o for _, o, _ in aws.calls()} <= {"GetCallerIdentity"} | absent_settings
    assert len(load_snapshot(tmp_path / "a.zip").tables["endpoints"]) == 9


def test_without_a_place_for_answers_the_run_goes_on_and_says_so(aws: Standin, tmp_path: Path) -> None:
    seed_rich(aws)
    (tmp_path / "shut").write_text("")
    seen = run(options(store=tmp_path / "shut" / "store")).snapshot
    assert statuses(seen)["sagemaker:endpoints"] == "ok"
    assert any("answers cannot be kept" in s for s in seen.manifest.assumptions)
