"""Accounts of the workspace, each with all its snapshots."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from simulator.snapshot.manifest import Manifest
from simulator.snapshot.snapshot import Snapshot
from simulator.workspace.door import Door, living, now
from simulator.workspace.refusals import NotThere
from simulator.workspace.tables import NAME, AccountRow, GrantRow, SnapshotRow, new_id

SHORTEST_PREFIX = 8


class Accounts(Door):
    """Adding and reading accounts."""

    def add_account(self, snapshot: Snapshot, source: str, account_id: str | None = None) -> AccountRow:
        """Keep a snapshot, as a new account or as the newer snapshot of one. The same snapshot twice is kept once.

        Raises InputError when it is of another AWS account than the one it would be the newer snapshot of.
        """
        if account_id is not None:
            snapshot.manifest.refuse_other_account(self.manifest(account_id).account_ids, "what is kept here")
        fingerprint = self.store.write(snapshot)
        manifest = snapshot.manifest
        with self.database.session() as session:
            self.database.alone(session)
            if not self.store.has(fingerprint):  # somebody erased the last account that had it
                self.store.write(snapshot)
            moment = now()
            if account_id is None:
                self._may_add(session)
                row = AccountRow(
                    id=new_id(),
                    name=manifest.name[:NAME],
                    source=source,
                    owner=self.who,
                    created_at=moment,
                    fingerprint=fingerprint,
                    window_start=manifest.window_start,
                    window_end=manifest.window_end,
                )
                session.add(row)
                session.flush()
                if self._login:
                    session.add(GrantRow(who=self.who, account_id=row.id, role="admin"))
            else:
                row = self._get(session, AccountRow, account_id, "planner")
                if manifest.window_end >= row.window_end:
                    row.fingerprint, row.source = fingerprint, source
                    row.window_start, row.window_end = manifest.window_start, manifest.window_end
            self._add_snapshot(session, row.id, snapshot, fingerprint, moment)
            self._note(session, "add", "account", row.id)
        return row

    def manifest(self, account_id: str) -> Manifest:
        """The manifest of the account's newest snapshot."""
        return self.store.manifest(self.fingerprint(account_id))

    def accounts(self, *, archived: bool = False) -> list[AccountRow]:
        """Accounts this person may see, newest first."""
        with self.database.reading() as session:
            rows = session.scalars(living(select(AccountRow), AccountRow, archived)).all()
            return [r for r in rows if self._role(session, r.id)]

    def snapshot(self, account_id: str, fingerprint: str | None = None) -> Snapshot:
        """The account's newest snapshot, or an older one by fingerprint."""
        return self.store.read(self.fingerprint(account_id, fingerprint))

    def fingerprint(self, account_id: str, fingerprint: str | None = None) -> str:
        """The fingerprint of the account's newest snapshot, or an older one's; whoever may not see it is refused."""
        with self.database.reading() as session:
            row = self._get(session, AccountRow, account_id, "viewer")
            wanted = fingerprint or row.fingerprint
            known = select(SnapshotRow.id).filter_by(account_id=account_id, fingerprint=wanted)
            if session.scalar(known) is None:
                raise NotThere(f"account {row.name!r} has no snapshot {wanted[:12]}")
        return wanted

    def snapshots(self, account_id: str) -> list[SnapshotRow]:
        """Every snapshot of an account, oldest window first."""
        with self.database.reading() as session:
            self._get(session, AccountRow, account_id, "viewer")
            asked = select(SnapshotRow).filter_by(account_id=account_id).order_by(SnapshotRow.window_end)
            return list(session.scalars(asked))

    def account_of(self, fingerprint: str) -> AccountRow | None:
        """The account that has this snapshot, if this person may see one."""
        with self.database.reading() as session:
            asked = select(AccountRow).join(SnapshotRow).where(SnapshotRow.fingerprint == fingerprint)
            rows = session.scalars(living(asked, AccountRow, None)).all()
            return next((r for r in rows if self._role(session, r.id)), None)

    def account_like(self, prefix: str) -> tuple[AccountRow, str] | None:
        """The account with a snapshot whose fingerprint begins so, and that fingerprint."""
        if len(prefix) < SHORTEST_PREFIX or not prefix.isalnum():
            return None
        with self.database.reading() as session:
            asked = select(AccountRow, SnapshotRow.fingerprint).join(SnapshotRow)
            asked = asked.where(
                SnapshotRow.fingerprint.startswith(prefix, autoescape=True), AccountRow.deleted_at.is_(None)
            )
            for row, fingerprint in session.execute(asked).all():
                if self._role(session, row.id):
                    return row, str(fingerprint)
        return None

    def _add_snapshot(
        self, session: Session, account_id: str, snapshot: Snapshot, fingerprint: str, moment: datetime
    ) -> None:
        known = select(SnapshotRow.id).filter_by(account_id=account_id, fingerprint=fingerprint)
        if session.scalar(known) is None:
            manifest = snapshot.manifest
            session.add(
                SnapshotRow(
                    id=new_id(),
                    account_id=account_id,
                    fingerprint=fingerprint,
                    name=manifest.name[:NAME],
                    window_start=manifest.window_start,
                    window_end=manifest.window_end,
                    added_at=moment,
                )
            )
