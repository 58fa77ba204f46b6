"""Billed rates: the account's own bill is believed before AWS's list; its discount follows what levers move to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook
from simulator.analysis.reconcile import reconcile
from simulator.pricing.billed_rates import service_of
from simulator.snapshot.manifest import Manifest
from simulator.snapshot.snapshot import Snapshot, load_snapshot, make_snapshot, save_snapshot

AS_OF = date(2026, 11, 28)
LIST = PriceBook.load(AS_OF)
JUNE, JULY, AUGUST = (datetime(2026, m, 1, tzinfo=UTC) for m in (6, 7, 8))


def rate(component="hosting", item="ml.g5.2xlarge", region="eu-west-1", unit="instance_hour", **more) -> dict:
    start = more.pop("start", JUNE)
    end = JULY if start == JUNE else AUGUST
    return {
        "account_id": "1", "component": component, "item": item, "region": region, "variant": "", "unit": unit,
        "list_unit_price_usd": None, "contracted_unit_price_usd": None, "effective_unit_price_usd": None,
        "period_start": start, "period_end": end, "quantity": 100.0, "lines": 3, **more,
    }  # fmt: skip


def account(*rates: dict, **tables: pd.DataFrame) -> Snapshot:
    manifest = Manifest("billed", JUNE, JULY)
    return make_snapshot(manifest, {"billed_rates": pd.DataFrame(rates), **tables})


def book(*rates: dict, **options) -> PriceBook:
    prices = PriceBook.load(AS_OF, **options) if options else LIST
    return prices.with_billed(account(*rates).tables["billed_rates"])


def test_billed_rate_is_believed_before_the_list_and_says_so():
    price = book(rate(contracted_unit_price_usd=1.25)).price("hosting", "ml.g5.2xlarge", "eu-west-1")
    assert (price.usd, price.grade) == (1.25, "billed")
    assert price.note == "billed from 2026-06-01 to before 2026-07-01, 3 lines"


def test_own_price_is_believed_before_the_billed_rate(tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text("component,item,region,usd,unit\nhosting,ml.g5.2xlarge,*,1,instance_hour\n")
    prices = book(rate(contracted_unit_price_usd=1.25, list_unit_price_usd=2.5), own=own)
    assert prices.price("hosting", "ml.g5.2xlarge", "eu-west-1").usd == 1.0


def test_newest_period_counts_but_none_after_the_date():
    rates = [rate(contracted_unit_price_usd=1.25), rate(contracted_unit_price_usd=1.2, start=JULY)]
    key = ("hosting", "ml.g5.2xlarge", "eu-west-1")
    assert book(*rates).price(*key).usd == 1.2
    table = account(*rates).tables["billed_rates"]
    assert PriceBook.load(date(2026, 6, 30)).with_billed(table).price(*key).usd == 1.25


def test_rates_of_one_period_are_weighed_by_quantity():
    """(300 × 1.00 + 100 × 2.00) ÷ 400 = 1.25."""
    rates = [
        rate(contracted_unit_price_usd=1.0, quantity=300),
        rate(contracted_unit_price_usd=2.0),
    ]
    table = account(rates[0]).tables["billed_rates"]
    other = account(rates[1]).tables["billed_rates"]
    both = pd.concat([table, other.assign(account_id="2")], ignore_index=True)
    laid = LIST.with_billed(both)
    assert laid.price("hosting", "ml.g5.2xlarge", "eu-west-1").usd == pytest.approx(1.25)


def test_discount_of_the_bill_follows_what_levers_move_to():
    """Paid 1.25 of 2.50 listed: half off every other SageMaker list price, nothing off S3."""
    plain = LIST
    laid = book(rate(contracted_unit_price_usd=1.25, list_unit_price_usd=2.5))
    assert laid.discounts == {"sagemaker": 0.5}
    for key in (("hosting", "ml.g5.xlarge", "us-east-1"), ("training", "ml.g5.xlarge", "us-east-1")):
        assert laid.price(*key).usd == pytest.approx(plain.price(*key).usd / 2)
    s3 = ("storage", "STANDARD", "us-east-1")
    assert laid.price(*s3).usd == plain.price(*s3).usd


def test_discount_of_the_bill_is_off_with_one_switch_and_replaced_by_the_users():
    stated = rate(contracted_unit_price_usd=1.25, list_unit_price_usd=2.5)
    key = ("hosting", "ml.g5.xlarge", "us-east-1")
    full = LIST.price(*key).usd
    assert book(stated, use_billed_discount=False).price(*key).usd == full
    assert book(stated, discount_ratio=0.1).price(*key).usd == pytest.approx(full * 0.9)
    assert book(stated, discount_ratio=0.1).price("hosting", "ml.g5.2xlarge", "eu-west-1").usd == 1.25


def test_users_discount_applies_to_a_rate_billed_at_list():
    """An enterprise agreement billed as lines of its own leaves the rate at list: 2.50 less a tenth is 2.25."""
    stated = rate(contracted_unit_price_usd=2.5, list_unit_price_usd=2.5)
    assert book(stated, discount_ratio=0.1).price("hosting", "ml.g5.2xlarge", "eu-west-1").usd == 2.25


def test_rate_in_another_unit_is_no_price():
    laid = book(rate(contracted_unit_price_usd=99.0, unit="requests"))
    assert laid.price("hosting", "ml.g5.2xlarge", "eu-west-1").grade != "billed"


def test_variant_is_a_key_of_its_own():
    laid = book(rate(contracted_unit_price_usd=0.4, variant="spot"))
    assert laid.price("hosting", "ml.g5.2xlarge#spot", "eu-west-1").usd == 0.4
    assert laid.price("hosting", "ml.g5.2xlarge", "eu-west-1").grade != "billed"


@settings(max_examples=20)
@given(
    paid=st.floats(0.01, 100.0),
    hours=st.floats(1.0, 700.0),
    region=st.sampled_from(["eu-west-1", "me-south-1", "us-gov-west-1"]),
)
def test_baseline_of_an_account_is_its_own_bill_whatever_region_and_rate(
    paid: float, hours: float, region: str
):
    endpoint = {
        "endpoint_name": "e", "variant_name": "v", "region": region, "status": "InService",
        "instance_type": "ml.g5.2xlarge", "instance_hours": hours, "volume_gb": 0,
    }  # fmt: skip
    billed = {
        "service": "Amazon SageMaker", "period_start": JUNE, "period_end": JULY, "component": "hosting",
        "cost_usd": paid * hours,
    }  # fmt: skip
    stated = rate(contracted_unit_price_usd=paid, region=region)
    snapshot = account(stated, endpoints=pd.DataFrame([endpoint]), billed=pd.DataFrame([billed]))
    (hosting,) = reconcile(Account.open(snapshot), LIST)
    assert hosting.explained_usd == pytest.approx(hosting.billed_usd)


def test_billed_rates_survive_saving(tmp_path: Path):
    snapshot = account(rate(contracted_unit_price_usd=1.25, list_unit_price_usd=2.5))
    save_snapshot(snapshot, tmp_path / "s")
    pd.testing.assert_frame_equal(
        load_snapshot(tmp_path / "s").tables["billed_rates"], snapshot.tables["billed_rates"]
    )


def test_an_account_lays_its_rates_once_per_book():
    opened = Account.open(account(rate(contracted_unit_price_usd=1.25)))
    prices = LIST
    assert opened.book(prices) is opened.book(prices)
    assert opened.book(opened.book(prices)) is opened.book(prices)


@pytest.mark.parametrize(
    ("component", "service"),
    [("bedrock_input", "bedrock"), ("storage_put", "s3"), ("hosting", "sagemaker"), ("volume", "sagemaker")],
)
def test_service_of_a_price_component(component: str, service: str):
    assert service_of(component) == service


def test_an_own_price_for_every_region_keeps_all_its_tiers(tmp_path: Path):
    """150 GB: 100 at $0.02 and 50 at $0.01."""
    own = tmp_path / "own.csv"
    own.write_text(
        "component,item,region,tier_from,tier_to,usd,unit\n"
        "storage,STANDARD,*,0,100,0.02,gb_month\nstorage,STANDARD,*,100,,0.01,gb_month\n"
    )
    found = PriceBook.load(AS_OF, own=own).table("storage", ("STANDARD",), ("eu-west-1", "us-east-1"))
    assert set(found.tiers) == {(0, 0), (0, 1)}
    bounds, prices = found.tiers[0, 1]
    assert (bounds.tolist(), prices.tolist()) == ([0.0, 100.0], [0.02, 0.01])
