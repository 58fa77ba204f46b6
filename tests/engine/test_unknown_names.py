"""A type, model or region that nobody knows: the account opens, the row is unknown by name, the bill can price it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator import Account
from simulator.analysis.answer import answer
from simulator.analysis.reconcile import reconcile
from simulator.catalog import load_catalog
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, simulate
from simulator.levers import all_levers
from simulator.reports.actions import action_files
from simulator.reports.focus import focus_charges, focus_csv
from simulator.reports.report import markdown_report
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.usage.build import to_usage
from tests.accounts import START, account_with, prices, traffic

NEW, PLACE, MODEL = "ml.z9.4xlarge", "xx-new-1", "new.model-1"
END = START + timedelta(days=30)
BOOK = prices()


def rate(
    component: str, item: str, usd: float, region: str = "us-east-1", unit: str = "instance_hour"
) -> dict:
    return {
        "component": component, "item": item, "region": region, "unit": unit, "list_unit_price_usd": usd,
        "period_start": START, "period_end": END, "quantity": 100.0,
    }  # fmt: skip


def line(usage_type: str, usd: float, component: str, service: str = "Amazon SageMaker") -> dict:
    return {
        "service": service, "usage_type": usage_type, "region": "us-east-1", "component": component,
        "period_start": START, "period_end": END, "cost_usd": usd,
    }  # fmt: skip


def tables(name: str, region: str = "us-east-1") -> dict[str, Any]:
    """One row of an unknown name in every table that has one, beside a known endpoint."""
    kinds = ("notebook", "studio", "processing", "transform", "cluster", "ec2")
    place = {"instance_type": name, "region": region}
    return {
        "training_jobs": [{**place, "training_seconds": 36_000, "billable_seconds": 36_000, "volume_gb": 10}],
        "endpoints": [{**place, "endpoint_name": "new", "instance_hours": 720.0}, {"endpoint_name": "known"}],
        "endpoint_traffic": traffic("new", [5.0] * 720),
        "compute": [{**place, "kind": kind, "name": kind, "hours": 100} for kind in kinds],
        "bedrock": [{"model_id": MODEL, "region": region, "requests": 100, "input_tokens": 2e6, "output_tokens": 1e6}],
        "storage": [{"region": region, "gib": 100}],
        "hourly_usage": [
            {"component": "hosting", **place, "hour": START, "instance_hours": 1.0},
        ],
    }  # fmt: skip


def result(account: Account, *levers: Any) -> Result:
    return simulate(account, Scenario(levers=levers), BOOK)


@pytest.mark.parametrize(("name", "region"), [(NEW, "us-east-1"), ("ml.g5.xlarge", PLACE), (NEW, PLACE)])
def test_an_unknown_name_in_any_table_refuses_nothing_and_breaks_no_answer(
    name: str, region: str, tmp_path: Any
) -> None:
    account = account_with(**tables(name, region))
    save_snapshot(account.snapshot, tmp_path / "kept")
    again = load_snapshot(tmp_path / "kept")
    assert again.fingerprint() == account.snapshot.fingerprint()
    said = answer(result(account))
    assert 730 * 1.515 <= said["baseline"]["run_rate_usd"] <= 730 * 1.515 + 100


def test_every_lever_report_and_action_copes_with_unknown_names() -> None:
    found = result(account_with(**tables(NEW, PLACE)), *(lever() for lever in all_levers().values()))
    assert action_files(found)
    assert focus_csv(focus_charges(found))
    assert markdown_report(found, draws=50)


def test_the_rows_of_an_unknown_type_are_unknown_by_name_with_the_dollars_of_the_bill() -> None:
    account = account_with(**tables(NEW), billed=[line(f"USE1-Host:{NEW}", 2160.0, "hosting")])
    said = {u["resource_id"]: u for u in answer(result(account))["unknown"]}
    for name in ("training_jobs-0", "new", "notebook", "studio", "processing", "transform"):
        assert (said[name]["what"], NEW in said[name]["sentence"]) == ("price", True)
    assert said["new"]["billed_usd"] == 2160.0
    assert said["notebook"]["billed_usd"] is None


def test_the_bill_prices_a_type_and_a_model_that_no_list_has() -> None:
    """720 h at $3; 2 M input tokens at $1 and 1 M output tokens at $4 a million: $2,160 and $6 are explained."""
    rates = [rate("hosting", NEW, 3.0), rate("bedrock_input", MODEL, 1e-6, unit="token"),
             rate("bedrock_output", MODEL, 4e-6, unit="token")]  # fmt: skip
    own = {t: tables(NEW)[t] for t in ("endpoints", "bedrock")}
    own["endpoints"] = own["endpoints"][:1]
    bill = [
        line(f"Host:{NEW}", 2160.0, "hosting"),
        line("NewModel-input-tokens", 6.0, "bedrock", "Amazon Bedrock"),
    ]
    account = account_with(**own, billed=bill, billed_rates=rates)
    rows = {r.component: r for r in reconcile(account, BOOK)}
    assert rows["hosting"].explained_usd == pytest.approx(2160.0)
    assert rows["bedrock"].explained_usd == pytest.approx(6.0)
    assert answer(result(account))["unknown"] == []


def test_a_model_whose_output_has_no_rate_keeps_the_dollars_of_its_bill() -> None:
    row = {**tables(NEW)["bedrock"][0], "cost_usd": 6.0}
    account = account_with(bedrock=[row], billed_rates=[rate("bedrock_input", MODEL, 1e-6, unit="token")])
    (found,) = reconcile(account, BOOK)
    assert found.explained_usd == pytest.approx(6.0)


def test_no_lever_saves_on_a_resource_whose_price_nobody_knows() -> None:
    job = {**tables(NEW)["training_jobs"][0], "volume_gb": 0}
    account = account_with(endpoints=tables(NEW)["endpoints"][:1], training_jobs=[job])
    for lever in all_levers().values():
        assert result(account, lever()).saving_usd <= 1e-9, lever.id


def test_a_catalogue_that_knows_a_name_more_knows_nothing_else_more() -> None:
    catalog = load_catalog()
    more = catalog.knowing([NEW, "ml.g5.xlarge", ""], [PLACE], [MODEL])
    assert more is catalog.knowing([NEW], [PLACE], [MODEL])
    assert catalog.knowing(["ml.g5.xlarge"], ["us-east-1"], [""]) is catalog
    code, place, model = more.type_code([NEW])[0], more.region_code([PLACE])[0], more.model_code([MODEL])[0]
    assert min(code, place, model) >= 0
    assert more.spot_saving.shape == (len(more.instance_types) + 1, len(more.regions) + 1)
    assert more.vcpu[code] != more.vcpu[code]
    assert not more.hosting_ok[code]
    assert (more.spot_band[code] == -1).all()
    assert (more.spot_band[:, place] == -1).all()
    assert more.lifecycle[model] == ""
    assert more.replacement[-1] == more.replacement[model] == -1
    at = [catalog.type_code(["ml.g5.xlarge"])[0], catalog.region_code(["us-west-2"])[0]]
    assert more.spot_saving[tuple(at)] == catalog.spot_saving[tuple(at)]


def test_a_profile_nobody_listed_has_the_facts_of_its_model() -> None:
    catalog = load_catalog()
    base, ours = "anthropic.claude-3-haiku-20240307-v1:0", "us-gov.anthropic.claude-3-haiku-20240307-v1:0"
    more = catalog.knowing([], [], [ours]) if ours not in catalog.models else catalog
    new, old = more.model_code([ours, base])
    assert more.end_of_life[new] == more.end_of_life[old]


def test_usage_keeps_the_name() -> None:
    usage = to_usage(account_with(**tables(NEW)).snapshot)
    assert usage.catalog.instance_types[usage.endpoints.instance_type[0]] == NEW
