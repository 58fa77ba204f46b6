"""`python -m simulator collect`: options, report, JSON."""

import json
from datetime import date
from pathlib import Path

import pytest

from simulator.cli.main import command_line, main
from simulator.pricing.book import PriceBook
from simulator.snapshot.snapshot import load_snapshot
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin


def command(*arguments: str, form: str = "text") -> str:
    tokens = ["collect", *arguments, "--format", form]
    return str(command_line()(tokens, exit_on_error=False, print_error=False))


def test_snapshot_is_written_and_reported(
    aws: Standin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_rich(aws)
    text = command("--out", str(tmp_path / "a.zip"), "--region", "us-west-2")
    assert load_snapshot(tmp_path / "a.zip").manifest.account_ids == ("123456789012",)
    assert "ok" in text
    assert "sagemaker:training_jobs us-west-2" in text
    told = capsys.readouterr().err
    assert told.index("costs about $0.0") < told.index("ce:bill"), "the price is told before it is spent"


def test_json_names_sources_calls_and_price_and_list_prices_of_the_types_in_use_are_written(
    aws: Standin, tmp_path: Path
) -> None:
    seed_rich(aws)
    own = tmp_path / "p.csv"
    arguments = ("--out", str(tmp_path / "a.zip"), "--region", "us-west-2", "--quiet", "--prices", str(own))
    report = json.loads(command(*arguments, form="json"))
    assert {s["status"] for s in report["sources"]} <= {"ok", "denied", "throttled", "empty"} | {
        "unsupported",
        "not asked",
    }
    assert report["calls"]["ce:GetCostAndUsage"] == 2
    assert report["cost_usd"] == pytest.approx(0.03 + report["metrics"] * 0.01 / 1000)
    assert not report["resumed"]
    rows = own.read_text().splitlines()
    assert any(
        r.startswith("hosting,ml.g5.2xlarge,us-west-2,,,1.515,instance_hour,1,2026-09-01") for r in rows
    )
    assert len(rows) == 3, "a header and the two types the price list knows"
    PriceBook.load(date(2026, 11, 20), own=own)


def test_plan_writes_nothing_and_spends_nothing(aws: Standin, tmp_path: Path) -> None:
    seed_rich(aws)
    plan = json.loads(command("--plan", "--region", "us-west-2", "--quiet", form="json"))
    assert plan["cost_requests"] == 4
    assert plan["cost_usd"] > 0.04
    assert not list(tmp_path.glob("*.zip"))
    assert not {"ce", "cloudwatch"} & {service for service, _, _ in aws.calls()}


def test_anonymize_with_a_key_file_agrees_between_runs(aws: Standin, tmp_path: Path) -> None:
    seed_rich(aws)
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    names = []
    for file in ("a.zip", "b.zip"):
        command(
            "--out",
            str(tmp_path / file),
            "--region",
            "us-west-2",
            "--quiet",
            "--anonymize-key",
            str(tmp_path / "key"),
        )
        names.append(load_snapshot(tmp_path / file).tables["endpoints"]["endpoint_name"].tolist())
    assert names[0] == names[1]
    assert "busy" not in names[0]


def test_out_is_required_and_a_short_key_refused(aws: Standin, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--out"):
        command("--region", "us-west-2")
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ValueError, match="at least 16 bytes"):
        command("--out", str(tmp_path / "a.zip"), "--anonymize-key", str(tmp_path / "key"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "9" * 5_000),
        ("AWS_RETRY_MODE", "x"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_before_the_first_call(
    aws: Standin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["collect", "--out", str(tmp_path / "own.zip")]) == 2
    said = capsys.readouterr().err.strip()
    assert name in said
    assert "\n" not in said
