"""The workspace on SQLite and on a real PostgreSQL that the tests start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.workspace import Workspace, open_database
from simulator.workspace.snapshots import SnapshotStore
from tests.postgres import new_database, postgres_tools, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of these tests."""
    if postgres_tools() is None:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    with running_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the tables and nothing in them: to make them takes longer than most tests."""
    file = tmp_path_factory.mktemp("made") / "workspace.db"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def made_name(postgres: str) -> str:
    """The same in PostgreSQL."""
    url = new_database(postgres)
    open_database(url).close()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workspace.db'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind whose tables are made."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("made_file"), tmp_path / "workspace.db")
        return f"sqlite:///{tmp_path / 'workspace.db'}"
    return new_database(request.getfixturevalue("postgres"), request.getfixturevalue("made_name"))


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
