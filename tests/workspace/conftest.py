"""The workspace on SQLite and on a real PostgreSQL that the tests start."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from simulator.workspace import Workspace, open_database
from simulator.workspace.snapshots import SnapshotStore


def _postgres_tools() -> Path | None:
    """The folder of initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


def _as_nobody(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: it then runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of these tests."""
    tools = _postgres_tools()
    if tools is None:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # outside pytest's folders: nobody may enter it
    who = _as_nobody(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [tools / "initdb", "-D", folder / "data", "-U", "planner", "-A", "trust", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **who,  # type: ignore[call-overload]
    )  # fmt: skip
    server = subprocess.Popen(
        [tools / "postgres", "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **who,  # type: ignore[call-overload]
    )  # fmt: skip
    address = f"postgresql://planner@127.0.0.1:{port}/postgres"
    try:
        _wait(address)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str) -> None:
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    for _ in range(100):
        try:
            with engine.connect():
                break
        except OperationalError:
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workspace.db'}"
    server = request.getfixturevalue("postgres")
    name = f"t{uuid4().hex}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.removesuffix("postgres") + name


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Callable[..., Workspace]]:
    """Opens the workspace for a person, or for the one user of a machine without a login."""
    databases = []

    def make(who: str = "") -> Workspace:
        database = open_database(url)
        databases.append(database)
        store = SnapshotStore(str(tmp_path / "snapshots"))
        return Workspace(database, store, who, login=True) if who else Workspace(database, store)

    yield make
    for database in databases:
        database.close()


@pytest.fixture
def workspace(opened: Callable[..., Workspace]) -> Workspace:
    """The workspace of the one user."""
    return opened()
