"""Plan against actual: the difference is explained to the cent, and by the right cause."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, Scenario, preset, simulate
from simulator.analysis.ledger import Comparison, Kept, compare, from_json, keep, to_json
from simulator.cli.main import main
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.reports.ledger import DRIVERS, ledger_table
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Snapshot, make_snapshot, save_snapshot
from simulator.snapshot.typed import typed
from tests.accounts import PRICES, START, prices, snapshot_with, traffic
from tests.engine.test_invariants import account as sample
from tests.engine.test_invariants import samples, scenarios

KEPT_ON = date(2026, 11, 1)
G5_2XLARGE, G5_12XLARGE, HOURS = 1.515, 7.09, 730.0
BUSY: list[dict[str, object]] = [{"endpoint_name": "busy", "instance_type": "ml.g5.12xlarge"}]
IDLE: list[dict[str, object]] = [{"endpoint_name": "idle"}]
HEAD = "component,item,region,tier_from,tier_to,usd,unit,per,effective_from,checked_on,grade,source,note"


def account(*endpoints: dict[str, object], days_later: int = 0) -> Account:
    """A busy ml.g5.12xlarge, an idle ml.g5.2xlarge, or both; the window may end later."""
    calls = [
        row
        for e in endpoints
        for row in traffic(
            str(e["endpoint_name"]), [100.0 if str(e["endpoint_name"]).startswith("busy") else 0.0] * 720
        )
    ]
    snapshot = snapshot_with(endpoints=endpoints, endpoint_traffic=calls)
    return Account.open(later(snapshot, days_later))


def later(snapshot: Snapshot, days: int) -> Snapshot:
    """The same account, everything in it `days` later."""
    move = timedelta(days=days)
    manifest = replace(
        snapshot.manifest,
        window_start=snapshot.manifest.window_start + move,
        window_end=snapshot.manifest.window_end + move,
    )
    tables = {n: t.copy() for n, t in snapshot.tables.items()}
    for table, column in (("endpoint_traffic", "hour"), ("endpoints", "created_at")):
        tables[table][column] = tables[table][column] + move
    return make_snapshot(manifest, {n: t for n, t in tables.items() if len(t)})


@pytest.fixture(scope="module")
def kept() -> Kept:
    """Stop the idle endpoint: 1.515 × 730 = 1,105.95 a month."""
    plan = Scenario((StopIdleEndpoints(),), name="stop")
    return keep(simulate(account(*BUSY, *IDLE), plan, prices()), KEPT_ON)


def explained(found: Comparison) -> None:
    for row in (*found.components, found.total):
        drivers = row.price_usd + row.volume_usd + row.mix_usd + row.new_workload_usd + row.lever_usd
        assert row.projected_usd + drivers == pytest.approx(row.actual_usd, abs=1e-6)
        bill = row.projected_bill_usd + drivers + row.unexplained_usd
        assert bill == pytest.approx(row.actual_bill_usd, abs=1e-6)
    way = found.baseline_usd - found.realised_saving_usd + found.total.usage_usd + found.total.price_usd
    assert way == pytest.approx(found.total.actual_usd, abs=1e-6)


def test_a_plan_carried_out_is_realised_in_full(kept: Kept) -> None:
    found = compare(kept, account(*BUSY, days_later=61), prices())
    explained(found)
    assert found.month == 2
    assert found.projected_saving_usd == pytest.approx(G5_2XLARGE * HOURS)
    assert found.realised_saving_usd == pytest.approx(G5_2XLARGE * HOURS)
    assert found.total.actual_usd == pytest.approx(G5_12XLARGE * HOURS)
    assert (found.total.usage_usd, found.total.price_usd, found.total.lever_usd) == pytest.approx((0, 0, 0))


def test_a_plan_not_carried_out_is_a_difference_by_lever(kept: Kept) -> None:
    found = compare(kept, account(*BUSY, *IDLE, days_later=31), prices())
    explained(found)
    assert found.total.lever_usd == pytest.approx(G5_2XLARGE * HOURS)
    assert found.realised_saving_usd == pytest.approx(0)
    assert found.total.usage_usd == pytest.approx(0)


def test_more_demand_is_a_difference_by_usage(kept: Kept) -> None:
    more: list[dict[str, object]] = [*BUSY, {"endpoint_name": "busy-2", "instance_type": "ml.g5.12xlarge"}]
    found = compare(kept, account(*more, days_later=31), prices())
    explained(found)
    assert found.total.usage_usd == pytest.approx(G5_12XLARGE * HOURS)
    assert found.total.lever_usd == pytest.approx(0)
    assert found.realised_saving_usd == pytest.approx(G5_2XLARGE * HOURS)


def test_a_negotiated_discount_is_a_difference_by_price(kept: Kept) -> None:
    now = PriceBook.load(PRICES, discount_ratio=0.2)
    found = compare(kept, account(*BUSY, days_later=31), now)
    explained(found)
    assert found.total.price_usd == pytest.approx(-0.2 * G5_12XLARGE * HOURS)
    assert (found.total.usage_usd, found.total.lever_usd) == pytest.approx((0, 0))
    assert found.effective_savings_rate_ratio == pytest.approx(0.2)


def test_price_usage_and_lever_at_once_still_add_up_per_component() -> None:
    team = sample("team")
    plan = keep(simulate(team, preset("ambitious"), prices()), KEPT_ON)
    other = sample("report")
    window = replace(
        team.snapshot.manifest, window_end=team.snapshot.manifest.window_end + timedelta(days=61)
    )
    moved = replace(other, snapshot=replace(other.snapshot, manifest=window))
    found = compare(plan, moved, PriceBook.load(PRICES, discount_ratio=0.1))
    explained(found)
    assert found.total.price_usd < 0
    assert {r.component for r in found.components} >= {"training", "hosting", "bedrock", "storage"}


def test_a_lever_that_is_not_due_yet_is_not_missed(kept: Kept) -> None:
    plan = replace(kept.scenario, start_months={"stop_idle_endpoints": 6})
    late = keep(simulate(account(*BUSY, *IDLE), plan, prices()), KEPT_ON)
    found = compare(late, account(*BUSY, *IDLE, days_later=31), prices())
    explained(found)
    assert found.due == ()
    assert (found.projected_saving_usd, found.total.lever_usd) == pytest.approx((0, 0))


def test_what_is_done_is_not_asked_for_again(kept: Kept) -> None:
    found = compare(kept, account(*BUSY, *IDLE, days_later=31), prices(), done=["stop_idle_endpoints"])
    explained(found)
    assert found.total.lever_usd == pytest.approx(0)
    assert found.total.usage_usd == pytest.approx(G5_2XLARGE * HOURS)


def test_effective_savings_rate_counts_unused_commitment_as_cost() -> None:
    """A plan of 10 USD an hour on 7.09 USD an hour of usage at 20 %: 10 paid for 7.09, the rate is negative."""
    commitment = {
        "plan_id": "sp-1", "start": START - timedelta(days=30), "end": START + timedelta(days=300),
        "hourly_commitment_usd": 10.0, "term_years": 1, "payment": "no_upfront",
    }  # fmt: skip
    snapshot = snapshot_with(endpoints=BUSY, commitments=[commitment])
    now = Account.open(snapshot)
    plan = keep(simulate(now, Scenario(), prices()), KEPT_ON)
    found = compare(plan, now, prices())
    assert found.same_snapshot
    assert found.effective_savings_rate_ratio == pytest.approx(1 - 10 / G5_12XLARGE)


def test_a_kept_plan_survives_json_with_own_prices_and_discount(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        f'{HEAD}\nhosting,ml.g5.2xlarge,us-east-1,0,,1.0,instance_hour,1,2026-01-01,2026-01-01,own,mine,"a, b"\n'
    )
    book = PriceBook.load(PRICES, own=own, discount_ratio=0.1)
    plan = keep(simulate(account(*IDLE), Scenario((StopIdleEndpoints(),)), book), KEPT_ON)
    read = from_json(to_json(plan))
    assert to_json(read) == to_json(plan)
    assert read.prices().price("hosting", "ml.g5.2xlarge", "us-east-1").usd == pytest.approx(0.9)
    assert read.months[0].baseline_usd == pytest.approx(0.9 * HOURS)


def test_an_older_snapshot_and_an_unknown_lever_are_refused(kept: Kept) -> None:
    with pytest.raises(ValueError, match="days before that of the kept scenario"):
        compare(kept, account(*BUSY, days_later=-31), prices())
    with pytest.raises(ValueError, match="managed_spot is not in the kept scenario"):
        compare(kept, account(*BUSY, days_later=31), prices(), done=["managed_spot"])


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 9}', '{"format": 1}'])
def test_what_is_no_plan_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"plan\.json: "):
        from_json(text, "plan.json")


def test_command_keeps_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.json"
    at = ["--prices-as-of", "2026-11-24"]
    assert (
        main(["ledger", "keep", "--usage", "report", "--scenario", "no_regret", "--out", str(plan), *at]) == 0
    )
    assert main(["ledger", "compare", str(plan), "--usage", "report", "--format", "json", *at]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["same_snapshot"] is True
    assert said["projected_saving_usd"] == pytest.approx(2 * G5_2XLARGE * HOURS)
    assert said["realised_saving_usd"] == pytest.approx(0)
    assert main(["ledger", "compare", str(plan), "--usage", "report", *at]) == 0
    assert "realised $0.00" in capsys.readouterr().out
    assert main(["ledger", "compare", str(tmp_path / "none.json"), "--usage", "report"]) == 2


def test_a_rate_of_the_bill_that_fell_is_price_and_not_mix(tmp_path: Path) -> None:
    """Billed 7.09 per hour when kept, 6.381 later: 10 % less, all of it price."""

    def on(rate: float, days: int) -> Account:
        start = START + timedelta(days=days)
        billed = {"component": "hosting", "item": "ml.g5.12xlarge", "region": "us-east-1", "unit": "instance_hour",
                  "contracted_unit_price_usd": rate, "quantity": 720.0, "period_start": start,
                  "period_end": start + timedelta(days=30)}  # fmt: skip
        made = account(*BUSY, days_later=days).snapshot
        frame = typed(TABLES["billed_rates"], pd.DataFrame([billed]))
        return Account.open(replace(made, tables={**made.tables, "billed_rates": frame}))

    plan = from_json(to_json(keep(simulate(on(G5_12XLARGE, 0), Scenario(), prices()), KEPT_ON)))
    found = compare(plan, on(6.381, 31), prices())
    explained(found)
    assert found.total.price_usd == pytest.approx(-0.1 * G5_12XLARGE * HOURS)
    assert (found.total.mix_usd, found.total.volume_usd) == pytest.approx((0, 0))


def test_usage_is_volume_mix_and_new_workloads(kept: Kept) -> None:
    """Planned one ml.g5.12xlarge at 7.09. Now two ml.g5.2xlarge under the same name and one under another.

    Volume: one instance more of the planned kind of 730 h: + 7.09 × 730. Mix: 2 × 1.515 instead of 2 × 7.09. New:
    1.515 × 730.
    """
    plan = keep(simulate(account(*BUSY), Scenario(), prices()), KEPT_ON)
    now = account(
        {"endpoint_name": "busy", "instance_count": 2}, {"endpoint_name": "busy-new"}, days_later=31
    )
    found = compare(from_json(to_json(plan)), now, prices())
    explained(found)
    assert found.total.volume_usd == pytest.approx(G5_12XLARGE * HOURS)
    assert found.total.mix_usd == pytest.approx(2 * (G5_2XLARGE - G5_12XLARGE) * HOURS)
    assert found.total.new_workload_usd == pytest.approx(G5_2XLARGE * HOURS)


def test_a_lever_that_ramps_is_missed_only_as_far_as_it_was_to_be(kept: Kept) -> None:
    """Half of it was due in the first month of a ramp of one: half of 1,105.95 is missing, and no demand."""
    half = replace(kept.scenario, ramp_months={"stop_idle_endpoints": 1})
    plan = keep(simulate(account(*BUSY, *IDLE), half, prices()), KEPT_ON)
    found = compare(plan, account(*BUSY, *IDLE, days_later=31), prices())
    explained(found)
    assert found.total.lever_usd == pytest.approx(G5_2XLARGE * HOURS / 2)
    assert found.total.usage_usd == pytest.approx(0)


def test_what_no_usage_explains_is_a_driver_of_the_bill() -> None:
    """Explained 7.09 × 720 of the window; billed 100 above it then, 340 later: 240 × 730 / 720 more."""

    def on(more: float, days: int) -> Account:
        start = START + timedelta(days=days)
        line = {"service": "Amazon SageMaker", "component": "hosting", "cost_usd": G5_12XLARGE * 720 + more,
                "period_start": start, "period_end": start + timedelta(days=30)}  # fmt: skip
        made = account(*BUSY, days_later=days).snapshot
        return Account.open(
            replace(made, tables={**made.tables, "billed": typed(TABLES["billed"], pd.DataFrame([line]))})
        )

    plan = from_json(to_json(keep(simulate(on(100, 0), Scenario(), prices()), KEPT_ON)))
    found = compare(plan, on(340, 31), prices())
    explained(found)
    assert found.total.unexplained_usd == pytest.approx(240 * 730 / 720)
    assert found.total.actual_bill_usd - found.total.projected_bill_usd == pytest.approx(240 * 730 / 720)


def test_a_plan_of_an_earlier_version_reads_and_calls_all_usage_volume(kept: Kept) -> None:
    data = json.loads(to_json(kept))
    for key in ("starts", "resources", "unexplained_usd"):
        del data[key]
    del data["prices"]["billed_rates"]
    for month in data["months"]:
        del month["pools"]
    more: list[dict[str, object]] = [*BUSY, {"endpoint_name": "busy-2", "instance_type": "ml.g5.12xlarge"}]
    found = compare(from_json(json.dumps(data)), account(*more, days_later=31), prices())
    explained(found)
    assert (found.total.volume_usd, found.total.mix_usd) == pytest.approx((G5_12XLARGE * HOURS, 0))


def test_no_name_of_a_resource_is_in_a_kept_plan(kept: Kept) -> None:
    assert "busy" not in to_json(kept)


@settings(max_examples=4, deadline=None)
@given(scenarios(most=3), samples, st.integers(1, 200), st.sampled_from([0.0, 0.2]))
def test_any_plan_beside_any_account_adds_up_in_cents(
    scenario: Scenario, other: str, days: int, discount: float
) -> None:
    """Rows and columns, of a plan that went through its file."""
    plan = from_json(to_json(keep(simulate(sample("report"), scenario, prices()), KEPT_ON, 3)))
    ends = plan.window_end + timedelta(days=days)
    there = sample(other)
    moved = replace(there.snapshot, manifest=replace(there.snapshot.manifest, window_end=ends))
    later = replace(there, snapshot=moved)
    vars(later)["window_usage"] = there.window_usage  # metered as it was: only the date moves
    found = compare(plan, later, PriceBook.load(PRICES, discount_ratio=discount))
    explained(found)
    table = ledger_table(found).set_index("component")
    rows = (table["projected_bill_usd"] + table[list(DRIVERS)].sum(axis=1)).to_numpy(float)
    assert rows == pytest.approx(table["actual_bill_usd"].to_numpy(float), abs=1e-6)
    columns = table.drop("total").sum().to_numpy(float)
    assert columns == pytest.approx(table.loc["total"].to_numpy(float), abs=1e-6)
    assert table.loc["total", "actual_bill_usd"] == pytest.approx(found.total.actual_bill_usd, abs=0.05)


def test_command_puts_every_month_beside_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: Kept
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(to_json(kept))
    files = [str(tmp_path / f"{d}.zip") for d in (61, 31)]
    for days, file in zip((61, 31), files, strict=True):
        save_snapshot(account(*BUSY, *IDLE, days_later=days).snapshot, file)
    at = ["--prices-as-of", "2026-11-24", "--format", "json"]
    assert main(["ledger", "months", str(plan), *files, *at]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["31.zip", "61.zip"]
    assert said["61.zip"]["total"]["lever_usd"] == pytest.approx(G5_2XLARGE * HOURS)
