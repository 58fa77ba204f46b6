"""What is kept with the account in hand beside its scenarios: answers to open facts, and own prices."""

from __future__ import annotations

import streamlit as st

from simulator.ui import session
from simulator.ui.keeper import REFUSED, may_change, workspace
from simulator.ui.words import plain
from simulator.workspace import NotThere


def keep_answer(lever_id: str, assumed: bool) -> None:
    """Keep with the account whether a lever's missing facts are assumed; of an account that is not kept, nothing."""
    account_id = session.desk().account_id
    try:
        kept = workspace()
        if kept is not None and account_id is not None and may_change():
            kept.answer(account_id, lever_id, assumed, assumed=True)
    except REFUSED as error:
        st.toast(f"The answer was not kept. {plain(str(error))}", icon=":material/warning:")


def kept_prices() -> str | None:
    """Own prices kept with the account in hand; None without any. Raises what `REFUSED` names."""
    kept, account_id = workspace(), session.desk().account_id
    row = kept.own_prices(account_id) if kept and account_id else None
    return row.text or None if row else None


def keep_prices(text: str | None) -> None:
    """Keep own prices with the account in hand, None: no longer any. Raises what `REFUSED` names."""
    kept, account_id = workspace(), session.desk().account_id
    if kept is None or account_id is None:
        raise NotThere("keep the account on the Workspace page first")
    kept.keep_prices(account_id, f"{session.today()}", text or "")
