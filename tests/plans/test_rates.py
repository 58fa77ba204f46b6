"""Savings Plans with real rates from the price book: per-type discounts. Figures by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator import Account, PriceBook, Scenario, attribute, simulate
from simulator.analysis import plan_sizing
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.plans.settlement import Plan, allocate, eligible_groups, settle
from simulator.pricing.charges import price_usage
from simulator.risk.bills import assess
from tests.accounts import PRICES, account_with, traffic

A, B = "ml.g5.xlarge", "ml.g5.2xlarge"
HEADER = "component,item,region,usd,unit"
OFFER = "1y_no_upfront"


def book(folder: Path, *rates: str) -> PriceBook:
    """On demand: A $10, B $20 an hour; the rates given."""
    lines = [f"hosting,{A},us-east-1,10,instance_hour", f"hosting,{B},us-east-1,20,instance_hour", *rates]
    path = folder / "own.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return PriceBook.load(PRICES, own=path)


def rate(instance_type: str, usd: float, offer: str = OFFER) -> str:
    return f"savings_plan,hosting:{instance_type}#{offer},us-east-1,{usd},instance_hour"


def account() -> Account:
    """One of each type, always on: $30 an hour."""
    return account_with(endpoints=[{"instance_type": A}, {"instance_type": B}])


def settled(prices: PriceBook, *plans: Plan):
    usage = account().usage
    return settle(price_usage(usage, prices), usage, plans)


def costs(charges) -> list[float]:
    hosting = next(b for b in charges.blocks if b.meter.name == "instance_hours")
    return [float(c) for c in hosting.cost_usd / 730]


def test_the_type_with_the_highest_saving_is_covered_first(tmp_path: Path) -> None:
    # A saves 20 %, B 50 %: $10 an hour covers B whole ($20 on demand at $10), nothing of A.
    charges, settlement = settled(book(tmp_path, rate(A, 8), rate(B, 10)), Plan("p", 10.0, 0.3, OFFER))
    assert costs(charges) == pytest.approx([10.0, 10.0])
    assert settlement.allocations[0].net_saving_usd == pytest.approx(10 * 730)
    assert settlement.allocations[0].discount_ratio == pytest.approx(0.5)
    # $14: B whole, and half of A ($5 on demand at $4)
    charges, _ = settled(book(tmp_path, rate(A, 8), rate(B, 10)), Plan("p", 14.0, 0.3, OFFER))
    assert costs(charges) == pytest.approx([5 + 4, 10.0])


def test_a_type_without_a_rate_gets_the_assumed_discount(tmp_path: Path) -> None:
    # A at the assumed 60 % comes first: $4 for its $10; the other $6 cover $12 of B at 50 %.
    charges, _ = settled(book(tmp_path, rate(B, 10)), Plan("p", 10.0, 0.6, OFFER))
    assert costs(charges) == pytest.approx([4.0, 6 + 8])


def test_rates_of_another_offer_do_not_count(tmp_path: Path) -> None:
    prices = book(tmp_path, rate(B, 10, "3y_all_upfront"))
    charges, settlement = settled(prices, Plan("p", 6.0, 0.4, OFFER))
    assert len(settlement.allocations[0].covered_usd) == 1
    # one group of $30 at 40 %: $10 covered for $6, the same share of each
    assert costs(charges) == pytest.approx([10 - 10 / 30 * 4, 20 - 20 / 30 * 4])


def test_two_plans_with_rates_of_their_own_are_settled_one_after_the_other(tmp_path: Path) -> None:
    prices = book(tmp_path, rate(A, 8), rate(B, 10), rate(A, 5, "3y_no_upfront"))
    # first: $10 on B. second: A at 50 % by its rate, $4 cover $8 of it.
    charges, _ = settled(prices, Plan("one", 10.0, 0.3, OFFER), Plan("two", 4.0, 0.3, "3y_no_upfront"))
    assert costs(charges) == pytest.approx([4 + 2, 10.0])


def test_groups_hold_all_eligible_usage_and_charges_with_the_unused_add_up(tmp_path: Path) -> None:
    prices, usage = book(tmp_path, rate(A, 8), rate(B, 10)), account().usage
    plans = (Plan("p", 25.0, 0.3, OFFER),)
    groups = eligible_groups(price_usage(usage, prices), usage, plans)
    assert groups.eligible_usd.sum(axis=0) == pytest.approx(30.0)
    charges, settlement = settle(price_usage(usage, prices), usage, plans)
    # everything is covered at $18; $7 an hour of the $25 is lost
    assert settlement.unused_usd == pytest.approx(7 * 730)
    assert float(charges.total_usd()) == pytest.approx(25 * 730)


def test_between_equal_discounts_the_lowest_plan_rate_is_covered_first() -> None:
    covered, _ = allocate(np.array([[10.0], [10.0]]), np.array([0.5, 0.5]), 5.0, np.array([7.0, 3.0]))
    assert covered[:, 0].tolist() == [0.0, 10.0]


def test_a_new_plan_is_sized_with_the_rates(tmp_path: Path) -> None:
    # Always on: all $30 are worth covering, at 8 + 10.
    result = simulate(account(), Scenario((SavingsPlan(),)), book(tmp_path, rate(A, 8), rate(B, 10)))
    plan = result.outcome.settlement.allocations[0].plan
    assert plan.commitment_usd_per_hour == pytest.approx(18.0)
    assert result.saving_usd == pytest.approx(12 * 730)


def test_a_negotiated_discount_leaves_the_saving_percentage_as_it_is(tmp_path: Path) -> None:
    book(tmp_path, rate(A, 8), rate(B, 10))
    path = tmp_path / "own.csv"
    prices = PriceBook.load(PRICES, own=path, discount_ratio=0.1)
    result = simulate(account(), Scenario((SavingsPlan(),)), prices)
    assert result.saving_ratio == pytest.approx(12 / 30)


def test_sizing_judges_a_commitment_at_the_rates_of_each_type(tmp_path: Path) -> None:
    # B first: $10 on its $20; then A: $8 on its $10. A commitment of 14 covers 20 + 5.
    prices = book(tmp_path, rate(A, 8), rate(B, 10))
    result = simulate(account(), Scenario(()), prices)
    hourly, discounts = plan_sizing.open_groups(result, Plan("", 0.0, 0.3, OFFER))
    saving, used, covered = plan_sizing.measure(hourly, discounts, np.array([10.0, 14.0, 20.0]))
    assert saving / 730 == pytest.approx([10.0, 11.0, 10.0])
    assert used == pytest.approx([1.0, 1.0, 0.9])
    assert covered == pytest.approx([20 / 30, 25 / 30, 1.0])
    best = next(o for o in plan_sizing.offers(result) if o.offer == OFFER)
    assert best.commitment_usd_per_hour == pytest.approx(18.0)
    assert best.net_saving_usd == pytest.approx(12 * 730)
    assert best.discount_ratio == pytest.approx(12 / 30)
    three = next(o for o in plan_sizing.offers(result) if o.offer == "3y_no_upfront")
    assert three.commitment_usd_per_hour == pytest.approx(30 * 0.6)  # no rate: the assumed 40 %


def test_the_commitment_for_a_coverage_takes_the_dearest_saving_first(tmp_path: Path) -> None:
    result = simulate(account(), Scenario(()), book(tmp_path, rate(A, 8), rate(B, 10)))
    hourly, discounts = plan_sizing.open_groups(result, Plan("", 0.0, 0.3, OFFER))
    assert plan_sizing.commitment_for_coverage(hourly, discounts, 25 / 30) == pytest.approx(14.0)


def test_levers_plan_and_credits_add_up_with_rates(tmp_path: Path) -> None:
    idle = [0.0] * 720
    rows = [{"endpoint_name": "a", "instance_type": A}, {"endpoint_name": "b", "instance_type": B}]
    calls = traffic("a", idle) + traffic("b", [100.0] * 720)
    mine = account_with(endpoints=rows, endpoint_traffic=calls)
    prices = book(tmp_path, rate(A, 8), rate(B, 10))
    result = simulate(mine, Scenario((StopIdleEndpoints(), SavingsPlan())), prices)
    # stop A: 10; plan on B: 10. Alone: 10 and 12.
    assert result.saving_usd == pytest.approx(20 * 730)
    credits = {c.lever_id: c for c in attribute(result)}
    assert credits["stop_idle_endpoints"].alone_usd == pytest.approx(10 * 730)
    assert credits["savings_plan"].alone_usd == pytest.approx(12 * 730)
    # Shapley: stop = (10 + (20 − 12)) / 2 = 9, plan = (12 + (20 − 10)) / 2 = 11
    assert credits["stop_idle_endpoints"].attributed_usd == pytest.approx(9 * 730)
    assert credits["savings_plan"].attributed_usd == pytest.approx(11 * 730)


def test_an_existing_plan_with_rates_is_shared_among_the_levers(tmp_path: Path) -> None:
    # The plan covers B whole ($10 of $20): stopping idle B frees $10 for A ($8) and leaves $2 unused.
    mine = replace(
        account_with(
            endpoints=[
                {"endpoint_name": "a", "instance_type": A},
                {"endpoint_name": "b", "instance_type": B},
            ],
            endpoint_traffic=traffic("a", [100.0] * 720) + traffic("b", [0.0] * 720),
        ),
        plans=(Plan("old", 10.0, 0.3, OFFER, True),),
    )
    result = simulate(mine, Scenario((StopIdleEndpoints(),)), book(tmp_path, rate(A, 8), rate(B, 10)))
    assert result.baseline.total_usd == pytest.approx(20 * 730)
    assert result.outcome.total_usd == pytest.approx(10 * 730)
    assert sum(c.attributed_usd for c in attribute(result)) == pytest.approx(10 * 730)


def test_draws_without_spread_give_the_bill_with_rates(tmp_path: Path) -> None:
    prices = book(tmp_path, rate(A, 8), rate(B, 10))
    result = simulate(account(), Scenario((SavingsPlan(size_ratio=0.5),)), prices)
    # half of 18 = 9: $18 of B covered
    assert result.outcome.total_usd == pytest.approx((12 + 9) * 730)
    risk = assess(result, 1, draws=50)
    assert risk.run_rate_usd == pytest.approx(np.full(50, (12 + 9) * 730), rel=1e-5)


def test_rates_at_the_assumed_discount_change_nothing(tmp_path: Path) -> None:
    plain = book(tmp_path)
    mine = account_with(
        endpoints=[{"endpoint_name": "a", "instance_type": A}, {"endpoint_name": "b", "instance_type": B}],
        endpoint_traffic=traffic("a", [0.0] * 720) + traffic("b", [100.0] * 720),
    )
    scenario = Scenario((StopIdleEndpoints(), SavingsPlan(discount_1y_no_upfront=0.25, size_ratio=0.8)))
    one = simulate(mine, scenario, plain)
    other = simulate(mine, scenario, book(tmp_path, rate(A, 7.5), rate(B, 15)))
    assert other.outcome.total_usd == pytest.approx(one.outcome.total_usd)
    for ours, theirs in zip(attribute(other), attribute(one), strict=True):
        assert ours.alone_usd == pytest.approx(theirs.alone_usd)
        assert ours.attributed_usd == pytest.approx(theirs.attributed_usd)
    sizes = [[o.commitment_usd_per_hour for o in plan_sizing.offers(r)] for r in (one, other)]
    assert sizes[0] == pytest.approx(sizes[1])
