"""A change of the workspace, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from simulator.ui.keeper import REFUSED
from simulator.ui.whole import whole
from simulator.ui.words import plain
from simulator.workspace.tables import NAME

__all__ = ["NAME", "attempt"]


def attempt(change: Callable[[], Any], said: str) -> None:
    """Make the change and draw the page anew; a refusal is said and nothing has changed."""
    try:
        with whole():
            change()
    except REFUSED as error:
        st.error(plain(error))
        return
    st.toast(plain(said))
    st.rerun()
