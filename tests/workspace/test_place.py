"""Whether anything is kept is known before a database is opened; what cannot be told counts as something."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulator import load_sample
from simulator.workspace import is_empty, open_workspace
from simulator.workspace.place import FILE, VARIABLE


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, with nothing in it."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setattr("simulator.workspace.place.data_folder", lambda: tmp_path)
    return tmp_path


def test_nothing_is_kept_before_the_first_account(folder: Path) -> None:
    assert is_empty()
    assert not (folder / FILE).exists(), "asking makes no database"
    kept = open_workspace()
    assert is_empty()
    kept.add_account(load_sample("report"), "a file")
    kept.database.close()
    assert not is_empty()


@pytest.mark.parametrize(
    "damage",
    ["UPDATE alembic_version SET version_num = '9999'", "DROP TABLE accounts", "DELETE FROM alembic_version"],
)
def test_another_version_is_left_to_who_opens_it(folder: Path, damage: str) -> None:
    open_workspace().database.close()
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute(damage)
    assert not is_empty()


def test_what_is_no_database_is_told_by_who_opens_it(folder: Path) -> None:
    (folder / FILE).write_bytes(b"no database" * 100)
    assert not is_empty()


def test_another_database_is_always_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://somewhere/else")
    assert not is_empty()
