"""One run of the app: page config, navigation, headline, the page; no arithmetic."""

from __future__ import annotations

import streamlit as st

from simulator.ui import (
    headline,
    identity,
    keeper,
    memory,
    navigation,
    observed,
    parts,
    saving,
    session,
    visit,
    wanted,
)


def prepare() -> None:
    """What a process needs once, whoever comes first."""
    memory.be_thrifty()


def run() -> None:
    """What Streamlit runs for every visitor and every touch."""
    st.set_page_config(page_title="ML Spend Simulator", page_icon=navigation.TAB_ICON, layout="wide")
    prepare()
    if not identity.door():
        wanted.note()
        st.stop()
    keeper.begin()
    page = st.navigation(navigation.sections(), position="top")
    visit.turn_to(page.url_path)
    if session.missing():
        navigation.run("missing")
    else:
        parts.account_line()
        saving.line()
        headline.show(quick=session.is_quick())
        parts.link_problems()
        with observed.run_of(page.url_path):
            page.run()
    saving.autosave()
    saving.show_line()
    visit.end(keeper.address())
    visit.tune_process()
    wanted.go()
    memory.give_back()
