"""A link to an account this visitor has not loaded: load it, or see the scenario on the sample. Never a silent swap."""

from __future__ import annotations

import streamlit as st

from simulator.ui import draft, keeper, session
from simulator.ui.pages import account
from simulator.ui.shelf import trying
from simulator.ui.words import day, plain


def show() -> None:
    """The page, instead of the one that was asked for."""
    prices = draft.scenario().prices_as_of or session.today()
    st.title("This link is about another account", anchor=False)
    st.markdown(
        f"Its scenario was made on the account with the fingerprint **{plain(session.missing())}**, at prices of "
        f"{day(prices)}. That account is not loaded here, so no figure of it can be shown."
    )
    _from_workspace()
    st.subheader("Load that account", anchor=False)
    st.caption("The scenario of the link is kept and applied to it. Nothing leaves this machine.")
    account.loaders()
    st.subheader("Or see the scenario on the sample", anchor=False)
    st.caption("An invented account: the levers are those of the link, every figure is another one.")
    st.button(
        "Show it on the sample",
        key="on_sample",
        on_click=session.forgive_missing,
        icon=":material/science:",
    )


def _from_workspace() -> None:
    """The account, where the workspace of this person has it: a restart of the server loses nothing that was kept."""
    try:
        kept = keeper.workspace()
        wanted = session.missing()
        found = kept.account_like(wanted) if kept and wanted else None
    except keeper.REFUSED:
        return
    if (
        kept
        and found
        and st.button(
            f"Open {plain(found[0].name)} from your workspace", type="primary", key="from_workspace"
        )
    ):
        account_, fingerprint = found
        trying.attempt(
            lambda: keeper.open_account(kept, account_.id, fingerprint), f"Opened: {account_.name}."
        )
