"""The pages, in the order of a planning session. A page's module is imported when it is first opened.

Pages have no icon of their own: the browser would fetch it from the internet to show it as the tab's.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

SECTIONS = {
    "Bill": {"overview": "Overview", "explore": "Explore", "account": "Account", "workspace": "Workspace"},
    "Plan": {
        "simulate": "Board",
        "demand": "Demand",
        "serve_or_buy": "Serve or buy",
        "compare": "Compare",
        "goal": "Goal",
        "risk": "Risk",
    },
    "Commit": {
        "commit": "Savings Plan",
        "ladder": "Ladder",
        "roadmap": "Roadmap",
        "ledger": "Plan and actual",
    },
    "Ship": {"report": "Report and files", "share": "Link"},
}
PAGES = {name: title for pages in SECTIONS.values() for name, title in pages.items()}
FIRST = "overview"
TAB_ICON = str(Path(__file__).with_name("icon.png"))


def page(name: str) -> Any:
    """The page of this name, as Streamlit wants it."""
    return st.Page(_runner(name), title=PAGES[name], url_path=name, default=name == FIRST)


def sections() -> dict[str, list[Any]]:
    """The four steps of a session with their pages."""
    return {step: [page(name) for name in pages] for step, pages in SECTIONS.items()}


def go_to(name: str) -> None:
    """Open another page."""
    st.switch_page(page(name))


def go_to_loader(tab: str) -> None:
    """Leave for the account page, at one of its ways to load an account."""
    st.session_state["account_tab"] = tab
    go_to("account")


def run(name: str) -> None:
    """Show a page."""
    importlib.import_module(f"simulator.ui.pages.{name}").show()


def _runner(name: str) -> Callable[[], None]:
    def show() -> None:
        run(name)

    return show
