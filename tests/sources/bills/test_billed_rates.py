"""What a bill states per unit becomes a rate; discount lines make it negotiated; credits and tax do not."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.sources.bills.tables.billed import billed
from simulator.sources.bills.tables.rates import billed_rates

DAY = pd.Timestamp("2026-09-01")


def line(usd, quantity, **more):
    base = {
        "usd": True, "account_id": "1", "line_type": "Usage", "product": "AmazonSageMaker", "product_name": "",
        "usage_type": "USE1-Host:ml.g5.2xlarge", "region": "us-east-1", "component": "hosting", "meter": "hosting",
        "instance_type": "ml.g5.2xlarge", "item": "", "model": "", "tier": "", "scope": "", "per_unit": 1.0,
        "unit": "Hrs", "period": DAY, "first": DAY, "last": DAY + pd.Timedelta(days=30), "rows": 30,
        "last_start": DAY + pd.Timedelta(days=29), "quantity": float(quantity), "unblended_usd": float(usd),
        "amortized_usd": float(usd),
    }  # fmt: skip
    return base | more


def rates(*lines):
    return billed_rates(pd.DataFrame(lines))


def test_dollars_over_quantity_is_the_price_and_discount_lines_make_the_contracted_one():
    """720 h for $1,090.80 are $1.515 an hour; $109.08 off is a tenth: $1.3635."""
    found = rates(line(1090.80, 720), line(-109.08, 0, line_type="EdpDiscount", meter=""))
    (row,) = found.to_dict("records")
    assert (row["component"], row["item"], row["region"]) == ("hosting", "ml.g5.2xlarge", "us-east-1")
    assert row["list_unit_price_usd"] == pytest.approx(1.515)
    assert row["contracted_unit_price_usd"] == pytest.approx(1.3635)
    assert (row["quantity"], row["lines"]) == (720, 30)


@pytest.mark.parametrize("kind", ["Credit", "Refund", "Tax"])
def test_credits_refunds_and_tax_are_no_discount(kind):
    (row,) = rates(line(1090.80, 720), line(-109.08, 0, line_type=kind, meter="")).to_dict("records")
    assert row["contracted_unit_price_usd"] == row["list_unit_price_usd"]


def test_tokens_are_rated_by_model_with_its_profile_and_by_tier():
    """3 units of a million tokens for $9.90 are $3.30 a million."""
    bedrock = {"component": "bedrock", "meter": "tokens", "item": "input", "model": "m.x", "per_unit": 1e6}
    found = rates(
        line(9.90, 3, **bedrock, scope="us", product="AmazonBedrock"),
        line(1.50, 1, **bedrock, tier="flex", product="AmazonBedrock"),
        line(1.50, 1, **bedrock, tier="batch", product="AmazonBedrock"),
    ).set_index(["component", "item", "variant"])["list_unit_price_usd"]
    assert found["bedrock_input", "us.m.x", ""] == pytest.approx(3.3e-6)
    assert found["bedrock_input", "m.x", "flex"] == pytest.approx(1.5e-6)
    assert found["bedrock_batch_input", "m.x", ""] == pytest.approx(1.5e-6)


amounts = st.lists(st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e6)), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(amounts, st.floats(0.0, 0.5))
@example([(1.0, 1.0)], 2e-05)
def test_quantity_times_contracted_rate_is_what_was_paid(parts, ratio):
    paid = sum(usd for usd, _ in parts) * (1 - ratio)
    off = line(paid - sum(usd for usd, _ in parts), 0, line_type="PrivateRateDiscount", meter="")
    found = rates(*(line(usd, quantity) for usd, quantity in parts), off)
    assert (found["quantity"] * found["contracted_unit_price_usd"]).sum() == pytest.approx(paid)


def test_plan_lines_are_billed_at_their_amortized_cost_and_the_sum_stays():
    """An upfront plan: $100 of usage negated, $80 of it the plan's; the $800 fee of ten months is not this month's."""
    frame = pd.DataFrame(
        [
            line(100, 66, line_type="SavingsPlanCoveredUsage", amortized_usd=80.0),
            line(-100, 0, line_type="SavingsPlanNegation", amortized_usd=0.0, meter=""),
            line(
                800,
                1,
                line_type="SavingsPlanUpfrontFee",
                component="commitments",
                amortized_usd=0.0,
                meter="",
            ),
        ]
    )
    found = billed(frame)
    by = found.groupby("component")["cost_usd"].sum()
    assert (by["hosting"], by["commitments"], by["other"]) == (80, 0, 720)
    assert found["cost_usd"].sum() == 800
