"""Budgets: scopes add up to the bill, months break when they do, AWS's form goes in and out."""

from __future__ import annotations

import pandas as pd
import pytest

from simulator import Scenario, preset, project, simulate
from simulator.analysis.aws_budgets import from_aws, from_table, to_aws
from simulator.analysis.budget import Budget, compare_budgets, first_breaks
from simulator.errors import InputError
from simulator.usage.tables import COMPONENTS
from tests.accounts import account_with, prices
from tests.engine.test_invariants import account, book


def test_components_and_owners_add_up_to_the_month() -> None:
    result = simulate(account("team"), preset("balanced"), book())
    month = project(result, 1)[0]
    owners = sorted({str(o) for n in ("endpoints", "training", "compute", "bedrock", "storage")
                     for o in result.baseline.usage.table(n).owner})  # fmt: skip
    parts = [Budget(c, {"": 1.0}, (c,)) for c in COMPONENTS]
    table = compare_budgets(result, parts, 1)
    assert table["baseline_usd"].sum() == pytest.approx(month.baseline_usd, abs=0.005)
    assert table["scenario_usd"].sum() == pytest.approx(month.scenario_usd, abs=0.005)
    whole = compare_budgets(result, [Budget("all", {"": 1.0})], 1)
    assert whole["scenario_usd"].iloc[0] == pytest.approx(month.scenario_usd, abs=0.005)
    named = compare_budgets(result, [Budget(o, {"": 1.0}, owner=o) for o in owners if o], 1)
    assert named["baseline_usd"].sum() < month.baseline_usd


def test_a_budget_breaks_in_the_month_its_plan_ends_and_by_its_tag_alone() -> None:
    """Two ml.g5.2xlarge, 1.515 × 730 = 1,105.95 each, one tagged: 1,105.95 against 1,000 is 105.95 over."""
    ends = [{"endpoint_name": "a", "tags": '{"team": "nlp"}'}, {"endpoint_name": "b", "owner": "x"}]
    result = simulate(account_with(endpoints=ends), Scenario(), prices())
    budgets = [
        Budget("tag", {"2027-01": 1000.0}, tag="team=nlp"),
        Budget("owner", {"": 1200.0}, owner="x"),
        Budget("all", {"": 2211.90}),
    ]
    table = compare_budgets(result, budgets, 3, draws=50)
    tag = table[table["budget"] == "tag"]
    assert tag["month_start"].tolist() == ["2027-01-01"]
    assert tag["over_usd"].iloc[0] == pytest.approx(105.95)
    assert tag["chance_ratio"].iloc[0] == 1.0
    assert first_breaks(table) == {"tag": "2027-01-01", "owner": None, "all": None}
    assert (table[table["budget"] != "tag"]["chance_ratio"] == 0).all()


def test_aws_budgets_go_in_and_out() -> None:
    """1798761600 is 2027-01-01T00:00Z."""
    data = {
        "Budgets": [
            {"BudgetName": "sm", "BudgetType": "COST", "TimeUnit": "MONTHLY",
             "BudgetLimit": {"Amount": "5000.00", "Unit": "USD"}, "CostFilters": {"Service": ["Amazon SageMaker"]}},
            {"BudgetName": "nlp", "BudgetType": "COST", "TimeUnit": "MONTHLY",
             "PlannedBudgetLimits": {"1798761600": {"Amount": "10.00", "Unit": "USD"}},
             "CostFilters": {"TagKeyValue": ["user:team$nlp"]}},
            {"BudgetName": "o", "BudgetType": "COST", "TimeUnit": "MONTHLY",
             "BudgetLimit": {"Amount": "7.00", "Unit": "USD"}, "CostFilters": {"TagKeyValue": ["user:owner$x"]}},
        ]
    }  # fmt: skip
    budgets = from_aws(data)
    assert budgets[0].components == ("training", "hosting", "compute")
    assert budgets[1] == Budget("nlp", {"2027-01": 10.0}, tag="team=nlp")
    assert budgets[2].owner == "x"
    assert to_aws(budgets) == data


@pytest.mark.parametrize(
    "made",
    [
        lambda: to_aws([Budget("h", {"": 1.0}, ("hosting",))]),
        lambda: from_aws({"Budgets": []}),
        lambda: from_aws({"BudgetName": "u", "BudgetType": "USAGE"}),
        lambda: from_aws({"BudgetName": "u", "BudgetLimit": {"Amount": "x", "Unit": "USD"}}),
        lambda: from_aws({"BudgetName": "u", "BudgetLimit": {"Amount": "1"}, "CostFilters": {"Region": ["a"]}}),
        lambda: from_table(pd.DataFrame({"name": ["a"]})),
        lambda: from_table(pd.DataFrame({"name": ["a"], "usd": ["many"]})),
        lambda: from_table(pd.DataFrame({"name": ["a"], "usd": ["1"], "month": ["soon"]})),
        lambda: from_table(pd.DataFrame({"name": ["a"], "usd": ["1"], "component": ["hostin"]})),
        lambda: from_table(pd.DataFrame({"name": ["a", "a"], "usd": ["1", "2"]})),
        lambda: Budget("x", {"": -1.0}),
        lambda: Budget("x", {"": 1.0}, owner="a", tag="b=c"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_in_words(made: object) -> None:
    with pytest.raises(InputError, match=r"budget|Budget"):
        made()  # type: ignore[operator]


def test_a_table_of_budgets_has_months_and_scopes() -> None:
    frame = pd.DataFrame(
        {"name": ["a", "a", "b"], "usd": ["1", "2", "3"], "month": ["2026-12", "2027-01", ""],
         "component": ["", "", "training+hosting"]}
    )  # fmt: skip
    assert from_table(frame) == [
        Budget("a", {"2026-12": 1.0, "2027-01": 2.0}),
        Budget("b", {"": 3.0}, ("training", "hosting")),
    ]
