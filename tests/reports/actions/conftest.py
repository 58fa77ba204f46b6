"""The stand-in, and a way to run a pack's scripts against it as a person would."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip(
    "moto", reason="moto is not installed: tests of the action pack's scripts need moto[server]"
)

import boto3

from simulator import Account, Scenario, simulate
from simulator.levers import lever
from simulator.reports.actions import action_files
from simulator.snapshot.snapshot import Snapshot
from tests.accounts import prices
from tests.reports.actions.standin_writes import WriteStandin

REGION = "us-east-1"
READS = ("Describe", "List", "Get", "Head", "GET ")


@pytest.fixture(scope="session")
def running_standin() -> Iterator[WriteStandin]:
    standin = WriteStandin()
    yield standin
    standin.stop()


@pytest.fixture
def aws(running_standin: WriteStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteStandin:
    """The stand-in with an empty account, found by boto3 through the environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    settings = {
        "AWS_ENDPOINT_URL": running_standin.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIASTANDIN",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RETRY_MODE": "standard",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.001)
    monkeypatch.setattr(boto3, "Session", shared_session)
    running_standin.reset()
    return running_standin


@cache
def shared_session() -> Any:
    """One session for all scripts: reading the service models anew takes longer than the tests."""
    return boto3.session.Session()


class Pack:
    """The files of a pack in a folder, and its scripts."""

    def __init__(self, folder: Path, files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.files, self.capsys = folder, files, capsys
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    def targets(self, script: str) -> list[dict[str, Any]]:
        """The targets of a script."""
        return json.loads((self.folder / "scripts" / f"{script}.json").read_text())["targets"]

    def set_targets(self, script: str, targets: list[dict[str, Any]]) -> None:
        """What a person edits before running."""
        (self.folder / "scripts" / f"{script}.json").write_text(json.dumps({"targets": targets}))

    def run(self, script: str, *arguments: str) -> str:
        """What a script says; fails when it exits with an error."""
        code, said = self.run_to_end(script, *arguments)
        assert code == 0, said
        return said

    def run_to_end(self, script: str, *arguments: str) -> tuple[int, str]:
        """Exit code, and what was said."""
        place = self.folder / "scripts" / f"{script}.py"
        self.capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [str(place), *arguments])
            patch.syspath_prepend(str(place.parent))
            patch.delitem(sys.modules, "changes", raising=False)
            with pytest.raises(SystemExit) as ended:
                runpy.run_path(str(place), run_name="__main__")
            sys.modules.pop("changes", None)
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err


@pytest.fixture
def pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """pack(snapshot, "lever", lever={"param": value}) → the pack of that plan, unpacked."""

    def made(snapshot: Snapshot, *ids: str, **settings: dict[str, Any]) -> Pack:
        levers = tuple(lever(i).create(settings.get(i, {})) for i in ids)
        result = simulate(Account.open(snapshot), Scenario(levers, name="test"), prices())
        return Pack(tmp_path / "actions", action_files(result), capsys)

    return made


@cache
def client(service: str, region: str = REGION) -> Any:
    """A plain client of the stand-in."""
    return shared_session().client(service, region_name=region)


def writes(aws: WriteStandin) -> list[str]:
    """Operations called that are no reads."""
    return [o for _, o, _ in aws.calls() if not o.startswith(READS)]
