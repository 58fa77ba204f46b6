"""The board: every lever a row of the bill, with its switch, its main value and what it takes off."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from simulator import charts
from simulator.ui import draft, parts, session
from simulator.ui.board import component, controls, drawer, knowing, moves, planned, rows
from simulator.ui.figures import Figures
from simulator.ui.view import View
from simulator.ui.whole import whole
from simulator.ui.words import whole_usd

ORDER, DRAWN, ACK = "board_order", "board_drawn", "board_ack"
OPENED, GRABBED, LOOKS = "board_opened", "board_grabbed", "board_looks"
LOOK = "look"
FRAME, MOVED = "board_months", "board_moved"


def show() -> None:
    """The page."""
    figures, seen = session.figures(), session.view()
    quick = session.is_quick()
    with st.container(key="above_rows"):
        left, right = st.columns([4, 1], gap="small", vertical_alignment="center")
    with left:
        controls.show()
    with right:
        _months(figures, quick)
    _board(figures, seen, quick)
    knowing.show(seen, figures)
    if opened := st.session_state.pop(OPENED, None):
        drawer.show(opened)


def _board(figures: Figures, seen: View, quick: bool) -> None:
    order: rows.Order = st.session_state.setdefault(ORDER, rows.Order())
    fresh = st.session_state.pop(session.FRESH, False)
    st.session_state.pop(session.QUICK, None)
    now = (seen.mark, draft.scenario())
    if quick:
        for lever_id in st.session_state.get(MOVED, frozenset()):
            order.known[lever_id] = figures.toggled_usd(draft.setting(lever_id))
    elif fresh:
        rows.refresh(order, figures, st.session_state.pop(MOVED, frozenset()))
    elif st.session_state.get(DRAWN) != now:
        rows.sort(order, figures, seen)
    if grabbed := st.session_state.pop(GRABBED, None):
        rows.grab(order, figures, grabbed)
    st.session_state[DRAWN] = now
    component.draw_board(
        planned.onto(
            rows.data(
                order,
                figures,
                seen,
                ack=st.session_state.get(ACK, 0),
                stale=str(draft.version()) if quick else "",
                other=controls.ghost_usd(order.shown),
            ),
            figures,
        )
        | {"later": _later()},
        on_edits_change=_moved,
        on_refresh_change=_refresh,
        on_open_change=_open,
        on_fold_change=_fold,
        on_grab_change=_grab,
    )


def _state() -> Any:
    return st.session_state[session.BOARD]


def _moved() -> None:
    with whole():  # what is acknowledged is done: the browser does not send it again
        edits = _state().edits
        changes = dict(edits["changes"])
        st.session_state[ACK] = int(edits["seq"])
        st.session_state[session.QUICK] = True
        # Replaced, never changed in place: the run that a quick move interrupts may still be reading it.
        moved = {name.partition(".")[0] for name in changes}
        st.session_state[MOVED] = st.session_state.get(MOVED, frozenset()) | moved
        moves.apply(changes, session.view().account.usage)


def _refresh() -> None:
    """After a move its figures are due. A mere look is no touch: Back may come with it."""
    if str(_state().refresh).startswith(LOOK):
        session.view().fit_widest(draft.scenario().keep)
    else:
        st.session_state[session.FRESH] = True


def _later() -> str:
    """Asks the browser to look again in a moment, while a preset is being fitted."""
    if not controls.is_waiting() or OPENED in st.session_state:  # another run would close the drawer
        return ""
    st.session_state[LOOKS] = looks = st.session_state.get(LOOKS, 0) + 1
    return f"{LOOK} {looks}"


def _grab() -> None:
    st.session_state[GRABBED] = _state().grab
    st.session_state[session.FRESH] = True


def _open() -> None:
    st.session_state[OPENED] = _state().open


def _fold() -> None:
    st.session_state[ORDER].is_open = bool(_state().fold)


def _months(figures: Figures, quick: bool) -> None:
    """Both bills over the months, with the range. While a row is moved the range is that of before, moved along."""
    frame: pd.DataFrame | None = st.session_state.get(FRAME)
    gap = figures.gap_usd
    if frame is None or not quick or figures.is_light:
        drawn = figures.risk.months
        frame = charts.outlook_frame(figures.months, list(drawn.p10_usd), list(drawn.p90_usd), gap)
    elif figures.is_cheap:
        last = frame
        scenario = pd.Series([m.scenario_usd for m in figures.months])
        low, high = (list(last[end] - last["scenario"] + scenario) for end in ("low", "high"))
        frame = charts.outlook_frame(figures.months, low, high, gap)
    st.session_state[FRAME] = frame
    end = frame.iloc[-1]
    parts.chart(
        frame,
        charts.outlook_spec(),
        key="months",
        alt=f"Monthly bill over twelve months: {whole_usd(end['today'])} without and {whole_usd(end['scenario'])} with "
        "the scenario in the last",
    )
