"""History: what each component was billed, what the months to come may cost, and growth for the projection from it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator import charts
from simulator.analysis.forecast.forecast import Backtest, backtest, forecast
from simulator.analysis.forecast.growth import Growth, growth_of, planned
from simulator.analysis.forecast.history import TOTAL, History, from_csv, histories
from simulator.errors import InputError
from simulator.ui import draft, parts, session
from simulator.ui.words import count, percent, plain, whole_usd

AHEAD = 12
OWN = "own_history"
MOST_UPLOAD_MB = 5
LEAST_TRIED = 4
GROWTHS = {"training_growth": "Training", "traffic_growth": "Traffic", "data_growth": "Stored data"}


def show() -> None:
    """The tab."""
    st.caption(
        "From the account's own bill, or from a CSV with the columns date, usd and maybe component. The growth "
        "that this shows is one of dollars: prices that fell and levers that were pulled are in it."
    )
    _own()
    try:
        series = _series()
    except InputError as error:
        st.info(plain(error))
        return
    _component(series)
    _growth(series)


def _own() -> None:
    upload = st.file_uploader(
        "A longer history (CSV)", type=["csv"], key="history_file", max_upload_size=MOST_UPLOAD_MB
    )
    if upload is None:
        st.session_state.pop(OWN, None)
        return
    try:
        frame = pd.read_csv(io.BytesIO(upload.getvalue()), dtype=str)
        st.session_state[OWN] = from_csv(frame)
    except (InputError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        st.session_state.pop(OWN, None)
        st.error(f"The file was not used: {plain(error)}")


def _series() -> list[History]:
    own: list[History] | None = st.session_state.get(OWN)
    return own or histories(session.view().account.snapshot)


def _component(series: Sequence[History]) -> None:
    by_name = {h.component: h for h in series}
    first = TOTAL if TOTAL in by_name else next(iter(by_name))
    chosen = st.selectbox(
        "Component",
        [first, *(n for n in by_name if n != first)],
        key="history_component",
        format_func=lambda n: charts.COMPONENT_TITLES.get(n, n.capitalize()),
    )
    history = by_name[chosen]
    fan = forecast(history.usd, AHEAD, history.season)
    size = len(history.usd)
    ahead = [
        (history.label(size + n), float(fan.p10[n]), float(fan.p50[n]), float(fan.p90[n]))
        for n in range(AHEAD)
    ]
    known = [(history.label(n), float(usd)) for n, usd in enumerate(history.usd)]
    parts.chart(
        charts.history_frame(known, ahead),
        charts.history_spec(),
        key="history_chart",
        alt=f"Dollars per {history.per} of {chosen}: {count(size, history.per)} billed, and {AHEAD} to come in a band.",
    )
    st.markdown(plain(fan.sentence()))
    table = pd.DataFrame(ahead, columns=[history.per, "p10_usd", "p50_usd", "p90_usd"])
    parts.download(table, "Download forecast as CSV", f"forecast_{chosen}.csv")
    if size >= LEAST_TRIED:
        _tried(backtest(history.usd, min(3, size // 3), history.season))


def _tried(seen: Backtest) -> None:
    st.subheader("How this would have done", anchor=False)
    seasonal = None if seen.seasonal_error != seen.seasonal_error else seen.seasonal_error
    mean, naive, season, inside = st.columns(4)
    mean.metric("Mean error", whole_usd(seen.error))
    naive.metric("Repeating the last value", whole_usd(seen.naive_error))
    season.metric("Repeating the last season", "–" if seasonal is None else whole_usd(seasonal))
    inside.metric("Inside P10 to P90", percent(seen.coverage_ratio), help="Four in five are promised.")
    ends = "the forecast was no worse" if seen.beats_naive else "repeating would have been better"
    st.caption(
        f"{count(seen.held_out, 'value')} held out, each forecast from its own past alone: {ends}. The last value was "
        f"repeated at {percent(seen.naive_used_ratio)} of the origins."
    )


def _growth(series: Sequence[History]) -> None:
    st.subheader("Growth for the projection", anchor=False)
    try:
        found = growth_of(series)
    except InputError as error:
        st.info(plain(error))
        return
    parts.table(_rows(found), key="growth_table")
    for growth in found:
        st.caption(plain(growth.sentence()))
    planning, ranges = planned(draft.scenario().planning, found)
    used = (draft.scenario().planning, dict(draft.scenario().growth_range)) == (planning, ranges)
    st.button(
        "Used as growth" if used else "Use as growth",
        key="use_growth",
        type="primary",
        disabled=used,
        on_click=draft.grow,
        args=(planning, ranges),
        help="Sets the growth of the projection, and its range on the Risk page. Undo takes it back.",
    )


def _rows(found: Sequence[Growth]) -> pd.DataFrame:
    planning = draft.scenario().planning
    return pd.DataFrame(
        {
            "grows": [GROWTHS[g.name] for g in found],
            "now_ratio": [getattr(planning, g.name) for g in found],
            "p10_ratio": [g.p10 for g in found],
            "p50_ratio": [g.p50 for g in found],
            "p90_ratio": [g.p90 for g in found],
        }
    )
