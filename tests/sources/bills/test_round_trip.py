"""Our own samples, exported as a bill and imported back, have the same baseline and the same dollars."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from simulator import Account, load_sample
from simulator.aws.usage_types import component_of
from simulator.plans.settlement import settle
from simulator.pricing.charges import price_usage
from simulator.sources.bills import import_bill
from simulator.units import HOURS_PER_MONTH
from tests.accounts import prices
from tests.sources.bills.export import export_cur2, export_focus, export_lines

PRICES = date(2026, 11, 24)
WAYS = {"cur2.parquet": export_cur2, "cur2.csv": export_cur2, "focus.csv.gz": export_focus}


sample_named = cache(load_sample)
"""The same snapshot each time: its lines are made once."""


@pytest.fixture(scope="module", params=["team", pytest.param("report", marks=pytest.mark.thorough)])
def sample(request):
    return sample_named(request.param)


@pytest.fixture(scope="module", params=WAYS)
def imported(sample, request, tmp_path_factory):
    """The sample as a bill of this form, imported back."""
    file = tmp_path_factory.mktemp("bill") / request.param
    WAYS[request.param](sample, file)
    return import_bill(file)


@pytest.fixture(scope="module")
def book():
    return prices(PRICES)


def baseline(snapshot, book):
    """Dollars per month by component, before and after Savings Plans."""
    account = Account.open(snapshot)
    charges = price_usage(account.usage, book)
    settled, _ = settle(charges, account.usage, account.plans)
    return [{k: float(v) for k, v in c.by_component().items()} for c in (charges, settled)]


def without_quantity(sample):
    """Lines of the sample's bill that give dollars and no quantity, as a month: the bill's own figure stands for them.

    team: Guardrails $86.10 × 730 ÷ 720 = $87.30; report: $7,000 of hosting × 730 ÷ 720 = $7,097.22.
    """
    lines = export_lines(sample)
    lines = lines[lines["quantity"].isna() & (lines["usage_type"] != "") & (lines["line_type"] == "Usage")]
    part = [component_of(p, u) for p, u in zip(lines["product"], lines["usage_type"], strict=True)]
    sums = lines.groupby(np.array(part, object))["cost_usd"].sum() * HOURS_PER_MONTH / sample.window_hours
    return {k: float(v) for k, v in sums.items() if k != "other"}


def test_the_baseline_comes_back(sample, book, imported):
    dollars = without_quantity(sample)
    for before, after in zip(baseline(sample, book), baseline(imported.snapshot, book), strict=True):
        assert sum(before.values()) > 0
        wanted = {k: v + dollars.get(k, 0.0) for k, v in before.items()}
        assert after == pytest.approx(wanted, rel=1e-7, abs=1e-6)
    manifest = imported.snapshot.manifest
    assert (manifest.window_start, manifest.window_end) == (
        sample.manifest.window_start,
        sample.manifest.window_end,
    )
    assert imported.report.rows_rejected == 0


def test_the_bill_comes_back_to_the_cent(sample, imported):
    assert imported.report.unblended_usd == pytest.approx(
        sample.tables["billed"]["cost_usd"].sum(), abs=0.005
    )


def test_the_parts_of_the_bill_come_back_in_cur(sample, tmp_path):
    export_cur2(sample, tmp_path / "a.parquet")
    told = import_bill(tmp_path / "a.parquet").report
    usage = sample.tables["billed"]
    usage = usage[~usage["line_type"].isin(["Tax", "Credit", "Refund"])]
    wanted = usage[usage["component"] != "other"].groupby("component")["cost_usd"].sum().to_dict()
    # a plan has a fee line: $0.00 of commitments where the sample's bill has no fee
    assert told.classified_usd == pytest.approx(dict.fromkeys(told.classified_usd, 0.0) | wanted, abs=0.005)


def test_names_owners_and_counts_come_back(tmp_path):
    team = sample_named("team")
    export_cur2(team, tmp_path / "a.parquet")
    after = import_bill(tmp_path / "a.parquet").snapshot.tables
    jobs = team.tables["training_jobs"].set_index("job_name")
    back = after["training_jobs"].set_index("job_name")
    assert set(back.index) == set(jobs.index)
    assert back["owner"].to_dict() == jobs["owner"].to_dict()
    hours = jobs["billable_seconds"] * jobs["instance_count"]
    assert (back["billable_seconds"] * back["instance_count"]).to_dict() == pytest.approx(
        hours.to_dict(), rel=1e-6
    )
    assert set(after["storage"]["bucket"]) == set(team.tables["storage"]["bucket"])
