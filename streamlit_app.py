"""The app: `streamlit run streamlit_app.py`. Page config and navigation; no arithmetic."""

import streamlit as st

from simulator.ui import session
from simulator.ui.pages import account, compare, overview, simulate

st.set_page_config(page_title="ML Spend Simulator", page_icon=":material/savings:", layout="wide")
session.tune_process()
page = st.navigation(
    [
        st.Page(overview.show, title="Overview", icon=":material/search:", url_path="overview", default=True),
        st.Page(simulate.show, title="Simulate", icon=":material/tune:", url_path="simulate"),
        st.Page(compare.show, title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        st.Page(account.show, title="Account", icon=":material/folder_open:", url_path="account"),
    ],
    position="top",
)
page.run()
