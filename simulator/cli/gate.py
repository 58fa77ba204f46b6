"""`gate`: a check for a pipeline. Exit code 3 when the bill is over the budget, or off the kept plan."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import OnAccount, WithScenario
from simulator.documents import read_text_file, write_beside
from simulator.words import plain, usd

OVER = 3


def gate(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    budget: Annotated[float | None, Parameter(help="dollars per month that the bill may be")] = None,
    plan: Annotated[Path | None, Parameter(help="a scenario that `ledger keep` wrote")] = None,
    tolerance: Annotated[float, Parameter(help="share above its projection that still passes")] = 0.05,
    out: Annotated[Path | None, Parameter(help="Markdown summary, for a pull request")] = None,
) -> int:
    """Is the bill within the budget, or as a kept scenario projected it? Exit code 0 yes, 3 no, 2 cannot be decided."""
    if (budget is None) == (plan is None):
        raise ValueError("gate: give either --budget or --plan")
    on = account or OnAccount()
    verdict = (
        _on_plan(on, plan, tolerance) if plan else _in_budget(on, scenario or WithScenario(), budget or 0.0)
    )
    text = verdict.markdown()
    if out:
        write_beside(out, (text + "\n").encode())
    sys.stdout.write(text + "\n")
    return 0 if verdict.passed else OVER


@dataclass(frozen=True)
class Verdict:
    """What was compared, in dollars per month, and what is not known."""

    title: str
    limit_usd: float
    found_usd: float
    unknown: int
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Within the limit."""
        return self.found_usd <= self.limit_usd

    def markdown(self) -> str:
        """The summary."""
        over = self.found_usd - self.limit_usd
        said = f"over by {usd(over)}" if over > 0 else f"{usd(-over)} below"
        lines = [
            f"### ML spend gate: {'passed' if self.passed else 'failed'}",
            "",
            f"| {self.title} | limit | difference |",
            "|---|---|---|",
            f"| {usd(self.found_usd)} per month | {usd(self.limit_usd)} | {said} |",
        ]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        if self.unknown:
            lines += ["", f"{self.unknown} charges are unknown and in no figure above."]
        return "\n".join(lines)


def _in_budget(on: OnAccount, scenario: WithScenario, budget: float) -> Verdict:
    from simulator.analysis.answer import answer
    from simulator.reports.tables import age_line

    if not 0 <= budget < float("inf"):
        raise ValueError(f"--budget: expected dollars from 0, not {budget:g}")
    chosen = scenario.chosen()
    said = answer(result := on.result(chosen), 1)
    if not said["baseline"]["components"] or said["result"]["run_rate_usd"] is None:
        raise ValueError(f"gate: the bill of {said['snapshot']['name']} is unknown")
    title = plain(f"{said['snapshot']['name']}, {chosen.name if chosen.levers else 'baseline'}", "markdown")
    return Verdict(title, budget, said["result"]["run_rate_usd"], len(said["unknown"]), (age_line(result),))


def _on_plan(on: OnAccount, plan: Path, tolerance: float) -> Verdict:
    from simulator.analysis import ledger
    from simulator.engine.scenario import Scenario
    from simulator.reports.tables import age_line

    kept = ledger.from_json(read_text_file(plan), plan.name)
    found = ledger.compare(kept, on.account(), on.book(Scenario()))
    total = found.total
    notes = (
        f"volume {usd(total.volume_usd)}, mix {usd(total.mix_usd)}, new workloads {usd(total.new_workload_usd)}, "
        f"price {usd(total.price_usd)}, levers {usd(total.lever_usd)} against the projection",
        f"saving of {usd(found.realised_saving_usd)} realised of {usd(found.projected_saving_usd)} due",
        age_line(on.result(Scenario())),
    )
    title = plain(f"{kept.scenario.name}, month {found.month}", "markdown")
    return Verdict(title, total.projected_usd * (1 + tolerance), total.actual_usd, 0, notes)
