"""Every kind of file the product reads, damaged at random: taken, or refused in words. No traceback, no hang.

FUZZ sets the number of inputs over all kinds (5,000 by `make faults`).
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulator.analysis import ledger
from simulator.engine.scenario import load_scenario, preset
from simulator.engine.simulate import simulate
from simulator.pricing.book import PriceBook
from simulator.pricing.files import OwnText
from simulator.reports.saved import as_file, read_file
from simulator.snapshot.manifest import from_json
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.sources.bills import import_bill
from tests.accounts import account_with, prices, traffic

INPUTS = int(os.environ.get("FUZZ", "240"))
MOST_SECONDS = 30.0
MOST_KIB = 512 * 1024
NASTY = [
    b"\0", b"\xff\xfe", b'"', b",", b"\n", b"\r", b"{", b"[" * 60, b"]", b"null", b"NaN", b"1e999", b"9" * 400, b"-1",
    b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"../", b"\xe2\x80\xae", b"=cmd()", b"true", b";",
]  # fmt: skip
BILL = (
    b"identity/LineItemId,bill/BillingPeriodStartDate,lineItem/UsageStartDate,lineItem/UsageEndDate,"
    b"lineItem/ProductCode,lineItem/UsageType,lineItem/LineItemType,lineItem/UsageAmount,lineItem/UnblendedCost,"
    b"lineItem/UsageAccountId,lineItem/CurrencyCode\n"
    b"a,2026-09-01T00:00:00Z,2026-09-01T00:00:00Z,2026-09-01T01:00:00Z,AmazonSageMaker,"
    b"USW2-Host:ml.g5.2xlarge,Usage,1,1.515,111111111111,USD\n"
)
EXPLORER = json.dumps(
    {
        "GroupDefinitions": [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-09-01", "End": "2026-09-02"},
                "Groups": [
                    {
                        "Keys": ["USW2-Host:ml.g5.2xlarge"],
                        "Metrics": {
                            "UnblendedCost": {"Amount": "36.36", "Unit": "USD"},
                            "UsageQuantity": {"Amount": "24", "Unit": "Hrs"},
                        },
                    }
                ],
            }
        ],
    }
).encode()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One good file of each kind."""
    account = account_with(
        endpoints=[{"endpoint_name": "a"}], endpoint_traffic=[*traffic("a", [1.0] * 24 + [0.0] * 696)]
    )
    result = simulate(account, preset("no_regret"), prices())
    path = tmp_path_factory.mktemp("good") / "s.zip"
    save_snapshot(account.snapshot, path)
    with zipfile.ZipFile(path) as archive:
        manifest = archive.read("manifest.json")
        tables = {n: archive.read(n) for n in archive.namelist()}
    return {
        "snapshot.zip": path.read_bytes(),
        "tables": tables["endpoints.csv"],
        "manifest": manifest,
        "scenario.json": as_file(result.scenario, result).encode(),
        "plan.json": ledger.to_json(ledger.keep(result, date(2026, 11, 28))).encode(),
        "prices.csv": b"component,item,region,usd,unit\nhosting,ml.g5.2xlarge,us-west-2,1.00,instance_hour\n",
        "bill.csv": BILL,
        "explorer.json": EXPLORER,
        "bill.zip": zipped({"a/bill.csv": BILL}),
    }


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def damaged(content: bytes, dice: random.Random) -> bytes:
    """One to four damages: bytes turned, something nasty put in or over, a part cut or doubled."""
    made = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at, end = sorted(dice.randrange(len(made) + 1) for _ in range(2))
        end = min(end, at + dice.choice([1, 8, 64, 4096]))
        what = dice.randrange(5)
        if what == 0 and made:
            made[min(at, len(made) - 1)] ^= 1 << dice.randrange(8)
        elif what == 1:
            made[at:at] = dice.choice(NASTY)
        elif what == 2:
            made[at:end] = dice.choice(NASTY)
        elif what == 3:
            made[at:at] = made[at:end]
        else:
            del made[at:end]
    return bytes(made)


def readers(good: dict[str, bytes], folder: Path) -> dict[str, Callable[[bytes], object]]:
    """How each kind is read, by file where that is how it comes."""

    def from_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        def inner(content: bytes) -> object:
            path = folder / name
            path.write_bytes(content)
            return read(path)

        return inner

    def as_member(content: bytes) -> object:
        return load_snapshot(
            io.BytesIO(zipped({"manifest.json": good["manifest"], "endpoints.csv": content}))
        )

    def plan(content: bytes) -> object:
        return ledger.from_json(content)

    return {
        "snapshot.zip": lambda content: load_snapshot(io.BytesIO(content)),
        "tables": as_member,
        "manifest": from_json,
        "scenario.json": lambda content: (read_file(content), from_file("s.json", load_scenario)(content)),
        "plan.json": plan,
        "prices.csv": lambda content: PriceBook.load(
            date(2026, 11, 28), own=OwnText(content.decode("utf-8-sig"))
        ),
        "bill.csv": from_file("bill.csv", lambda path: import_bill([path])),
        "explorer.json": from_file("explorer.json", lambda path: import_bill([path])),
        "bill.zip": from_file("bill.zip", lambda path: import_bill([path])),
    }


KINDS = (
    "snapshot.zip", "tables", "manifest", "scenario.json", "plan.json", "prices.csv", "bill.csv", "explorer.json",
    "bill.zip",
)  # fmt: skip
SLOW = ("bill.csv", "explorer.json", "bill.zip")
"""An import of a bill starts a database: a tenth of the inputs of the others."""


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_file_is_taken_or_refused_in_words(kind: str, good: dict[str, bytes], tmp_path: Path) -> None:
    read = readers(good, tmp_path)[kind]
    read(good[kind])
    share = INPUTS // (len(KINDS) - len(SLOW))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(max(share // 10 if kind in SLOW else share, 3)):
        content = damaged(good[kind], random.Random(f"{kind} {seed}"))
        began = time.monotonic()
        try:
            read(content)
        except (KeyError, IndexError, UnicodeEncodeError) as error:
            raise AssertionError(f"seed {seed}: not meant for people: {error!r}") from error
        except (ValueError, OSError, LookupError) as error:
            said = str(error)
        else:
            said = "taken"
        assert said, f"seed {seed}: refused without a word"
        assert time.monotonic() - began < MOST_SECONDS, f"seed {seed}"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KIB
