"""Every command that answers about an account says what its prices rest on, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli.main import main

AGE = "Prices: "


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    assert main(["ledger", "keep", "--usage", "report", "--out", str(path)]) == 0
    return str(path)


@pytest.mark.parametrize(
    "words",
    [
        ["savings", "--usage", "report", "--on", "stop_idle_endpoints"],
        ["units", "--usage", "report"],
        ["commitment", "--usage", "report"],
        ["gate", "--usage", "report", "--budget", "1000000"],
        ["gate", "--usage", "report", "--plan", "PLAN"],
        ["ledger", "compare", "PLAN", "--usage", "report"],
    ],
)
def test_answers_name_the_age_of_their_prices(
    words: list[str], plan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    words = [plan if w == "PLAN" else w for w in words]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert AGE in text
    if words[0] != "gate":
        assert main([*words, "--format", "json"]) == 0
        assert AGE in json.loads(capsys.readouterr().out)["prices"]


def test_watch_names_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'w.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "s"))
    assert main(["sample", "report", "--out", str(tmp_path / "a.zip")]) == 0
    assert main(["watch", "--account", "ours", "--snapshot", str(tmp_path / "a.zip")]) == 0
    assert AGE in capsys.readouterr().out
