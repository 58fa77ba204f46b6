"""Lines: every export as one table of the same columns, as an Ibis expression that any engine can run.

`bad` marks a line that cannot be trusted (no time, no cost, a value that is not a number): it is counted and kept
aside. A kind of line that nobody knows is found later, among the sums.
"""

from __future__ import annotations

from datetime import datetime
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
FIRST, LAST = datetime(2006, 1, 1), datetime(2101, 1, 1)  # noqa: DTZ001
AMOUNTS = (
    "quantity", "unblended", "net_unblended", "effective", "plan_effective", "plan_commitment", "plan_used",
    "reservation_effective", "unused_upfront", "unused_recurring",
)  # fmt: skip
COLUMNS = (
    "account_id", "provider", "line_type", "product", "product_name", "usage_type", "description", "resource_id", "unit",
    "currency", "region", "start", "end", "month", "bad", "plan_id", "reservation_id", "plan_start", "plan_end", "plan_payment",
    "plan_term", "says_amortized", *AMOUNTS,
)  # fmt: skip


def lines(raw: Any, format_: Format, *, tags: bool = False) -> Any:
    """Lines of one source; with `tags`, its tag columns too, as they are."""
    values: dict[str, Any] = {name: _text(raw, format_, name) for name in TEXTS}
    values |= {name: _number(raw, format_, name) for name in NUMBERS}
    values |= {name: _time(raw, format_, name) for name in TIMES}
    table = raw.select(
        **values, _unreadable=_unreadable(raw, format_), **({t: raw[t] for t in format_.tags} if tags else {})
    )
    if format_.family == "focus":
        table = table.mutate(line_type=_focus_kind(table), plan_commitment=table.unblended, says_amortized=True)
    else:
        table = table.mutate(provider=ibis.literal("AWS"), says_amortized=False)
    month = table.bill_start if "bill_start" in format_.fields else table.start.truncate("M")
    table = table.mutate(bad=_bad(table), month=month)
    return table.select(*COLUMNS, *(format_.tags if tags else ()))


def _focus_kind(t: Any) -> Any:
    """The kind of line in the words of the Cost and Usage Report."""
    usage, purchase = t.category == "Usage", t.category == "Purchase"
    return ibis.cases(
        (usage & (t.commitment_status == "Used"), "SavingsPlanCoveredUsage"),
        (usage & (t.commitment_status == "Unused"), "SavingsPlanUnused"),
        (purchase & (t.plan_id != ""), "SavingsPlanRecurringFee"),
        (purchase, "Fee"),
        else_=t.category,
    )


def _bad(t: Any) -> Any:
    good = (
        (t.start >= FIRST)
        & (t.start < LAST)
        & (t.unblended.abs() < MAX_AMOUNT)
        & (t.quantity.isnull() | (t.quantity.abs() < MAX_QUANTITY))
        & ~t._unreadable
    )
    return ~good.fill_null(False)


def unknown_kinds(line_types: Any) -> Any:
    """True where a kind of line is neither known nor a word that AWS could have added. Takes a pandas column."""
    return ~(line_types.isin([*LINE_TYPES, *CATEGORIES]) | line_types.str.match(NEW_LINE_TYPE))


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
    found = [_read_text(raw, source) for source in format_.fields.get(name, ())]
    if not found:
        return ibis.literal("")
    if len(found) == 1 and format_.family == "cur":
        return found[0]
    return ibis.coalesce(*(_given(f) for f in found), "")


def _read_text(raw: Any, source: str) -> Any:
    column, bracket, key = source.partition("[")
    value = raw[column]
    if not bracket:
        return value.cast("string")
    key = key.rstrip("]")
    if value.type().is_map():
        return value.get(key, ibis.null("string"))
    return value.cast("string").re_extract(f'"{key}" *: *"([^"]*)"', 1)


def _given(value: Any) -> Any:
    return value.nullif("").nullif("NULL")


def _number(raw: Any, format_: Format, name: str) -> Any:
    return _first([_to_number(raw[source]) for source in format_.fields.get(name, ())], "float64")


def _to_number(value: Any) -> Any:
    return _given(value).try_cast("float64") if value.type().is_string() else value.cast("float64")


def _time(raw: Any, format_: Format, name: str) -> Any:
    return _first([_to_time(raw[source]) for source in format_.fields.get(name, ())], "timestamp")


def _first(found: list[Any], kind: str) -> Any:
    if not found:
        return ibis.null(kind)
    return found[0] if len(found) == 1 else ibis.coalesce(*found)


def _to_time(value: Any) -> Any:
    """UTC without a mark. Text may be ISO 8601 with Z or an offset; Athena wants a space and a named zone."""
    if value.type().is_string():
        value = _given(value).replace("T", " ").replace("Z", " UTC").try_cast("timestamp('UTC')")
    return value.cast("timestamp")
