"""Where the workspace is, and whether anything is kept in it: asked before SQLAlchemy is imported."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "ML_SPEND_DATABASE"
FILE = "workspace.db"
HEAD = "0002"
"""The newest of the migrations: tables that have it are opened without loading what makes tables."""


def data_folder() -> Path:
    """The user's data folder of the product; made on first use, readable by the user only."""
    folder = user_data_path("ml-spend-simulator", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(stat.S_IRWXU)
    return folder


def database_url() -> str:
    """ML_SPEND_DATABASE, else SQLite in the user's data folder. Secrets in it come from the environment only."""
    return os.environ.get(VARIABLE) or f"sqlite:///{data_folder() / FILE}"


def is_empty() -> bool:
    """Whether the usual file is not there, or is of this version and holds no account, so no scenario either.

    False as well where that cannot be told from here: another database, a damaged file, one of another version.
    """
    if os.environ.get(VARIABLE):
        return False
    try:
        file = data_folder() / FILE
        return not file.exists() or _holds_nothing(file)
    except (OSError, sqlite3.Error):
        return False


def _holds_nothing(file: Path) -> bool:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        (some,) = connection.execute("SELECT EXISTS (SELECT 1 FROM accounts)").fetchone()
    return version == (HEAD,) and not some
