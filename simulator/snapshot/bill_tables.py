"""What the bill says: what AWS charged, per unit too, the plans in force, and instance-hours by the hour."""

from __future__ import annotations

from simulator.snapshot.columns import Column, Table, choice, count, flag, number, required, text, time
from simulator.snapshot.shared_columns import COMMON, HOUR, REGION, TYPE

COMPONENTS = "training hosting compute bedrock storage commitments other"
BILLED = Table(
    "billed",
    "What AWS charged: service × usage type × day or longer period.",
    (),
    (
        required(text("service", "service name as on the bill")),
        required(time("period_start", "start of the period")),
        required(time("period_end", "end of the period, exclusive")),
        required(
            number("cost_usd", "USD", "cost with Savings Plans amortized; negative for credits", low=None)
        ),
        text(
            "usage_type", "usage type as on the bill, e.g. USW2-Host:ml.g5.2xlarge", "classified by service"
        ),
        choice(
            "component", COMPONENTS, "part of the bill", "derived from service and usage type, else other"
        ),
        REGION,
        number("usage_quantity", "usage_unit", "metered quantity", low=None),
        text("usage_unit", "unit of usage_quantity, e.g. Hrs, GB-Mo"),
        text("line_type", "Usage, Tax, Credit, Refund, SavingsPlanRecurringFee, …", "Usage"),
        *COMMON,
    ),
    ordered=(("period_start", "period_end"),),
)
COMMITMENTS = Table(
    "commitments",
    "SageMaker Savings Plans in force.",
    ("account_id", "plan_id"),
    (
        required(text("plan_id", "SavingsPlanId")),
        required(number("hourly_commitment_usd", "USD/h", "commitment per hour")),
        required(time("start", "start of the term")),
        required(time("end", "end of the term")),
        Column("term_years", "count", "term", "years", unknown="1", choices=("1", "3")),
        choice("payment", "no_upfront partial_upfront all_upfront", "payment option", "no_upfront"),
        number("upfront_usd", "USD", "paid at the start", "taken as what the payment option implies"),
        *COMMON,
    ),
    ordered=(("start", "end"),),
)
HOURLY_USAGE = Table(
    "hourly_usage",
    "Instance-hours by hour, from hourly bills.",
    ("account_id", "component", "instance_type", "region", "hour", "spot"),
    (
        required(choice("component", "training hosting compute", "part of the bill")),
        required(TYPE),
        required(REGION),
        HOUR,
        required(number("instance_hours", "h", "instance-hours in the hour")),
        flag("spot", "managed spot", "on demand"),
        *COMMON,
    ),
)
BILLED_RATES = Table(
    "billed_rates",
    "What the account paid per unit: one price key of the price book over one period of its bills. Optional.",
    ("account_id", "component", "item", "region", "variant", "unit", "period_start"),
    (
        required(
            text("component", "price component as in pricing_data/prices, e.g. hosting, bedrock_input, storage")
        ),
        required(
            text(
                "item",
                "priced item as there: instance type, storage class, or Bedrock model id with its inference "
                "profile in front (us. eu. apac. global.; none: in region)",
            )
        ),
        required(REGION),
        text("variant", "rate variant, what follows `#` in a price item, e.g. flex, spot", "the plain rate"),
        required(text("unit", "unit as in pricing_data/prices: instance_hour, token, gb_month, request, …")),
        number("list_unit_price_usd", "USD/unit", "public on-demand price of one unit", "AWS's list of the date"),
        number(
            "contracted_unit_price_usd", "USD/unit",
            "paid for one unit before commitments: with private rates, without Savings Plans",
            "list_unit_price_usd",
        ),
        number(
            "effective_unit_price_usd", "USD/unit", "cost of one unit with Savings Plans amortized",
            "not compared; the price where no other is given",
        ),
        required(time("period_start", "start of the period")),
        required(time("period_end", "end of the period, exclusive")),
        number("quantity", "unit", "units behind the rate", "weighs as one unit"),
        count("lines", "bill lines behind the rate", unit="lines"),
        *COMMON,
    ),
    ordered=(("period_start", "period_end"),),
)  # fmt: skip
