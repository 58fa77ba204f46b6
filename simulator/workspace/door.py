"""The door of the workspace: who is asking, what they may see and change, and the audit log.

Roles: a viewer sees and downloads, a planner changes, an admin also grants and erases. Without a login there is one
user, who is admin. What a person may not see does not exist for them: the refusal is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from simulator.workspace.database import Database
from simulator.workspace.refusals import Denied, NotThere
from simulator.workspace.snapshots import SnapshotStore
from simulator.workspace.tables import NAME, AccountRow, AuditRow, GrantRow

ROLES = ("viewer", "planner", "admin")
EVERY_ACCOUNT = "*"
ME = "me"
ADMINS = "ML_SPEND_ADMINS"
NOTHING = "there is nothing of that name that you may see"

Row = TypeVar("Row")


class Door:
    """One person at the database."""

    def __init__(
        self, database: Database, store: SnapshotStore, who: str = ME, *, login: bool = False
    ) -> None:
        self.database, self.store, self.who, self._login = database, store, who, login

    def grants(self, account_id: str) -> dict[str, str]:
        """Roles on an account by person; admins only. With "*" the roles on every account."""
        with self.database.reading() as session:
            if account_id == EVERY_ACCOUNT:
                self._must(session, EVERY_ACCOUNT, "admin")
            else:
                self._get(session, AccountRow, account_id, "admin")
            asked = select(GrantRow).filter_by(account_id=account_id).order_by(GrantRow.who)
            return {row.who: row.role for row in session.scalars(asked)}

    def grant(self, who: str, account_id: str, role: str | None) -> None:
        """Give a person a role on an account, or on every account ("*"); None takes it away. Admins only."""
        if role is not None and role not in ROLES:
            raise ValueError(f"role {role!r}: expected one of {', '.join(ROLES)}")
        who = person(who)
        with self.database.session() as session:
            if account_id == EVERY_ACCOUNT:
                self._must(session, EVERY_ACCOUNT, "admin")
            else:
                self._get(session, AccountRow, account_id, "admin")
            session.execute(delete(GrantRow).filter_by(who=who, account_id=account_id))
            if role is not None:
                session.add(GrantRow(who=who, account_id=account_id, role=role))
            self._note(session, "grant", "account", account_id)

    def role(self, account_id: str) -> str | None:
        """This person's role on an account."""
        with self.database.reading() as session:
            return self._role(session, account_id)

    def audit(self, limit: int = 200) -> Sequence[AuditRow]:
        """The newest changes. Admins of every account only."""
        with self.database.reading() as session:
            self._must(session, EVERY_ACCOUNT, "admin")
            return session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)).all()

    def _role(self, session: Session, account_id: str) -> str | None:
        if not self._login or self.who in standing_admins():
            return "admin"
        asked = select(GrantRow.role).where(
            GrantRow.who == self.who, GrantRow.account_id.in_([account_id, EVERY_ACCOUNT])
        )
        held = list(session.scalars(asked))
        return max(held, key=ROLES.index) if held else None

    def _roles(self, session: Session) -> Callable[[str], str | None]:
        """Roles by account, each asked once: for lists."""
        known: dict[str, str | None] = {}

        def role(account_id: str) -> str | None:
            if account_id not in known:
                known[account_id] = self._role(session, account_id)
            return known[account_id]

        return role

    def _may_add(self, session: Session) -> None:
        """Whoever may change anything may add an account of their own; a pure viewer may not."""
        if not self._login or self.who in standing_admins():
            return
        held = set(session.scalars(select(GrantRow.role).where(GrantRow.who == self.who)))
        if held == {"viewer"}:
            raise Denied("you may look at accounts, not add one: ask an admin for the role planner")

    def _must(self, session: Session, account_id: str, role: str) -> None:
        held = self._role(session, account_id)
        if held is None:
            raise NotThere(NOTHING)
        if ROLES.index(held) < ROLES.index(role):
            raise Denied(f"your role here is {held}: this needs {role}")

    def _get(
        self,
        session: Session,
        table: type[Row],
        object_id: str,
        role: str,
        *,
        lock: bool = False,
        deleted: bool = False,
    ) -> Row:
        row: Any = session.get(table, object_id, with_for_update=lock or None)
        if row is None or (row.deleted_at is not None and not deleted):
            raise NotThere(NOTHING)
        self._must(session, row.id if table is AccountRow else row.account_id, role)
        if table is not AccountRow and not deleted:
            above = session.get(AccountRow, row.account_id)
            if above is None or above.deleted_at is not None:
                raise NotThere(NOTHING)
        found: Row = row
        return found

    def _of_account(self, table: type[Row], account_id: str, archived: bool) -> list[Row]:
        with self.database.reading() as session:
            self._get(session, AccountRow, account_id, "viewer")
            asked = living(select(table).filter_by(account_id=account_id), table, archived)
            return list(session.scalars(asked))

    def _add(self, account_id: str, kind: str, row: Row) -> Row:
        with self.database.session() as session:
            self._get(session, AccountRow, account_id, "planner")
            session.add(row)
            self._note(session, "add", kind, row.id)  # type: ignore[attr-defined]
        return row

    def _note(self, session: Session, action: str, kind: str, object_id: str) -> None:
        session.add(AuditRow(at=now(), who=self.who, action=action, kind=kind, object_id=object_id))


def living(asked: Any, table: Any, archived: bool | None) -> Any:
    """Not deleted; archived ones only, or not, or both (None). Newest first."""
    asked = asked.where(table.deleted_at.is_(None)).order_by(table.created_at.desc(), table.id)
    if archived is None:
        return asked
    return asked.where(table.archived_at.is_not(None) if archived else table.archived_at.is_(None))


def standing_admins() -> frozenset[str]:
    """Admins of every account by the environment, for the first grants: ML_SPEND_ADMINS, separated by commas."""
    return frozenset(person(name) for name in os.environ.get(ADMINS, "").split(",") if name.strip())


def person(name: str) -> str:
    """A person as grants name them; addresses without regard to capitals. Raises ValueError."""
    made = named(name)
    return made.lower() if "@" in made else made


def named(text: str) -> str:
    """A name as it is stored. Raises ValueError when it is empty or too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= NAME:
        raise ValueError(f"name: expected 1 to {NAME} characters, not {len(name)}")
    return name


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
