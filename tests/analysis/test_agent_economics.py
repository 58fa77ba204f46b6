"""What an agent costs: by hand, as the engine prices it, AgentCore's meters, levers alone, and what has no price."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import simulate
from simulator.analysis.agent_economics import AgentEconomics, agents, economics
from simulator.analysis.projection import project
from simulator.analysis.serving_costs import Prices
from simulator.cli import tools
from simulator.cli.main import main
from simulator.demand.workloads.agent import Agent
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result
from tests.accounts import prices, sample_account

PRICES = Prices(prices())
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"

SONNET_4 = "anthropic.claude-sonnet-4-20250514-v1:0"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"


def planned(**fields: Any) -> Agent:
    return Agent(name="helper", **fields)


def simulated(agent: Agent) -> Result:
    account = sample_account("report").planned((agent,))
    return simulate(account, Scenario(workloads=(agent,)), prices())


def lever(made: AgentEconomics, name: str) -> Any:
    return next(x for x in made.levers if x.name == name)


def test_ten_plain_steps_by_hand() -> None:
    # 10 x (4,000 + 800) + 1,100 x 10 x 9 / 2 = 97,500 read, 3,000 written; nova-pro 0.80 and 3.20 per million
    made = economics(PRICES, planned(sessions=1_000))
    assert made.usd == pytest.approx(97.5 * 0.8 + 3 * 3.2)
    assert made.usd_per_session == pytest.approx(0.0876)
    # without the history: 10 x 4,800 read
    assert made.usd_without_square == pytest.approx(48 * 0.8 + 3 * 3.2)
    # of 97,500 read 4,000 + 10 x 800 are new
    assert made.reread_ratio == pytest.approx(1 - 12_000 / 97_500)


def test_two_models_by_hand_and_each_alone() -> None:
    # step t reads 4,800 + 1,100 (t - 1). Odd steps by nova-pro: 5 x 4,800 + 1,100 x (0+2+4+6+8) = 46,000 at 0.80, even
    # ones by nova-lite: 24,000 + 1,100 x (1+3+5+7+9) = 51,500 at 0.06; each writes 1,500, at 3.20 and 0.24
    agent = planned(sessions=1_000, step_model="amazon.nova-lite-v1:0")
    made = economics(PRICES, agent)
    assert made.usd == pytest.approx(46 * 0.8 + 51.5 * 0.06 + 1.5 * 3.2 + 1.5 * 0.24)
    # without the history: 5 x 4,800 read by each
    assert made.usd_without_square == pytest.approx(24 * 0.86 + 1.5 * 3.44)
    pro, lite = economics(PRICES, planned()), economics(PRICES, planned(model="amazon.nova-lite-v1:0"))
    assert lever(made, "All steps by amazon.nova-pro-v1:0").usd == pytest.approx(pro.usd)
    assert lever(made, "All steps by amazon.nova-lite-v1:0").usd == pytest.approx(lite.usd)
    assert lever(pro, "Every second step by amazon.nova-lite-v1:0").usd == pytest.approx(made.usd)


def test_turns_step_by_step_write_the_history_again_and_long_runs_do_not() -> None:
    """With a cache, a dearer model is not cheaper by sharing its steps with a model at the same price."""
    fields: dict[str, Any] = {
        "model": SONNET,
        "scope": "us",
        "cache": "5 minutes",
        "turns": 40.0,
        "pause_minutes": 0.1,
    }
    alone = economics(PRICES, planned(**fields))
    same = {**fields, "step_model": SONNET_4}  # another model at the same price
    assert economics(PRICES, planned(**{**fields, "step_model": SONNET})).usd == alone.usd
    short, long = (economics(PRICES, planned(**same, own_steps=n, other_steps=n)) for n in (1.0, 20.0))
    assert alone.usd is not None
    assert short.usd is not None
    assert long.usd is not None
    assert alone.usd < long.usd < short.usd
    assert lever(short, "Runs twice as long").saving_usd > 0


def test_a_price_that_is_missing_names_the_model_that_needs_it() -> None:
    made = economics(PRICES, planned(step_model="nobody.knows-v1:0"))
    assert made.usd is None
    assert any("nobody.knows-v1:0" in line for line in made.unknown)
    assert not any("amazon.nova-pro" in line for line in made.unknown)


def test_agentcore_by_hand() -> None:
    # 1,000 sessions x 10 steps: 20,000 s = 5.5556 vCPU-h x 0.0895; 1,000 x 20 min x 2 GB = 666.67 GB-h x 0.00945;
    # 20,000 gateway calls x 0.005 / 1,000; 10,000 events x 0.25 / 1,000; 5,000 records x 0.75 / 1,000
    agent = planned(
        cpu_seconds=2.0, memory_gb=2.0, session_minutes=20.0, tool_calls=2.0, gateway_ratio=1.0, memory_events=1.0,
        memory_records=5_000.0,
    )  # fmt: skip
    by_hand = 20_000 / 3_600 * 0.0895 + 2_000 / 3 * 0.00945 + 0.1 + 2.5 + 3.75
    tokens = economics(PRICES, planned(tool_calls=2.0)).usd
    assert tokens is not None
    assert economics(PRICES, agent).usd == pytest.approx(tokens + by_hand)


@pytest.mark.parametrize(
    "agent",
    [
        planned(),
        planned(cache="5 minutes", compact_at=5_500.0),
        planned(model=SONNET, scope="us", cache="1 hour", turns=40.0, most_turns=100.0, runaway_ratio=0.05),
        planned(model=SONNET, scope="us", turns=30.0, compact_at=9_000.0, summary_model="amazon.nova-lite-v1:0"),
        planned(model=SONNET, scope="us", cache="5 minutes", step_model=HAIKU, other_steps=2.0, compact_at=9e3),
        planned(cpu_seconds=3.0, memory_gb=1.0, session_minutes=5.0, sandbox_cpu_seconds=9.0, tool_searches=1.0),
    ],
)  # fmt: skip
def test_it_is_what_the_engine_adds_to_the_bill(agent: Agent) -> None:
    result = simulated(agent)
    months = project(result, 3)
    assert months[0].month_start < agent.start.isoformat() <= months[1].month_start
    [made] = agents(result)
    assert months[1].baseline_usd - months[0].baseline_usd == pytest.approx(made.usd, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    turns=st.integers(1, 60), prefix=st.integers(0, 20_000), new=st.integers(0, 5_000), answer=st.integers(1, 2_000),
    cache=st.sampled_from(["none", "5 minutes"]), cap=st.sampled_from([0, 80]), loops=st.floats(0, 1),
    second=st.sampled_from(["", "amazon.nova-lite-v1:0"]), own_steps=st.integers(1, 5), other_steps=st.integers(1, 5),
)  # fmt: skip
def test_levers_add_up_and_the_best_point_beats_every_other(
    turns: int, prefix: int, new: int, answer: int, cache: str, cap: int, loops: float, second: str, own_steps: int,
    other_steps: int,
) -> None:  # fmt: skip
    agent = planned(
        turns=float(turns), prefix=float(prefix), new=float(new), answer=float(answer), cache=cache,
        most_turns=float(cap), runaway_ratio=loops if cap else 0.0, step_model=second, own_steps=float(own_steps),
        other_steps=float(other_steps),
    )  # fmt: skip
    made = economics(PRICES, agent)
    assert made.usd is not None
    assert made.usd == pytest.approx(sum(p.usd or 0.0 for p in made.parts))
    assert made.best_usd is not None
    assert made.best_usd <= min(usd for _, usd in made.compaction) * (1 + 1e-9)
    assert dict(made.compaction)[0.0] == pytest.approx(made.usd)
    assert 0 <= made.reread_ratio <= 1
    for change in made.levers:
        if change.saving_usd is not None:
            other = economics(PRICES, replace(agent, **change.change)).usd  # type: ignore[arg-type]
            assert change.usd == pytest.approx(other)
            assert change.saving_usd == pytest.approx(made.usd - (other or 0.0))


def test_what_has_no_price_is_unknown_and_named() -> None:
    made = economics(PRICES, planned(model="nobody.knows-v1:0"))
    assert made.usd is None
    assert made.best_usd is None
    assert any("nobody.knows-v1:0" in line for line in made.unknown)
    assert all(x.saving_usd is None for x in made.levers)
    # AgentCore has no price in São Paulo here: the whole is unknown, its tokens are not
    far = economics(PRICES, planned(region="sa-east-1", cpu_seconds=1.0))
    assert [p.name for p in far.parts if p.usd is None] == ["AgentCore vCPU-hours"]
    assert far.usd is None


def test_a_longer_cache_keeps_more_steps_warm_and_looping_costs() -> None:
    agent = planned(
        model=SONNET, scope="us", cache="5 minutes", pause_minutes=10.0, turns=20.0, most_turns=100.0,
        runaway_ratio=0.1, tool_calls=1.0, tool_output=2_000.0,
    )  # fmt: skip
    made = economics(PRICES, agent)
    for name in (
        "Prompt cache: 1 hour",
        "Cap at the usual steps",
        "Half the tool output",
        "Best compaction point",
    ):
        assert lever(made, name).saving_usd > 0
    assert "Most is saved by" in made.sentence()


def test_command_tool_and_report_say_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "agents.json"
    row = {"workload": "agent", "name": "helper", "cache": "5 minutes"}
    file.write_text(json.dumps([row]))
    assert main(["agent-economics", "--usage", "report", "--add", str(file), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert json.loads(json.dumps(tools.agent_economics([row], "report"))) == said
    assert main(["agent-economics", "--usage", "report", "--add", str(file)]) == 0
    assert said["agents"][0]["sentence"] in capsys.readouterr().out
    assert main(["agent-economics", "--usage", "report"]) == 0
    assert "No agent is planned" in capsys.readouterr().out


def test_the_report_has_the_chapter_only_where_an_agent_is_planned() -> None:
    from simulator.reports.report.facts import Facts
    from simulator.reports.report.futures import agents as chapter

    [section] = chapter(Facts(simulated(planned()), 12, 100, 0))
    assert section.title == "What the planned agents cost"
    assert chapter(Facts(simulate(sample_account("report"), Scenario(), prices()), 12, 100, 0)) == []
