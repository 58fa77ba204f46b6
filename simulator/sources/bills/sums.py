"""The sums an import needs, over lines, as Ibis expressions: a few thousand rows whatever the size of the export.

`money` accounts for every line; `hours` are the lines of SageMaker's usage, asked for by resource and by type and hour;
`plans` the Savings Plan fees; `tags` the tags of resources. Resources are kept apart for the services we model only.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from simulator.sources.bills.lines import AMOUNTS, numbers, sane

WHOLE = 1e-6
FEE_TYPES = ("SavingsPlanRecurringFee", "SavingsPlanUpfrontFee")
HOUR_TYPES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
MONEY_KEYS = (
    "account_id",
    "provider",
    "line_type",
    "product",
    "product_name",
    "usage_type",
    "description",
    "resource_id",
    "unit",
    "currency",
    "region",
    "period",
    "good",
    "source",
)
HOUR_COLUMNS = (
    "account_id",
    "region",
    "resource_id",
    "usage_type",
    "line_type",
    "product",
    "start",
    "end",
    "quantity",
    "good",
)
PLAN_COLUMNS = (
    "account_id",
    "line_type",
    "product",
    "plan_id",
    "plan_commitment",
    "plan_start",
    "plan_end",
    "plan_payment",
    "plan_term",
    "start",
    "end",
    "quantity",
    "unblended",
    "good",
)
TAG_COLUMNS = ("account_id", "region", "resource_id", "product", "start", "good")
MONEY_COLUMNS = (
    *(k for k in MONEY_KEYS if k not in ("period", "good")),
    "month",
    "in_range",
    "start",
    "end",
    "reservation_id",
    "says_amortized",
    *AMOUNTS,
)
BY_MOMENT = (("float64", "timestamp"), "float64")
RESOURCE_KEYS = ("account_id", "region", "resource_id", "usage_type")


@ibis.udf.agg.builtin(signature=BY_MOMENT)
def min_by(value, moment):  # type: ignore[no-untyped-def]
    """The value at the earliest moment: the function all three engines have. Ibis's own would sort."""


@ibis.udf.agg.builtin(signature=BY_MOMENT)
def max_by(value, moment):  # type: ignore[no-untyped-def]
    """The value at the latest moment."""


def is_sagemaker(t: Any) -> Any:
    """Lines of SageMaker; FOCUS names the service in words."""
    return t.product.contains("SageMaker")


def is_bedrock(t: Any) -> Any:
    """Lines of Bedrock, also those billed through the Marketplace (service name or usage type tells)."""
    return t.product.contains("Bedrock") | t.product_name.contains("Bedrock") | t.usage_type.contains("MP:")


def is_s3(t: Any) -> Any:
    """Lines of S3."""
    return t.product.isin(["AmazonS3", "Amazon S3", "Amazon Simple Storage Service"])


def is_file_system(t: Any) -> Any:
    """Lines of EFS and FSx."""
    return t.product.isin(["AmazonEFS", "Amazon Elastic File System", "AmazonFSx", "Amazon FSx"])


def is_beside(t: Any) -> Any:
    """Lines of services beside the models: file systems, vector stores, log groups of SageMaker and Bedrock."""
    logs = t.resource_id.contains("log-group:/aws/sagemaker") | t.resource_id.contains(
        "log-group:/aws/bedrock"
    )
    return is_file_system(t) | logs | t.resource_id.contains(":aoss:")


def within(moment: Any, spans: Sequence[tuple[Any, Any]]) -> Any:
    """True where a moment lies in one of some stretches of time."""
    found = [(moment >= a.to_pydatetime()) & (moment < b.to_pydatetime()) for a, b in spans]
    return functools.reduce(operator.or_, found)


def money(
    t: Any, fixed: Mapping[str, Any], *, careful: bool = False, spans: Sequence[tuple[Any, Any]] = ()
) -> Any:
    """Dollars and quantities by everything that decides what a line is, and by `period`: month of the bill, or day.

    Only Bedrock is asked for by day; month and day in two columns would be a key more for every line.

    In two steps: the lines by their own columns, then those sums by what is asked. To compute anything from a text of
    every line costs more than the sums; so does grouping by, or adding up, a column that is the same on every line:
    `fixed` has those (see `lines.fixed`), and they are put in afterwards, which saves 0.19 of 0.59 s. NaN shows in
    the sums (`unsure`): only then they are asked for again, with a `careful` look at every line (0.07 s). With
    `spans`, lines that begin in one of them are apart from the others (`inside`).
    """
    told = [k for k in MONEY_KEYS if k not in fixed] + (["inside"] if spans else [])
    keys = [*told, *(k for k in ("reserved", "says_amortized") if k not in fixed)]
    amounts = [a for a in AMOUNTS if a not in fixed]
    rows = t.mutate(
        good=t.in_range & numbers(t.unblended, t.quantity) if careful else t.in_range,
        period=ibis.ifelse(is_bedrock(t), t.start.truncate("D"), t.month),
        reserved=t.reservation_id != "",
        **({"inside": within(t.start, spans)} if spans else {}),
    )
    g = rows.group_by(*keys).agg(
        rows=rows.count(),
        effective_rows=rows.count() if "effective" in fixed else rows.effective.count(),
        metered_rows=rows.quantity.count(),
        first=rows.start.min(),
        last=rows.end.max(),
        last_start=rows.start.max(),
        **{name: rows[name].sum() for name in amounts},
    )
    g = g.mutate(good=g.good.fill_null(False), **{n: _literal(n, value) for n, value in fixed.items()})
    moments = {
        name: ibis.ifelse(g.good, g[name], ibis.null("timestamp")) for name in ("first", "last", "last_start")
    }
    g = g.mutate(
        period=ibis.ifelse(g.good, sane(g.period), ibis.null("timestamp")),
        resource_id=ibis.ifelse(is_sagemaker(g) | is_bedrock(g) | is_s3(g) | is_beside(g), g.resource_id, ""),
        product_name=ibis.ifelse(is_bedrock(g), g.product_name, ""),
        description=ibis.ifelse((g.usage_type == "").fill_null(True), g.description, ""),
        amortized=amortized(g),
        **moments,
    )
    found = g.group_by(*told).agg(
        rows=g.rows.sum(),
        metered_rows=g.metered_rows.sum(),
        quantity=g.quantity.sum(),
        unblended=g.unblended.sum(),
        net_unblended=g.net_unblended.sum(),
        amortized=g.amortized.sum(),
        amortized_rows=g.rows.sum(where=g.amortized.notnull()).fill_null(0),
        first=g["first"].min(),
        last=sane(g["last"].max()),
        last_start=g.last_start.max(),
        unsure=(g.good & ~numbers(g.unblended, g.quantity)).any(),
    )
    return found.mutate(**{k: _literal(k, fixed[k]) for k in MONEY_KEYS if k in fixed})


def _literal(name: str, value: Any) -> Any:
    return ibis.null("float64") if name in AMOUNTS else ibis.literal(value)


def amortized(g: Any) -> Any:
    """Amortized cost of sums by kind of line, as the Cloud Intelligence Dashboards count it (summary view).

    Covered usage at plan rates; the plan fee as what of it was not used; upfront fees and negation as 0; reserved usage
    at its effective cost, the reservation fee as what of it was not used; everything else unblended. FOCUS says it.
    """
    kind = g.line_type
    return ibis.cases(
        (g.says_amortized, ibis.ifelse(g.effective_rows == g.rows, g.effective, ibis.null("float64"))),
        (kind == "SavingsPlanCoveredUsage", g.plan_effective),
        (kind == "SavingsPlanRecurringFee", g.plan_commitment - g.plan_used),
        (kind.isin(["SavingsPlanNegation", "SavingsPlanUpfrontFee"]), 0.0),
        ((kind == "Fee") & g.reserved, 0.0),
        (kind == "DiscountedUsage", g.reservation_effective),
        (kind == "RIFee", g.unused_upfront + g.unused_recurring),
        else_=g.unblended,
    )


def hours(
    t: Any,
    products: Sequence[str],
    *,
    mixed: bool = True,
    doubtful: bool = True,
    spans: Sequence[tuple[Any, Any]] = (),
) -> Any:
    """Lines of usage of SageMaker. Usage and covered usage of one hour add up; negation is not usage.

    `products` are its names in this export. Facts already known from the dollar totals are passed in, not recomputed
    per line: whether instance-hours have lines of kinds that are no usage (`mixed`, saves 0.10 s of 0.35), whether
    any line is not good (`doubtful`, 0.13 s), and which usage types are instance-hours (those that `questions` has
    found). `spans` are the covered stretches, where some lines are outside them.
    """
    chosen = t.product.isin(list(products)) & t.quantity.notnull()
    if mixed:
        chosen = chosen & t.line_type.isin(HOUR_TYPES)
    if spans:
        chosen = chosen & within(t.start, spans)
    return t.filter(chosen & t.good if doubtful else chosen)


def hours_by_resource(h: Any, keys: Sequence[str]) -> Any:
    """Of `hours`: how the quantity of each resource moved from line to line; totals and spans are among the dollars."""
    return h.group_by(*keys).agg(**_course(h, h.start))


def hours_of_mixed(h: Any, resources: list[str] | None) -> Any:
    """The same, with totals and spans, for resources with several lines in an hour (partly covered by a plan).

    Hours are added up first.
    """
    keyed = h.mutate(hour=h.start.truncate("h"), **{k: h[k].fill_null("") for k in RESOURCE_KEYS})
    keyed = keyed if resources is None else keyed.filter(keyed.resource_id.isin(resources))
    hourly = keyed.group_by(*RESOURCE_KEYS, "hour").agg(quantity=keyed.quantity.sum(), end=keyed.end.max())
    found = hourly.group_by(*RESOURCE_KEYS).agg(
        hours=hourly.quantity.sum(),
        metered_hours=hourly.count(),
        first=hourly.hour.min(),
        last=hourly.hour.max(),
        last_end=hourly.end.max(),
        **_course(hourly, hourly.hour),
    )
    return found.mutate(last_end=sane(found.last_end))


def _course(h: Any, moment: Any) -> dict[str, Any]:
    """`least` looks at whole instance-hours only: an hour in which something started or stopped is a part of one."""
    whole = (h.quantity - (h.quantity + 0.5).floor()).abs() < WHOLE
    return {
        "least": h.quantity.min(where=whole),
        "most": h.quantity.max(),
        "first_hours": min_by(h.quantity, moment),
        "last_hours": max_by(h.quantity, moment),
    }


def hours_by_type(h: Any, keys: Sequence[str]) -> Any:
    """Of `hours`: the profile of the account, by the moment at which lines begin."""
    return h.group_by(*keys, "start").agg(hours=h.quantity.sum())


def plans(t: Any) -> Any:
    """Savings Plan fees by plan: committed dollars and the hours they are for; and refunds of such fees."""
    of_plans = t.product.contains("SavingsPlans") | t.product.contains("Savings Plans")
    back = t.line_type.isin(["Refund", "Credit"]) & of_plans & (t.plan_id != "")
    fees = t.filter((t.line_type.isin(FEE_TYPES) | back) & t.good)
    found = fees.group_by("plan_id", "product", "line_type").agg(
        account_id=fees.account_id.max(),
        commitment=fees.plan_commitment.sum(),
        hours=fees.quantity.sum(),
        unblended=fees.unblended.sum(),
        charged=fees.unblended.sum(where=fees.unblended > 0).fill_null(0.0),
        given_back=fees.unblended.sum(where=fees.unblended < 0).fill_null(0.0),
        start=fees.plan_start.max(),
        end=fees.plan_end.max(),
        payment=fees.plan_payment.max(),
        term=fees.plan_term.max(),
        first=fees.start.min(),
        last=fees.end.max(),
    )
    return found.mutate(last=sane(found["last"]))


def tags(t: Any, columns: tuple[str, ...]) -> Any:
    """Tags of resources of the services we model, from one source: its tag columns at the latest line."""
    ours = t.filter((is_sagemaker(t) | is_s3(t) | is_file_system(t)) & (t.resource_id != "") & t.good)
    found = {c: ours[c].argmax(ours.start) if ours[c].type().is_map() else ours[c].max() for c in columns}
    return ours.group_by("account_id", "region", "resource_id").agg(**found)
