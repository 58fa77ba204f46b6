"""The workspace as one person sees it. Every change is one transaction, and in the audit log."""

from __future__ import annotations

from simulator.workspace.accounts import Accounts
from simulator.workspace.database import open_database
from simulator.workspace.door import ME
from simulator.workspace.kept import Plans
from simulator.workspace.shelf import Shelf
from simulator.workspace.snapshots import SnapshotStore


class Workspace(Accounts, Plans, Shelf):
    """All reads and changes, for one person."""

    def seen_by(self, who: str) -> Workspace:
        """The same workspace for another signed-in person."""
        return Workspace(self.database, self.store, who, login=True)


def open_workspace(url: str | None = None, *, who: str = ME, place: str | None = None) -> Workspace:
    """The workspace of this user; without a login `who` is "me", who may do everything."""
    return Workspace(open_database(url), SnapshotStore(place), who, login=who != ME)
