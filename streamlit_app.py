"""The app: `streamlit run streamlit_app.py`. Page config, navigation, headline; no arithmetic."""

import streamlit as st

from simulator.ui import (
    headline,
    identity,
    keeper,
    memory,
    navigation,
    observed,
    parts,
    session,
    visit,
    wanted,
)

st.set_page_config(page_title="ML Spend Simulator", page_icon=navigation.TAB_ICON, layout="wide")
memory.be_thrifty()
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
    keeper.line()
    headline.show(quick=session.is_quick())
    parts.link_problems()
    with observed.run_of(page.url_path):
        page.run()
keeper.autosave()
keeper.show_line()
visit.end(keeper.address())
visit.tune_process()
wanted.go()
memory.give_back()
