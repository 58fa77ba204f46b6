"""Cost Explorer: the console's CSV and the answer of GetCostAndUsage → lines. No resources, no hours.

The CSV has one column a usage type (or service) with its unit in brackets, a total row first and a total column last;
both totals are checked against what they sum. Source: Cost Explorer API reference (GetCostAndUsage; End is exclusive).
"""

from __future__ import annotations

import csv
import math
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.sources.bills.explorer.currencies import HEADING, currency_of
from simulator.sources.bills.explorer.lines import Explored, dimension, frame_of, spans_of
from simulator.sources.bills.explorer.steps import most_hours, steps
from simulator.sources.bills.lines import MAX_AMOUNT
from simulator.sources.bills.report import BillError

MOST_SAID = 5
CENT_USD = 0.01
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
"""An account in a heading such as `production (111122223333)($)`."""
TOTAL = re.compile(r"^Total( costs?)?( ?\(.*\))?$", re.I)


def is_cost_explorer(columns: list[str]) -> bool:
    """A console download: a dimension first, and money in the headings."""
    return bool(columns) and dimension(columns[0]) != "" and any(HEADING.match(c) for c in columns[1:])


def from_csv(path: Path, name: str, delimiter: str) -> Explored:
    """A console download. Raises BillError naming line and column of what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BillError(f"{name}: not a readable CSV in UTF-8 ({error})") from error
    head, body = rows[0], [r for r in rows[1:] if r]
    field = dimension(head[0])
    totals = next((r for r in body if r[0].endswith("total") or TOTAL.match(r[0])), None)
    body = [r for r in body if r is not totals]
    if any(len(r) == len(head) for r in body):
        _one_currency(head, name)
    lasting = steps([r[0] for r in body], name, most_hours(head, body))
    lines, warnings = [], []
    for number, row in enumerate(body, start=len(rows) - len(body) + 1):
        if len(row) != len(head):
            raise BillError(f"{name}, line {number}: {len(row)} values; expected {len(head)}")
        amounts = [_number(v, name, number, c) for v, c in zip(row[1:], head[1:], strict=True)]
        for heading, amount in zip(head[1:], amounts, strict=True):
            if amount is not None and not TOTAL.match(heading):
                lines.append(_csv_line(field, heading, row[0], lasting[row[0]], amount))
        warnings += _row_total(head, amounts, f"{name}, line {number}")
    warnings += _column_totals(head, body, totals, name)
    spans = [(_day_of(r[0]), _day_of(r[0]) + lasting[r[0]]) for r in body]
    return Explored(frame_of(lines), spans_of(spans), tuple(_few(warnings)))


def _few(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_SAID
    return [*sentences[:MOST_SAID], f"{more:,} more like it"] if more > 0 else sentences


def _day_of(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


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


def _csv_line(field: str, heading: str, day: str, step: timedelta, amount: float) -> dict[str, Any]:
    found = HEADING.match(heading)
    label, unit = (found["name"], found["unit"]) if found else (heading, "$")
    start = datetime.fromisoformat(day.removesuffix("Z"))
    if field == "account_id" and (account := ACCOUNT.search(label)):
        label = account[0]
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
