"""Explained ÷ billed ≥ 99.9 % of ML components on every bill beside the project that states quantities; with the table.

Left out of "billed", by name: S3 charges that come once (lifecycle and archive requests, early deletion) and transfer:
a month at run rate does not repeat them, and they stay unexplained. Lines without a quantity
or a usage type (FOCUS 1.0 of one sample) are no case: nothing says what they are a price of.
"""

from __future__ import annotations

import re
import sys
import warnings
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator import Account, PriceBook
from simulator.analysis.reconcile import reconcile
from simulator.aws.usage_types import component_of
from simulator.sources.bills import BillError, import_bill
from tests.accounts import prices

SHARED = Path(__file__).parents[4] / "shared"
ML = ("training", "hosting", "compute", "bedrock", "storage")
ONCE = re.compile(r"Requests-(?:[A-Z]+-)?Tier[3-9]|EarlyDelete|-(?:In|Out)-Bytes|^DataTransfer")
REFUSED = {"expected_totals.json": "no bill: the totals to expect"}
AT_LEAST = 0.999


LATE_USD = {"late_line.csv": 1.515}
"""An hour of June in September's bill: in its dollars, not in September's run rate (cases/README.md)."""


def bills() -> list[Path]:
    cases = sorted((SHARED / "cases" / "imports").iterdir()) if SHARED.is_dir() else []
    data = (
        sorted(p for p in (SHARED / "data" / "billing").rglob("*") if p.is_file()) if SHARED.is_dir() else []
    )
    return [*cases, *data]


def explained(bill: Path, book: PriceBook) -> tuple[float, float, float]:
    """(billed with a quantity, billed once or without quantity, explained) dollars of ML components."""
    account = Account.open(import_bill(bill).snapshot)
    lines = account.snapshot.tables["billed"]
    names = lines[["service", "usage_type", "line_type", "usage_unit"]].fillna("").astype(str)
    given = lines["component"].fillna("").astype(str)
    guess = pd.Series([component_of(*n) for n in names.itertuples(index=False, name=None)], lines.index)
    ml = given.where(given != "", guess).isin(ML)
    unmetered = (lines["line_type"].fillna("").isin(["", "Usage"])) & ~(
        (lines["usage_quantity"] > 0) & (names["usage_type"] != "")
    )
    once = names["usage_type"].str.contains(ONCE) | unmetered
    usd = lines["cost_usd"].astype(float)
    found = sum(r.explained_usd for r in reconcile(account, book) if r.component in ML)
    late_usd = LATE_USD.get(bill.name, 0.0)
    return float(usd[ml & ~once].sum()) - late_usd, float(usd[ml & once].sum()) + late_usd, float(found)


@pytest.mark.thorough
def test_every_importable_bill_with_quantities_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    if not bills():
        warnings.warn(f"{SHARED} is not beside the project: no bill was tried", stacklevel=1)
        pytest.skip("NOT TRIED: the bills of shared/cases and shared/data are not beside the project")
    book, table, short = prices(date(2026, 11, 28)), [], []
    for bill in bills():
        try:
            metered, apart, found = explained(bill, book)
        except BillError:
            assert bill.name in REFUSED, bill.name
            continue
        ratio = found / metered if metered else None
        table.append(
            f"{bill.name:44} {metered:14.4f} {apart:10.4f} {found:14.4f} {ratio if ratio is not None else '-'}"
        )
        if ratio is not None and (ratio < AT_LEAST or found > metered + apart + 0.005):
            short.append(table[-1])
    with capsys.disabled():
        head = "bill: billed with a quantity, once or without one, explained, ratio"
        sys.stdout.write("\n".join(["", head, *table, ""]))
    assert len(table) >= 10
    assert not short, "\n".join(short)
