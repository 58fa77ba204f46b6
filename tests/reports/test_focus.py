"""Charges in FOCUS 1.2: every column as the specification wants it, and every dollar of the month."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import Account, PriceBook, Result, answer, load_sample, preset, simulate
from simulator.reports.focus import Which, focus_charges, focus_csv, focus_parquet
from simulator.reports.focus_columns import FOCUS_COLUMNS, JSON, MOMENT, NUMBER, OWN_COLUMNS
from simulator.reports.savings import month_table, resource_savings
from simulator.reports.tables import lever_table
from simulator.reports.takeaway import takeaway
from tests.accounts import PRICES, account_with, prices

SIDES: tuple[Which, ...] = ("baseline", "scenario")
VALIDATOR = Path(__file__).with_name("focus_validator.txt")
RUNNER = Path(__file__).with_name("run_focus_validator.py")


@pytest.fixture(scope="module")
def result() -> Result:
    """Savings Plans of both kinds, spot, storage tiers, one-off requests and a negotiated discount."""
    book = PriceBook.load(PRICES, discount_ratio=0.1)
    return simulate(Account.open(load_sample("team")), preset("balanced"), book)


@pytest.fixture(scope="module", params=SIDES)
def side(request: pytest.FixtureRequest) -> Which:
    return request.param


@pytest.fixture(scope="module")
def charges(result: Result, side: Which) -> pd.DataFrame:
    return focus_charges(result, side)


def test_columns_are_those_of_the_specification_then_ours(charges: pd.DataFrame) -> None:
    assert list(charges.columns) == [c.name for c in FOCUS_COLUMNS] + list(OWN_COLUMNS)
    assert len(FOCUS_COLUMNS) == 57
    assert all(name.startswith("x_") for name in OWN_COLUMNS)


@pytest.mark.parametrize("column", FOCUS_COLUMNS, ids=lambda c: c.name)
def test_each_column_has_its_type_nulls_and_values(charges: pd.DataFrame, column) -> None:
    values = charges[column.name]
    if not column.nullable:
        assert values.notna().all()
    if column.allowed:
        assert set(values.dropna()) <= set(column.allowed)
    if column.kind == NUMBER:
        assert values.dtype == float
        assert np.isfinite(values.dropna()).all()
    if column.kind == MOMENT:
        assert str(values.dtype).endswith("UTC]")
    if column.kind == JSON:
        assert all(isinstance(json.loads(v), dict) for v in values.dropna())


def test_effective_and_billed_cost_are_the_month_to_the_cent(
    result: Result, side: Which, charges: pd.DataFrame
) -> None:
    said = answer(result)
    recurring = said["baseline" if side == "baseline" else "result"]["run_rate_usd"]
    once = said["result"]["once_usd"] if side == "scenario" else 0.0
    assert charges["EffectiveCost"].sum() == pytest.approx(recurring + once, abs=0.005)
    assert charges["BilledCost"].sum() == pytest.approx(recurring + once, abs=0.005)
    assert charges.loc[charges["ChargeFrequency"] == "One-Time", "EffectiveCost"].sum() == pytest.approx(
        once, abs=0.005
    )


def test_areas_are_those_of_the_answer(result: Result, side: Which, charges: pd.DataFrame) -> None:
    said = answer(result)["baseline" if side == "baseline" else "result"]["components"]
    monthly = charges[charges["ChargeFrequency"] != "One-Time"].groupby("x_Component")["EffectiveCost"].sum()
    for component, values in said.items():
        if values["run_rate_usd"]:
            assert monthly[component] == pytest.approx(values["run_rate_usd"], abs=0.005)


def test_cost_is_price_times_quantity_and_list_is_before_the_discount(charges: pd.DataFrame) -> None:
    assert (charges["ContractedUnitPrice"] * charges["PricingQuantity"]).to_numpy() == pytest.approx(
        charges["ContractedCost"].to_numpy(), abs=1e-6
    )
    usage = charges[charges["x_Component"] != "commitments"]
    assert (usage["ListCost"] * 0.9).to_numpy() == pytest.approx(usage["ContractedCost"].to_numpy(), abs=1e-6)


def test_commitment_columns_stand_together_and_fit_the_category(charges: pd.DataFrame) -> None:
    of_plan = charges["CommitmentDiscountId"].notna()
    for name in ("Category", "Type", "Name", "Unit", "Quantity"):
        assert (charges[f"CommitmentDiscount{name}"].notna() == of_plan).all()
    purchase = charges["ChargeCategory"] == "Purchase"
    status = charges["CommitmentDiscountStatus"]
    assert (status.notna() == (of_plan & ~purchase)).all()
    assert (
        (charges["PricingCategory"] == "Committed").astype(bool) == (of_plan & ~purchase).astype(bool)
    ).all()
    assert charges.loc[purchase | (status == "Unused").fillna(False), "ConsumedQuantity"].isna().all()
    assert (charges.loc[purchase, "EffectiveCost"] == 0).all()
    assert (charges.loc[of_plan & ~purchase, "BilledCost"] == 0).all()
    bought = charges.loc[purchase, "CommitmentDiscountQuantity"].sum()
    accounted = charges.loc[of_plan & ~purchase, "CommitmentDiscountQuantity"].sum()
    assert bought == pytest.approx(accounted, abs=0.01)
    assert bought > 0


def test_spot_is_dynamic_and_the_period_is_a_calendar_month_after_the_window(result: Result) -> None:
    charges = focus_charges(result)
    assert (charges.loc[charges["SkuMeter"].str.startswith("spot"), "PricingCategory"] == "Dynamic").all()
    assert set(charges["ChargePeriodStart"].dt.strftime("%Y-%m-%dT%H")) == {"2026-11-01T00"}
    assert set(charges["ChargePeriodEnd"].dt.strftime("%Y-%m-%dT%H")) == {"2026-12-01T00"}


def test_an_idle_ml_g5_2xlarge_is_730_hours_at_1_515() -> None:
    report = simulate(Account.open(load_sample("report")), preset("report_plan"), prices())
    rows = focus_charges(report, "baseline").set_index("ResourceId")
    row = rows.loc["llama3-endpoint-1"]
    assert (row["ConsumedQuantity"], row["ConsumedUnit"]) == (730.0, "Hours")
    assert row["EffectiveCost"] == pytest.approx(1105.95)
    assert "llama3-endpoint-1" not in set(focus_charges(report)["ResourceId"])


def test_a_charge_of_unknown_cost_is_left_out_not_zero() -> None:
    account = account_with(endpoints=[{"region": "xx-nowhere-1"}])
    assert len(focus_charges(simulate(account, preset("none"), prices()))) == 0


def test_csv_and_parquet_hold_the_same(charges: pd.DataFrame) -> None:
    written = pd.read_parquet(io.BytesIO(focus_parquet(charges)))
    read = pd.read_csv(io.StringIO(focus_csv(charges)))
    assert list(read.columns) == list(written.columns)
    assert read["EffectiveCost"].to_numpy() == pytest.approx(written["EffectiveCost"].to_numpy())
    assert read["ChargePeriodStart"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()


@pytest.fixture(scope="session")
def validator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Foundation's validator with all it needs; made once where pytest has a cache."""
    name, cache = "focus-validator-1.0.0", getattr(request.config, "cache", None)
    folder: Path = cache.mkdir(name) if cache else tmp_path_factory.mktemp(name)
    if not (folder / "ready").exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*install, "--no-compile", "--no-deps", "--upgrade", "--target", str(folder), "-r", str(VALIDATOR)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"focus-validator cannot be installed here: {done.stderr.strip()[-300:]}")
        (folder / "ready").touch()
    return folder


@pytest.fixture(scope="module")
def verdicts(validator: Path, tmp_path_factory: pytest.TempPathFactory, result: Result) -> dict[str, str]:
    """What the validator says of both sides and of a wrong file; -S leaves out our own packages."""
    folder = tmp_path_factory.mktemp("charges")
    wrong = focus_charges(result).assign(ServiceCategory="Machines", BilledCost=None)
    made: dict[str, pd.DataFrame] = {side: focus_charges(result, side) for side in SIDES}
    made["wrong"] = wrong
    for name, frame in made.items():
        (folder / f"{name}.csv").write_text(focus_csv(frame), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-S", str(RUNNER), *(str(folder / f"{name}.csv") for name in made)],
        env={**os.environ, "PYTHONPATH": str(validator)},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    said = re.split(r"^== (\w+)\.csv$", done.stdout, flags=re.MULTILINE)[1:]
    assert said[::2] == list(made), done.stdout + done.stderr
    return dict(zip(said[::2], said[1::2], strict=True))


@pytest.mark.thorough
@pytest.mark.parametrize("side", SIDES)
def test_the_foundations_validator_finds_no_violation(verdicts: dict[str, str], side: Which) -> None:
    assert "Validation succeeded" in verdicts[side], verdicts[side]
    assert "Validation failed" not in verdicts[side]


@pytest.mark.thorough
def test_the_foundations_validator_would_find_one(verdicts: dict[str, str]) -> None:
    assert "Validation failed" in verdicts["wrong"]
    assert "ServiceCategory" in verdicts["wrong"]
    assert "BilledCost" in verdicts["wrong"]


def test_savings_per_resource_and_month_add_up(result: Result) -> None:
    resources = resource_savings(result)
    for name, total in (
        ("current_usd", result.baseline.total_usd),
        ("projected_usd", result.outcome.total_usd),
    ):
        assert resources[name].iloc[:-1].sum() == pytest.approx(resources[name].iloc[-1], abs=0.001)
        assert resources[name].iloc[-1] == pytest.approx(total, abs=0.005)
    months = month_table(result)
    net = months["baseline_usd"] - months["scenario_usd"] - months["once_usd"]
    assert months["cumulative_saving_usd"].to_numpy() == pytest.approx(net.cumsum().to_numpy(), abs=0.001)


def test_the_zip_holds_every_table_and_is_the_same_each_time(result: Result) -> None:
    content = takeaway(result)
    assert content == takeaway(result)
    files = zipfile.ZipFile(io.BytesIO(content))
    for name in (
        "savings_by_area",
        "savings_by_lever",
        "savings_by_resource",
        "savings_by_month",
        "focus_baseline",
        "focus_scenario",
    ):
        table = pd.read_parquet(io.BytesIO(files.read(f"{name}.parquet")))
        assert len(pd.read_csv(io.BytesIO(files.read(f"{name}.csv")))) == len(table) > 0
    levers = pd.read_csv(io.BytesIO(files.read("savings_by_lever.csv")))
    pd.testing.assert_frame_equal(levers, lever_table(result), check_dtype=False)
    assert json.loads(files.read("answer.json"))["scenario"]["name"] == "balanced"


def test_with_published_plan_rates_the_month_still_adds_up(tmp_path: Path) -> None:
    own = tmp_path / "plan_rates.csv"
    own.write_text(
        "component,item,region,usd,unit\n"
        "savings_plan,hosting:ml.g5.2xlarge#1y_no_upfront,us-east-1,1.0,instance_hour\n"
        "savings_plan,hosting:ml.g5.12xlarge#1y_no_upfront,us-east-1,3.0,instance_hour\n",
        encoding="utf-8",
    )
    made = simulate(Account.open(load_sample("team")), preset("balanced"), PriceBook.load(PRICES, own=own))
    charges = focus_charges(made)
    month = made.outcome.total_usd + float(made.outcome.charges.total_usd(once=True))
    assert charges["EffectiveCost"].sum() == pytest.approx(month, abs=0.005)
    assert charges["BilledCost"].sum() == pytest.approx(month, abs=0.005)
    assert (charges[["EffectiveCost", "BilledCost", "ContractedCost"]] >= -1e-9).all(axis=None)
