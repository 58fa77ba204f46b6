"""Scenarios of the workspace with their history and comments.

A save names the version it started from; when somebody saved in between, it is refused and nothing is overwritten.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from simulator.workspace.door import Door, named, now
from simulator.workspace.refusals import Conflict
from simulator.workspace.tables import AccountRow, CommentRow, ScenarioRow, VersionRow, new_id

LONGEST_COMMENT = 4_000


class Scenarios(Door):
    """Adding, saving and reading scenarios."""

    def add_scenario(
        self, account_id: str, name: str, content: dict[str, Any], *, bill_usd: float | None = None,
        saving_usd: float | None = None,
    ) -> ScenarioRow:  # fmt: skip
        """Keep a scenario under a name; its first version."""
        with self.database.session() as session:
            self._get(session, AccountRow, account_id, "planner")
            row = ScenarioRow(
                id=new_id(),
                account_id=account_id,
                name=named(name),
                content=content,
                version=1,
                created_at=now(),
            )
            session.add(row)
            session.flush()
            session.add(_version(row, self.who, bill_usd, saving_usd))
            self._note(session, "add", "scenario", row.id)
        return row

    def save_scenario(
        self, scenario_id: str, content: dict[str, Any], base_version: int, *, bill_usd: float | None = None,
        saving_usd: float | None = None,
    ) -> ScenarioRow:  # fmt: skip
        """Save over the version the change started from. Raises Conflict when it is no longer the newest."""
        with self.database.session() as session:
            row = self._get(session, ScenarioRow, scenario_id, "planner", lock=True)
            if row.version != base_version:
                last = session.get_one(VersionRow, (row.id, row.version))
                raise Conflict(row, last.who, last.saved_at)
            if row.content == content:
                return row
            row.content, row.version = content, row.version + 1
            session.add(_version(row, self.who, bill_usd, saving_usd))
            self._note(session, "save", "scenario", row.id)
        return row

    def scenario(self, scenario_id: str) -> ScenarioRow:
        """One scenario as it is now."""
        with self.database.reading() as session:
            return self._get(session, ScenarioRow, scenario_id, "viewer")

    def last_version(self, scenario_id: str) -> VersionRow:
        """The newest save of a scenario."""
        with self.database.reading() as session:
            row = self._get(session, ScenarioRow, scenario_id, "viewer")
            return session.get_one(VersionRow, (row.id, row.version))

    def last_saved(self) -> ScenarioRow | None:
        """The scenario this person saved last, if it still is there and they may see it."""
        with self.database.reading() as session:
            asked = (
                select(ScenarioRow)
                .join(VersionRow, VersionRow.scenario_id == ScenarioRow.id)
                .join(AccountRow, AccountRow.id == ScenarioRow.account_id)
                .where(VersionRow.who == self.who, AccountRow.deleted_at.is_(None))
            )
            asked = asked.where(ScenarioRow.deleted_at.is_(None)).order_by(VersionRow.saved_at.desc())
            row = session.scalars(asked.limit(1)).first()
            return row if row is not None and self._role(session, row.account_id) else None

    def scenarios(self, account_id: str, *, archived: bool = False) -> list[ScenarioRow]:
        """The scenarios of an account, newest first."""
        return self._of_account(ScenarioRow, account_id, archived)

    def history(self, scenario_id: str) -> list[VersionRow]:
        """Every save of a scenario, oldest first: who, when, and what the bill was."""
        with self.database.reading() as session:
            self._get(session, ScenarioRow, scenario_id, "viewer")
            asked = select(VersionRow).filter_by(scenario_id=scenario_id).order_by(VersionRow.version)
            return list(session.scalars(asked))

    def comment(self, scenario_id: str, text: str, lever_id: str | None = None) -> CommentRow:
        """A remark on a scenario or on one of its levers."""
        text = text.strip()
        if not 0 < len(text) <= LONGEST_COMMENT:
            raise ValueError(f"comment: expected 1 to {LONGEST_COMMENT:,} characters, not {len(text):,}")
        with self.database.session() as session:
            self._get(session, ScenarioRow, scenario_id, "planner")
            row = CommentRow(
                id=new_id(),
                scenario_id=scenario_id,
                lever_id=lever_id,
                who=self.who,
                said_at=now(),
                text=text,
            )
            session.add(row)
            self._note(session, "comment", "scenario", scenario_id)
        return row

    def comments(self, scenario_id: str) -> list[CommentRow]:
        """The remarks on a scenario, oldest first."""
        with self.database.reading() as session:
            self._get(session, ScenarioRow, scenario_id, "viewer")
            return list(
                session.scalars(
                    select(CommentRow).filter_by(scenario_id=scenario_id).order_by(CommentRow.said_at)
                )
            )


def _version(row: ScenarioRow, who: str, bill_usd: float | None, saving_usd: float | None) -> VersionRow:
    return VersionRow(
        scenario_id=row.id, version=row.version, who=who, saved_at=now(), content=row.content,
        bill_usd=bill_usd, saving_usd=saving_usd,
    )  # fmt: skip
