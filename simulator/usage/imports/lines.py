"""Lines: every export as one table of the same columns, as an Ibis expression that any engine can run.

`bad` marks a line that cannot be trusted (no time, no cost, a value that is not a number, an unknown kind of line): it
is counted and kept aside. Amortized cost follows the AWS Cloud Intelligence Dashboards (summary view): covered usage
at plan rates, the plan fee as what of it was not used, upfront fees and negation as 0, reserved usage at its
effective cost, the reservation fee as what of it was not used, everything else unblended.
"""

from __future__ import annotations

from typing import Any

import ibis

from simulator.usage.imports.formats import NUMBERS, TEXTS, TIMES, Format

LINE_TYPES = (
    "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee", "Tax", "Fee", "RIFee", "Credit", "Refund", "Discount", "EdpDiscount", "SppDiscount",
    "BundledDiscount", "PrivateRateDiscount", "RiVolumeDiscount", "FlatRateSubscription", "Adjustment",
)  # fmt: skip
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment", "Refund")
NEW_LINE_TYPE = "^[A-Z][A-Za-z]{2,40}$"
MAX_AMOUNT = 1e12
MAX_QUANTITY = 1e18
FIRST_YEAR, LAST_YEAR = 2006, 2100
COLUMNS = (
    "account_id", "provider", "line_type", "product", "product_name", "usage_type", "description", "resource_id", "unit",
    "currency", "region", "start", "end", "quantity", "unblended", "net_unblended", "list_cost", "amortized", "bad",
    "plan_id", "plan_commitment", "plan_start", "plan_end", "plan_payment", "plan_term",
)  # fmt: skip


def lines(raw: Any, format_: Format, *, tags: bool = False) -> Any:
    """Lines of one source; with `tags`, its tag columns too, as they are."""
    values: dict[str, Any] = {name: _text(raw, format_, name) for name in TEXTS}
    values |= {name: _number(raw, format_, name) for name in NUMBERS}
    values |= {name: _time(raw, format_, name) for name in TIMES}
    table = raw.select(
        **values, _unreadable=_unreadable(raw, format_), **({t: raw[t] for t in format_.tags} if tags else {})
    )
    table = _cur_cost(table, format_) if format_.family == "cur" else _focus_cost(table)
    return table.select(*COLUMNS, *(format_.tags if tags else ()))


def _cur_cost(t: Any, format_: Format) -> Any:
    kind = t.line_type
    fee_of_reservation = (kind == "Fee") & (t.reservation_id != "")
    amortized = ibis.cases(
        (kind == "SavingsPlanCoveredUsage", t.plan_effective),
        (kind == "SavingsPlanRecurringFee", t.plan_commitment - t.plan_used),
        (kind.isin(["SavingsPlanNegation", "SavingsPlanUpfrontFee"]) | fee_of_reservation, 0.0),
        (kind == "DiscountedUsage", t.reservation_effective),
        (kind == "RIFee", t.unused_upfront + t.unused_recurring),
        else_=t.unblended,
    )
    known = kind.isin(LINE_TYPES) | kind.re_search(NEW_LINE_TYPE)
    return t.mutate(amortized=amortized, provider=ibis.literal("AWS"), bad=_bad(t, known))


def _focus_cost(t: Any) -> Any:
    usage, purchase = t.category == "Usage", t.category == "Purchase"
    kind = ibis.cases(
        (usage & (t.commitment_status == "Used"), "SavingsPlanCoveredUsage"),
        (usage & (t.commitment_status == "Unused"), "SavingsPlanUnused"),
        (purchase & (t.plan_id != ""), "SavingsPlanRecurringFee"),
        (purchase, "Fee"),
        else_=t.category,
    )
    return t.mutate(
        line_type=kind,
        amortized=t.effective,
        plan_commitment=t.unblended,
        bad=_bad(t, t.category.isin(CATEGORIES)),
    )


def _bad(t: Any, known_type: Any) -> Any:
    year = t.start.year()
    good = (
        t.start.notnull()
        & (year >= FIRST_YEAR)
        & (year <= LAST_YEAR)
        & (t.unblended.abs() < MAX_AMOUNT)
        & (t.quantity.isnull() | (t.quantity.abs() < MAX_QUANTITY))
        & known_type
        & ~t._unreadable
    )
    return ~good.fill_null(False)


def _unreadable(raw: Any, format_: Format) -> Any:
    """A number or time kept as text that is none; an engine that types while it reads has refused it before."""
    wrong = ibis.literal(False)
    for column in format_.columns():
        kind = format_.kind_of(column)
        if kind != "text" and raw[column].type().is_string():
            read = _to_number(raw[column]) if kind == "number" else _to_time(raw[column])
            wrong = wrong | (_given(raw[column]).notnull() & read.isnull())
    return wrong


def _text(raw: Any, format_: Format, name: str) -> Any:
    """First non-empty of the field's columns; empty when there is none. FOCUS writes NULL for absent values."""
    found = [_read_text(raw, source, format_) for source in format_.fields.get(name, ())]
    return ibis.coalesce(*found, "") if found else ibis.literal("")


def _read_text(raw: Any, source: str, format_: Format) -> Any:
    column, bracket, key = source.partition("[")
    value = raw[column]
    if bracket:
        key = key.rstrip("]")
        if value.type().is_map():
            value = value.get(key, ibis.null("string"))
        else:
            value = value.cast("string").re_extract(f'"{key}" *: *"([^"]*)"', 1)
    return value.cast("string").nullif("") if format_.family == "cur" else _given(value.cast("string"))


def _given(value: Any) -> Any:
    return value.nullif("").nullif("NULL")


def _number(raw: Any, format_: Format, name: str) -> Any:
    found = [_to_number(raw[source]) for source in format_.fields.get(name, ())]
    return ibis.coalesce(*found) if found else ibis.null("float64")


def _to_number(value: Any) -> Any:
    return _given(value).try_cast("float64") if value.type().is_string() else value.cast("float64")


def _time(raw: Any, format_: Format, name: str) -> Any:
    found = [_to_time(raw[source]) for source in format_.fields.get(name, ())]
    return ibis.coalesce(*found) if found else ibis.null("timestamp")


def _to_time(value: Any) -> Any:
    """UTC without a mark. Text may be ISO 8601 with Z or an offset; Athena wants a space and a named zone."""
    if value.type().is_string():
        value = _given(value).replace("T", " ").replace("Z", " UTC").try_cast("timestamp('UTC')")
    return value.cast("timestamp")
