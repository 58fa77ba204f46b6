"""Workloads by hand: what a full month of each adds, from its first day, and nothing before. Prices of 2026-11-28."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, Scenario, load_sample, preset, project, simulate
from simulator.analysis.projection import Month
from simulator.demand import Workload, all_workloads, from_dict
from simulator.demand.demand import Demand
from simulator.demand.shapes import SHAPES, week
from simulator.errors import InputError
from simulator.levers import lever
from simulator.levers.bedrock.model_upgrade import ModelUpgrade
from simulator.pricing.audit import history, select
from simulator.risk.bills import assess
from simulator.usage.tables import TABLES

AS_OF = date(2026, 11, 28)
START = "2027-03-01"


@cache
def book() -> PriceBook:
    return PriceBook.load(AS_OF)


@cache
def account(name: str = "report") -> Account:
    return Account.open(load_sample(name))


@cache
def rows() -> Any:
    return history(AS_OF)


def price(key: str, region: str = "us-east-1") -> float:
    """USD per unit, as `prices show` says it (its own test compares it with the sources)."""
    found = select(rows(), [key], [region])
    found = found[
        found["in_force"] & (found["tier_from"] == 0) & (found["component"] + "/" + found["item"] == key)
    ]
    return float(found["usd"].iloc[0] / found["per"].iloc[0])


def months(
    *workloads: Workload, name: str = "report", count: int = 8, scenario: Scenario | None = None
) -> list[Month]:
    planned = replace(scenario or Scenario(), workloads=workloads)
    return project(simulate(account(name), planned, book()), count)


def added(workload: dict[str, Any], count: int = 8) -> dict[str, float]:
    """What it adds to the baseline, by first day of the month."""
    without, with_it = months(count=count), months(from_dict(workload), count=count)
    return {b.month_start: b.baseline_usd - a.baseline_usd for a, b in zip(without, with_it, strict=True)}


def test_a_pair_of_endpoints_adds_10351_40_from_its_launch_and_nothing_before() -> None:
    """2 × 7.09 × 730 (issue 19)."""
    found = added(
        {
            "workload": "realtime_endpoint",
            "name": "chat",
            "start": START,
            "instance_type": "ml.g5.12xlarge",
            "instances": 2,
        }
    )
    assert found["2027-02-01"] == pytest.approx(0, abs=0.005)
    assert found["2027-03-01"] == pytest.approx(10_351.40, abs=0.005)
    assert found["2027-06-01"] == pytest.approx(10_351.40, abs=0.005)


def test_a_launch_inside_a_month_counts_by_days() -> None:
    """From 17 March: 15 of 31 days."""
    found = added(
        {
            "workload": "realtime_endpoint",
            "name": "chat",
            "start": "2027-03-17",
            "instance_type": "ml.g5.12xlarge",
            "instances": 2,
        }
    )
    assert found["2027-03-01"] == pytest.approx(10_351.40 * 15 / 31, abs=0.01)


CASES: list[tuple[dict[str, Any], Any]] = [
    (
        {
            "workload": "bedrock_application",
            "model": "amazon.nova-lite-v1:0",
            "users": 1_000,
            "requests_per_user": 50,
            "tokens_in": 1_500,
            "tokens_out": 300,
        },
        # 50,000 requests: 75 M tokens in, 15 M out
        lambda: (
            75e6 * price("bedrock_input/amazon.nova-lite-v1:0")
            + 15e6 * price("bedrock_output/amazon.nova-lite-v1:0")
        ),
    ),
    (
        {
            "workload": "agent",
            "model": "amazon.nova-pro-v1:0",
            "sessions": 1_000,
            "turns": 3,
            "prefix": 4_000,
            "new": 800,
            "answer": 300,
        },
        # reads 4,800 + 5,900 + 7,000 = 17,700 a session, writes 900
        lambda: (
            17.7e6 * price("bedrock_input/amazon.nova-pro-v1:0")
            + 0.9e6 * price("bedrock_output/amazon.nova-pro-v1:0")
        ),
    ),
    (
        {
            "workload": "knowledge_base",
            "documents": 1_000,
            "tokens_per_document": 1_000,
            "queries": 1_000,
            "tokens_in": 3_000,
            "tokens_out": 300,
        },
        lambda: (
            1e6 * price("bedrock_input/amazon.titan-embed-text-v2:0")
            + 3e6 * price("bedrock_input/amazon.nova-lite-v1:0")
            + 0.3e6 * price("bedrock_output/amazon.nova-lite-v1:0")
        ),
    ),
    (
        {
            "workload": "training_programme",
            "instance_type": "ml.g5.12xlarge",
            "instances": 2,
            "runs": 4,
            "hours": 10,
        },
        lambda: 4 * 10 * 2 * price("training/ml.g5.12xlarge"),
    ),
    (
        {
            "workload": "batch_scoring",
            "instance_type": "ml.m5.xlarge",
            "instances": 2,
            "runs": 30,
            "hours": 0.5,
        },
        lambda: 30 * 0.5 * 2 * price("batch_transform/ml.m5.xlarge"),
    ),
    (
        {
            "workload": "serverless_endpoint",
            "calls": 1_000_000,
            "latency_ms": 200,
            "memory_mb": 2048,
            "payload_kb": 0,
        },
        # 200,000 s × 2 GiB
        lambda: 400_000 * price("serverless_inference/gb_second"),
    ),
    (
        {"workload": "async_endpoint", "instance_type": "ml.g5.xlarge", "instances": 1},
        lambda: 730 * price("async_inference/ml.g5.xlarge"),
    ),
    (
        {"workload": "data_set", "tib": 2, "objects": 100_000},
        lambda: 2_048 * price("storage/STANDARD"),
    ),
    (
        {"workload": "seats", "kind": "studio", "instance_type": "ml.t3.medium", "seats": 10, "hours": 160},
        lambda: 1_600 * price("studio/ml.t3.medium"),
    ),
]


@pytest.mark.parametrize(("workload", "expected"), CASES, ids=[c[0]["workload"] for c in CASES])
def test_a_full_month_costs_what_it_costs_by_hand(workload: dict[str, Any], expected: Any) -> None:
    found = added({"name": "new-thing", "start": START, **workload})
    assert found["2027-02-01"] == pytest.approx(0, abs=0.005)
    assert found["2027-04-01"] == pytest.approx(expected(), abs=0.005)


def test_one_off_training_costs_its_hours_once() -> None:
    """6 × 7e9 × 1e11 / (989e12 × 0.4 × 8 × 4) = 331,791 s = 92.16 h on 4 instances, within April."""
    made = from_dict({"workload": "pretraining", "name": "base", "start": "2027-04-02"})
    hours = 6 * 7e9 * 1e11 / (989e12 * 0.4 * 32) / 3600
    assert made.cluster_hours == pytest.approx(hours)  # type: ignore[attr-defined]
    assert made.last_day() == date(2027, 4, 6)
    found = added(made.to_dict())
    # a month of run rate has 730 hours, April has 720: its days count 730/720
    assert found["2027-04-01"] == pytest.approx(
        hours * 730 / 720 * 4 * price("training/ml.p5.48xlarge"), rel=1e-6
    )
    assert found["2027-05-01"] == pytest.approx(0, abs=0.005)


def test_ramp_and_growth_follow_the_months() -> None:
    made = from_dict(
        {
            "workload": "bedrock_application",
            "name": "a",
            "start": START,
            "ramp_months": 2,
            "growth_ratio": 0.1,
        }
    )
    assert [made.share(date(2027, m, 1)) for m in (2, 3, 4, 5, 6)] == pytest.approx(
        [0, 1 / 3, 2 / 3 * 1.1, 1.1**2, 1.1**3]
    )


def test_a_resource_retired_while_its_equal_is_added_leaves_the_bill_as_it_is() -> None:
    for what in ("fmbench",):
        names = [
            n for n in account().snapshot.tables["endpoints"]["endpoint_name"] if what in str(n)
        ] or list(account().snapshot.tables["endpoints"]["endpoint_name"][:1])
        same = months(
            from_dict({"workload": "copy_of", "name": "again", "start": START, "what": str(names[0])}),
            from_dict(
                {"workload": "retirement", "name": "old", "start": START, "by": "name", "what": str(names[0])}
            ),
        )
        for a, b in zip(months(), same, strict=True):
            assert b.baseline_usd == pytest.approx(a.baseline_usd, abs=0.005)


def test_twice_the_training_of_an_owner_doubles_its_cost() -> None:
    sample = account("team")
    jobs = sample.snapshot.tables["training_jobs"]
    owner = str(jobs["owner"].mode()[0])
    plain = months(name="team", count=4)
    doubled = months(
        from_dict(
            {"workload": "scaling", "name": "twice", "start": "2027-02-01", "by": "owner", "what": owner}
        ),
        name="team",
        count=4,
    )
    gone = months(
        from_dict(
            {"workload": "retirement", "name": "none", "start": "2027-02-01", "by": "owner", "what": owner}
        ),
        name="team",
        count=4,
    )
    more = doubled[-1].baseline_components["training"] - plain[-1].baseline_components["training"]
    less = plain[-1].baseline_components["training"] - gone[-1].baseline_components["training"]
    assert more == pytest.approx(less, rel=1e-6)
    assert more > 100
    assert doubled[0].baseline_usd == pytest.approx(plain[0].baseline_usd, abs=0.005)


def test_levers_act_on_what_is_planned_and_not_before_it_exists() -> None:
    """A quiet planned pair is idle: stopping it saves its whole cost, from its launch on."""
    planned = from_dict(
        {
            "workload": "realtime_endpoint",
            "name": "quiet",
            "start": START,
            "instance_type": "ml.g5.12xlarge",
            "instances": 2,
        }
    )
    stop = Scenario((lever("stop_idle_endpoints")(),))
    without, with_it = months(scenario=stop), months(planned, scenario=stop)
    saved = {
        a.month_start: (b.baseline_usd - b.scenario_usd) - (a.baseline_usd - a.scenario_usd)
        for a, b in zip(without, with_it, strict=True)
    }
    assert saved["2027-02-01"] == pytest.approx(0, abs=0.005)
    assert saved["2027-04-01"] == pytest.approx(10_351.40, abs=0.01)


def test_without_workloads_every_figure_is_as_before() -> None:
    assert account().planned(()) is account()
    assert "workloads" not in Scenario().to_dict()


@pytest.mark.parametrize("kind", all_workloads().values(), ids=all_workloads())
def test_contract(kind: type[Workload]) -> None:
    made = kind(name="thing", start=date(2027, 3, 1))
    assert from_dict(made.to_dict()) == made
    scenario = replace(Scenario(), workloads=(made,))
    assert Scenario.from_dict(scenario.to_dict()).workloads == (made,)
    assert not made.runs_on(date(2027, 2, 28))
    assert made.share(date(2027, 3, 1)) > 0
    assert (kind.__doc__ or "").strip()
    demand = Demand(account().snapshot, (made,))
    assert demand.on(date(2027, 2, 28)) is account().snapshot
    with pytest.raises(InputError, match="no such field"):
        kind.create({"name": "x", "nonsense": 1})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"workload": "realtime_endpont", "name": "x"}, "did you mean"),
        ({"workload": "realtime_endpoint"}, "expected the name"),
        ({"workload": "realtime_endpoint", "name": "x", "start": "soon"}, "expected a date"),
        (
            {"workload": "realtime_endpoint", "name": "x", "start": "2027-03-01", "end": "2027-03-01"},
            "expected a day after",
        ),
        ({"workload": "realtime_endpoint", "name": "x", "instances": -1}, "expected 1 to"),
        ({"workload": "realtime_endpoint", "name": "x", "shape": "round"}, "expected one of"),
        ({"workload": "realtime_endpoint", "name": "x" * 300}, "at most 200"),
        ([], "is an object"),
    ],
)
def test_what_is_no_workload_is_refused_in_words(wrong: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_dict(wrong)


def test_a_type_that_is_not_there_is_refused_with_the_workloads_name() -> None:
    with pytest.raises(InputError, match="chat"):
        Demand(
            account().snapshot,
            (from_dict({"workload": "realtime_endpoint", "name": "chat", "region": "nowhere"}),),
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_a_week_whose_mean_is_one(shape: str) -> None:
    assert len(week(shape)) == 168
    assert sum(week(shape)) == pytest.approx(168)
    assert min(week(shape)) >= 0


DAYS = st.dates(date(2026, 12, 1), date(2028, 6, 1))
PLANS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.one_of(
        st.builds(
            dict, workload=st.just("realtime_endpoint"), instances=st.integers(1, 5), calls=st.floats(0, 1e6)
        ),
        st.builds(
            dict,
            workload=st.just("bedrock_application"),
            users=st.floats(0, 1e4),
            growth_ratio=st.floats(0, 0.2),
            ramp_months=st.integers(0, 6),
        ),
        st.builds(
            dict, workload=st.just("training_programme"), runs=st.floats(0, 50), hours=st.floats(0, 100)
        ),
        st.builds(dict, workload=st.just("data_set"), tib=st.floats(0, 1), growth_ratio=st.floats(0, 0.1)),
        st.builds(dict, workload=st.just("seats"), seats=st.integers(1, 50)),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None)
@given(PLANS, st.lists(DAYS, min_size=4, max_size=4))
def test_workloads_add_up_and_keep_to_their_dates(plans: list[dict[str, Any]], starts: list[date]) -> None:
    made = [from_dict({**p, "name": f"w{n}", "start": starts[n].isoformat()}) for n, p in enumerate(plans)]
    without = months(count=12)
    together = [
        b.baseline_usd - a.baseline_usd for a, b in zip(without, months(*made, count=12), strict=True)
    ]
    single = [
        [b.baseline_usd - a.baseline_usd for a, b in zip(without, months(w, count=12), strict=True)]
        for w in made
    ]
    for n, total in enumerate(together):
        assert total == pytest.approx(sum(s[n] for s in single), abs=0.02)
        for workload, adds in zip(made, single, strict=True):
            if date.fromisoformat(without[n].month_start).replace(day=28) < workload.start.replace(day=1):
                assert adds[n] == pytest.approx(0, abs=0.005)


@settings(max_examples=15, deadline=None)
@given(PLANS, st.lists(DAYS, min_size=4, max_size=4))
def test_where_nothing_is_uncertain_every_draw_is_the_planned_bill(
    plans: list[dict[str, Any]], starts: list[date]
) -> None:
    made = tuple(
        from_dict({**p, "name": f"w{n}", "start": starts[n].isoformat()}) for n, p in enumerate(plans)
    )
    result = simulate(account("team"), Scenario(workloads=made), book())
    found = assess(result, 12, draws=2).bill_usd
    for month, drawn in zip(project(result, 12), found.T, strict=True):
        assert drawn == pytest.approx(month.scenario_usd, abs=0.005), month.month_start


def test_what_is_taken_over_from_another_day_changes_no_figure() -> None:
    """A day worked out from the result of today equals the same day worked out anew."""
    planned = (
        from_dict({"workload": "bedrock_application", "name": "a", "start": START, "growth_ratio": 0.05}),
        from_dict({"workload": "realtime_endpoint", "name": "quiet", "start": "2027-05-01", "instances": 2}),
        from_dict(
            {"workload": "retirement", "name": "r", "start": "2027-06-01", "by": "owner", "what": "search"}
        ),
    )
    scenario = replace(preset("report_plan"), workloads=planned)
    today = simulate(account("team"), scenario, book())
    for day in (date(2027, 2, 1), date(2027, 4, 1), date(2027, 5, 1), date(2027, 7, 1)):
        then = today.account.on(day)
        fresh = Account.open(today.account.demand.on(day))  # type: ignore[union-attr]
        quick = simulate(then, scenario, today.book, like=today)
        slow = simulate(replace(fresh, day=day, plans=then.plans), scenario, today.book)
        assert quick.baseline.total_usd == pytest.approx(slow.baseline.total_usd, abs=0.005)
        assert quick.outcome.total_usd == pytest.approx(slow.outcome.total_usd, abs=0.005)


def test_what_a_day_remembers_is_asked_by_what_is_kept_and_how_the_forced_move_goes() -> None:
    """Scenarios that pass the same day one after another, each beside an account that has seen no other."""
    opus = {"model": "anthropic.claude-opus-4-1-20250805-v1:0", "scope": "us", "start": "2026-12-15"}
    planned = (from_dict({"workload": "bedrock_application", "name": "ends 2027-01-08", **opus}),)
    plain = replace(preset("report_plan"), workloads=planned)
    upgrade = ModelUpgrade(token_ratio=1.5)
    moved = (*(x for x in plain.levers if x.id != upgrade.id), upgrade)
    names = frozenset(account("team").usage.endpoints.resource_id.astype(str))
    day, seen, prices = date(2030, 4, 15), Account.open(account("team").snapshot), book()
    found = []
    for scenario in (plain, replace(plain, keep=names), replace(plain, levers=moved), plain):
        one = simulate(seen.planned(planned).on(day), scenario, prices)
        fresh = Account.open(account("team").snapshot).planned(planned).on(day)
        other = simulate(fresh, scenario, prices)
        assert one.baseline.total_usd == pytest.approx(other.baseline.total_usd, abs=1e-6)
        assert one.outcome.total_usd == pytest.approx(other.outcome.total_usd, abs=1e-6)
        found.append(one.outcome.total_usd)
    assert len({round(usd, 2) for usd in found}) == 3


def some_planned() -> tuple[Workload, ...]:
    silent = str(account().usage.endpoints.endpoint_name[0])
    planned = [
        {
            "workload": "realtime_endpoint",
            "name": "chat",
            "start": "2027-01-10",
            "ramp_months": 2,
            "calls": 1000,
        },
        {"workload": "training_programme", "name": "retrain", "start": "2027-03-05"},
        {"workload": "retirement", "name": "gone", "what": silent, "start": "2027-04-20"},
        {"workload": "bedrock_application", "name": "bot", "start": "2027-05-15", "growth_ratio": 0.1},
    ]
    return tuple(map(from_dict, planned))


@cache
def alone(day: date) -> Any:
    return Account.open(load_sample("report")).planned(some_planned()).on(day).usage


@settings(max_examples=2, deadline=None)
@given(st.permutations(range(1, 8)))
def test_a_day_is_the_same_whichever_days_were_asked_for_before(order: list[int]) -> None:
    """What a day takes from another one is what it would have built itself."""
    kept = Account.open(load_sample("report")).planned(some_planned())
    for month in order:
        day = date(2027, month, 17)
        found = kept.on(day).usage
        for name in TABLES:
            both = zip(alone(day).table(name).meters(), found.table(name).meters(), strict=True)
            assert all(np.array_equal(one, other, equal_nan=True) for (_, one), (_, other) in both), (
                day,
                name,
            )
