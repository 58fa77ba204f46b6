"""Cost Explorer: the console's CSV and the answer of GetCostAndUsage → lines. No resources, no hours.

The CSV has one column a usage type (or service) with its unit in brackets, a total row first and a total column last;
both totals are checked against what they sum. Source: Cost Explorer API reference (GetCostAndUsage; End is exclusive).
"""

from __future__ import annotations

import csv
import json
import math
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.sources.bills.lines import AMOUNTS, COLUMNS, MAX_AMOUNT
from simulator.sources.bills.report import BillError

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
HEADING = re.compile(r"^(?P<name>.*?) ?\((?P<unit>[^()]*)\)$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
METRICS = {
    "UnblendedCost": "unblended",
    "AmortizedCost": "effective",
    "NetUnblendedCost": "net_unblended",
    "UsageQuantity": "quantity",
}


def is_cost_explorer(columns: list[str]) -> bool:
    """A console download: a dimension first, and money in the headings."""
    return bool(columns) and columns[0] in DIMENSIONS and any(HEADING.match(c) for c in columns[1:])


def from_csv(path: Path, name: str, delimiter: str) -> tuple[pd.DataFrame, list[str]]:
    """Lines of a console download, and warnings. Raises BillError naming line and column of what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BillError(f"{name}: not a readable CSV in UTF-8 ({error})") from error
    head, body = rows[0], [r for r in rows[1:] if r]
    field = DIMENSIONS[head[0]]
    totals = next((r for r in body if r[0].endswith("total")), None)
    body = [r for r in body if r is not totals]
    step = _step([r[0] for r in body], name)
    lines, warnings = [], []
    for number, row in enumerate(body, start=len(rows) - len(body) + 1):
        if len(row) != len(head):
            raise BillError(f"{name}, line {number}: {len(row)} values; expected {len(head)}")
        amounts = [_number(v, name, number, c) for v, c in zip(row[1:], head[1:], strict=True)]
        for heading, amount in zip(head[1:], amounts, strict=True):
            if amount is not None and not heading.startswith("Total costs"):
                lines.append(_csv_line(field, heading, row[0], step, amount))
        warnings += _row_total(head, amounts, f"{name}, line {number}")
    warnings += _column_totals(head, body, totals, name)
    return _frame(lines), warnings


def _csv_line(field: str, heading: str, day: str, step: timedelta, amount: float) -> dict[str, Any]:
    found = HEADING.match(heading)
    label, unit = (found["name"], found["unit"]) if found else (heading, "$")
    start = datetime.fromisoformat(day)
    money = unit in ("$", "USD")
    line = {"line_type": "Usage", "start": start, "end": start + step, "currency": "USD", field: label}
    return line | ({"unblended": amount} if money else {"quantity": amount, "unit": unit, "unblended": 0.0})


def _step(days: list[str], name: str) -> timedelta:
    wrong = next((d for d in days if not DAY.match(d)), None)
    if wrong is not None or not days:
        raise BillError(f"{name}: first column {wrong!r}; expected days such as 2026-10-01")
    try:
        moments = sorted(datetime.fromisoformat(d) for d in days)
    except ValueError as error:
        raise BillError(f"{name}: {error}; expected days such as 2026-10-01") from error
    gaps = [b - a for a, b in pairwise(moments)]
    if not gaps or min(gaps) < timedelta(days=27):
        return timedelta(days=1)
    return gaps[-1] if gaps[-1] >= timedelta(days=27) else timedelta(days=30)


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
        if a is not None and "($)" in h and not h.startswith("Total costs")
    ]
    total = next((a for h, a in zip(head[1:], amounts, strict=True) if h.startswith("Total costs")), None)
    if total is not None and abs(sum(money) - total) > CENT_USD:
        return [f"{place}: its values sum to ${sum(money):,.2f}, its total says ${total:,.2f}"]
    return []


def _column_totals(head: list[str], body: list[list[str]], totals: list[str] | None, name: str) -> list[str]:
    found = []
    for i, heading in enumerate(head[1:], start=1) if totals and len(totals) == len(head) else ():
        summed = sum(float(r[i]) for r in body if r[i].strip())
        stated = _number(totals[i], name, 2, heading)  # type: ignore[index]
        if stated is not None and abs(summed - stated) > CENT_USD:
            found.append(f"{name}, column {heading}: sums to {summed:,.2f}, the total row says {stated:,.2f}")
    return found


def from_json(path: Path, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Lines of GetCostAndUsage answers (one, or a list of pages), and warnings. Raises BillError."""
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
        for page in pages:
            keys = [g["Key"] for g in page.get("GroupDefinitions", [])] or keys
            for period in page["ResultsByTime"]:
                lines += _period(period, keys, name)
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
    return _frame(lines), warnings


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
    frame["line_type"] = frame["line_type"].replace(CHARGE_TYPES)
    frame["product"] = frame["product"].replace({"S3": "AmazonS3"})
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


def _product_of(usage_type: str) -> str:
    """The product of a usage type that only one product has; TimedStorage-ByteHrs is S3's, but not only S3's."""
    return next((product for pattern, product in PRODUCTS if pattern.search(usage_type)), "")


PRODUCTS = (
    (
        re.compile(
            r":(\w+-)?ml\.|ServerlessInf|TrainWarmPool|(Host|Train|Notebk|Studio|Processing):VolumeUsage"
        ),
        "AmazonSageMaker",
    ),
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
}
"""Record types as Cost Explorer words them. Source: Cost Explorer user guide, "Charge type" filter."""
