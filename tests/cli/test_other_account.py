"""Files of one AWS account are not taken for those of another; what cannot be written is refused before the work."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import save_snapshot
from simulator.cli.main import main
from simulator.errors import InputError
from simulator.snapshot.manifest import Manifest
from simulator.workspace import open_workspace
from tests.accounts import START, snapshot_with

OURS, THEIRS = "111111111111", "222222222222"
IDS = st.lists(st.sampled_from([OURS, THEIRS, "333333333333", "account-3f9a0c12de"]), max_size=3)


@pytest.fixture(autouse=True)
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))


def snapshot_of(account: str, path: Path, endpoint: str = "a") -> str:
    made = snapshot_with(endpoints=[{"endpoint_name": endpoint}])
    save_snapshot(replace(made, manifest=replace(made.manifest, account_ids=(account,))), path)
    return str(path)


@pytest.fixture
def ours(tmp_path: Path) -> str:
    return snapshot_of(OURS, tmp_path / "ours.zip")


@pytest.fixture
def theirs(tmp_path: Path) -> str:
    return snapshot_of(THEIRS, tmp_path / "theirs.zip", "b")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert OURS in said
    assert THEIRS in said


def test_kept_scenario_of_one_account_is_not_compared_with_another(
    ours: str, theirs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = str(tmp_path / "plan.json")
    assert main(["ledger", "keep", "--usage", ours, "--out", plan]) == 0
    refused(capsys, "ledger", "compare", plan, "--usage", theirs)
    refused(capsys, "ledger", "months", plan, theirs)
    refused(capsys, "gate", "--plan", plan, "--usage", theirs)
    assert main(["ledger", "compare", plan, "--usage", ours]) == 0


def test_watch_takes_no_snapshot_of_another_account(
    ours: str, theirs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", "--account", "ours", "--snapshot", ours]) == 0
    refused(capsys, "watch", "--account", "ours", "--snapshot", theirs)
    plan = str(tmp_path / "plan.json")
    assert main(["ledger", "keep", "--usage", theirs, "--out", plan]) == 0
    refused(capsys, "workspace", "plan", "ours", plan)
    kept = open_workspace()
    (account,) = kept.accounts()
    assert len(kept.snapshots(account.id)) == 1
    assert kept.plans(account.id) == []
    kept.database.close()


@given(IDS, IDS)
def test_accounts_are_told_apart_only_where_both_are_known_by_number(
    mine: list[str], yours: list[str]
) -> None:
    manifest = Manifest("m", START, START + timedelta(days=1), account_ids=tuple(mine))
    numbers = [{i for i in ids if i.isdigit()} for ids in (mine, yours)]
    if all(numbers) and not numbers[0] & numbers[1]:
        with pytest.raises(InputError, match="expected the same account"):
            manifest.refuse_other_account(yours, "the plan")
    else:
        manifest.refuse_other_account(yours, "the plan")


def test_watch_refuses_a_place_it_cannot_write_and_keeps_nothing(ours: str, tmp_path: Path) -> None:
    assert main(["watch", "--account", "ours", "--snapshot", ours, "--out", f"{ours}/below.json"]) == 2
    kept = open_workspace()
    assert kept.accounts() == []
    kept.database.close()


@pytest.mark.parametrize(
    "arguments",
    [["gate", "--plan"], ["workspace", "plan", "ours"], ["ledger", "compare"]],
    ids=lambda a: a[0],
)
def test_pipe_in_place_of_a_kept_scenario_is_refused(
    arguments: list[str], ours: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "plan.json")
    assert main([*arguments, str(tmp_path / "plan.json")]) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_out_may_be_a_link_or_a_pipe_and_keeps_its_permissions(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    assert main(["prices", "template", "--out", str(link)]) == 0
    assert link.is_symlink()
    assert target.read_text().startswith("component,")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert main(["prices", "template", "--out", str(pipe)]) == 2, "nobody reads it"
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert main(["prices", "template", "--out", str(pipe)]) == 0
    assert os.read(reader, 10) == b"component,"
    os.close(reader)
