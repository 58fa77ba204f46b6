"""What pages have done in a worker (jobs.py): plain functions of plain data, without Streamlit.

A worker does all that is heavy, down to the month as it is and the fingerprint, so that the server only takes it over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.engine.account import Account
from simulator.engine.simulate import Result
from simulator.engine.state import State, state
from simulator.jobs import Say
from simulator.pricing.book import PriceBook
from simulator.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from simulator.analysis.reconcile import Reconciliation
    from simulator.risk.bills import Risk
    from simulator.sources.collect import CollectOptions

DRAWS = 1_000
"""For the ranges of the tables and the workbook."""
PRICED = 0.9
"""How much of loading is done when an account has been read and is to be priced; a guess for the bar."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """An account that was read, opened and priced; `notes` is what an import has to say."""

    account: Account
    baseline: State
    bill: tuple[Reconciliation, ...]
    notes: str = ""


def priced(account: Account, book: PriceBook, notes: str = "") -> Loaded:
    """The month as it is, and the bill; an account that cannot be priced is refused here."""
    from simulator.analysis.reconcile import reconcile

    account.snapshot.fingerprint()  # worked out once and sent along
    baseline = state(account.usage, account.book(book), account.plans_on(book.as_of))
    return Loaded(account, baseline, tuple(reconcile(account, book)), notes)


def _opened(say: Say, snapshot: Snapshot, book: PriceBook, notes: str = "") -> Loaded:
    say("Pricing the account", PRICED)
    return priced(Account.open(snapshot), book, notes)


def read_snapshot(say: Say, file: Path, book: PriceBook) -> Loaded:
    """A snapshot that was uploaded. Raises SnapshotError."""
    from simulator.snapshot.snapshot import load_snapshot

    say("Reading the snapshot", 0.1)
    with file.open("rb") as stream:
        return _opened(say, load_snapshot(stream), book)


def import_export(say: Say, folder: Path, name: str, book: PriceBook) -> Loaded:
    """The billing exports in a folder. Raises BillError."""
    from simulator.sources.bills import import_bill

    made = import_bill([folder], progress=_up_to_priced(say), name=name)
    return _opened(say, made.snapshot, book, made.report.to_text())


def read_live(say: Say, options: CollectOptions, book: PriceBook) -> Loaded:
    """A live account, with the credentials of this machine. Raises CollectError."""
    from simulator.sources.collect import collect

    tell = _up_to_priced(say)
    return _opened(say, collect(options, progress=lambda p: tell(p.reading, p.ratio)), book)


def draw(say: Say, result: Result, months: int, draws: int, unexplained_usd: float) -> Risk:
    """The bill as a distribution, from many draws."""
    from simulator.risk.bills import assess

    say(f"Drawing {draws:,} futures", 0.2)
    return assess(result, months, draws=draws, unexplained_usd=unexplained_usd)


def write_file(say: Say, name: str, result: Result, months: int) -> bytes:
    """One of the files to take away."""
    say(f"Writing {name}", 0.3)
    return FILES[name](result, months)


def _up_to_priced(say: Say) -> Callable[[str, float], None]:
    return lambda sentence, ratio: say(sentence, ratio * PRICED)


def _html(result: Result, months: int) -> bytes:
    from simulator.reports.report import html_report

    return html_report(result, months).encode()


def _markdown(result: Result, months: int) -> bytes:
    from simulator.reports.report import markdown_report

    return markdown_report(result, months).encode()


def _workbook(result: Result, months: int) -> bytes:
    from simulator.reports.workbook import workbook

    return workbook(result, months, draws=DRAWS)


def _tables(result: Result, months: int) -> bytes:
    from simulator.reports.takeaway import takeaway

    return takeaway(result, months, draws=DRAWS)


def _actions(result: Result, months: int) -> bytes:
    from simulator.reports.actions import action_pack

    return action_pack(result)


FILES: dict[str, Callable[[Result, int], bytes]] = {
    "report.html": _html,
    "report.md": _markdown,
    "workbook.xlsx": _workbook,
    "tables.zip": _tables,
    "actions.zip": _actions,
}
