"""What all tests share."""

import gc
import os
import shutil
import sqlite3
import sys
import tempfile
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from simulator.frames import keep_texts_as_python

# A slow moment of the machine is no failure; in CI the same examples are tried each time. A test with a number of its
# own has dear or rare examples; the others try more by EXAMPLES=1000.
EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
settings.register_profile("local", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True, print_blob=True)
# Dozens of processes are started: each would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Prices a user has refreshed on this machine are none of a test's.
os.environ["SIMULATOR_PRICES"] = os.path.join(os.path.dirname(__file__), "no-refreshed-prices")
# Nor is their workspace.
_kept = Path(tempfile.mkdtemp(prefix="workspace-"))
os.environ["ML_SPEND_DATABASE"] = f"sqlite:///{_kept / 'workspace.db'}"
os.environ["ML_SPEND_SNAPSHOTS"] = str(_kept / "snapshots")
settings.load_profile("ci" if os.environ.get("CI") else "local")
# As in the product's processes; as in others with TEXTS=arrow.
if os.environ.get("TEXTS") != "arrow":
    keep_texts_as_python()


class Connection(sqlite3.Connection):
    """Says, as Python 3.13 does by itself, that it was never closed."""

    is_open = False

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.is_open = True

    def close(self):
        self.is_open = False
        super().close()

    def __del__(self):
        if self.is_open:
            self.close()
            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, stacklevel=1, source=self)


if sys.version_info < (3, 13):
    sqlite3.connect = sqlite3.dbapi2.connect = partial(sqlite3.connect, factory=Connection)  # type: ignore[assignment]

ROOT = Path(__file__).parent
# Eight seconds and more on a quiet machine (`pytest --durations=0`), longest first: few tests, which would come last.
LONGEST = (
    "benchmarks/test_start.py",
    "sources/bills/test_spark.py",
    "browser/test_stories.py",
    "browser/test_accessibility.py",
    "browser/test_quick_input.py",
    "browser/test_login.py",
    "sources/bills/test_situations.py",
    "sources/collect/test_faults.py",
    "reports/test_workbook.py",
    "reports/test_focus.py",
    "browser/test_kept.py",
    "sources/bills/test_mutations.py",
    "ui/test_pages.py",
    "sources/bills/test_round_trip.py",
    "sources/bills/test_formats.py",
    "browser/test_own_account.py",
    "cli/test_mcp.py",
    "sources/bills/test_identity.py",
    "sources/bills/test_money.py",
    "sources/bills/test_athena.py",
    "workspace/test_faults.py",
    "reports/actions/test_pack.py",
    "sources/collect/test_resume.py",
    "ui/test_heavy.py",
    "sources/bills/test_explained_cases.py",
    "browser/test_proxy.py",
)


def pytest_unconfigure() -> None:
    """Nothing of ours stays on the machine."""
    shutil.rmtree(_kept, ignore_errors=True)


def pytest_collection_finish() -> None:
    """The tests and the libraries they have loaded stay: the garbage collector need not look through them again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Workers take files in the order below, not those with the most tests first."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no worker is alone with one of them at the end."""
    files = Counter(item.path for item in items)
    first = {ROOT / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (first.get(item.path, len(first)), -files[item.path], str(item.path)))
