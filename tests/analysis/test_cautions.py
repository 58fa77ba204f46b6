"""Short windows, a job scaled up and plans that end are said."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator import Scenario, simulate
from simulator.analysis.cautions import cautions
from tests.accounts import START, account_with, prices


def test_short_window_and_one_job_scaled_by_more_than_three_warn() -> None:
    # seven days: the job of one hour counts 730 / 168 = 4.3 times
    job = {"started_at": START, "billable_seconds": 3600, "training_seconds": 3600}
    found = cautions(simulate(account_with(days=7, training_jobs=[job]), Scenario(), prices()))
    assert "7 days" in found[0]
    assert "4.3 times" in found[1]


def test_long_window_warns_of_nothing() -> None:
    assert cautions(simulate(account_with(endpoints=[{}]), Scenario(), prices())) == []


def test_plan_that_ends_inside_the_months_is_said() -> None:
    plan = {
        "plan_id": "p", "hourly_commitment_usd": 1.0, "start": START, "end": datetime(2027, 3, 1, tzinfo=UTC),
        "term_years": 1, "payment": "no_upfront",
    }  # fmt: skip
    result = simulate(account_with(endpoints=[{}], commitments=[plan]), Scenario(), prices())
    assert "ends on 2027-03-01" in cautions(result)[0]
    assert cautions(result, months=2) == []


SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
LONG = {"requests": 100, "input_tokens": 30e6, "output_tokens": 100_000}


def test_long_prompts_in_region_say_what_the_premium_would_add() -> None:
    """30 M x 6.00 + 0.1 M x 22.50 = 182.25 in 30 days, 184.78 per month; a tenth more is 18.48. A profile has its own
    price, and so have short prompts."""
    (said,) = cautions(simulate(account_with(bedrock=[LONG | {"model_id": SONNET}]), Scenario(), prices()))
    assert "$6.00 per million" in said
    assert "10%" in said
    assert "$18.48 per month more" in said
    for row in (LONG | {"model_id": SONNET, "scope": "us"}, LONG | {"model_id": SONNET, "requests": 1000}):
        assert cautions(simulate(account_with(bedrock=[row]), Scenario(), prices())) == []
