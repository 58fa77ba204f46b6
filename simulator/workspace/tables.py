"""What is stored: accounts, scenarios with their history, kept plans, budgets, prices, comments, the audit log.

Times are UTC. Ids are random, so that a link tells nothing of how many there are. Dollars are those shown when a
version was saved; they are facts of that moment, not recomputed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAME = 200
ID = 32


def new_id() -> str:
    """A random id."""
    return uuid4().hex


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC on every database: SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Into the database: always UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Out of it: marked as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the workspace."""


class Kept:
    """What archiving and deleting with undo need: a deleted row stays until it is erased."""

    created_at: Mapped[datetime] = mapped_column(UtcTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class AccountRow(Kept, Base):
    """One account, by its newest snapshot. The snapshot itself lies beside the database, under its fingerprint."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME))
    source: Mapped[str] = mapped_column(String(NAME))
    owner: Mapped[str] = mapped_column(String(NAME))
    fingerprint: Mapped[str] = mapped_column(String(64))
    window_start: Mapped[datetime] = mapped_column(UtcTime)
    window_end: Mapped[datetime] = mapped_column(UtcTime)


class SnapshotRow(Base):
    """Every snapshot an account ever had, newest window last."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("account_id", "fingerprint"),)
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(NAME))
    window_start: Mapped[datetime] = mapped_column(UtcTime)
    window_end: Mapped[datetime] = mapped_column(UtcTime)
    added_at: Mapped[datetime] = mapped_column(UtcTime)


class ScenarioRow(Kept, Base):
    """A scenario as it is now; `version` counts its saves, and a save names the version it started from."""

    __tablename__ = "scenarios"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class VersionRow(Base):
    """One save of a scenario: who, when, what, and the bill it showed."""

    __tablename__ = "scenario_versions"
    scenario_id: Mapped[str] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(NAME))
    saved_at: Mapped[datetime] = mapped_column(UtcTime)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    bill_usd: Mapped[float | None] = mapped_column(default=None)
    saving_usd: Mapped[float | None] = mapped_column(default=None)


class CommentRow(Base):
    """A remark on a scenario, or on one of its levers."""

    __tablename__ = "comments"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    scenario_id: Mapped[str] = mapped_column(ForeignKey("scenarios.id", ondelete="CASCADE"), index=True)
    lever_id: Mapped[str | None] = mapped_column(String(NAME), default=None)
    who: Mapped[str] = mapped_column(String(NAME))
    said_at: Mapped[datetime] = mapped_column(UtcTime)
    text: Mapped[str] = mapped_column(Text)


class PlanRow(Kept, Base):
    """A kept plan: the ledger's JSON."""

    __tablename__ = "plans"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    kept: Mapped[str] = mapped_column(Text)


class ActualRow(Base):
    """A plan beside a later snapshot: the comparison as it was found."""

    __tablename__ = "actuals"
    __table_args__ = (UniqueConstraint("plan_id", "fingerprint"),)
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[datetime] = mapped_column(UtcTime)
    comparison: Mapped[dict[str, Any]] = mapped_column(JSON)


class BudgetRow(Kept, Base):
    """A budget per month: for the whole account, or for a component, owner or tag named in `scope`."""

    __tablename__ = "budgets"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    scope: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    monthly_usd: Mapped[dict[str, float]] = mapped_column(JSON)


class PricesRow(Kept, Base):
    """Own prices, as the text of a price file."""

    __tablename__ = "prices"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    text: Mapped[str] = mapped_column(Text)


class AnswerRow(Base):
    """A question the board asked, and what was assumed or found: by lever and fact."""

    __tablename__ = "answers"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    assumed: Mapped[bool]
    who: Mapped[str] = mapped_column(String(NAME))
    said_at: Mapped[datetime] = mapped_column(UtcTime)


class GrantRow(Base):
    """Who may do what with an account; account_id "*" is every account. Role: viewer, planner, admin."""

    __tablename__ = "grants"
    who: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))


class AuditRow(Base):
    """Every change: who, when, what was done to what. Content is not repeated here."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_time", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    who: Mapped[str] = mapped_column(String(NAME))
    action: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(ID))
