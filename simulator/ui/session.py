"""What one browser session has in hand: its account, its scenario, the scenarios it kept."""

from __future__ import annotations

import gc
from datetime import date
from typing import Any

import streamlit as st

from simulator.account import Account
from simulator.prices import PriceBook
from simulator.reconcile import Reconciliation, reconcile
from simulator.scenario import Scenario
from simulator.simulate import Result, State, simulate, state
from simulator.ui import panel
from simulator.usage.sample import load_sample
from simulator.usage.snapshot import Snapshot

FIRST_SAMPLE = "team"


@st.cache_resource(show_spinner=False)
def tune_process() -> None:
    """Keep imported modules out of the garbage collection Streamlit runs after every script run."""
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner="Opening the sample account")
def sample_account(name: str) -> Account:
    """A shipped sample; accounts are never changed, so all sessions may share it."""
    return Account.open(load_sample(name))


@st.cache_resource(show_spinner=False)
def price_book(as_of: date) -> PriceBook:
    """The shipped prices as of a date."""
    return PriceBook.load(as_of)


def account() -> Account:
    """The account in hand; the first visit opens the sample."""
    if "account" not in st.session_state:
        st.session_state["account"] = sample_account(FIRST_SAMPLE)
    held: Account = st.session_state["account"]
    return held


def take(snapshot: Snapshot) -> None:
    """Put a loaded snapshot in hand. Called only once it has been read and priced without error."""
    opened = Account.open(snapshot)
    st.session_state["account"] = opened
    st.session_state.pop("view", None)


def take_sample(name: str) -> None:
    """Put a sample in hand."""
    st.session_state["account"] = sample_account(name)
    st.session_state.pop("view", None)


def book() -> PriceBook:
    """Prices as of today."""
    return price_book(date.today())


def view() -> dict[str, Any]:
    """Baseline and reconciliation of the account in hand, made once per account."""
    if "view" not in st.session_state:
        held, prices = account(), book()
        st.session_state["view"] = {
            "baseline": state(held.usage, prices, held.plans),
            "bill": reconcile(held, prices),
        }
    made: dict[str, Any] = st.session_state["view"]
    return made


def baseline() -> State:
    """The account's month as it is."""
    made: State = view()["baseline"]
    return made


def bill() -> list[Reconciliation]:
    """The account's bill, explained and unexplained."""
    made: list[Reconciliation] = view()["bill"]
    return made


def result() -> Result:
    """The scenario of the lever panel on the account in hand."""
    return run(panel.scenario())


def run(scenario: Scenario) -> Result:
    """Any scenario on the account in hand."""
    return simulate(account(), scenario, book(), baseline=baseline())


def kept() -> dict[str, Scenario]:
    """Scenarios this session keeps, by name."""
    scenarios: dict[str, Scenario] = st.session_state.setdefault("kept", {})
    return scenarios
