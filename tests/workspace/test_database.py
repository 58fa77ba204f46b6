"""The database: upgrades keep what is there, a newer one is refused, two opening at once do not collide."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, text

from simulator.workspace import open_database
from simulator.workspace.database import SQLITE_WAIT_SECONDS, _engine, _sqlite_begins, migrations_config
from simulator.workspace.place import HEAD
from simulator.workspace.tables import Base, UtcTime

ON = bindparam("w", datetime(2026, 11, 1, tzinfo=UTC), UtcTime)


def test_the_stated_head_is_the_newest_of_the_migrations() -> None:
    assert ScriptDirectory.from_config(migrations_config()).get_current_head() == HEAD


def test_the_database_of_the_version_before_is_upgraded_with_all_it_holds(empty_url: str) -> None:
    engine = _engine(empty_url)
    config = migrations_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO accounts (id, name, source, owner, fingerprint, window_start, window_end, created_at) "
                 "VALUES ('a', 'ours', 'bill', 'me', :f, :w, :w, :w)").bindparams(ON), {"f": "0" * 64},
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO scenarios (id, account_id, name, version, content, created_at) "
                 "VALUES ('s', 'a', 'plan', 1, '{}', :w)").bindparams(ON),
        )  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO comments (id, scenario_id, who, said_at, text) VALUES ('c', 's', 'ann', :w, 'why')"
            ).bindparams(ON)
        )
    engine.dispose()
    database = open_database(empty_url)
    with database.session() as session:
        assert session.execute(text("SELECT text, lever_id FROM comments")).all() == [("why", None)]
        assert session.execute(text("SELECT count(*) FROM answers")).scalar() == 0
    database.close()


def test_migrations_make_the_tables_that_the_code_declares(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    database.close()
    assert [d for d in difference if d[0] != "modify_type"] == []


def test_a_database_of_a_newer_version_is_refused_and_untouched(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(ValueError, match="newer version"):
        open_database(empty_url)


def test_opening_twice_at_once_makes_the_tables_once(empty_url: str) -> None:
    failed: list[BaseException] = []

    def start() -> None:
        try:
            open_database(empty_url).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_none_who_open_a_new_file_at_once_is_refused(tmp_path: Path) -> None:
    """SQLite refused one in fifty of them the change of journal, at once: among 480 some, each time this was tried."""
    people = 6
    together = threading.Barrier(people)

    def opened(file: Path) -> None:
        connection = sqlite3.connect(file, timeout=SQLITE_WAIT_SECONDS)
        try:
            together.wait(10)
            _sqlite_begins(connection, None)
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        for number in range(80):
            list(pool.map(opened, [tmp_path / f"{number}.db"] * people))


@pytest.mark.parametrize("wrong", ["mysql://host/x", "not an address"])
def test_another_database_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(ValueError, match="ML_SPEND_DATABASE"):
        open_database(wrong)


def test_a_password_is_not_in_the_refusal() -> None:
    with pytest.raises(ValueError, match="cannot be opened") as error:
        open_database("postgresql://ann:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(error.value)
