"""Kept plans and what became of them, budgets, own prices, answers to the board's questions."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import delete, select

from simulator.workspace.door import Door, named, now
from simulator.workspace.tables import AccountRow, ActualRow, AnswerRow, BudgetRow, PlanRow, PricesRow, new_id

MONTH = re.compile(r"(\d{4}-(0[1-9]|1[0-2]))?")


class Plans(Door):
    """Plans, budgets, prices and answers of an account."""

    def keep_plan(self, account_id: str, name: str, kept: str) -> PlanRow:
        """Keep a plan: the ledger's JSON."""
        return self._add(
            account_id,
            "plan",
            PlanRow(id=new_id(), account_id=account_id, name=named(name), kept=kept, created_at=now()),
        )

    def plans(self, account_id: str, *, archived: bool = False) -> list[PlanRow]:
        """Kept plans, newest first."""
        return self._of_account(PlanRow, account_id, archived)

    def add_actual(self, plan_id: str, fingerprint: str, comparison: dict[str, Any]) -> ActualRow:
        """What became of a plan on a later snapshot; a second look at the same snapshot replaces the first."""
        with self.database.session() as session:
            plan = self._get(session, PlanRow, plan_id, "planner")
            session.execute(delete(ActualRow).filter_by(plan_id=plan_id, fingerprint=fingerprint))
            row = ActualRow(
                id=new_id(), plan_id=plan_id, fingerprint=fingerprint, found_at=now(), comparison=comparison
            )
            session.add(row)
            self._note(session, "compare", "plan", plan.id)
        return row

    def actuals(self, plan_id: str) -> list[ActualRow]:
        """Comparisons of a plan, oldest first."""
        with self.database.reading() as session:
            self._get(session, PlanRow, plan_id, "viewer")
            return list(
                session.scalars(select(ActualRow).filter_by(plan_id=plan_id).order_by(ActualRow.found_at))
            )

    def set_budget(
        self, account_id: str, name: str, monthly_usd: dict[str, float], scope: dict[str, str] | None = None
    ) -> BudgetRow:
        """A budget by month ("2026-12": dollars; "" is every other month)."""
        for month, usd in monthly_usd.items():
            if not MONTH.fullmatch(month):
                raise ValueError(f"budget {name}: expected a month such as 2026-12, not {month!r}")
            if not 0 <= usd < float("inf"):
                raise ValueError(f"budget {name}, {month}: expected dollars from 0, not {usd}")
        row = BudgetRow(
            id=new_id(),
            account_id=account_id,
            name=named(name),
            monthly_usd=monthly_usd,
            scope=scope or {},
            created_at=now(),
        )
        return self._add(account_id, "budget", row)

    def budgets(self, account_id: str, *, archived: bool = False) -> list[BudgetRow]:
        """Budgets of an account."""
        return self._of_account(BudgetRow, account_id, archived)

    def keep_prices(self, account_id: str, name: str, text: str) -> PricesRow:
        """Own prices, as the text of a price file that was read without a complaint."""
        return self._add(
            account_id,
            "prices",
            PricesRow(id=new_id(), account_id=account_id, name=named(name), text=text, created_at=now()),
        )

    def own_prices(self, account_id: str) -> PricesRow | None:
        """The newest own prices of an account."""
        rows = self._of_account(PricesRow, account_id, archived=False)
        return rows[0] if rows else None

    def answer(self, account_id: str, key: str, value: Any, *, assumed: bool) -> None:
        """What was assumed or found for a question of the board; the newest answer holds."""
        with self.database.session() as session:
            self._get(session, AccountRow, account_id, "planner")
            session.merge(
                AnswerRow(
                    account_id=account_id,
                    key=named(key),
                    value=value,
                    assumed=assumed,
                    who=self.who,
                    said_at=now(),
                )
            )
            self._note(session, "answer", "account", account_id)

    def answers(self, account_id: str) -> dict[str, AnswerRow]:
        """Answers by question."""
        with self.database.reading() as session:
            self._get(session, AccountRow, account_id, "viewer")
            return {r.key: r for r in session.scalars(select(AnswerRow).filter_by(account_id=account_id))}
