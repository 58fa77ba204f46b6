"""The ladder of an account: never dearer than one plan, strands less than a plan on history, respects what exists."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

import numpy as np
import pytest

from simulator import PriceBook, simulate
from simulator.analysis.ladder import Ask, Recommendation, recommend
from simulator.analysis.ladder_demand import drift
from simulator.analysis.ladder_path import path, renewals
from simulator.cli.main import main
from simulator.cli.tools import ladder
from simulator.engine.scenario import preset
from simulator.plans.ladder import priced
from simulator.plans.ladder_demand import Demand, Rung
from simulator.plans.settlement import Plan
from simulator.pricing.files import OwnText
from tests.accounts import PRICES, account_with, prices, sample_account

QUICK = Ask(draws=60, every_months=6)


@cache
def recommended(sample: str, scenario: str) -> Recommendation:
    """The ladder of a sample, worked out once for all tests that look at it."""
    return recommend(simulate(sample_account(sample), preset(scenario), prices()), QUICK)


@pytest.mark.parametrize(
    ("sample", "scenario"), [("team", "none"), ("team", "balanced"), ("report", "no_regret")]
)
def test_bars_on_the_samples(sample: str, scenario: str) -> None:
    found = recommended(sample, scenario)
    assert found.ladder.expected_usd <= found.single.expected_usd * (1 + 1e-9)
    assert found.ladder.expected_usd <= found.nothing.expected_usd * (1 + 1e-9)
    assert found.cautious.stranded_usd <= 0.5 * found.on_history.stranded_usd * (1 + 1e-6) + 1e-6
    assert found.limit_met == (
        found.ladder.stranded_usd <= 0.5 * found.on_history.stranded_usd * (1 + 1e-6) + 1e-6
    )


def test_the_regret_of_every_choice_is_beside_the_same_hindsight() -> None:
    """So two choices differ in a draw's regret as in its cost: the mean of the worst tenth by less than their range."""
    ask = Ask(draws=2, every_months=6, fall_ratio=0.0, rise_ratio=0.0)
    found = recommend(simulate(sample_account("team"), preset("none"), prices()), ask)
    known = [found.ladder, found.single, found.on_history, found.nothing]
    # demand is certain: regret is the cost over one and the same bound
    bounds = [p.expected_usd - p.cvar_regret_usd for p in known]
    assert bounds == pytest.approx([bounds[0]] * 4, rel=1e-9)


def test_levers_that_halve_usage_make_the_plan_on_history_the_dear_one() -> None:
    found = recommended("team", "balanced")
    assert found.limit_met
    assert "of a plan sized on history" in found.sentence()


def test_flat_usage_and_certain_demand_by_hand() -> None:
    # one endpoint, always on: with no doubt all of it is bought at the best rate of the months, 40 % off for 36 months
    account = account_with(endpoints=[{}])
    found = recommend(
        simulate(account, preset("none"), prices()), Ask(fall_ratio=0.0, rise_ratio=0.0, draws=2)
    )
    assert found.nothing.expected_usd > 0
    assert found.ladder.expected_usd == pytest.approx(0.6 * found.nothing.expected_usd, rel=1e-4)
    assert [s.offer for s in found.ladder.steps] == ["3y_no_upfront"]


def test_demand_drifts_around_the_plan() -> None:
    low, high = drift(Ask(draws=400))[:, 11].min(), drift(Ask(draws=400))[:, 11].max()
    assert 0.7 <= low < 0.8
    assert 1.2 < high <= 1.3


@pytest.mark.parametrize("wrong", [{"months": 6}, {"fall_ratio": 1.5}, {"draws": 1}, {"every_months": 0}])
def test_refuses_what_makes_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        recommend(simulate(sample_account("report"), preset("none"), prices()), Ask(**wrong))  # type: ignore[arg-type]


def test_command_and_tool_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ladder", "--usage", "report", "--every", "12", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert ladder("report", every_months=12)["ladder"] == said["ladder"]
    assert main(["ladder", "--usage", "report", "--every", "12"]) == 0
    assert said["sentence"] in capsys.readouterr().out


def test_the_path_by_hand() -> None:
    # 10 an hour, existing plans cover 2; 3.00 at 25 % off covers 4 in month 2; at half of the demand 5 are left
    demand = Demand(np.full((2, 4), 10.0), np.ones((3, 2)), np.full(2, 2.0))
    rungs = [Rung("1y_no_upfront", 0.25, 2, 1)]
    made, none = priced(demand, rungs, np.array([3.0])), priced(demand, rungs, np.zeros(1))
    first, second = path(date(2027, 1, 1), demand, made, none, 0.5, 2)
    assert (first.month_start, second.month_start) == ("2027-01-01", "2027-02-01")
    assert first.covered_usd_per_hour == 2.0
    assert second.covered_usd_per_hour == pytest.approx(6.0)
    assert second.covered_on_history_usd_per_hour == 2.0
    assert (second.low_usd_per_hour, second.high_usd_per_hour, second.fallen_usd_per_hour) == (
        10.0,
        10.0,
        5.0,
    )


def test_a_purchase_renews_what_ends_on_its_date_or_in_the_month_before() -> None:
    bought = [(Rung("1y", 0.2, 1, 12), 1.0), (Rung("1y", 0.2, 13, 12), 1.0), (Rung("1y", 0.2, 7, 12), 1.0)]
    plans = [Plan("old", 1.0, 0.2, end=date(2027, 6, 15)), Plan("open", 1.0, 0.2)]
    made = renewals(date(2027, 1, 1), bought, plans)
    assert made == {1: "the purchase of 2027-01-01", 2: "old"}


@pytest.mark.parametrize("cover", [0.0, 0.4])
def test_usage_stays_uncovered_on_purpose(cover: float) -> None:
    result = simulate(sample_account("report"), preset("none"), prices())
    found = recommend(result, Ask(draws=20, every_months=12, most_covered_ratio=cover))
    free = recommend(result, Ask(draws=20, every_months=12))
    # without growth a month's mean is that of certain demand: after a fall of 30 % 0.7 of it is left
    for month in found.path:
        assert month.covered_usd_per_hour <= cover * month.fallen_usd_per_hour / 0.7 * (1 + 1e-6) + 1e-6
    assert found.ladder.expected_usd >= free.ladder.expected_usd
    assert max(m.covered_usd_per_hour for m in free.path) > max(m.covered_usd_per_hour for m in found.path)


CLUSTER = {"kind": "cluster", "instance_type": "ml.p5.48xlarge", "instance_count": 4, "hours": 720}
"""Four nodes day and night: 63.296 per hour on demand, 36.1836 under a training plan (us-east-1)."""
CERTAIN = Ask(fall_ratio=0.0, rise_ratio=0.0, draws=2, every_months=6)


def test_a_cluster_is_reserved_beside_the_plan_on_endpoints_by_hand() -> None:
    account = account_with(endpoints=[{}], compute=[CLUSTER])
    found = recommend(simulate(account, preset("none"), prices()), CERTAIN)
    alone = recommend(simulate(account_with(endpoints=[{}]), preset("none"), prices()), CERTAIN)
    on_demand, reserved = (4 * usd * 730 * 36 for usd in (63.296, 36.1836))
    assert found.nothing.expected_usd == pytest.approx(alone.nothing.expected_usd + on_demand)
    assert found.ladder.expected_usd == pytest.approx(alone.ladder.expected_usd + reserved, rel=1e-4)
    nodes = [s for s in found.ladder.steps if s.offer == "training_plan"]
    # 182 days at most: six purchases of six months, each in the place of the one before
    assert [(s.nodes, s.months, s.covers) for s in nodes] == [
        (4, 6, "HyperPod ml.p5.48xlarge in us-east-1")
    ] * 6
    assert nodes[0].renews == ""
    assert nodes[1].renews == f"the purchase of {nodes[0].buy_on}"
    # the chart is of SageMaker's plans only
    covered, without = ([m.covered_usd_per_hour for m in x.path] for x in (found, alone))
    assert covered == pytest.approx(without, rel=1e-4)
    assert [o.lever_id for o in found.others if o.in_ladder] == ["training_plan"]


def test_nodes_that_may_not_be_needed_are_not_all_reserved() -> None:
    """At 42.8 % off a node must run in more than 57.2 % of futures to be worth reserving."""
    account = account_with(compute=[CLUSTER])
    found = recommend(
        simulate(account, preset("none"), prices()), Ask(fall_ratio=0.9, rise_ratio=0.0, draws=100)
    )
    last = [s for s in found.ladder.steps if s.offer == "training_plan"][-1]
    assert 0 <= last.nodes < 4
    assert found.ladder.expected_usd <= found.single.expected_usd * (1 + 1e-9)


@pytest.mark.parametrize("block_usd", [40.0, 54.0])
def test_blocks_and_a_compute_plan_share_the_hours_of_ec2(block_usd: float) -> None:
    """Ten nodes at 55.04. A block is for whole nodes, a plan for dollars; the cheaper takes all, none pays for both."""
    kind = "ml.p5.48xlarge"
    own = (
        "component,item,region,usd,unit\n"
        f"capacity_block,{kind},us-east-1,{block_usd},instance_hour\n"
        f"compute_savings_plan,ec2:{kind}#3y_no_upfront,us-east-1,50,instance_hour\n"
    )
    book = PriceBook.load(PRICES, own=OwnText(own))
    row = {"kind": "ec2", "instance_type": kind, "instance_count": 10, "hours": 720}
    found = recommend(simulate(account_with(compute=[row]), preset("none"), book), CERTAIN)
    assert found.ladder.expected_usd == pytest.approx(10 * min(block_usd, 50.0) * 730 * 36, rel=1e-4)
    covered = np.zeros(36)
    for step in found.ladder.steps:
        bought = date.fromisoformat(step.buy_on)
        first = date.fromisoformat(found.first_month)
        start = (bought.year - first.year) * 12 + bought.month - first.month
        covered[start : start + step.months] += step.commitment_usd_per_hour / (1 - step.discount_ratio)
    assert covered == pytest.approx(np.full(36, 550.4), rel=1e-4)


SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
"""In region 3.30 and 16.50 per million tokens."""
UNITS = tuple(
    f"bedrock_provisioned,{SONNET}#{term},us-east-1,{usd},model_unit_hour"
    for term, usd in (("1m", 1.0), ("6m", 0.8))
)
RESERVED = tuple(
    f"bedrock_reserved_{way},{SONNET},us-east-1,{usd},ktpm_month"
    for way, usd in (("input", 50), ("output", 250))
)


def of_sonnet(tokens_in: float, *own: str, days: int = 1, ask: Ask = CERTAIN) -> Recommendation:
    """The ladder for so many tokens in, and a tenth of them out, within so many days."""
    book = PriceBook.load(PRICES, own=OwnText("\n".join(("component,item,region,usd,unit", *own)) + "\n"))
    row = {
        "model_id": SONNET,
        "input_tokens": tokens_in,
        "output_tokens": tokens_in / 10,
        "requests": tokens_in / 1e4,
    }
    return recommend(simulate(account_with(days=days, bedrock=[row]), preset("none"), book), ask)


def test_model_units_are_chosen_by_hand() -> None:
    """288 M and 28.8 M a day: 12 M and 1.2 M an hour, 39.60 + 19.80 = 59.40 on demand; 220,000 tokens a minute, 660,000
    in the busiest: 33 units of 20,000, each of which carries 1.80. Six months at 0.80 are 26.40.
    """
    found = of_sonnet(288e6, *UNITS)
    assert found.nothing.expected_usd == pytest.approx(59.40 * 730 * 36)
    assert found.ladder.expected_usd == pytest.approx(26.40 * 730 * 36)
    assert [(s.offer, s.nodes, s.months) for s in found.ladder.steps] == [
        ("provisioned_throughput:6_months", 33, 6)
    ] * 6
    assert found.ladder.steps[0].covers == f"Bedrock {SONNET} in us-east-1"
    assert [o.lever_id for o in found.others if o.in_ladder] == ["provisioned_throughput"]


def test_units_that_cost_more_than_their_tokens_are_not_bought() -> None:
    dear = tuple(row.replace(",0.8,", ",1.9,").replace(",1.0,", ",2.0,") for row in UNITS)
    assert not of_sonnet(288e6, *dear).ladder.steps


def test_reserved_tokens_are_chosen_by_hand() -> None:
    """69,120 M in 720 hours: 1.6 M tokens a minute in, 0.16 M out, 316.80 + 158.40 an hour on demand. A least
    reservation (100,000 and 10,000) is 100 × 50 + 10 × 250 = 7,500 a month and carries 80 % of itself, 23.76 an hour:
    20 carry all. They are bought for three months at a time, twice between two dates.
    """
    found = of_sonnet(69.12e9, *RESERVED, days=30)
    assert found.nothing.expected_usd == pytest.approx(475.2 * 730 * 36)
    assert found.ladder.expected_usd == pytest.approx(20 * 7_500 * 36)
    assert [(s.offer, s.nodes, s.months) for s in found.ladder.steps] == [("reserved_tier", 20, 6)] * 6


def test_of_two_kinds_for_the_same_tokens_the_cheaper_is_the_pools_and_none_is_covered_twice() -> None:
    """Units carry the day's 59.40 for 26.40. Two least reservations carry 47.52 of it for 20.55 and leave 11.88, three
    are 30.82: dearer, though 56.8 % is the larger discount.
    """
    both = of_sonnet(288e6, *UNITS, *RESERVED)
    assert both.ladder.expected_usd == pytest.approx(26.40 * 730 * 36)
    dear = (row.replace(",0.8,", ",1.7,").replace(",1.0,", ",1.75,") for row in UNITS)
    assert {s.offer for s in of_sonnet(288e6, *dear, *RESERVED).ladder.steps} == {"reserved_tier"}


def test_the_plan_sized_on_history_reserves_all_of_a_pool() -> None:
    """Demand 30 % lower leaves 0.3 × 33 = 9.9 units idle, at 0.80 over all months."""
    found = of_sonnet(288e6, *UNITS)
    assert found.on_history.expected_usd == pytest.approx(26.40 * 730 * 36)
    ask = Ask(fall_ratio=0.3, rise_ratio=0.0, draws=20, every_months=6)
    fallen = of_sonnet(288e6, *UNITS, ask=ask)
    assert fallen.on_history.stranded_usd == pytest.approx(9.9 * 0.80 * 730 * 36)
    assert fallen.limit_met


def test_other_kinds_of_commitment_have_no_figure_without_a_price() -> None:
    found = recommended("team", "none")
    assert len(found.others) == 6
    for other in found.others:
        assert (other.usd is None) == (other.status in ("needs a fact", "not applicable"))
        assert other.sentence
