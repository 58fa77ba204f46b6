"""What an agent may ask: the engine's own answers as small data. The command line's options make the same scenario.

Every tool is read-only. What cannot be known has no figure: it is refused in words, or listed under `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from simulator.cli.limits import MAX_MONTHS
from simulator.cli.tool_answers import (
    age_of,
    answer_with,
    as_json_data,
    result_with,
    rows_of,
    shortened,
    shortened_levers,
)
from simulator.cli.tool_arguments import Detail, Months, On, Planned, ScenarioName, Settings, Usage

MOST_ROWS = 20


def describe(usage: Usage = "team") -> dict[str, Any]:
    """What an account is: its window, its bill by component, what of it is explained, and what is unknown."""
    said = answer_with(usage, "none", None, None, 1)
    return {
        "snapshot": said["snapshot"],
        "prices_as_of": said["prices_as_of"],
        "baseline": said["baseline"],
        "prices": said["prices"]["sentence"],
        "unknown": said["unknown"][:MOST_ROWS],
        "unknown_count": len(said["unknown"]),
        "warnings": said["warnings"],
    }


def list_presets() -> dict[str, Any]:
    """The scenarios that ship with the product, each with its levers."""
    from simulator.engine.scenario import PRESETS, preset

    return {"presets": {name: [x.id for x in preset(name).ordered()] for name in PRESETS}}


def list_levers(
    usage: Usage = "team",
    lever: Annotated[str | None, Field(description="one lever only, with its parameters")] = None,
) -> dict[str, Any]:
    """Every lever on an account, alone at its defaults: its verdict and what it would save per month.

    Savings of levers alone overlap: never add them up; simulate them together instead.
    """
    from simulator.analysis.answer import lever_catalogue

    catalogue = {item["id"]: item for item in lever_catalogue()}
    if lever is not None:
        from simulator.levers import lever as found

        item = catalogue[found(lever).id]
        return {"lever": item, "alone": shortened_levers(answer_with(usage, "none", [lever], None, 1))[0]}
    said = {i: answer_with(usage, "none", [i], None, 1) for i in catalogue}
    rows = [{"title": catalogue[i]["title"], **shortened_levers(said[i])[0]} for i in catalogue]
    prices = next(iter(said.values()))["prices"]["sentence"]
    return {"levers": rows, "note": "savings alone overlap and do not add up", "prices": prices}


def simulate(
    usage: Usage = "team",
    scenario: ScenarioName = "none",
    on: On = None,
    settings: Settings = None,
    planned: Planned = None,
    months: Months = 12,
    detail: Detail = False,
) -> dict[str, Any]:
    """The bill per month under a scenario: baseline, scenario, saving, and what each lever takes off.

    With `planned` workloads the months hold them from their dates; the run rate stays that of today.
    """
    said = answer_with(usage, scenario, on, settings, months, planned=planned)
    if detail:
        return said
    short = shortened(said)
    if planned:
        short["months"] = [
            {k: m[k] for k in ("month_start", "baseline_usd", "scenario_usd")} for m in said["months"]
        ]
    return short


def list_workloads() -> dict[str, Any]:
    """What can be planned: new endpoints, applications, agents, training, data, seats; changes and retirements."""
    from simulator.cli.workloads import described
    from simulator.demand import all_workloads

    return {"workloads": {i: described(kind) for i, kind in all_workloads().items()}}


def compare(
    usage: Usage, scenarios: Annotated[list[str], Field(min_length=1, max_length=8)]
) -> dict[str, Any]:
    """Several scenarios on one account, side by side."""
    return {"scenarios": [shortened(answer_with(usage, name, None, None, 12)) for name in scenarios]}


def seek(
    usage: Usage = "team",
    target_saving_ratio: Annotated[
        float | None, Field(gt=0, lt=1, description="share of the baseline to save")
    ] = None,
    target_bill_usd: Annotated[float | None, Field(ge=0, description="monthly bill to reach")] = None,
    exclude: Annotated[list[str] | None, Field(description="levers that must stay off")] = None,
) -> dict[str, Any]:
    """The least-effort set of levers that reaches a target saving or bill."""
    from simulator.analysis import seeking

    result = result_with(usage, "none", None, None)
    found = seeking.seek(
        result,
        saving_ratio=target_saving_ratio,
        bill_usd=target_bill_usd,
        exclude=exclude or [],
    )
    return {"sentence": found.sentence(), "prices": age_of(result), **as_json_data(asdict(found))}


def commitment(
    usage: Usage = "team", scenario: ScenarioName = "none", on: On = None, settings: Settings = None
) -> dict[str, Any]:
    """The best SageMaker Savings Plan per term and payment on what the levers leave."""
    from simulator.analysis import plan_sizing

    result = result_with(usage, scenario, on, settings)
    history = plan_sizing.history_against_residual(result)
    offers = [as_json_data(asdict(r)) for r in plan_sizing.offers(result)]
    return {"offers": offers, "sentence": history.sentence(), "prices": age_of(result)}


def ladder(
    usage: Usage = "team",
    scenario: ScenarioName = "none",
    on: On = None,
    settings: Settings = None,
    months: Annotated[int, Field(ge=12, le=MAX_MONTHS)] = 36,
    every_months: Annotated[int, Field(ge=1, le=12, description="months between dates of purchase")] = 3,
    fall_ratio: Annotated[float, Field(ge=0, le=0.95, description="how far demand may fall")] = 0.3,
    regret_weight: Annotated[float, Field(ge=0, le=1, description="0 expected cost, 1 worst regret")] = 0.25,
    most_covered_ratio: Annotated[
        float, Field(ge=0, le=1, description="most of the mean usage to cover; 1: no limit")
    ] = 1.0,
) -> dict[str, Any]:
    """Which Savings Plans to buy, nodes and Bedrock capacity to reserve, when, under uncertain demand; what happens if
    demand falls; where the cheapest ladder leaves much unused then, a cautious one beside it."""
    from simulator.analysis.ladder import Ask, recommend

    ask = Ask(
        months,
        every_months,
        fall_ratio=fall_ratio,
        regret_weight=regret_weight,
        most_covered_ratio=most_covered_ratio,
    )
    result = result_with(usage, scenario, on, settings)
    found = recommend(result, ask)
    return {"sentence": found.sentence(), "prices": age_of(result), **as_json_data(asdict(found))}


def serve_or_buy(
    usage: Usage = "team",
    scenario: ScenarioName = "none",
    on: On = None,
    settings: Settings = None,
    model: Annotated[str, Field(description="open model that serves", max_length=100)] = "Llama-3.1-8B",
    bedrock_model: Annotated[str, Field(description="Bedrock model to compare with", max_length=200)] = "",
    tokens_in: Annotated[float | None, Field(gt=0, description="per call, where not known")] = None,
    tokens_out: Annotated[float | None, Field(gt=0, description="per call, where not known")] = None,
) -> dict[str, Any]:
    """Every LLM endpoint beside Bedrock, and every Bedrock model beside an endpoint: dollars per million tokens, the
    requests per hour at which they cross with its band, and where today stands."""
    from simulator.analysis import serve_or_buy as question

    ask = question.Ask(model, bedrock_model=bedrock_model, tokens_in=tokens_in, tokens_out=tokens_out)
    result = result_with(usage, scenario, on, settings)
    found = question.serve_or_buy(result, ask)
    return {"answers": [as_json_data(asdict(a)) for a in found], "prices": age_of(result)}


def agent_economics(
    planned: Annotated[
        list[dict[str, Any]],
        Field(
            description='workloads of the kind agent, such as {"workload": "agent", "name": "helper", "turns": 20}',
            min_length=1,
            max_length=50,
        ),
    ],
    usage: Usage = "team",
) -> dict[str, Any]:
    """What planned agents cost per month and session, the share that is read again, the best compaction point, and each
    lever alone: cache life, compaction, another model for some steps (step_model), turn cap, tool output."""
    from simulator.analysis.agent_economics import agents

    result = result_with(usage, "none", None, None, planned)
    told = [asdict(a) | {"sentence": a.sentence()} for a in agents(result)]
    return {"agents": [as_json_data(a) for a in told], "prices": age_of(result)}


def risk(
    usage: Usage = "team",
    scenario: ScenarioName = "none",
    on: On = None,
    settings: Settings = None,
    draws: Annotated[int, Field(ge=100, le=10_000)] = 2_000,
    seed: int = 0,
) -> dict[str, Any]:
    """How sure the saving is: P10, P50 and P90 of the run rate and of the saving, from draws of the assumptions.

    `bill_range` is that of the whole bill, with what no usage explains; `bill_range_holds` says what it assumes of it.
    """
    said = answer_with(usage, scenario, on, settings, 12, draws=draws, seed=seed)
    names = ("draws", "seed", "range", "saving_range", "bill_range", "bill_range_holds", "result")
    drawn = {name: said[name] for name in names}
    return drawn | {"prices": said["prices"]["sentence"]}


def units(
    usage: Usage = "team", scenario: ScenarioName = "none", on: On = None, settings: Settings = None
) -> dict[str, Any]:
    """Dollars per 1,000 calls, million tokens, training run and successful hour, before and after a scenario.

    Idle and unallocated dollars stand apart; a null unit cost is idle or has no unit, never 0.
    """
    from simulator.cli.units import units_document

    said: dict[str, Any] = as_json_data(units_document(result_with(usage, scenario, on, settings)))
    priced = [row for row in said["units"] if row["unit"] != "none"]
    return said | {"units": priced}


def explain(
    resource: Annotated[
        str,
        Field(
            description="name of an endpoint, job, model or bucket, or a part of it",
            min_length=1,
            max_length=300,
        ),
    ],
    usage: Usage = "team",
    scenario: ScenarioName = "none",
    on: On = None,
    settings: Settings = None,
) -> dict[str, Any]:
    """Why a resource costs what it costs: quantity × unit price, the price's source and date, the levers on it."""
    from simulator.reports.resources import resource_table, trace

    result = result_with(usage, scenario, on, settings)
    table = resource_table(result.baseline)
    names = table["resource_id"].astype(str)
    found = table[names == resource]
    if found.empty:
        found = table[names.str.contains(resource, case=False, regex=False)]
    if found.empty:
        raise ValueError(f"no resource of {usage} has {resource!r} in its name")
    if len(found) > 1:
        return {"several": sorted(found["resource_id"].astype(str))[:MOST_ROWS], "count": len(found)}
    row = found.iloc[0]
    made = trace(result, str(row["table"]), int(row["row"]))
    return {
        "resource": made.resource_id,
        "prices": age_of(result),
        "baseline_charges": rows_of(made.before),
        "scenario_charges": rows_of(made.after),
        "levers": [{"id": x.id, "values": x.values()} for x in made.touched],
        "left_alone": [{"id": x.id, "why": sentence} for x, sentence in made.said],
    }


def price(
    key: Annotated[str, Field(description="COMPONENT/ITEM, such as hosting/ml.g5.2xlarge", max_length=200)],
    region: Annotated[str, Field(description="region code, such as us-east-1", max_length=40)],
) -> dict[str, Any]:
    """The price in force of one thing in one region, with its source, date and grade."""
    from datetime import UTC, datetime

    from simulator.pricing import audit

    rows = audit.history(datetime.now(tz=UTC).date())
    chosen = audit.select(rows, [key], [region])
    chosen = chosen[chosen["in_force"]] if not chosen.empty else chosen
    if chosen.empty:
        raise ValueError(f"no price for {key} in {region}")
    return {"prices": rows_of(chosen)[:MOST_ROWS]}


def report(
    usage: Usage = "team", scenario: ScenarioName = "balanced", on: On = None, settings: Settings = None
) -> str:
    """The report of a scenario, as Markdown."""
    from simulator.reports.report import render_markdown
    from simulator.reports.report.contents import contents

    return render_markdown(contents(result_with(usage, scenario, on, settings), 12, draws=1_000, seed=0))


TOOLS: tuple[Callable[..., Any], ...] = (
    describe, list_presets, list_levers, simulate, list_workloads, compare, seek, commitment, ladder, serve_or_buy,
    agent_economics, risk, units, explain, price, report,
)  # fmt: skip
