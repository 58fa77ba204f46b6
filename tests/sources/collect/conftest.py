"""The stand-in, one for all collector tests; every test begins with an empty account and its own store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("moto", reason="moto is not installed: collector tests need moto[server]")

from simulator.sources.collect import Collected
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import options
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin


@pytest.fixture(scope="session")
def running_standin() -> Iterator[Standin]:
    standin = Standin()
    yield standin
    standin.stop()


@pytest.fixture
def aws(running_standin: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Standin:
    """The stand-in with an empty account, found by boto3 through the environment."""
    point_at(running_standin, tmp_path, monkeypatch)
    return running_standin


@pytest.fixture(scope="module")
def rich(running_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    """The account RICH, collected once for the tests of a module that only look at it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_at(running_standin, tmp_path_factory.mktemp("rich"), monkeypatch)
        seed_rich(running_standin)
        yield run(options())


def point_at(standin: Standin, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty account, made-up credentials, retries without pause, and a store of its own."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    settings = {
        "AWS_ENDPOINT_URL": standin.url,
        "AWS_ACCESS_KEY_ID": "AKIASTANDIN",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "4",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.001)
    monkeypatch.setattr("simulator.sources.collect.client.reader.PAUSE_SECONDS", 0.001)
    standin.reset()
