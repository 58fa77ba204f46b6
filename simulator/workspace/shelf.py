"""The shelf: search, rename, archive, delete with undo, duplicate, erase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from simulator.workspace.door import living, named, now
from simulator.workspace.scenarios import Scenarios
from simulator.workspace.tables import (
    AccountRow,
    BudgetRow,
    GrantRow,
    PlanRow,
    PricesRow,
    ScenarioRow,
    SnapshotRow,
)

KINDS: dict[str, Any] = {
    "account": AccountRow,
    "scenario": ScenarioRow,
    "plan": PlanRow,
    "budget": BudgetRow,
    "prices": PricesRow,
}


@dataclass(frozen=True)
class Found:
    """One row of a search: what, its name, its account, when it was made, whether it is archived."""

    kind: str
    id: str
    name: str
    account_id: str
    created_at: datetime
    archived: bool


class Shelf(Scenarios):
    """What can be done with anything that is kept."""

    def search(self, words: str, *, archived: bool = False) -> list[Found]:
        """Accounts, scenarios, plans and budgets whose name contains the words, newest first."""
        found = []
        with self.database.reading() as session:
            role = self._roles(session)
            for kind, table in KINDS.items():
                like = func.lower(table.name).contains(words.lower(), autoescape=True)
                for row in session.scalars(living(select(table).where(like), table, archived)):
                    account = row.id if kind == "account" else row.account_id
                    if role(account):
                        found.append(
                            Found(
                                kind, row.id, row.name, account, row.created_at, row.archived_at is not None
                            )
                        )
        return sorted(found, key=lambda f: f.created_at, reverse=True)

    def rename(self, kind: str, object_id: str, name: str) -> None:
        """Another name."""
        self._change(kind, object_id, "rename", lambda row: setattr(row, "name", named(name)))

    def archive(self, kind: str, object_id: str, *, archived: bool = True) -> None:
        """Out of sight, or back."""
        self._change(kind, object_id, "archive" if archived else "unarchive",
                     lambda row: setattr(row, "archived_at", now() if archived else None))  # fmt: skip

    def delete(self, kind: str, object_id: str) -> None:
        """Delete; `restore` undoes it until it is erased."""
        self._change(kind, object_id, "delete", lambda row: setattr(row, "deleted_at", now()))

    def restore(self, kind: str, object_id: str) -> None:
        """Undo a delete."""
        self._change(kind, object_id, "restore", lambda row: setattr(row, "deleted_at", None), deleted=True)

    def deleted(self) -> list[Found]:
        """What was deleted and not erased, newest first: what `restore` can bring back."""
        found = []
        with self.database.reading() as session:
            role = self._roles(session)
            for kind, table in KINDS.items():
                for row in session.scalars(select(table).where(table.deleted_at.is_not(None))):
                    account = row.id if kind == "account" else row.account_id
                    if role(account) in ("planner", "admin"):
                        found.append(
                            Found(
                                kind, row.id, row.name, account, row.deleted_at, row.archived_at is not None
                            )
                        )
        return sorted(found, key=lambda f: f.created_at, reverse=True)

    def duplicate(self, scenario_id: str, name: str) -> ScenarioRow:
        """A copy of a scenario under another name; its history starts anew."""
        row = self.scenario(scenario_id)
        return self.add_scenario(row.account_id, name, row.content)

    def erase(self, account_id: str) -> None:
        """An account with everything of it, for good. Admins only. Snapshots no other account has go too."""
        with self.database.session() as session:
            self.database.alone(session)
            row = self._get(session, AccountRow, account_id, "admin", deleted=True)
            mine = set(session.scalars(select(SnapshotRow.fingerprint).filter_by(account_id=account_id)))
            session.delete(row)
            session.execute(delete(GrantRow).filter_by(account_id=account_id))
            session.flush()
            shared = set(
                session.scalars(select(SnapshotRow.fingerprint).where(SnapshotRow.fingerprint.in_(mine)))
            )
            self._note(session, "erase", "account", account_id)
            for fingerprint in mine - shared:
                self.store.remove(fingerprint)

    def _change(
        self, kind: str, object_id: str, action: str, change: Callable[[Any], None], *, deleted: bool = False
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r}: expected one of {', '.join(KINDS)}")
        with self.database.session() as session:
            change(self._get(session, KINDS[kind], object_id, "planner", lock=True, deleted=deleted))
            self._note(session, action, kind, object_id)
