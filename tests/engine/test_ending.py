"""Nothing is saved on what has ended: no lever, no month, whatever else the account runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Scenario, project, simulate
from simulator.analysis.verdict import Status, verdict
from simulator.demand import from_dict
from simulator.engine import ending
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.levers import all_levers, lever
from simulator.levers.lever import ENDED
from simulator.pricing.charges import Charges
from simulator.risk.bills import assess
from tests.accounts import account_with, prices, traffic

BOOK = cache(prices)
OPUS_4_1, HAIKU_3 = "anthropic.claude-opus-4-1-20250805-v1:0", "anthropic.claude-3-haiku-20240307-v1:0"
MODELS = (
    OPUS_4_1, HAIKU_3, "us.meta.llama3-3-70b-instruct-v1:0", "deepseek.v3-v1:0", "mistral.mistral-7b-instruct-v0:2",
    "qwen.qwen3-coder-480b-a35b-v1:0", "amazon.nova-premier-v1:0", "amazon.nova-pro-v1:0", "openai.gpt-oss-120b-1:0",
)  # fmt: skip
USAGE = {"input_tokens": 720e6, "output_tokens": 72e6, "requests": 72_000}
KEEPING = [x for x in all_levers().values() if x.table == "bedrock" and x.id != "model_upgrade"]
rows = st.fixed_dictionaries({
    "model_id": st.sampled_from(MODELS), "requests": st.integers(100, 100_000), "input_tokens": st.floats(1e6, 1e9),
    "output_tokens": st.floats(1e5, 1e8), "tier": st.sampled_from(["", "batch", "flex"]),
    "cacheable_ratio": st.one_of(st.none(), st.floats(0, 1)),
    "prefix_tokens": st.one_of(st.none(), st.floats(100, 1e4)),
    "latency_tolerant_ratio": st.one_of(st.none(), st.floats(0, 1)),
})  # fmt: skip


def run(*levers: str, **tables: Any) -> Result:
    return simulate(account_with(**tables), Scenario(tuple(lever(x).create({}) for x in levers)), BOOK())


def by_model(there: State) -> dict[str, float]:
    """Dollars of the recurring bill per row of Bedrock."""
    count = len(there.usage.bedrock)
    usd = Charges(there.charges.blocks).by_resource("bedrock", count)
    return dict(zip(there.usage.bedrock.resource_id.astype(str), usd, strict=True))


@settings(max_examples=8)
@given(
    st.lists(rows, min_size=1, max_size=3, unique_by=lambda r: (r["model_id"], r["tier"])),
    st.lists(st.sampled_from(KEEPING), max_size=4, unique_by=lambda x: x.id),
    st.booleans(),
)
def test_no_lever_saves_on_a_model_after_its_end_in_any_month(used: Any, kinds: Any, upgrade: bool) -> None:
    """Rows of Bedrock are priced each for itself, so that each may be looked at alone."""
    levers = tuple(k() for k in kinds) + ((lever("model_upgrade").create({}),) if upgrade else ())
    result = simulate(
        account_with(bedrock=used), Scenario(levers, start_months={x.id: 1 for x in levers}), BOOK()
    )
    dated, catalog = calendar_of(result), result.account.usage.catalog
    ends = catalog.end_of_life[result.account.usage.bedrock.model]
    names = result.account.usage.bedrock.resource_id.astype(str)
    today = BOOK().as_of.isoformat()
    for name, end in zip(names, ends, strict=True):
        if end and end <= today and not upgrade:
            assert by_model(result.outcome)[name] == by_model(result.baseline)[name]
    for month in (1, 2, 5):
        for part in dated.parts(month):
            there = [f(month, part.day) for f in (dated.baseline, dated.outcome)]
            before, after = (by_model(x) for x in there)
            dead = set(there[1].usage.bedrock.resource_id[there[1].usage.bedrock.ended].astype(str))
            for name, end in zip(names, ends, strict=True):
                if end and end <= part.day.isoformat() and (not upgrade or name in dead):
                    assert name in dead
                    assert after[name] == pytest.approx(before[name], nan_ok=True), (name, part.day)


def test_the_months_hold_the_forced_move_from_its_day() -> None:
    """730 M x 15 + 73 M x 75 = 16,425.00; Opus 4.6 in region 5.50 and 27.50: 6,022.50. In January the old model has 7
    of 31 days: 16,425 x 7/31 + 6,022.50 x 24/31 = 8,371.45. Shorter prompts (20 % of the input) save 2,190 until then.
    """
    result = run("prompt_reduction", bedrock=[USAGE | {"model_id": OPUS_4_1}])
    months = project(result, 3)
    assert [m.baseline_usd for m in months] == pytest.approx([16425.0, 8371.45, 6022.5], abs=0.01)
    saved = [m.baseline_usd - m.scenario_usd for m in months]
    assert saved == pytest.approx([2190.0, 2190.0 * 7 / 31, 0.0], abs=0.01)


def test_with_the_move_planned_other_levers_save_on_what_follows() -> None:
    """Opus 4.6 in region: 6,022.50 from January; a fifth fewer prompt tokens save 730 M x 0.2 x 5.50 = 803.00 there,
    also for a model that has ended already (Haiku 4.5: 730 M x 0.2 x 1.10 = 160.60)."""
    for model, saved in ((OPUS_4_1, 803.0), (HAIKU_3, 160.6)):
        result = run("model_upgrade", "prompt_reduction", bedrock=[USAGE | {"model_id": model}])
        last = project(result, 6)[-1]
        assert last.baseline_usd - last.scenario_usd == pytest.approx(saved)


def test_no_draw_saves_on_a_model_that_has_ended() -> None:
    """Opus 4.1 ends on 8 January: in December every draw of shorter prompts saves, from February none, and the bill is
    the next model's 6,022.50 whatever was drawn."""
    risk = assess(run("prompt_reduction", bedrock=[USAGE | {"model_id": OPUS_4_1}]), 3, draws=50)
    assert (risk.saving_usd[:, 0] > 0).all()
    assert risk.saving_usd[:, 2] == pytest.approx(np.zeros(50), abs=1e-6)
    assert risk.bill_usd[:, 2] == pytest.approx(np.full(50, 6022.5))
    assert risk.saving_usd[:, 1] == pytest.approx(risk.saving_usd[:, 0] * 7 / 31)


@pytest.mark.parametrize("name", ["bedrock_batch", "service_tier", "prompt_reduction", "model_routing"])
def test_a_dead_model_is_not_applicable_to_what_keeps_it(name: str) -> None:
    result = run(name, bedrock=[USAGE | {"model_id": HAIKU_3}])
    said = verdict(result, result.scenario.levers[0])
    assert (said.status, result.saving_usd) == (Status.NOT_APPLICABLE, 0.0)
    assert ENDED in [s for _, s, _ in result.scenario.levers[0].verdicts(result.marked).summary()]


def test_a_planned_model_ends_on_its_day_too() -> None:
    """An application planned on Opus 4.1 from December on: its end in January cuts the months, and it is marked."""
    planned = from_dict(
        {"workload": "bedrock_application", "name": "late", "model": OPUS_4_1, "start": "2026-12-01"}
    )
    account = account_with(bedrock=[USAGE | {"model_id": "amazon.nova-pro-v1:0"}])
    scenario = Scenario(workloads=(planned,))
    dated = calendar_of(simulate(account, scenario, BOOK()))
    assert date(2027, 1, 8) in dated.changes
    assert dated.baseline(6, month_start(dated.first, 6)).usage.bedrock.ended.any()


IDLE = {"endpoint_name": "z", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
CALM = {"endpoints": [IDLE], "endpoint_traffic": traffic("z", [0.0] * 720)}


@pytest.fixture
def g5_ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if AWS ended ml.g5.2xlarge on 16 January 2027."""
    kept = (ending._type_ends, ending._types_ended)
    monkeypatch.setattr(ending, "retiring_types", lambda: {"ml.g5.2xlarge": ("2027-01-16", "ml.g6.2xlarge")})
    for found in kept:
        found.cache_clear()
    yield
    for found in kept:
        found.cache_clear()


@pytest.mark.usefixtures("g5_ends")
def test_a_type_that_ends_after_the_window_saves_nothing_from_then() -> None:
    """An idle endpoint of 1.515 x 730 = 1,105.95; 15 of January's 31 days come before the end."""
    result = run("stop_idle_endpoints", **CALM)
    saved = [m.baseline_usd - m.scenario_usd for m in project(result, 3)]
    assert saved == pytest.approx([1105.95, 1105.95 * 15 / 31, 0.0], abs=0.01)


def test_a_type_that_is_billed_after_its_notice_still_saves() -> None:
    """P3's notice names 2025-12-20; a bill of October 2026 that holds it says otherwise: 3.825 x 730 = 2,792.25."""
    result = run("stop_idle_endpoints", **CALM | {"endpoints": [IDLE | {"instance_type": "ml.p3.2xlarge"}]})
    assert result.saving_usd == pytest.approx(2792.25)
    assert not result.outcome.usage.endpoints.ended.any()
