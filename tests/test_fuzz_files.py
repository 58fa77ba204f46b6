"""Every kind of file the product reads, damaged at random: taken, or refused in words. No traceback, no hang.

FUZZ sets the number of inputs over all kinds (5,000 by `make faults`).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from simulator.analysis import ledger
from simulator.analysis.aws_budgets import to_aws
from simulator.analysis.budget import Budget
from simulator.cli.budget import read_budgets
from simulator.cli.forecast import _series
from simulator.demand import all_workloads
from simulator.demand import files as workloads
from simulator.engine.scenario import load_scenario, preset
from simulator.engine.simulate import simulate
from simulator.pricing.book import PriceBook
from simulator.pricing.files import OwnText
from simulator.reports.saved import as_file, read_file
from simulator.snapshot.manifest import from_json
from simulator.snapshot.snapshot import Snapshot, load_snapshot, save_snapshot
from simulator.sources.bills import import_bill
from simulator.sources.load_tests import read_load_tests
from simulator.workspace import Workspace, open_database
from simulator.workspace.archive import export, restore
from simulator.workspace.snapshots import SnapshotStore
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
        "bill.csv.gz": gzip.compress(BILL),
        **workload_files(),
        "budgets.csv": b"name,usd,month,component\nall,1000,,\nhosting,300,2026-12,hosting\n",
        "budgets.json": json.dumps(
            to_aws([Budget("all", {"2026-12": 1000.0}), Budget("rest", {"": 5.0})])
        ).encode(),
        "load_test.json": b'{"output_throughput": 900.0, "request_throughput": 3.0, "request_rate": 4}',
        "load_test.csv": b"requests_per_second,output_tokens_per_request,output_tokens_per_second\n1,300,300\n",
        "history.csv": b"date,usd,component\n2026-01,100,hosting\n2026-02,110,hosting\n2026-03,120,hosting\n",
        "workspace.zip": exported(account.snapshot, tmp_path_factory.mktemp("shelf")),
    }


def workload_files() -> dict[str, bytes]:
    """A planner's workloads in each form."""
    made = [all_workloads()["data_set"](name="d"), all_workloads()["realtime_endpoint"](name="e")]
    table, book = workloads.frame(made), io.BytesIO()
    table.to_excel(book, index=False)
    listed = [w.to_dict() for w in made]
    return {
        "workloads.yaml": yaml.safe_dump(json.loads(json.dumps(listed, default=str))).encode(),
        "workloads.json": json.dumps(listed, default=str).encode(),
        "workloads.csv": workloads.write_csv(made).encode(),
        "workloads.xlsx": book.getvalue(),
    }


def shelf(folder: Path) -> Workspace:
    folder.mkdir(exist_ok=True)
    database = open_database(f"sqlite:///{folder / 'workspace.db'}")
    return Workspace(database, SnapshotStore(str(folder / "snapshots")))


def exported(snapshot: Snapshot, folder: Path) -> bytes:
    """A workspace with one account, a scenario and a budget, as one file."""
    mine = shelf(folder)
    account = mine.add_account(snapshot, "mine")
    mine.add_scenario(account.id, "Ours", {"levers": {}}, bill_usd=1.5)
    mine.set_budget(account.id, "FY", {"2026-12": 10.0})
    export(mine, folder / "all.zip")
    mine.database.close()
    return (folder / "all.zip").read_bytes()


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
        "bill.csv.gz": from_file("bill.csv.gz", lambda path: import_bill([path])),
        **{n: from_file(n, workloads.read_workloads) for n in KINDS if n.startswith("workloads.")},
        **{n: from_file(n, read_budgets) for n in ("budgets.csv", "budgets.json")},
        **{
            n: from_file(n, lambda path: read_load_tests([path])) for n in ("load_test.json", "load_test.csv")
        },
        "history.csv": from_file("history.csv", lambda path: _series("report", path)),
        "workspace.zip": from_file("workspace.zip", lambda path: restored(path, folder / "shelf")),
    }


def restored(path: Path, folder: Path) -> None:
    """An export taken into a workspace of its own. Refused, it leaves nothing."""
    mine = shelf(folder)
    before = (mine.accounts(), sorted(folder.glob("snapshots/*")))
    try:
        restore(mine, path)
    except ValueError:
        assert (mine.accounts(), sorted(folder.glob("snapshots/*"))) == before
        raise
    finally:
        taken = mine.accounts()
        mine.database.close()
        if taken:
            shutil.rmtree(folder)


KINDS = (
    "snapshot.zip", "tables", "manifest", "scenario.json", "plan.json", "prices.csv", "bill.csv", "explorer.json",
    "bill.zip", "bill.csv.gz", "workloads.yaml", "workloads.json", "workloads.csv", "workloads.xlsx", "budgets.csv",
    "budgets.json", "load_test.json", "load_test.csv", "history.csv", "workspace.zip",
)  # fmt: skip
SLOW = ("bill.csv", "explorer.json", "bill.zip", "bill.csv.gz", "workspace.zip")
"""An import starts a database: a tenth of the inputs of the others."""


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
