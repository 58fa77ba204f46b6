"""The database of the workspace: where it is, opening it, bringing its tables to this version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from simulator.workspace.place import HEAD, VARIABLE, database_url
from simulator.workspace.refusals import Unreachable

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_WAIT_SECONDS = 15
LOCKED_SECONDS = 0.02
POOL_SIZE = 5
READING = "ml_spend_reading"
STORE_LOCK = 7_301_948
MIGRATION_LOCK = 7_301_947
"""Any number, the same in every version: it keeps two processes from making the tables at once."""


@dataclass(frozen=True, eq=False)
class Database:
    """An open database whose tables are of this version."""

    engine: Engine
    make: sessionmaker[Session]
    look: sessionmaker[Session]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: all of it is kept, or nothing. Raises Unreachable in words."""
        with _answering(), self.make.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One view of what is kept, for reads: on SQLite it waits for no writer."""
        with _answering(), self.look.begin() as session:
            yield session

    def alone(self, session: Session) -> None:
        """From here to the end of the transaction nobody else adds or erases snapshots; SQLite has one writer."""
        if self.engine.dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": STORE_LOCK})

    def check(self) -> None:
        """One question that touches a table. Raises Unreachable."""
        with self.reading() as session:
            session.execute(text("SELECT version_num FROM alembic_version"))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unreachable(f"the workspace's database did not answer ({_reason(error)})") from None


def open_database(url: str | None = None) -> Database:
    """Open, and bring the tables to this version. Raises ValueError in words, without the address's secrets.

    A database that a newer version has written is refused: nothing of it is touched.
    """
    engine = _engine(url or database_url())
    try:
        _migrate(engine)
    except ValueError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise ValueError(f"workspace {_shown(engine)}: cannot be opened ({_reason(error)})") from None
    looking = engine.execution_options(**{READING: True})
    return Database(
        engine, sessionmaker(engine, expire_on_commit=False), sessionmaker(looking, expire_on_commit=False)
    )


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise ValueError(f"{VARIABLE}: expected sqlite:///FILE or postgresql://HOST/NAME") from None
    kind = address.get_backend_name()
    if kind == "postgresql":
        return create_engine(
            address.set(drivername="postgresql+psycopg"), pool_size=POOL_SIZE, pool_pre_ping=True
        )
    if kind != "sqlite":
        raise ValueError(f"{VARIABLE}: {kind} is not supported; expected sqlite or postgresql")
    engine = create_engine(address, connect_args={"timeout": SQLITE_WAIT_SECONDS})
    event.listen(engine, "connect", _sqlite_begins)
    event.listen(engine, "begin", _sqlite_transaction)
    return engine


def _sqlite_transaction(connection: Any) -> None:
    """A writer takes its turn at once, not when it first writes: two that read first could never both go on."""
    reads = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _sqlite_begins(connection: Any, _: Any) -> None:
    """Foreign keys hold; a crash loses nothing that was committed; writers wait for each other."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Of several who open a new file one changes its journal; SQLite refuses others at once, without its time-out."""
    end = monotonic() + SQLITE_WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() >= end:
                raise
            sleep(LOCKED_SECONDS)


def _migrate(engine: Engine) -> None:
    """One transaction and one process at a time: whoever comes second finds the tables made."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        current = _current(connection)
        if current != HEAD:
            _upgrade(connection, current)


def _upgrade(connection: Connection, current: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = migrations_config()
    known = {r.revision for r in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        where = _shown(connection.engine)
        raise ValueError(
            f"workspace {where}: written by a newer version ({current}); update ml-spend to open it"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations_config() -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _current(connection: Any) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _reason(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())[:200]
