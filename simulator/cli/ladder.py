"""`ladder`: which commitments to buy when."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import pandas as pd
from cyclopts import Parameter

from simulator.analysis.ladder import Ask, Portfolio, Recommendation, recommend
from simulator.cli.main import deliver
from simulator.cli.options import (
    OnAccount,
    Out,
    Seed,
    TableOrJson,
    WithScenario,
    as_json,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.reports.tables import age_line
from simulator.words import lines, plain

Payment = Literal["no_upfront", "partial_upfront", "all_upfront"]


def ladder(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    months: Annotated[int, Parameter(help="months to plan for, 12 to 60")] = Ask.months,
    every: Annotated[int, Parameter(help="months between dates of purchase, 1 to 12")] = Ask.every_months,
    payment: Annotated[Payment, Parameter(help="how plans are paid")] = "no_upfront",
    fall: Annotated[float, Parameter(help="how far demand may fall, 0 to 0.95")] = Ask.fall_ratio,
    rise: Annotated[float, Parameter(help="how far demand may rise per year")] = Ask.rise_ratio,
    regret_weight: Annotated[
        float, Parameter(help="0: expected cost only; 1: regret of the worst tenth of draws only")
    ] = Ask.regret_weight,
    cover: Annotated[
        float, Parameter(help="share of a month's mean usage that plans may cover; 1: no limit")
    ] = Ask.most_covered_ratio,
    draws: Annotated[int, Parameter(help="draws of the demand, 2 to 2,000")] = Ask.draws,
    seed: Seed = 0,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """Which Savings Plans, nodes and Bedrock capacity to buy when, under uncertain demand, and what a fall costs."""
    ask = Ask(months, every, payment, fall, rise, regret_weight, draws, seed, cover)
    result = result_of(account, scenario)
    found = recommend(result, ask)
    if format == "json":
        return deliver(
            as_json(asdict(found) | {"sentence": found.sentence(), "prices": age_line(result)}), out
        )
    return deliver(with_age("\n\n".join(_pages(found)), result), out)


def _pages(found: Recommendation) -> list[str]:
    """What to buy, of the cautious ladder too where it is another; the choices side by side, what is assumed."""
    parts = [_steps(found.ladder)] if found.ladder.steps else []
    if not found.limit_met:
        bought = _steps(found.cautious) if found.cautious.steps else "nothing"
        parts = ["Lowest expected cost:", *parts, f"Cautious:\n{bought}"]
    choices = {
        "ladder": found.ladder,
        "cautious ladder": found.cautious,
        "best single purchase": found.single,
        "sized on history": found.on_history,
        "nothing": found.nothing,
    }
    parts += [
        as_table(pd.DataFrame([_line(name, p) for name, p in choices.items()])),
        plain(found.sentence(), "line"),
    ]
    others = (f"- {o.title}{' (in the ladder)' * o.in_ladder}: {o.sentence}" for o in found.others)
    parts.append("Other commitments:\n" + lines(others))
    return [*parts, "Assumed:\n" + lines(f"- {a}" for a in found.assumptions)]


def _steps(made: Portfolio) -> str:
    return as_table(pd.DataFrame([asdict(s) for s in made.steps]))


def _line(name: str, made: Portfolio) -> dict[str, object]:
    figures = {k: v for k, v in asdict(made).items() if k != "steps"}
    return {"choice": name, "purchases": len(made.steps), **figures}
