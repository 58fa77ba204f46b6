"""`agent-economics`: what planned agents cost, and their levers."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from simulator.analysis.agent_economics import AgentEconomics, agents
from simulator.cli.main import deliver
from simulator.cli.options import (
    OnAccount,
    Out,
    TableOrJson,
    WithScenario,
    as_json,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.reports.tables import age_line
from simulator.words import plain


def agent_economics(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """What each planned agent costs (`--add FILE` with a workload `agent`): tokens, cache, compaction,
    another model for some of the steps (`step_model`), levers alone."""
    result = result_of(account, scenario)
    found = agents(result)
    if format == "json":
        told = [asdict(a) | {"sentence": a.sentence()} for a in found]
        return deliver(as_json({"agents": told, "prices": age_line(result)}), out)
    if not found:
        return deliver("No agent is planned: --add a file with a workload of the kind agent.", out)
    return deliver(with_age("\n\n".join(part for a in found for part in _pages(a)), result), out)


def _pages(made: AgentEconomics) -> list[str]:
    """The sentence, what is billed, and the levers."""
    levers = [
        {"lever, alone": x.name, "USD per month": x.usd, "saving": x.saving_usd, "": x.detail}
        for x in made.levers
    ]
    parts = [plain(made.sentence(), "line"), as_table(pd.DataFrame([asdict(p) for p in made.parts]))]
    return [
        *parts,
        *([as_table(pd.DataFrame(levers))] if levers else []),
        *(plain(u, "line") for u in made.unknown),
    ]
