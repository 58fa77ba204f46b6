"""Cost Explorer: the console's CSV and the answer of GetCostAndUsage → lines. No resources, no hours.

The CSV has one column a usage type (or service) with its unit in brackets, a total row first and a total column last;
both totals are checked against what they sum. Source: Cost Explorer API reference (GetCostAndUsage; End is exclusive).
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.sources.bills.lines import AMOUNTS, COLUMNS, MAX_AMOUNT, NEW_LINE_TYPE
from simulator.sources.bills.report import BillError

Span = tuple[pd.Timestamp, pd.Timestamp]
MOST_SAID = 5
MAX_BYTES = 300 * 2**20
CENT_USD = 0.01
DIMENSIONS = {
    "Service": "product",
    "Usage type": "usage_type",
    "Region": "region",
    "Linked account": "account_id",
    "Charge type": "line_type",
    "SERVICE": "product",
    "USAGE_TYPE": "usage_type",
    "REGION": "region",
    "LINKED_ACCOUNT": "account_id",
    "RECORD_TYPE": "line_type",
}
CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "CN¥": "CNY",
    "元": "CNY",
    "₹": "INR",
    "R$": "BRL",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "SG$": "SGD",
    "NT$": "TWD",
    "MX$": "MXN",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₽": "RUB",
    "zł": "PLN",
    "Kč": "CZK",
    "Rp": "IDR",
    "RM": "MYR",
}
"""Currency signs of console downloads; a code of three capitals is itself."""
UNITS_OF_THREE = ("GBH", "REQ", "HRS", "QTY", "MAU")
TOTAL = re.compile(r"^Total( costs?)?( ?\(.*\))?$", re.I)
HEADING = re.compile(r"^(?P<name>.*?) ?\((?P<unit>[^()]*)\)$")
SIGN = re.compile(r"^(\w{0,3}[$€£¥\u20a0-\u20cf]|kr\.?|Fr\.?)$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:00:00Z?)?$")
MOST_INSTANCES = 12
"""One row that is not on the first: this many instances of one type all day are likelier than a cut month."""
METRICS = {
    "UnblendedCost": "unblended",
    "AmortizedCost": "effective",
    "NetUnblendedCost": "net_unblended",
    "UsageQuantity": "quantity",
}


def is_cost_explorer(columns: list[str]) -> bool:
    """A console download: a dimension first, and money in the headings."""
    return bool(columns) and columns[0] in DIMENSIONS and any(HEADING.match(c) for c in columns[1:])


@dataclass(frozen=True)
class Explored:
    """A table of Cost Explorer: its lines, the periods it covers (billed or not), and sentences."""

    lines: pd.DataFrame
    covered: tuple[Span, ...]
    warnings: tuple[str, ...] = ()


def from_csv(path: Path, name: str, delimiter: str) -> Explored:
    """A console download. Raises BillError naming line and column of what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BillError(f"{name}: not a readable CSV in UTF-8 ({error})") from error
    head, body = rows[0], [r for r in rows[1:] if r]
    field = DIMENSIONS[head[0]]
    totals = next((r for r in body if r[0].endswith("total")), None)
    body = [r for r in body if r is not totals]
    if any(len(r) == len(head) for r in body):
        _one_currency(head, name)
    steps = _steps([r[0] for r in body], name, _most_hours(head, body))
    lines, warnings = [], []
    for number, row in enumerate(body, start=len(rows) - len(body) + 1):
        if len(row) != len(head):
            raise BillError(f"{name}, line {number}: {len(row)} values; expected {len(head)}")
        amounts = [_number(v, name, number, c) for v, c in zip(row[1:], head[1:], strict=True)]
        for heading, amount in zip(head[1:], amounts, strict=True):
            if amount is not None and not TOTAL.match(heading):
                lines.append(_csv_line(field, heading, row[0], steps[row[0]], amount))
        warnings += _row_total(head, amounts, f"{name}, line {number}")
    warnings += _column_totals(head, body, totals, name)
    spans = [(_day_of(r[0]), _day_of(r[0]) + steps[r[0]]) for r in body]
    return Explored(_frame(lines), _spans(spans), tuple(_few(warnings)))


def _few(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_SAID
    return [*sentences[:MOST_SAID], f"{more:,} more like it"] if more > 0 else sentences


def _spans(moments: Iterable[tuple[datetime, datetime]]) -> tuple[Span, ...]:
    return tuple((pd.Timestamp(a), pd.Timestamp(b)) for a, b in dict.fromkeys(moments))


def _day_of(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def currency_of(unit: str) -> str:
    """ISO code of a sign or code in a heading; "" where it is a unit of usage.

    A sign nobody knows stands for itself: its amounts are no dollars, and asked for as `--rate`.
    """
    unit = unit.strip()
    if unit in CURRENCIES or re.match(r"^[A-Z]{3}$", unit):
        return CURRENCIES.get(unit, "" if unit in UNITS_OF_THREE else unit)
    return unit if SIGN.match(unit) else ""


def _one_currency(head: list[str], name: str) -> None:
    """A total of two currencies is no amount, nor one in a currency that cannot be told. Raises BillError."""
    for heading in head[1:]:
        told = HEADING.match(heading)
        if TOTAL.match(heading) and told and told["unit"] and not currency_of(told["unit"]):
            raise BillError(
                f"{name}, line 1: {heading!r}: {told['unit']!r} is no currency we know; write its code of three "
                "letters, such as (EUR)"
            )
    found = sorted({c for h in head[1:] if (m := HEADING.match(h)) and (c := currency_of(m["unit"]))})
    if len(found) > 1:
        raise BillError(f"{name}, line 1: amounts in {' and '.join(found)}; expected one currency a file")


def _most_hours(head: list[str], body: list[list[str]]) -> float:
    """The most instance-hours of one column and row: more than 24 cannot be one day of one instance."""
    found = [0.0]
    for i, heading in enumerate(head[1:], start=1):
        if heading.endswith("(Hrs)"):
            found += [
                float(r[i]) for r in body if len(r) == len(head) and re.match(r"^\d+(\.\d+)?$", r[i].strip())
            ]
    return max(found)


def _csv_line(field: str, heading: str, day: str, step: timedelta, amount: float) -> dict[str, Any]:
    found = HEADING.match(heading)
    label, unit = (found["name"], found["unit"]) if found else (heading, "$")
    start = datetime.fromisoformat(day.removesuffix("Z"))
    currency = currency_of(unit)
    money = currency != ""
    line = {
        "line_type": "Usage",
        "start": start,
        "end": start + step,
        "currency": currency or "USD",
        field: label,
    }
    return line | ({"unblended": amount} if money else {"quantity": amount, "unit": unit, "unblended": 0.0})


def _steps(days: list[str], name: str, most_hours: float) -> dict[str, timedelta]:
    """How long each row lasts: a day, an hour, or a month where rows are a month apart.

    One row alone on the first of a month: a month when it holds more instance-hours than a day of one instance has, or
    when it is the only row (the console shows a month that way; a single day is downloaded as hours or with its day).
    """
    wrong = next((d for d in days if not DAY.match(d)), None)
    if wrong is not None or not days:
        raise BillError(f"{name}: first column {wrong!r}; expected days such as 2026-10-01")
    try:
        moments = {d: datetime.fromisoformat(d.removesuffix("Z")) for d in days}
    except ValueError as error:
        raise BillError(f"{name}: {error}; expected days such as 2026-10-01") from error
    ordered = sorted(moments.values())
    gaps = [b - a for a, b in pairwise(ordered) if b > a]
    later = [m for m in ordered if m != ordered[0]]
    first_cut = bool(later) and ordered[0].hour == 0 and later[0] == _month_end(ordered[0])
    by_month = all(m.day == 1 and m.hour == 0 for m in later) and (ordered[0].day == 1 or first_cut)
    if by_month and ordered[0].hour == 0 and (not gaps or min(gaps) > timedelta(days=1)):
        return {d: _month_end(m) - m for d, m in moments.items()}
    if gaps and min(gaps) < timedelta(hours=12):
        return dict.fromkeys(days, timedelta(hours=1))
    if gaps and min(gaps) >= timedelta(
        days=27
    ):  # months of which the first is cut: each ends where a month does
        return {d: _month_end(m) - m for d, m in moments.items()}
    if not gaps and most_hours > 24 and most_hours > 24.0 * MOST_INSTANCES:
        return {d: _month_end(m) - m for d, m in moments.items()}
    return dict.fromkeys(days, timedelta(days=1))


def _month_end(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0)


def _number(text: str, name: str, line: int, column: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) < MAX_AMOUNT:
        raise BillError(f"{name}, line {line}, column {column}: {text[:60]!r}; expected a number")
    return value


def _row_total(head: list[str], amounts: list[float | None], place: str) -> list[str]:
    money = [
        a
        for h, a in zip(head[1:], amounts, strict=True)
        if a is not None and (m := HEADING.match(h)) and currency_of(m["unit"]) and not TOTAL.match(h)
    ]
    totals = [(h, a) for h, a in zip(head[1:], amounts, strict=True) if TOTAL.match(h) and a is not None]
    if totals and abs(sum(money) - totals[0][1]) > CENT_USD:
        code = next(
            (c for h, _ in totals if (m := HEADING.match(h)) and (c := currency_of(m["unit"]))), "USD"
        )
        said = "$" if code == "USD" else f"{code} "
        return [
            f"{place}: its values sum to {said}{sum(money):,.2f}, its total says {said}{totals[0][1]:,.2f}"
        ]
    return []


def _column_totals(head: list[str], body: list[list[str]], totals: list[str] | None, name: str) -> list[str]:
    found = []
    for i, heading in enumerate(head[1:], start=1) if totals and len(totals) == len(head) else ():
        summed = sum(float(r[i]) for r in body if r[i].strip())
        stated = _number(totals[i], name, 2, heading)  # type: ignore[index]
        if stated is not None and abs(summed - stated) > CENT_USD:
            found.append(f"{name}, column {heading}: sums to {summed:,.2f}, the total row says {stated:,.2f}")
    return found


def from_json(path: Path, name: str) -> Explored:
    """Answers of GetCostAndUsage (one, or a list of pages). Raises BillError."""
    if path.stat().st_size > MAX_BYTES:
        raise BillError(
            f"{name}: {path.stat().st_size / 2**20:,.0f} MiB of JSON; expected at most {MAX_BYTES // 2**20}"
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        pages = data if isinstance(data, list) else [data]
        lines: list[dict[str, Any]] = []
        warnings: list[str] = []
        keys: list[str] = []
        spans: list[tuple[datetime, datetime]] = []
        for page in pages:
            keys = [g["Key"] for g in page.get("GroupDefinitions", [])] or keys
            for period in page["ResultsByTime"]:
                lines += _period(period, keys, name)
                spans.append((_moment(period["TimePeriod"]["Start"]), _moment(period["TimePeriod"]["End"])))
            if any(p.get("Estimated") for p in page["ResultsByTime"]):
                warnings.append(f"{name}: part of the answer is marked as estimated")
        if pages and pages[-1].get("NextPageToken"):
            warnings.append(
                f"{name}: ends with a NextPageToken; further pages are missing, so the total is not complete"
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BillError):
            raise
        raise BillError(
            f"{name}: not an answer of GetCostAndUsage ({type(error).__name__}: {str(error)[:120]})"
        ) from error
    if not lines:
        raise BillError(f"{name}: no cost in the answer; expected ResultsByTime with groups or totals")
    return Explored(_frame(lines), _spans(spans), tuple(warnings))


def _period(period: dict[str, Any], keys: list[str], name: str) -> list[dict[str, Any]]:
    start, end = (_moment(period["TimePeriod"][k]) for k in ("Start", "End"))
    groups = period.get("Groups") or (
        [{"Keys": [], "Metrics": period["Total"]}] if period.get("Total") else []
    )
    found = []
    for group in groups:
        line: dict[str, Any] = {"line_type": "Usage", "start": start, "end": end}
        line |= {DIMENSIONS[k]: v for k, v in zip(keys, group["Keys"], strict=False) if k in DIMENSIONS}
        if "UnblendedCost" not in group["Metrics"]:
            raise BillError(
                f"{name}: metrics {', '.join(group['Metrics'])} without UnblendedCost; ask for it"
            )
        for metric, field in METRICS.items():
            if metric in group["Metrics"]:
                value = float(group["Metrics"][metric]["Amount"])
                if not abs(value) < 1e18:
                    raise BillError(f"{name}: {metric} {value}; expected a number")
                line[field] = value
        line["currency"] = group["Metrics"]["UnblendedCost"].get("Unit", "USD")
        unit = group["Metrics"].get("UsageQuantity", {}).get("Unit", "")
        found.append(line | {"unit": "" if unit == "N/A" else unit})
    return found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None)


def _frame(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """Lines with every column, typed as the engines type them."""
    frame = pd.DataFrame(lines).reindex(columns=list(COLUMNS))
    frame["month"] = frame["start"]
    times = ["start", "month", "end", "plan_start", "plan_end"]
    for column in COLUMNS:
        if column in AMOUNTS:
            frame[column] = pd.to_numeric(frame[column]).astype(float)
        elif column in times:
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
        elif column not in ("good", "in_range", "says_amortized"):
            frame[column] = frame[column].astype(object).where(frame[column].notna(), "").astype("str")
    kinds = frame["line_type"].replace(CHARGE_TYPES)
    # a kind that is told in words we do not know is a kind of its own, never a line that cannot be read
    frame["line_type"] = kinds.where(kinds.str.match(NEW_LINE_TYPE), kinds.map(_one_word))
    frame["product"] = frame["product"].replace(CONSOLE_NAMES)
    nameless = frame["product"] == ""
    frame.loc[nameless, "product"] = frame.loc[nameless, "usage_type"].map(_product_of)
    frame["region"] = frame["region"].where(frame["region"].str.match(r"^[a-z]{2}-[a-z-]+-\d$"), "")
    return frame.assign(
        good=frame["unblended"].notna(),
        in_range=frame["unblended"].notna(),
        provider="AWS",
        says_amortized=True,
        currency=frame["currency"].replace("", "USD"),
    )


def _one_word(kind: str) -> str:
    """`Some new charge` → `SomeNewCharge`, as CUR would write it."""
    return ("".join(w.capitalize() for w in re.findall(r"[A-Za-z]+", kind)) or "Usage")[:40]


def _product_of(usage_type: str) -> str:
    """The product of a usage type that only one product has; TimedStorage-ByteHrs is S3's, but not only S3's."""
    return next((product for pattern, product in PRODUCTS if pattern.search(usage_type)), "")


CONSOLE_NAMES = {"S3": "AmazonS3", "SageMaker": "AmazonSageMaker", "Bedrock": "AmazonBedrock"}
"""Short names of services in console downloads."""
PRODUCTS = (
    (
        re.compile(
            r":(\w+-)?ml\.|ServerlessInf|TrainWarmPool|(Host|Train|Notebk|Studio|Processing):VolumeUsage"
        ),
        "AmazonSageMaker",
    ),
    (re.compile(r"(Box|Spot)Usage:"), "AmazonEC2"),
    (re.compile(r"SageMakerSP|MachineLearningSP"), "MachineLearningSavingsPlans"),
    (re.compile(r"-(input|output)-tokens|-cache-(read|write)-|^MP:|TokenCount", re.I), "AmazonBedrock"),
    (re.compile(r"TimedStorage-(SIA|ZIA|GIR|Glacier|GDA|INT|RRS)"), "AmazonS3"),
)
CHARGE_TYPES = {
    "Savings Plan Covered Usage": "SavingsPlanCoveredUsage",
    "Savings Plan Negation": "SavingsPlanNegation",
    "Savings Plan Recurring Fee": "SavingsPlanRecurringFee",
    "Savings Plan Upfront Fee": "SavingsPlanUpfrontFee",
    "DiscountedUsage": "DiscountedUsage",
    "Usage": "Usage",
    "Reservation applied usage": "DiscountedUsage",
    "Recurring reservation fee": "RIFee",
    "Upfront reservation fee": "Fee",
    "Savings Plans for AWS Compute usage": "SavingsPlanRecurringFee",
    "Enterprise Discount Program Discount": "EdpDiscount",
    "Private Rate Card Discount": "PrivateRateDiscount",
    "Private Rate Discount": "PrivateRateDiscount",
    "Bundled Discount": "BundledDiscount",
    "Solution Provider Program Discount": "SppDiscount",
    "Distributor Discount": "SppDiscount",
    "Reservation Volume Discount": "RiVolumeDiscount",
    "Volume Discount": "RiVolumeDiscount",
    "Other out-of-cycle charges": "Fee",
    "Support fee": "Fee",
    "Recurring": "Fee",
}
"""Record types as Cost Explorer words them. Source: Cost Explorer user guide, "Charge type" filter."""
