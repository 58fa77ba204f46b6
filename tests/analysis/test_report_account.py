"""The account of the seed report: every figure from the report and its audit, by hand."""

from __future__ import annotations

import pytest

from simulator import Account, Result, Scenario, answer, simulate
from simulator.analysis.findings import findings
from simulator.analysis.plan_sizing import history_against_residual
from simulator.analysis.reconcile import reconcile
from simulator.engine.scenario import everything
from tests.accounts import prices, sample_account


@pytest.fixture(scope="module")
def account() -> Account:
    return sample_account("report")


def run(account: Account, *levers: str) -> Result:
    return simulate(account, everything().only(levers), prices())


def test_named_endpoints_cost_their_price_times_730_hours(account: Account) -> None:
    hosting = run(account).baseline.charges.total_usd(component="hosting")
    assert float(hosting) == pytest.approx(2 * 1.515 * 730)


def test_stopping_the_idle_pair_saves_2211_90_a_month(account: Account) -> None:
    result = run(account, "stop_idle_endpoints")
    assert result.saving_usd == pytest.approx(2211.90)
    verdicts = result.scenario.levers[0].verdicts(account.usage)
    idle = account.usage.endpoints.resource_id[verdicts.applies]
    assert sorted(idle) == ["llama3-endpoint-1", "qwen-vl-endpoint-4"]
    assert verdicts.counts() == {"applies": 2, "not_applicable": 17, "unknown": 2}


def test_usage_explains_8_30_of_2285_50_training(account: Account) -> None:
    rows = {r.component: r for r in reconcile(account, prices())}
    assert rows["training"].explained_usd == pytest.approx(9 * 0.13 * 7.09)
    assert rows["training"].billed_usd == pytest.approx(2285.50)
    assert rows["training"].unexplained_usd == pytest.approx(2277.2047)
    assert rows["hosting"].explained_usd == pytest.approx(2 * 1.515 * 720)
    assert rows["hosting"].unexplained_usd == pytest.approx(7000 - 2181.60)


def test_storage_is_7_05_and_explained_plus_unexplained_is_the_bill(account: Account) -> None:
    result = run(account)
    assert float(result.baseline.charges.total_usd(component="storage")) == pytest.approx(306.41 * 0.023)
    said = answer(result)["baseline"]
    assert said["explained_usd"] + said["unexplained_usd"] == pytest.approx(said["billed_usd"])
    for part in said["components"].values():
        assert part["explained_usd"] + part["unexplained_usd"] == pytest.approx(part["billed_usd"])


def test_what_the_report_does_not_say_is_listed_as_unknown(account: Account) -> None:
    unknown = answer(run(account))["unknown"]
    unpriced = {u["resource_id"] for u in unknown if u["usd"] is None}
    assert {"model-endpoint-2", "llama3-endpoint-3"} <= unpriced
    assert any(
        "no price of its model is known" in u["sentence"] for u in unknown if u["component"] == "bedrock"
    )


def test_findings_say_what_the_idle_pair_costs(account: Account) -> None:
    result = run(account)
    sentences = [f.sentence for f in findings(result.baseline, reconcile(account, prices()))]
    assert sentences[0] == "2 endpoints had no invocation for at least 24 hours: $2,211.90 per month."
    assert any("8 of 9 training jobs failed (89%)" in s for s in sentences)


def test_recommended_commitment_falls_once_the_idle_pair_is_stopped(account: Account) -> None:
    compared = history_against_residual(run(account, "stop_idle_endpoints", "savings_plan"))
    history, residual = compared.on_history, compared.on_residual
    assert history.commitment_usd_per_hour == pytest.approx(
        (2 * 1.515 + 9 * 0.13 * 7.09 / 720) * 0.8, rel=0.01
    )
    assert residual.commitment_usd_per_hour < 0.05
    assert "falls from $2.4" in compared.sentence()


def test_serverless_and_scaling_save_nothing_on_this_account(account: Account) -> None:
    for lever in ("serverless", "autoscale_endpoints"):
        if everything().setting(lever):
            assert run(account, lever).saving_usd == 0.0


def test_nothing_on_is_the_baseline(account: Account) -> None:
    result = simulate(account, Scenario(), prices())
    assert result.outcome.total_usd == result.baseline.total_usd
