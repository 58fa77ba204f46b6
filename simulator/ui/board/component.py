"""The two pieces of the page that Streamlit has no widget for: the rows of the board, and the headline above it.

Written without a library: plain HTML controls, so keyboard, screen reader and phone work as everywhere. Trusted code
only: texts from accounts reach the page as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from simulator.ui.session import BOARD

HERE = Path(__file__).parent


def draw_board(data: Mapping[str, Any], **on: Callable[[], None]) -> Any:
    """The rows; what was moved, folded or opened is in the component's state."""
    return _component("ml_spend_board", "board")(key=BOARD, data=dict(data), **on)


def draw_headline(data: Mapping[str, Any]) -> None:
    """The headline of every page."""
    _component("ml_spend_headline", "headline")(key="headline", data=dict(data), on_theme_change=_another_run)


def _another_run() -> None:
    """Nothing changes but the colours, which the next run sends."""


@st.cache_resource(show_spinner=False)
def _component(name: str, file: str):  # type: ignore[no-untyped-def]
    css, js = ((HERE / f"{file}.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return st.components.v2.component(name, css=css, js=js, isolate_styles=False)
