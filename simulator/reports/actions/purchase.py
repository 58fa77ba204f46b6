"""The purchase sheet of a Savings Plan. Nobody buys by script: a commitment cannot be undone."""

from __future__ import annotations

from simulator.engine.simulate import Result
from simulator.plans.settlement import Allocation
from simulator.reports.actions.action import Action, Request
from simulator.units import HOURS_PER_MONTH
from simulator.words import percent, usd

HOURS_PER_YEAR = 8760
PAYMENTS = {"no_upfront": "No Upfront", "partial_upfront": "Partial Upfront", "all_upfront": "All Upfront"}
SECONDS_PER_YEAR = 365 * 86_400
REGION = "us-east-1"  # the endpoint of the Savings Plans API


def savings_plan(result: Result) -> Action | None:
    """The plan the scenario signs, None when it signs none."""
    setting = result.scenario.setting("savings_plan")
    bought = [a for a in result.outcome.settlement.allocations if not a.plan.existing]
    if setting is None or not bought or bought[0].plan.commitment_usd_per_hour < 0.001:
        return None
    allocation = bought[0]
    values = setting.values()
    payment, years = PAYMENTS[str(values["payment"])], int(values["term_years"])
    find = {
        "planTypes": ["SageMaker"],
        "paymentOptions": [payment],
        "durations": [years * SECONDS_PER_YEAR],
        "currencies": ["USD"],
    }
    buy = {
        "savingsPlanOfferingId": "00000000-0000-0000-0000-000000000000",
        "commitment": f"{allocation.plan.commitment_usd_per_hour:.3f}",
    }
    requests = (
        Request(REGION, "savingsplans", "DescribeSavingsPlansOfferings", find, "The offeringId of the plan."),
        Request(
            REGION,
            "savingsplans",
            "CreateSavingsPlan",
            buy,
            "BUYS. Offering id from above; cannot be undone.",
        ),
    )
    steps = (
        "Buy last, after everything above has worked for a full month: a plan on hours that end is lost money.",
        "Fill in purchase-sheet.md with the rates of your account, have it approved, then buy.",
    )
    undo = "None, but for a return within 7 days in the same month, up to $100 per hour."
    sheet = {"purchase-sheet.md": _sheet(allocation, payment, years)}
    return Action("savings_plan", steps, undo, requests=requests, files=sheet)


def _sheet(a: Allocation, payment: str, years: int) -> str:
    c = a.plan.commitment_usd_per_hour
    lines = [
        "# Savings Plan purchase sheet",
        "",
        "| item | value |",
        "|---|---|",
        "| plan type | SageMaker Savings Plan |",
        f"| term | {years} year{'s' if years > 1 else ''} |",
        f"| payment | {payment} |",
        f"| commitment | {usd(c, 3)} per hour |",
        f"| commitment per month (730 h) | {usd(c * HOURS_PER_MONTH)} |",
        f"| commitment over the term | {usd(c * HOURS_PER_YEAR * years)} |",
        f"| discount assumed | {percent(a.plan.discount_ratio, 0)} |",
        f"| utilization expected | {percent(a.utilization_ratio)} |",
        f"| coverage expected | {percent(a.coverage_ratio)} |",
        f"| net saving expected per month | {usd(a.net_saving_usd)} |",
        f"| break-even utilization | {percent(1 - a.plan.discount_ratio, 0)} |",
        "",
        "Sized on the eligible hours that remain after every other lever of the scenario.",
        "Spot, serverless, asynchronous inference, storage and Bedrock are not covered, as far as is known.",
        "",
        "## Before you buy",
        "",
        "- [ ] The idle endpoints are gone, and the right-sizing has held for a month.",
        "- [ ] DescribeSavingsPlansOfferingRates gives at least the discount assumed above for your types and regions.",
        "- [ ] No plan in force covers the same hours (`aws savingsplans describe-savings-plans`).",
        "- [ ] Nobody plans to move these workloads to Bedrock, serverless or another cloud within the term.",
        "- [ ] Finance has the cash flow: upfront, monthly, and the end date in the calendar.",
        "- [ ] Approved by: ______________________  Date: ____________",
        "",
    ]
    return "\n".join(lines)
