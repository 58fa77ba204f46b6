"""The app: `streamlit run streamlit_app.py`. Page config and navigation; no arithmetic."""

import streamlit as st

from simulator.ui import navigation, parts, session

st.set_page_config(
    page_title="ML Spend Simulator", page_icon=navigation.TAB_ICON, layout="wide", initial_sidebar_state=380
)
session.begin()
page = st.navigation([navigation.page(name) for name in navigation.PAGES], position="top")
session.turn_to(page.url_path)
if session.missing():
    navigation.run("missing")
else:
    parts.account_line()
    page.run()
session.end()
session.tune_process()
