"""A real PostgreSQL server on a free port, for tests and benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError


def postgres_tools() -> Path | None:
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


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that ends with the block. Raises RuntimeError where none is installed."""
    tools = postgres_tools()
    if tools is None:
        raise RuntimeError("no PostgreSQL server on this machine: apt-get install postgresql")
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
        server.send_signal(
            signal.SIGQUIT
        )  # at once: nobody reads again what it would still write to the disk
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, like: str = "template1") -> str:
    """The address of a new database of a server: empty, or a copy of one that nobody is connected to."""
    name = f"t{uuid4().hex}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    engine.dispose()
    return server.removesuffix("postgres") + name


def _wait(address: str) -> None:
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    for _ in range(100):
        try:
            with engine.connect():
                break
        except OperationalError:
            time.sleep(0.1)
    engine.dispose()
