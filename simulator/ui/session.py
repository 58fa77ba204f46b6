"""What one browser session has in hand: its account, the figures of its scenario, the scenarios it kept.

An account's view (baseline, bill, findings) is made once per account; a scenario's figures once per change.
Both are made lazily: what no open page or tab shows costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pandas as pd
import streamlit as st

from simulator.catalog import Catalog
from simulator.engine.account import Account
from simulator.engine.scenario import Scenario
from simulator.pricing.book import PriceBook
from simulator.pricing.files import OwnText
from simulator.snapshot.snapshot import Snapshot
from simulator.ui import draft
from simulator.ui.bounded import MIB, Bounded
from simulator.ui.desks import Desk, Desks, visitor_of
from simulator.ui.figures import Figures
from simulator.ui.view import View, price_book, sample_account, sample_view
from simulator.ui.work import Loaded, priced

FINGERPRINT_SIGNS = 12
BOARD, QUICK, FRESH = "board", "board_quick", "board_fresh"
FIGURES = Bounded(entries=64, bytes_=32 * MIB, apart=(PriceBook, Account, Catalog, View, pd.DataFrame))
"""Figures of all sessions of this server; see bounded.py."""
KEPT = Bounded(entries=12, bytes_=256 * MIB)
"""Accounts of the workspace, read and priced; only for those the workspace has let see them."""


def missing() -> str | None:
    """The fingerprint of the account the link is about, when this visitor has not loaded it."""
    found: str | None = st.session_state.get("missing")
    return found


def forgive_missing() -> None:
    """Show the link's scenario on the sample instead."""
    st.session_state.pop("missing", None)


@st.cache_resource(show_spinner=False)
def desks() -> Desks:
    """The desks of all visitors of this server."""
    return Desks()


def desk() -> Desk:
    """What lies before this visitor."""
    found: Desk = st.session_state.setdefault("desk", Desk())
    return found


def fingerprint() -> str:
    """Short name of the own account in hand, of its content and nothing else."""
    return str(st.session_state["account"].snapshot.fingerprint())[:FINGERPRINT_SIGNS]


def today() -> date:
    """The day whose prices count unless the scenario names another."""
    return datetime.now(UTC).date()


def view() -> View:
    """The account in hand under the prices of the draft; the first visit opens the sample."""
    asked = draft.scenario()
    as_of, discount = asked.prices_as_of or today(), asked.discount_ratio
    sample = st.session_state.get("sample")
    if sample and "own_prices" not in st.session_state:
        return sample_view(sample, as_of, discount)
    own: Account = sample_account(sample) if sample else st.session_state["account"]
    made: View | None = st.session_state.get("view")
    if made is None or made.account is not own or made.book is not book(as_of, discount):
        made = st.session_state["view"] = View(own, book(as_of, discount))
    return made


def book(as_of: date, discount_ratio: float) -> PriceBook:
    """The shipped prices, or with this session's own laid over; own prices stay in the session."""
    text: str | None = st.session_state.get("own_prices")
    if text is None:
        return price_book(as_of, discount_ratio)
    key = (as_of, discount_ratio, text)
    known: tuple[tuple[date, float, str], PriceBook] | None = st.session_state.get("own_book")
    if known is None or known[0] != key:
        known = st.session_state["own_book"] = (key, _own_book(*key))
    return known[1]


def take_prices(text: str | None) -> None:
    """Lay own prices over the shipped ones, or none. Raises ValueError naming row and column; nothing changes then."""
    if text is None:
        st.session_state.pop("own_prices", None)
        return
    _own_book(view().book.as_of, 0.0, text)
    st.session_state["own_prices"] = text


def _own_book(as_of: date, discount_ratio: float, text: str) -> PriceBook:
    return PriceBook.load(as_of, own=OwnText(text), discount_ratio=discount_ratio)


def at_prices_of(as_of: date) -> View:
    """The account in hand under the prices of another day."""
    return View(view().account, book(as_of, draft.scenario().discount_ratio))


def take(snapshot: Snapshot, account_id: str | None = None) -> None:
    """Put a loaded snapshot in hand, of the workspace's account where it came from there.

    Called only once it has been read; one that cannot be priced is refused.
    """
    take_loaded(priced(Account.open(snapshot), view().book))
    desk().account_id = account_id


def take_kept(fingerprint_: str, read: Callable[[], Snapshot], account_id: str) -> None:
    """Put a snapshot of the workspace in hand; sessions of those who may see it share what was read and priced."""
    if "own_prices" in st.session_state:
        take(read(), account_id)
        return
    book_ = view().book
    key = (fingerprint_, book_.as_of, draft.scenario().discount_ratio)
    seen = KEPT.get_or_make(key, lambda: _view_of(priced(Account.open(read()), book_), book_))
    _take_view(seen)
    desk().account_id = account_id


def take_loaded(loaded: Loaded) -> None:
    """Put an account in hand that a worker has read and priced."""
    _take_view(_view_of(loaded, view().book))


def _view_of(loaded: Loaded, book_: PriceBook) -> View:
    made = View(loaded.account, book_)
    made.baseline, made.bill = loaded.baseline, list(loaded.bill)
    return made


def _take_view(made: View) -> None:
    opened = made.account
    st.session_state["account"], st.session_state["view"] = opened, made
    st.session_state.pop("sample", None)
    wanted, got = st.session_state.pop("missing", None), fingerprint()
    if wanted and wanted != got:
        st.session_state["link_problems"] = [
            f"The link was made on another account ({wanted}) than the one you loaded ({got}): "
            "its levers are used, its figures are not comparable."
        ]
    known = desks().get(st.session_state.setdefault("visitor", visitor_of(None)), got)
    st.session_state["desk"] = Desk(opened, kept=known.kept if known else {})


def take_sample(name: str) -> None:
    """Put a sample in hand."""
    st.session_state.pop("missing", None)
    st.session_state["sample"] = name
    st.session_state["desk"] = (
        desks().get(st.session_state.setdefault("visitor", visitor_of(None)), name) or Desk()
    )


def is_quick() -> bool:
    """Whether this run answers a row that was moved: it draws what changed, and the rest a moment later."""
    return bool(st.session_state.get(QUICK))


def figures() -> Figures:
    """The figures of the draft on the account in hand; made anew only when one of them changed."""
    return figures_of(draft.scenario(), "figures")


def figures_of(scenario: Scenario, slot: str) -> Figures:
    """The figures of any scenario, remembered in a slot of the session while nothing changes."""
    seen, asked = view(), scenario
    key = (st.session_state.setdefault("figures_of", object()), slot)
    known: tuple[View, Scenario, Figures] | None = FIGURES.get(key)
    if known is None or known[0] is not seen or known[1] != asked:
        like = known[2].result if known is not None and known[0] is seen else None
        drawn = known[2].drawn if known is not None and known[0] is seen else None
        made = Figures(seen.run(asked, like), seen.unexplained_monthly_usd, drawn=drawn)
        known = FIGURES.put(key, (seen, asked, made))
    return known[2]


def made_again() -> Callable[[], tuple[View, Figures]]:
    """How to make what is on the screen anew, for a download that may be asked for later or never: of a sample it holds
    no prices and no figures, so that a session which has gone holds none either."""
    seen, scenario, name = view(), draft.scenario(), st.session_state.get("sample")
    if name is None or "own_prices" in st.session_state:
        return lambda: (seen, Figures(seen.run(scenario), seen.unexplained_monthly_usd))
    as_of, discount = seen.book.as_of, scenario.discount_ratio

    def make() -> tuple[View, Figures]:
        again = sample_view(name, as_of, discount)
        return again, Figures(again.run(scenario), again.unexplained_monthly_usd)

    return make


def kept() -> dict[str, Scenario]:
    """Scenarios this session keeps, by name."""
    return desk().kept
