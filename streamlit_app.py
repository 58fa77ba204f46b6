"""The app: `streamlit run streamlit_app.py`. Page config, navigation, headline; no arithmetic."""

import streamlit as st

from simulator.ui import headline, keeper, navigation, parts, session, visit

st.set_page_config(page_title="ML Spend Simulator", page_icon=navigation.TAB_ICON, layout="wide")
visit.begin()
page = st.navigation(navigation.sections(), position="top")
visit.turn_to(page.url_path)
if session.missing():
    navigation.run("missing")
else:
    parts.account_line()
    headline.show(quick=session.is_quick())
    parts.link_problems()
    page.run()
keeper.autosave()
visit.end()
visit.tune_process()
