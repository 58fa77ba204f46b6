"""Published examples of Savings Plans: application, metrics, sizing. Sources: shared/oracles.json."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.analysis.plan_sizing import (
    break_even_utilization_ratio,
    effective_committed_rate_usd,
    effective_savings_ratio,
    measure,
)
from simulator.plans.settlement import Allocation, Plan, allocate, best_commitment
from tests.oracles.published import meets, oracle

Array = np.ndarray


def agree(example: dict[str, Any], **ours: Any) -> None:
    """Every published figure of the example is ours, within its tolerance."""
    meets(ours, example)


def settled(
    on_demand_usd: list[list[float]], discounts: list[float], commitment: float, hours: float = 1.0
) -> Allocation:
    """One plan over groups × hours of on-demand value."""
    value = np.array(on_demand_usd, float)
    covered, used = allocate(value, np.array(discounts), commitment)
    return Allocation(Plan("p", commitment, float("nan")), covered, used, value, hours)


def open_usd(allocation: Allocation) -> Array:
    """On-demand value left uncovered, per group and hour."""
    return allocation.eligible_usd - allocation.covered_usd


def one_hour(given: dict[str, Any]) -> tuple[list[str], list[list[float]], list[float]]:
    """Usage kinds, on-demand value and discount of the user guide's hour."""
    kinds = list(given["one_hour_usage"])
    rate = given["rates"]
    value = [[given["one_hour_usage"][k] * rate[k]["od"]] for k in kinds]
    return kinds, value, [1 - rate[k]["csp"] / rate[k]["od"] for k in kinds]


def test_an_hour_below_the_commitment_is_covered_whole_and_the_rest_of_the_commitment_is_lost() -> None:
    _, value, discounts = one_hour(oracle("sp-apply-s1")["inputs"])
    plan = settled(value, discounts, oracle("sp-apply-s1")["inputs"]["compute_sp_commitment_per_hour"])
    agree(
        oracle("sp-apply-s1"),
        sp_cost_of_all_usage=plan.used_usd.sum(),
        on_demand_cost_without_sp=plan.eligible_usd.sum(),
        on_demand_charges=open_usd(plan).sum(),
    )
    assert plan.unused_usd == pytest.approx(2.875)


def test_a_small_commitment_goes_to_the_highest_saving_percentage() -> None:
    kinds, value, discounts = one_hour(oracle("sp-apply-s2")["inputs"])
    plan = settled(value, discounts, oracle("sp-apply-s2")["inputs"]["compute_sp_commitment_per_hour"])
    r5 = open_usd(plan)[kinds.index("r5.4xlarge_linux")].sum()
    total = open_usd(plan).sum()
    agree(oracle("sp-apply-s2"), on_demand_r5=r5, on_demand_other=total - r5, on_demand_charges=total)


def test_a_plan_acts_on_what_reservations_leave() -> None:
    kinds, value, discounts = one_hour(oracle("sp-apply-s4")["inputs"])
    given, r5 = oracle("sp-apply-s4")["inputs"], kinds.index("r5.4xlarge_linux")
    value[r5][0] -= given["reserved_instances_r5_4xlarge"] * given["rates"]["r5.4xlarge_linux"]["od"]
    plan = settled(value, discounts, given["compute_sp_commitment_per_hour"])
    agree(oracle("sp-apply-s4"), on_demand_charges=open_usd(plan).sum(), commitment_used=plan.used_usd.sum())


def test_an_hour_costs_the_commitment_and_what_is_not_covered() -> None:
    given = oracle("sp-simple-two-instances")["inputs"]
    discount = 1 - given["plan_rate"] / given["on_demand_rate"]
    hours = [n * given["on_demand_rate"] for n in given["instances"]]
    plan = settled([hours], [discount], given["commitment_per_hour"])
    bills = given["commitment_per_hour"] + open_usd(plan)[0]
    agree(
        oracle("sp-simple-two-instances"),
        **{f"bill_{n}": bill for n, bill in zip(given["instances"], bills, strict=True)},
    )


def test_utilization_is_usage_at_plan_rates_over_the_commitment() -> None:
    given = oracle("sp-util-98")["inputs"]
    plan = settled([[given["usage_at_plan_rates"] / 0.7]], [0.3], given["commitment_per_hour"])
    agree(oracle("sp-util-98"), utilization_pct=100 * plan.utilization_ratio)


def test_coverage_is_measured_at_on_demand_rates() -> None:
    given = oracle("sp-coverage-90")["inputs"]
    rate, discount = given["on_demand_rate"], 0.3
    commitment = given["covered_instances"] * rate * (1 - discount)
    plan = settled([[given["identical_instances"] * rate]], [discount], commitment)
    agree(oracle("sp-coverage-90"), coverage_pct=100 * plan.coverage_ratio)


def test_waste_is_inside_net_savings() -> None:
    given = oracle("sp-ce-82pct")["inputs"]
    hours = given["hours_in_month"]
    discount = 1 - given["used_commitment"] / given["on_demand_cost_equivalent"]
    hourly = [[given["on_demand_cost_equivalent"] / hours] * hours]
    plan = settled(hourly, [discount], given["total_commitment"] / hours, hours)
    agree(
        oracle("sp-ce-82pct"),
        unused_commitment=plan.unused_usd,
        utilization_pct=100 * plan.utilization_ratio,
        net_savings=plan.net_saving_usd,
    )


def test_full_utilization_and_partial_coverage_hold_at_once() -> None:
    given, hours = oracle("sp-ce-full-util-78-coverage")["inputs"], 720
    discount = 1 - given["used_commitment"] / given["on_demand_cost_equivalent"]
    eligible = given["on_demand_cost_equivalent"] + given["on_demand_cost_uncovered"]
    plan = settled([[eligible / hours] * hours], [discount], given["total_commitment"] / hours, hours)
    agree(
        oracle("sp-ce-full-util-78-coverage"),
        utilization_pct=100 * plan.utilization_ratio,
        net_savings=plan.net_saving_usd,
        total_cost_on_demand_equiv=plan.eligible_usd.mean() * hours,
        coverage_pct=100 * plan.coverage_ratio,
    )


def test_part_hours_use_the_commitment_pro_rata() -> None:
    given = oracle("sp-cur-lines")["inputs"]
    discount = 1 - given["plan_rate"] / given["on_demand_rate"]
    value = [[h * given["on_demand_rate"] for h in given["usage_hours"]]]
    plan = settled(value, [discount], given["plan_rate"], hours=len(given["usage_hours"]))
    agree(
        oracle("sp-cur-lines"),
        covered_unblended_cost=plan.covered_usd[0],
        effective_cost=plan.used_usd,
        negation=-plan.covered_usd.sum(),
    )


def test_the_commitment_of_a_steady_fleet_is_the_sum_of_its_plan_rates() -> None:
    lines, discount = oracle("commit-sum-plan-rates")["inputs"]["lines"], 0.28
    best = {}
    for name in {line["plan"] for line in lines}:
        value = [line["rate"] * line["n"] / (1 - discount) for line in lines if line["plan"] == name]
        hourly = np.repeat(np.array(value)[:, None], 24, axis=1)
        best[name] = best_commitment(hourly, np.full(len(value), discount))
    agree(
        oracle("commit-sum-plan-rates"),
        commit_compute_1yr=best["ComputeSP 1yr NoUp"],
        commit_compute_3yr=best["ComputeSP 3yr NoUp"],
        commit_ec2_m5=best["EC2 m5 eu-south-1 3yr"],
    )


def test_break_even_utilization_is_one_less_the_discount() -> None:
    discounts = np.array(oracle("commit-breakeven-table")["inputs"]["discounts"])
    agree(oracle("commit-breakeven-table"), break_even_utilization=break_even_utilization_ratio(discounts))
    for discount in discounts:  # used in full in that share of 100 hours and not at all in the others
        used_hours = round(100 * (1 - discount))
        hourly = [5 / (1 - discount)] * used_hours + [0.0] * (100 - used_hours)
        assert settled([hourly], [discount], 5.0).net_saving_usd == pytest.approx(0.0, abs=1e-9)


def test_the_rates_of_a_commitment_give_its_break_even() -> None:
    given = oracle("commit-breakeven-60")["inputs"]
    agree(
        oracle("commit-breakeven-60"),
        break_even_utilization=break_even_utilization_ratio(1 - given["commit_rate"] / given["od_rate"]),
    )


def test_the_always_on_floor_is_committed_and_the_burst_stays_on_demand() -> None:
    given = oracle("commit-floor40-burst")["inputs"]
    hours, od = given["hours"], given["od_rate"]
    discount = 1 - given["commit_rate"] / od
    units = np.full(hours, float(given["floor_units"]))
    units[: round(hours * given["peak_hours_fraction"])] += given["peak_units"]
    plan = settled(
        [list(units * od)], [discount], best_commitment((units * od)[None], np.array([discount])), hours
    )
    committed, on_demand = plan.plan.commitment_usd_per_hour * hours, open_usd(plan).sum()
    agree(
        oracle("commit-floor40-burst"),
        committed_spend=committed,
        on_demand_spend=on_demand,
        total=committed + on_demand,
        consumed_hours=plan.eligible_usd.sum() / od,
        blended_rate=(committed + on_demand) / (plan.eligible_usd.sum() / od),
        discount=discount,
        break_even_utilization=break_even_utilization_ratio(discount),
    )


def test_the_effective_rate_rises_as_the_commitment_stands_idle() -> None:
    given = oracle("commit-util-sensitivity")["inputs"]
    rate, od, hours = given["commit_rate"], given["od_rate"], given["committed_hours"]
    discount = 1 - rate / od
    plans = [settled([[u * hours * od]], [discount], hours * rate) for u in given["utilization"]]
    used = np.array([p.utilization_ratio for p in plans])
    agree(
        oracle("commit-util-sensitivity"),
        effective_rate=effective_committed_rate_usd(rate, used),
        consumed_hours=[p.used_usd.sum() / rate for p in plans],
    )


def test_effective_savings_rate_is_coverage_times_discount_at_full_use() -> None:
    given = oracle("commit-esr")["inputs"]
    ratio = effective_savings_ratio(given["coverage"], given["utilization"], given["discount"])
    agree(oracle("commit-esr"), effective_savings_rate_pct=100 * ratio)


def test_effective_savings_rate_is_net_saving_over_on_demand_value() -> None:
    hourly = np.array([10.0] * 12 + [2.0] * 12)
    saving, utilization, coverage = measure(hourly, 0.3, np.array([3.0]))
    ratio = effective_savings_ratio(coverage, utilization, 0.3)
    assert ratio == pytest.approx(saving / (hourly.mean() * 730))
