"""Hundreds of damaged files of every format, seeded: a clear error that names the file, or an import whose dollars are
those of the rows that can be read.

The judge is `plain_total`: Python's csv module and Decimal over the same bytes, none of our code. `make faults` tries a
thousand; more, with a table of what became of each: `python -m tests.sources.bills.battery 2000`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.bills import cur2_csv, cur2_parquet, legacy_csv, mixed_bill
from tests.sources.bills.situations import focus_csv, hosting
from tests.sources.bills.test_cost_explorer import CSV, answer

FILES = int(os.environ.get("DAMAGED", "120"))
"""So many reach every kind of damage in every form of text, and all that is cut, flipped or a trick."""
SOME = 40
SEED = 20261124
SECONDS_EACH = 20
BOMB = 10 * 2**20
NAMES = (
    ("lineItem/UnblendedCost", "lineItem/UsageStartDate", "lineItem/UsageAmount", "lineItem/LineItemType"),
    (
        "line_item_unblended_cost",
        "line_item_usage_start_date",
        "line_item_usage_amount",
        "line_item_line_item_type",
    ),
    ("BilledCost", "ChargePeriodStart", "ConsumedQuantity", "ChargeCategory"),
)
"""Cost, start, quantity and kind of line in legacy CUR, CUR 2.0 and FOCUS."""
NUMBERS = ("Cost", "Date", "Commitment", "_cost", "_commitment", "_to_date")
TEXT_FORMS = ("csv", "cur2", "focus 1.0", "focus 1.1", "focus 1.2", "focus 1.3")
BINARY_FORMS = ("gz", "parquet", "json", "explorer")
TRICKS = ("zip bomb", "gzip bomb", "path", "many")
JUNK = [
    "",
    "abc",
    "1,5",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1e15",
    "0x1F",
    "--3",
    "𝟙𝟚",
    "null",
    "true",
    "{}",
    "[1]",
    "=1+1",
    "9" * 400,
    "' OR 1=1 --",
    "\\",
    "*",
    "../../etc/passwd",
    "$(id)",
    "2026-13-45T99:99:99Z",
    "1970-01-01",
    "💸",
]


def plain_total(text: str) -> tuple[Decimal, int, int] | None:
    """(dollars, rows that can be read, all rows) of a legacy CUR text; None when there is no such bill in it."""
    csv.field_size_limit(2**27)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    head = [h.strip() for h in rows[0]] if rows else []
    names = next((n for n in NAMES if n[0] in head), None)
    if names is None:
        return None
    total, good, all_ = Decimal(0), 0, 0
    for cells in rows[1:]:
        if not cells:
            continue
        all_ += 1
        row = dict(zip(head, cells, strict=False))
        if len(cells) == len(head) and readable(row, names):
            total, good = total + Decimal(row[names[0]]), good + 1
    return total, good, all_


def readable(row: dict[str, str], names: tuple[str, ...]) -> bool:
    cost_name, start, quantity_name, kind = names
    try:
        moment = datetime.fromisoformat(row[start])
        cost, quantity = Decimal(row[cost_name]), Decimal(row.get(quantity_name) or "0")
        plan_columns = [c for c in row if c.startswith(("savingsPlan/", "savings_plan_"))]
        numbers = [Decimal(row[c]) for c in plan_columns if row[c] and c.endswith(NUMBERS)]
        finite = all(n.is_finite() for n in [cost, quantity, *numbers])
        sane = finite and abs(cost) < 10**12 and abs(quantity) < 10**18 and 2006 <= moment.year <= 2100
    except (ValueError, ArithmeticError, KeyError):
        return False
    return sane and bool(re.match("[A-Z][A-Za-z]{2,40}$", row[kind]))


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def text_of(rows: list[list[str]], end: str = "\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerows(rows)
    return stream.getvalue()


def truncated(text: str, dice: random.Random) -> bytes:
    return text[: dice.randrange(len(text))].encode()


def wrong_types(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    for _ in range(dice.randint(1, 5)):
        row = dice.choice(rows[1:])
        named = next(n for n in NAMES if n[0] in rows[0])
        others = [c for c in rows[0] if re.search("usage_?type|currency|unit$", c, re.I)]
        column = rows[0].index(dice.choice([*named, *others]))
        row[column] = dice.choice(JUNK)
    return text_of(rows).encode()


def shuffled_columns(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    order = list(range(len(rows[0])))
    dice.shuffle(order)
    return text_of([[r[i] for i in order] for r in rows]).encode()


def shuffled_values(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    for row in dice.sample(rows[1:], 3):
        dice.shuffle(row)
    return text_of(rows).encode()


def lost_or_doubled_columns(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    column = dice.randrange(len(rows[0]))
    if dice.random() < 0.5:
        return text_of([[c for i, c in enumerate(r) if i != column] for r in rows]).encode()
    return text_of([[*r, r[column]] for r in rows]).encode()


def huge_fields(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    row, column = dice.choice(rows[1:]), dice.randrange(len(rows[0]))
    row[column] = dice.choice("x9 ") * dice.choice([10_000, 300_000, 5_000_000])
    return text_of(rows).encode()


def wrong_encoding(text: str, dice: random.Random) -> bytes:
    rows = cells_of(text)
    dice.choice(rows[1:])[dice.randrange(len(rows[0]))] += "é€"
    return text_of(rows).encode(
        dice.choice(["latin-1", "utf-16", "utf-8-sig", "cp500", "utf-32"]), errors="replace"
    )


def odd_lines(text: str, dice: random.Random) -> bytes:
    lines = text.split("\n")
    for _ in range(dice.randint(1, 4)):
        i = dice.randrange(1, len(lines) - 1)
        lines[i] = dice.choice(
            [
                lines[i] + ",extra",
                lines[i].rsplit(",", dice.randint(1, 9))[0],
                "",
                lines[i] * 2,
                lines[i][::-1],
            ]
        )
    return "\n".join(lines).encode()


def odd_quotes(text: str, dice: random.Random) -> bytes:
    content = list(text)
    for _ in range(dice.randint(1, 3)):
        content.insert(
            dice.randrange(len(text) // 8, len(text)), dice.choice(['"', '""', "\r", "\r\n", "\n"])
        )
    return "".join(content).encode()


def flipped_bytes(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randint(1, 20)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


CSV_WAYS: tuple[Callable[[str, random.Random], bytes], ...] = (
    truncated,
    wrong_types,
    shuffled_columns,
    shuffled_values,
    lost_or_doubled_columns,
    huge_fields,
    wrong_encoding,
    odd_lines,
    odd_quotes,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return undamaged(tmp_path_factory.mktemp("whole"))


def undamaged(folder) -> dict[str, Any]:
    """The undamaged bill in each form, small: every sixth line."""
    lines = mixed_bill()[::6]
    return {
        "csv": legacy_csv(lines, folder / "a.csv").read_text(),
        "cur2": cur2_csv(lines, folder / "b.csv").read_text(),
        **{
            f"focus {v}": focus_csv(hosting(20), folder / "f.csv", v).read_text()
            for v in ("1.0", "1.1", "1.2", "1.3")
        },
        "gz": cur2_csv(lines, folder / "b.csv.gz").read_bytes(),
        "parquet": cur2_parquet(lines, folder / "c.parquet").read_bytes(),
        "json": json.dumps(answer()).encode(),
        "explorer": CSV.encode(),
    }


def damaged(whole, number: int) -> tuple[str, bytes]:
    """(way, content) of the file with this number."""
    dice = random.Random(SEED + number)
    kind = number % 20
    if kind < 10:
        turn, place = divmod(number // 20 * 10 + kind, len(CSV_WAYS))
        way, form = CSV_WAYS[place], TEXT_FORMS[turn % len(TEXT_FORMS)]
        return f"{way.__name__} {form}", way(whole[form], dice)
    if kind < 18:
        form = BINARY_FORMS[kind % 4]
        content = whole[form]
        cut = content[: dice.randrange(len(content))]
        return (f"cut {form}", cut) if kind < 14 else (f"flipped {form}", flipped_bytes(content, dice))
    trick = TRICKS[(number // 20 * 2 + kind) % len(TRICKS)]
    return trick, archive_trick(trick, whole, dice)


def archive_trick(trick: str, whole, dice: random.Random) -> bytes:
    if trick == "gzip bomb":
        return gzip.compress(dice.choice([b"0", b"\n", b",", whole["csv"].encode()[:1]]) * BOMB, 1)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if trick == "zip bomb":
            archive.writestr("bill.csv", b"1" * BOMB)
        elif trick == "path":
            archive.writestr(dice.choice(["../x.csv", "/x.csv", "a/../../x.csv", "..\\x.csv"]), whole["csv"])
        else:
            for i in range(2001):
                archive.writestr(f"{i}.csv", b"")
    return stream.getvalue()


def judged(folder, whole, number: int) -> tuple[str, str, str]:
    """(what became of a damaged file, why that is wrong or "", how it was damaged)."""
    way, content = damaged(whole, number)
    path = folder / f"{number}.dat"
    path.write_bytes(content)
    try:
        told = import_bill(path).report
    except BillError as error:
        # tricks of archives are named by the file inside
        named = path.name in str(error) or way in TRICKS
        return "refused", "" if named else f"{way}: an error that does not name the file: {error}", way
    except Exception as error:
        return "crashed", f"{way}: crashed with {type(error).__name__}: {error}", way
    finally:
        path.unlink()
    if told.rows_rejected and not all(r.file and r.line for r in told.rejected):
        return "kept aside", f"{way}: a row kept aside without its place: {told.rejected[0]}", way
    return "kept aside" if told.rows_rejected else "imported", wrong_total(way, content, told), way


def wrong_total(way: str, content: bytes, told) -> str:
    parts = sum(told.classified_usd.values()) + told.other_usd
    if abs(parts - (told.unblended_usd or 0.0)) > 0.005:
        return f"{way}: parts {parts} of {told.unblended_usd}"
    if content[:2] == b"\x1f\x8b" or way.endswith(("parquet", "json", "explorer")):
        return ""
    if (found := plain_total(content.decode("utf-8-sig", errors="replace"))) is None:
        return f"{way}: imported what is no bill"
    total, good, all_ = found
    usd = Decimal(str(told.unblended_usd or 0)) + sum(Decimal(str(v)) for v in told.other_currencies.values())
    close = abs(usd - total) <= max(Decimal("0.005"), abs(total) / 10**9)
    if told.rows_rejected == 0 and (not close or told.rows != all_):
        return f"{way}: {usd} and {told.rows} rows without a word; {total} and {all_} rows can be read"
    if not close and told.rows - told.rows_rejected == good:
        return f"{way}: {usd}, expected {total}"
    return ""


@pytest.mark.parametrize("files", [SOME, pytest.param(FILES, marks=pytest.mark.thorough)])
def test_damaged_files_never_crash_hang_or_give_a_wrong_total_in_silence(tmp_path, whole, files):
    wrong, tried = [], set()
    for number in range(files):
        start = time.monotonic()
        _, answer, way = judged(tmp_path, whole, number)
        tried.add(way)
        if time.monotonic() - start >= SECONDS_EACH:
            answer = f"{way}: took longer than {SECONDS_EACH} s"
        if answer:
            wrong.append(f"{number}: {answer}")
    assert wrong == []
    if files < FILES:
        return
    assert tried >= {f"{way.__name__} {form}" for way in CSV_WAYS for form in TEXT_FORMS}
    assert tried >= {*TRICKS, *(f"{way} {form}" for way in ("cut", "flipped") for form in BINARY_FORMS)}


def test_the_judge_finds_a_wrong_total(whole):
    """The undamaged bill passes; a report that is a cent off, or a row short, does not."""
    from dataclasses import replace

    from simulator.sources.bills.report import Report

    content = whole["csv"].encode()
    found = plain_total(whole["csv"])
    assert found is not None
    total, good, all_ = found
    assert (good, all_) == (19, 19)
    right = Report("legacy CUR", all_, 0, float(total), float(total), None, {}, float(total))
    assert wrong_total("as it is", content, right) == ""
    off = float(total) + 0.01
    assert "without a word" in wrong_total("", content, replace(right, unblended_usd=off, other_usd=off))
    assert "without a word" in wrong_total("", content, replace(right, rows=all_ - 1))
    assert "parts" in wrong_total("", content, replace(right, other_usd=0.0))
