"""What stays: accounts, scenarios with their history, kept plans, budgets, own prices, answers, comments.

SQLite in the user's data folder by default; PostgreSQL with ML_SPEND_DATABASE=postgresql://… for a team.
The only importer of SQLAlchemy.
"""

from simulator.workspace.database import Database, Unreachable, database_url, open_database
from simulator.workspace.door import Denied, NotThere
from simulator.workspace.scenarios import Conflict
from simulator.workspace.workspace import Workspace, open_workspace

__all__ = [
    "Conflict",
    "Database",
    "Denied",
    "NotThere",
    "Unreachable",
    "Workspace",
    "database_url",
    "open_database",
    "open_workspace",
]
