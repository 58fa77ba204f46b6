"""Lines: every export as one table of the same columns, as an Ibis expression that any engine can run.

A line that is not `good` cannot be trusted (no time, no cost, a value that is not a number): it is counted and kept
aside. A kind of line that nobody knows is found later, among the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import ibis

from simulator.sources.bills.formats import NUMBERS, TIMES, Format

LINE_TYPES = (
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "Tax",
    "Fee",
    "RIFee",
    "Credit",
    "Refund",
    "Discount",
    "EdpDiscount",
    "SppDiscount",
    "BundledDiscount",
    "PrivateRateDiscount",
    "RiVolumeDiscount",
    "FlatRateSubscription",
    "Adjustment",
)
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment", "Refund")
NEW_LINE_TYPE = "^[A-Z][A-Za-z]{2,40}$"
DISCOUNT = "(?i)(enterprise|edp|private|negotiated|bundled|program).*discount"
"""A negotiated discount as a line of FOCUS, which has no kind of its own for it."""
MAX_AMOUNT = 1e12
MAX_QUANTITY = 1e18
FIRST, LAST = datetime(2006, 1, 1), datetime(2101, 1, 1)  # noqa: DTZ001
AMOUNTS = NUMBERS
COLUMNS = (
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
    "start",
    "end",
    "month",
    "good",
    "in_range",
    "plan_id",
    "reservation_id",
    "plan_start",
    "plan_end",
    "plan_payment",
    "plan_term",
    "says_amortized",
    "source",
    "line_id",
    "operation",
    "zone",
    "sku",
    *AMOUNTS,
)


def lines(
    raw: Any, format_: Format, columns: Sequence[str] = COLUMNS, *, tags: bool = False, source: int = 0
) -> Any:
    """Lines of one source, in the columns asked for; with `tags`, its tag columns too, as they are."""
    fields = _Fields(raw, format_, source)
    own = {t: raw[t] for t in format_.tags} if tags else {}
    return raw.select(**{name: fields.value(name) for name in columns}, **own)


def fixed(formats: Sequence[Format]) -> dict[str, Any]:
    """Columns that are the same on every line of these formats: fields that none of them has."""
    found: dict[str, Any] = {}
    for name in ("product_name", "description", *AMOUNTS):
        if not any(name in f.fields for f in formats) and name != "plan_commitment":
            found[name] = None if name in AMOUNTS else ""
    if not any("reservation_id" in f.fields for f in formats):
        found["reserved"] = False
    if len(formats) == 1:
        found["source"] = 0
    if all(f.family == "cur" for f in formats):
        found |= {"provider": "AWS", "says_amortized": False}
        if not any("plan_commitment" in f.fields for f in formats):
            found["plan_commitment"] = None
    return found


def sane(moment: Any) -> Any:
    """The moment, or unknown where no bill can have been: engines know infinity, pandas does not."""
    return ibis.ifelse((moment >= FIRST) & (moment < LAST), moment, ibis.null("timestamp"))


def numbers(cost: Any, quantity: Any) -> Any:
    """True where neither is NaN; unknown is not NaN."""
    return ~(cost.isnan() | quantity.isnan()).fill_null(False)


def unknown_kinds(line_types: Any) -> Any:
    """True where a kind of line is neither known nor a word that AWS could have added. Takes a pandas column."""
    return ~(line_types.isin([*LINE_TYPES, *CATEGORIES]) | line_types.str.match(NEW_LINE_TYPE))


class _Fields:
    """Expressions for the columns of a line over the columns of one source; only what is asked for is built."""

    def __init__(self, raw: Any, form: Format, source: int) -> None:
        self.raw, self.form, self.source = raw, form, source
        self.focus = form.family == "focus"

    def value(self, name: str) -> Any:
        """One column of a line, by the family's rule where it has one."""
        rules: dict[str, Callable[[], Any]] = {
            "good": lambda: self._in_range() & numbers(self._read("unblended"), self._read("quantity")),
            "in_range": self._in_range,
            "month": self._month,
            "line_id": self._line_id,
        }
        if self.focus:
            rules |= {"line_type": self._focus_kind, "plan_commitment": lambda: self.value("unblended")}
        else:
            rules |= {"provider": lambda: ibis.literal("AWS")}
        if name == "says_amortized":
            return ibis.literal(self.focus)
        if name == "source":
            return ibis.literal(self.source, "int64")
        return rules[name]() if name in rules else self._read(name)

    def _read(self, name: str) -> Any:
        sources = self.form.fields.get(name, ())
        if name in NUMBERS:
            return _first([_to_number(self.raw[s]) for s in sources], "float64")
        if name in TIMES:
            return self._time(name)
        found = [_read_text(self.raw, s) for s in sources]
        if len(found) == 1 and not self.focus:
            return found[0]
        return ibis.coalesce(*(_given(f) for f in found), "") if found else ibis.literal("")

    def _time(self, name: str) -> Any:
        """A moment; those that are no key of a line are unknown where no bill can have been (engines know infinity)."""
        moment = _first([_to_time(self.raw[s]) for s in self.form.fields.get(name, ())], "timestamp")
        if name in ("start", "end", "bill_start") or name not in self.form.fields:
            return moment
        return sane(moment)

    def _month(self) -> Any:
        """The month of the bill, or of the line where it is not told."""
        if "bill_start" in self.form.fields:
            return self._time("bill_start")
        return self._time("start").truncate("M")

    def _line_id(self) -> Any:
        """The identity of a line: line item id and time interval; "" where the export does not have both."""
        if not {"line_id", "interval"} <= set(self.form.fields):
            return ibis.literal("")
        item, interval = (self._read(name).fill_null("") for name in ("line_id", "interval"))
        return ibis.ifelse((item == "") | (interval == ""), "", item + "|" + interval)

    def _focus_kind(self) -> Any:
        """The kind of line in the words of the Cost and Usage Report."""
        category, status = self._read("category"), self._read("commitment_status")
        usage, purchase = category == "Usage", category == "Purchase"
        return ibis.cases(
            (usage & (status == "Used"), "SavingsPlanCoveredUsage"),
            (usage & (status == "Unused"), "SavingsPlanUnused"),
            (purchase & (self._read("plan_id") != ""), "SavingsPlanRecurringFee"),
            (purchase, "Fee"),
            (
                category.isin(["Adjustment", "Credit"]) & self._read("description").re_search(DISCOUNT),
                "EdpDiscount",
            ),
            else_=category,
        )

    def _in_range(self) -> Any:
        """True where a line can be trusted; false or unknown where not.

        An engine may tell so for whole files, from their statistics. They pass over NaN: see `numbers`.
        """
        start, cost, quantity = self._read("start"), self._read("unblended"), self._read("quantity")
        good = start.between(FIRST, LAST) & cost.between(-MAX_AMOUNT, MAX_AMOUNT)
        good = good & (quantity.between(-MAX_QUANTITY, MAX_QUANTITY) | quantity.isnull())
        for column in self.form.columns():
            if self._may_be_unreadable(column):
                value = self.raw[column]
                read = _to_number(value) if self.form.kind_of(column) == "number" else _to_time(value)
                good = good & (_given(value).isnull() | read.notnull())
        return good

    def _may_be_unreadable(self, column: str) -> bool:
        """A number or time kept as text; an engine that types while it reads has refused a wrong one before."""
        return self.form.kind_of(column) != "text" and self.raw[column].type().is_string()


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
    """FOCUS writes NULL for absent values."""
    return value.nullif("").nullif("NULL")


def _to_number(value: Any) -> Any:
    return _given(value).try_cast("float64") if value.type().is_string() else value.cast("float64")


def _to_time(value: Any) -> Any:
    """UTC without a mark. Text may be ISO 8601 with Z or an offset; Athena wants a space and a named zone."""
    if value.type().is_string():
        value = _given(value).replace("T", " ").replace("Z", " UTC").try_cast("timestamp('UTC')")
    return value.cast("timestamp")


def _first(found: list[Any], kind: str) -> Any:
    if not found:
        return ibis.null(kind)
    return found[0] if len(found) == 1 else ibis.coalesce(*found)
