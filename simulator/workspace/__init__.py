"""What stays: accounts, scenarios with their history, kept plans, budgets, own prices, answers, comments.

SQLite in the user's data folder by default; PostgreSQL with ML_SPEND_DATABASE=postgresql://… for a team.
The only importer of SQLAlchemy, once somebody keeps something.
"""

from typing import TYPE_CHECKING, Any

from simulator.workspace.place import database_url, is_empty
from simulator.workspace.refusals import Conflict, Denied, NotThere, Unreachable

if TYPE_CHECKING:
    from simulator.workspace.database import Database, open_database
    from simulator.workspace.workspace import Workspace, open_workspace

__all__ = [
    "Conflict",
    "Database",
    "Denied",
    "NotThere",
    "Unreachable",
    "Workspace",
    "database_url",
    "is_empty",
    "open_database",
    "open_workspace",
]

_LATER = {
    "Database": "database",
    "open_database": "database",
    "Workspace": "workspace",
    "open_workspace": "workspace",
}
"""What needs SQLAlchemy is imported when it is first asked for."""


def __getattr__(name: str) -> Any:
    """Raises AttributeError for a name that is not of the workspace."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
