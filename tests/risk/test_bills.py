"""Draws and risk: streams, distributions, coverage of the stated ranges, common luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from simulator import Account, Result, load_sample, simulate
from simulator.engine.acting import beside
from simulator.engine.applying import apply_lever
from simulator.engine.planning import Planning
from simulator.engine.scenario import everything, preset
from simulator.engine.state import state
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.pricing.charges import Charges, price_table, summed_usd
from simulator.risk.bills import Bills, assess
from simulator.risk.draws import drawn, drawn_lever, quantile, uniforms
from simulator.risk.tables import DrawnTables
from simulator.risk.tornado import tornado
from simulator.usage.tables import COMPONENTS, TABLES
from tests.accounts import prices


@pytest.fixture(scope="module")
def result() -> Result:
    scenario = everything().only(["managed_spot", "prompt_caching", "s3_lifecycle", "savings_plan"])
    return simulate(Account.open(load_sample("team")), scenario, prices())


def test_first_draws_are_the_same_however_many_are_drawn() -> None:
    np.testing.assert_array_equal(uniforms("a", 10, 7), uniforms("a", 1000, 7)[:10])
    assert not np.array_equal(uniforms("a", 10, 7), uniforms("b", 10, 7))
    assert not np.array_equal(uniforms("a", 10, 7), uniforms("a", 10, 8))


def test_pert_has_the_mean_of_its_definition_and_stays_in_its_range() -> None:
    values = drawn("x", 2.0, 5.0, 14.0, 50_000, 0, "pert")
    assert values.min() >= 2
    assert values.max() <= 14
    assert values.mean() == pytest.approx((2 + 4 * 5 + 14) / 6, rel=0.01)


def test_triangular_median_is_the_one_worked_out_by_hand() -> None:
    # low 0, mode 1, high 4: F(1) = 1/4; the median is 4 - sqrt((1 - 0.5) * 4 * 3)
    got = quantile(np.array([0.25, 0.5]), 0.0, 1.0, 4.0, "triangular")
    assert got == pytest.approx([1.0, 4 - 6**0.5])


def test_same_seed_same_figures_and_other_seed_other_figures(result: Result) -> None:
    one, same, other = (assess(result, 6, draws=500, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.bill_usd, same.bill_usd)
    assert not np.array_equal(one.bill_usd, other.bill_usd)


@pytest.mark.parametrize("name", ["report_plan", "ambitious"])
def test_first_draws_do_not_depend_on_how_many_follow(result: Result, name: str) -> None:
    base = simulate(result.account, preset(name), result.book)
    few, many = assess(base, 2, draws=30), assess(base, 2, draws=5000)
    np.testing.assert_allclose(few.run_rate_usd, many.run_rate_usd[:30], rtol=1e-6)
    np.testing.assert_allclose(few.table_usd["endpoints"], many.table_usd["endpoints"][:30], rtol=1e-12)


def test_p10_to_p90_covers_eighty_percent_of_a_simulated_truth(result: Result) -> None:
    stated = assess(result, 1, draws=20_000, seed=1).range
    truth = assess(result, 1, draws=2_000, seed=2).run_rate_usd
    covered = ((truth >= stated.p10_usd) & (truth <= stated.p90_usd)).mean()
    assert covered == pytest.approx(0.80, abs=0.02)


SHAPED = "shutdown_after_24h"
"""Looks at the hours that levers before it leave, and a profile has one shape for all draws: that of the setting."""


@pytest.mark.parametrize("sample", ["team", "report"])
@pytest.mark.parametrize("name", ["report_plan", "ambitious"])
def test_without_plans_each_draw_is_the_run_of_its_parameters(result: Result, sample: str, name: str) -> None:
    """Under the serving modes of the settings: what a resource becomes is decided before luck is known."""
    scenario = preset(name)
    scenario = scenario.only([x.id for x in scenario.levers if x.id not in ("savings_plan", SHAPED)])
    account = replace_plans(Account.open(load_sample(sample)))
    base = simulate(account, scenario, result.book)
    risk = assess(base, 1, draws=1200, seed=5)
    for k in (0, 7, 19, 400, 777, 1100, 1199):
        usage = base.prepared
        for lever in scenario.ordered():
            column = drawn_lever(lever, 1200, 5)
            drawn_values = {n: v for n, v in column.values().items() if isinstance(v, np.ndarray)}
            one = replace(lever, **{n: float(np.ravel(v)[k]) for n, v in drawn_values.items()})
            usage = apply_lever(one, usage, result.book)
        assert risk.run_rate_usd[k] == pytest.approx(state(usage, result.book, ()).total_usd, rel=1e-9)


def test_grouped_hours_settle_a_plan_as_all_hours_do(result: Result) -> None:
    """With every parameter certain, the median of identical draws is the exact bill."""
    fixed = [replace(x, **dict(x.values().items())) for x in result.scenario.levers]
    certain = simulate(result.account, replace(result.scenario, levers=tuple(fixed)), result.book)
    work = Bills(certain, 4, 0, "pert")
    work.tables.drawn = {x.id: x for x in certain.scenario.levers}
    work._discount = lambda plan: np.full(1, plan.discount_ratio)  # type: ignore[method-assign]
    full = tuple(1.0 for _ in certain.scenario.levers)
    settled = tuple(a.plan for a in certain.outcome.settlement.allocations)
    assert work.bill(full, 1, settled)[0] == pytest.approx(certain.outcome.total_usd, rel=2e-3)


def test_scenarios_share_their_luck(result: Result) -> None:
    one = result.scenario.only(["managed_spot"])
    both = result.scenario.only(["managed_spot", "s3_lifecycle"])
    risks = [assess(simulate(result.account, s, result.book), 1, draws=500) for s in (one, both)]
    assert np.corrcoef(risks[0].run_rate_usd, risks[1].run_rate_usd)[0, 1] > 0.9


def test_growth_is_drawn_only_when_the_plan_states_it(result: Result) -> None:
    none = result.scenario.only([])
    flat = assess(simulate(result.account, none, result.book), 12, draws=50)
    assert np.ptp(flat.bill_usd[:, -1]) == pytest.approx(0, abs=1e-6)
    growing = replace(none, planning=Planning(traffic_growth=0.2))
    fan = assess(simulate(result.account, growing, result.book), 12, draws=200)
    assert np.ptp(fan.bill_usd[:, -1]) > np.ptp(fan.bill_usd[:, 1]) > 0


def test_tornado_is_sorted_and_its_ends_are_reruns(result: Result) -> None:
    swings = tornado(result)
    assert [s.width_usd for s in swings] == sorted((s.width_usd for s in swings), reverse=True)
    spot = next(s for s in swings if s.parameter == "discount")
    setting = result.scenario.setting("managed_spot")
    assert setting is not None
    low = simulate(
        result.account,
        result.scenario.with_lever(type(setting).create({**setting.values(), "discount": 0.5})),
        result.book,
    )
    assert spot.saving_at_low_usd == pytest.approx(low.saving_usd)


def test_too_few_or_too_many_draws_are_refused(result: Result) -> None:
    for draws in (1, 2_000_000):
        with pytest.raises(ValueError, match="draws"):
            assess(result, 1, draws=draws)


def replace_plans(account: Account) -> Account:
    return replace(account, plans=())


def test_pert_quantiles_are_those_of_the_beta_distribution() -> None:
    u = np.linspace(0.001, 0.999, 101)
    exact = special.betaincinv(1 + 4 * 0.3, 1 + 4 * 0.7, u)
    np.testing.assert_allclose(quantile(u, 0.0, 0.3, 1.0), exact, atol=5e-5)


def test_the_range_of_the_whole_bill_holds_what_no_usage_explains(result: Result) -> None:
    """$20,000 of which half to one and a half times recur (PERT, mode 1): the median is 20,000 more, and the range is
    wider than that of the explained bill; the saving is the same in every draw."""
    none, some = (assess(result, 1, draws=4000, seed=3, unexplained_usd=gap) for gap in (0.0, 20_000.0))
    np.testing.assert_array_equal(none.whole_range.p90_usd, none.range.p90_usd)
    np.testing.assert_array_equal(none.saving_run_rate_usd, some.saving_run_rate_usd)
    assert np.median(some.unexplained_usd) == pytest.approx(20_000, rel=0.02)
    assert (some.unexplained_usd.min() >= 10_000, some.unexplained_usd.max() <= 30_000) == (True, True)
    width = [float(r.whole_range.p90_usd - r.whole_range.p10_usd) for r in (none, some)]
    assert width[1] > width[0]
    assert some.whole_range.p10_usd > none.range.p10_usd + 10_000


@pytest.mark.parametrize("moved", ["discount", "off"])
def test_what_is_taken_over_from_a_move_before_gives_what_drawing_anew_gives(
    result: Result, moved: str
) -> None:
    levers = {x.id: x for x in result.scenario.levers} | {
        "managed_spot": ManagedSpot.create({"discount": 0.7})
    }
    if moved == "off":
        del levers["managed_spot"]
    after = beside(result, replace(result.scenario, levers=tuple(levers.values())))
    before = DrawnTables(result, 200, 0, "pert")
    assess(result, 6, draws=200, tables=before)
    taking = DrawnTables(after, 200, 0, "pert", like=before.kept())
    again, anew = assess(after, 6, draws=200, tables=taking), assess(after, 6, draws=200)
    np.testing.assert_allclose(again.bill_usd, anew.bill_usd, rtol=1e-12)
    assert taking.table("bedrock", {x.id: 1.0 for x in after.levers}) in before.known.values()


@pytest.mark.parametrize("name", TABLES)
def test_sums_of_a_table_are_those_of_its_charges_with_unknown_ones_left_out(
    result: Result, name: str
) -> None:
    usage = result.outcome.usage
    table = usage.table(name)
    lost = {m.name: np.where(np.arange(len(table)) % 3 == 0, np.nan, q) for m, q in table.meters() if q.any()}
    for now in (usage, usage.with_tables(**{name: table.changed(**lost)})):
        blocks = tuple(price_table(now, name, result.book))
        total, eligible = summed_usd(now, name, result.book)
        assert float(total) == pytest.approx(float(Charges(blocks).total_usd()), rel=1e-12)
        covered = sum(float(np.nansum(b.cost_usd)) for b in blocks if b.meter.eligible)
        assert float(eligible) == pytest.approx(covered, rel=1e-12)


def test_components_are_the_total_of_each(result: Result) -> None:
    charges = result.outcome.charges
    assert charges.unused_commitment_usd > 0
    for component in COMPONENTS:
        assert float(charges.by_component()[component]) == pytest.approx(
            float(charges.total_usd(component=component))
        )
