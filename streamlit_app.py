"""The app: `streamlit run streamlit_app.py`. Page config, navigation, headline; no arithmetic."""

import streamlit as st

from simulator.ui import headline, keeper, navigation, parts, session

st.set_page_config(page_title="ML Spend Simulator", page_icon=navigation.TAB_ICON, layout="wide")
session.begin()
page = st.navigation(navigation.sections(), position="top")
session.turn_to(page.url_path)
if session.missing():
    navigation.run("missing")
else:
    parts.account_line()
    headline.show(quick=session.is_quick())
    parts.link_problems()
    page.run()
keeper.autosave()
session.end()
session.tune_process()
