"""Everything a report says, worked out once: the same functions the JSON and the pages read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.analysis.answer import answer
from simulator.analysis.findings import Finding, findings
from simulator.analysis.projection import Month, Worth, project, worth
from simulator.analysis.reconcile import Reconciliation, reconcile, unexplained_per_month_usd
from simulator.analysis.retirement import retirements
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever
from simulator.reports.actions import chosen_actions
from simulator.reports.actions.action import Action
from simulator.risk.bills import Risk, assess


@dataclass(frozen=True, eq=False)
class Facts:
    """One result with what is derived from it; `said` is the JSON answer."""

    result: Result
    months: int
    draws: int
    seed: int

    @cached_property
    def said(self) -> dict[str, Any]:
        """The answer as the command line prints it."""
        return answer(self.result, self.months)

    @cached_property
    def bill(self) -> list[Reconciliation]:
        """The window beside the bill, per component."""
        return reconcile(self.result.account, self.result.book)

    @cached_property
    def risk(self) -> Risk:
        """Distribution of the bill; shares its luck with every other scenario of the same seed."""
        return assess(
            self.result, self.months, draws=self.draws, seed=self.seed, unexplained_usd=self.unexplained_usd
        )

    @cached_property
    def unexplained_usd(self) -> float:
        """Dollars per month that no usage explains; 0 without a bill."""
        return unexplained_per_month_usd(self.bill, self.result.account.snapshot.window_hours) or 0.0

    @cached_property
    def projection(self) -> list[Month]:
        """Month by month."""
        return project(self.result, self.months)

    @cached_property
    def worth(self) -> Worth:
        """Payback and present value."""
        return worth(self.projection, self.result.scenario.planning.interest_ratio)

    @cached_property
    def actions(self) -> dict[str, Action]:
        """The action pack's actions by lever id; "monitoring" is one of them."""
        return {a.lever_id: a for a in chosen_actions(self.result)}

    @cached_property
    def found(self) -> list[Finding]:
        """What the snapshot shows, most expensive first."""
        result = self.result
        return findings(result.baseline, self.bill, retirements(result.account, result.baseline, result.book))

    @cached_property
    def by_lever(self) -> dict[str, dict[str, Any]]:
        """The answer's lever rows by id."""
        return {row["id"]: row for row in self.said["levers"]}

    @cached_property
    def effective(self) -> list[Lever]:
        """Levers of the plan that move money, largest credit first."""
        moving = [x for x in self.result.scenario.ordered() if self.moves(x)]
        return sorted(moving, key=lambda x: -self.by_lever[x.id]["saving_attributed_usd"])

    def moves(self, lever: Lever) -> bool:
        """Whether a lever of the plan is worth a cent, alone or in the plan."""
        row = self.by_lever[lever.id]
        return max(abs(row["saving_attributed_usd"]), abs(row["saving_alone_usd"])) >= 0.005
