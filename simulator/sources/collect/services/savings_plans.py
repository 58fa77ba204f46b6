"""SageMaker Savings Plans in force. Source: savingsplans DescribeSavingsPlans (free, us-east-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.sources.collect.client.reader import LOWER, Reader
from simulator.sources.collect.rows import Tables

SECONDS_PER_YEAR = 365 * 86400
PAYMENT = {"No Upfront": "no_upfront", "Partial Upfront": "partial_upfront", "All Upfront": "all_upfront"}


def savings_plans(reader: Reader, tables: Tables) -> int:
    """Write the active plans of type SageMaker; gives their number. Compute plans do not cover SageMaker."""
    rows = []
    for page in reader.pages(
        "savingsplans", "DescribeSavingsPlans", "savingsPlans", LOWER, states=["active"]
    ):
        for plan in page["savingsPlans"]:
            if plan.get("savingsPlanType") == "SageMaker":
                rows.append({"account_id": reader.place.account.account_id, **plan_row(plan)})
    return tables.write("commitments", rows)


def plan_row(plan: dict[str, Any]) -> dict[str, Any]:
    """One plan as a row: hourly commitment and upfront payment in USD."""
    years = round((plan.get("termDurationInSeconds") or 0) / SECONDS_PER_YEAR)
    upfront = plan.get("upfrontPaymentAmount")
    return {
        "plan_id": plan["savingsPlanId"],
        "hourly_commitment_usd": float(plan["commitment"]),
        "start": _moment(plan["start"]),
        "end": _moment(plan["end"]),
        "term_years": years if years in (1, 3) else None,
        "payment": PAYMENT.get(plan.get("paymentOption", "")),
        "upfront_usd": None if upfront is None else float(upfront),
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
