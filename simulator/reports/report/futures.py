"""Chapters on decisions to come: a ladder of commitments, and whether to serve or to buy."""

from __future__ import annotations

from simulator.analysis.agent_economics import agents as planned_agents
from simulator.analysis.ladder import Ask, Portfolio, recommend
from simulator.analysis.serve_or_buy import Answer, Way, serve_or_buy
from simulator.reports.report.blocks import Block, Points, Section, Words, grid, percent, usd
from simulator.reports.report.facts import Facts

DRAWS = 200
EVERY = ["Name", "Way", "USD per million tokens", "Serving is cheaper from, requests per hour"]


def ladder(facts: Facts) -> Section:
    """What to buy when, the choices side by side, and what is assumed."""
    found = recommend(facts.result, Ask(every_months=6, draws=DRAWS))
    choices = {
        "Ladder": found.ladder,
        "Cautious ladder": found.cautious,
        "Best single purchase": found.single,
        "Sized on history, renewed": found.on_history,
        "Nothing": found.nothing,
    }
    beside = ["Choice", "Expected cost", "Worst regret", "Cost after the fall", "Unused after the fall"]
    blocks: list[Block] = [Words(found.sentence())]
    blocks += _purchases(found.ladder)
    if not found.limit_met:
        blocks += [Words("The cautious ladder buys less:"), *_purchases(found.cautious)]
    blocks += [
        grid(beside, [_choice(name, made) for name, made in choices.items()], numbers=beside[1:]),
        grid(
            ["Other commitment", "Covers", "In the ladder", "Here"],
            [[o.title, o.covers, "yes" if o.in_ladder else "no", o.sentence] for o in found.others],
        ),
        Points(found.assumptions),
    ]
    return Section("A ladder of commitments", tuple(blocks), level=3)


def _purchases(made: Portfolio) -> list[Block]:
    """What to buy when."""
    columns = ["Buy on", "Offer", "Covers", "Months", "USD per hour", "Discount", "Renews"]
    rows = [
        [
            s.buy_on,
            s.offer.replace("_", " "),
            f"{s.nodes} × {s.covers}" if s.nodes else s.covers,
            str(s.months),
            usd(s.commitment_usd_per_hour),
            percent(s.discount_ratio),
            s.renews or "new",
        ]
        for s in made.steps
    ]
    return [grid(columns, rows, numbers=columns[3:6])] if rows else [Words("It buys nothing.")]


def _choice(name: str, made: Portfolio) -> list[str]:
    figures = (made.expected_usd, made.cvar_regret_usd, made.fallen_usd, made.stranded_usd)
    return [name, *(usd(f) for f in figures)]


def agents(facts: Facts) -> list[Section]:
    """What each planned agent costs, its levers alone; no chapter without an agent."""
    found = planned_agents(facts.result)
    if not found:
        return []
    blocks: list[Block] = []
    for made in found:
        blocks.append(Words(made.sentence()))
        blocks.append(
            grid(["Billed", "Per month", "USD"], [[p.name, f"{p.quantity:,.0f}", usd(p.usd)] for p in made.parts],
                 numbers=["Per month", "USD"])
        )  # fmt: skip
        rows = [[x.name, usd(x.usd), usd(x.saving_usd), x.detail] for x in made.levers]
        blocks.append(
            grid(
                ["Lever, alone", "USD per month", "Saving", "Meaning"],
                rows,
                numbers=["USD per month", "Saving"],
            )
        )
        blocks.append(Points(made.unknown))
    return [Section("What the planned agents cost", tuple(b for b in blocks if b != Points(())))]


def serving(facts: Facts) -> list[Section]:
    """Endpoints on accelerators and Bedrock models, each beside the other way; no chapter where there are none."""
    found = serve_or_buy(facts.result)
    if not found:
        return []
    columns = [
        "Endpoint or model",
        "Instance",
        "Requests per hour",
        "Serving",
        "Buying",
        "Crossover",
        "Measured",
    ]
    assumed = dict.fromkeys(text for a in found for text in a.assumptions)
    blocks = (
        Words(
            "Dollars per million tokens of serving at today's load beside what Bedrock is paid, or on demand, and the "
            "requests per hour from which serving is cheaper, with their band. A model's quality is not compared."
        ),
        grid(columns, [_line(a) for a in found], numbers=columns[2:6]),
        grid(EVERY, [row for a in found for row in _ways(a)], numbers=EVERY[2:]),
        Points((*dict.fromkeys(f"{a.name}: {text}" for a in found for text in a.needs_price), *assumed)),
    )
    return [Section("Serve or buy", blocks)]


def _ways(a: Answer) -> list[list[str]]:
    """Every way to buy with its crossover, and every other way to serve at today's traffic."""
    bought = [[a.name, f"Bedrock, {w.name}", usd(w.usd_per_million_tokens), _crossing(w)] for w in a.ways]
    served = [
        [a.name, w.name, usd(w.usd_per_million_tokens), ""]
        for w in a.serving_ways
        if w.usd_per_hour is not None
    ]
    return [*bought, *served]


def _line(a: Answer) -> list[str]:
    way = a.ways[0] if a.ways else None
    return [
        a.name, a.instance_type, _number(a.requests_per_hour), usd(a.serving_usd_per_million_tokens),
        usd(way.usd_per_million_tokens if way else None), _crossing(way),
        "yes" if a.measured else "not measured",
    ]  # fmt: skip


def _crossing(way: Way | None) -> str:
    """Requests per hour with their band."""
    if way is None:
        return "unknown"
    low, best, high = ("never" if x is None else f"{x:,.0f}" for x in way.crossover_per_hour)
    return best if low == best == high else f"{best} ({low} to {high})"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}"
