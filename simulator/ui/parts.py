"""Pieces several pages show: the account's line, the headline, charts, tables, downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from simulator.charts import COMPONENT_TITLES, Spec, themed
from simulator.ui import session
from simulator.ui.words import day, plain, whole_usd

TITLES = {
    "area": "Area",
    "lever": "Lever",
    "title": "Lever",
    "component": "Component",
    "resource_id": "Resource",
    "owner": "Owner",
    "region": "Region",
    "item": "Type or model",
    "meter": "Meter",
    "note": "Seen",
    "consumed_quantity": "Quantity",
    "consumed_unit": "Unit",
    "month": "Month",
    "calls_quantity": "Calls in the window",
    "daily_calls": "Calls by day",
    "last_call": "Last call, UTC",
    "busy_ratio": "Hours with calls",
    "gpu_use_ratio": "GPU use",
    "gpu_memory_ratio": "GPU memory",
    "why_idle": "Why idle",
}


def account_line() -> None:
    """Which account, which window, which prices; a sample is marked as invented."""
    seen = session.view()
    manifest = seen.account.snapshot.manifest
    kind = "Invented sample account" if st.session_state.get("sample") else "Account"
    gap = seen.unexplained_usd
    rest = "no bill to compare with" if gap is None else f"{plain(whole_usd(gap))} of its bill unexplained"
    window = f"{day(manifest.window_start)} to {day(last_day(manifest.window_end))}"
    st.caption(
        f"{kind} **{plain(manifest.name)}** · {window} · {rest} · "
        f"prices of {day(seen.book.as_of)}: {plain(seen.price_shares)}"
    )


def last_day(end: datetime) -> datetime:
    """The last moment of a window, whose end is the first that is not in it."""
    return end - timedelta(microseconds=1)


def link_problems() -> None:
    """What of the link that was opened could not be used, wherever it landed."""
    for problem in st.session_state.pop("link_problems", []):
        st.warning(f"Part of the link was not used: {plain(problem)}")


def chart(frame: pd.DataFrame, spec: Spec, *, key: str, alt: str) -> None:
    """One chart with a text alternative."""
    dark = st.context.theme.type == "dark"
    st.vega_lite_chart(frame, themed(spec, dark=dark), key=key, alt=alt, width="stretch")


def table(frame: pd.DataFrame, *, key: str, titles: Mapping[str, str] | None = None, **more: Any) -> Any:
    """A table with titles, dollars and percent by the names of its columns."""
    named = TITLES | dict(titles or {})
    if "area" in frame:
        frame = frame.assign(area=frame["area"].map(lambda c: COMPONENT_TITLES.get(c, c.capitalize())))
    config = {c: _column(c, named.get(c)) for c in map(str, frame.columns)}
    return st.dataframe(frame, hide_index=True, column_config=config, key=key, **more)


def editor(
    frame: pd.DataFrame, *, key: str, titles: Mapping[str, str], edits: str, **more: Any
) -> pd.DataFrame:
    """A table of which one column of yes and no can be changed."""
    named = TITLES | dict(titles)
    config = {c: _column(c, named.get(c)) for c in map(str, frame.columns) if c != edits}
    config[edits] = st.column_config.CheckboxColumn(named.get(edits), width="small", pinned=True)
    return st.data_editor(
        frame,
        hide_index=True,
        column_config=config,
        disabled=[c for c in frame.columns if c != edits],
        height=320,
        key=key,
        **more,
    )


def _column(name: str, title: str | None) -> Any:
    if name.startswith("daily_"):
        return st.column_config.AreaChartColumn(title or _words(name), width=110, y_min=0)
    if name.endswith("_usd"):
        return st.column_config.NumberColumn(title or _words(name[:-4]) + ", USD", format="$%,.0f")
    if name.endswith("_ratio"):
        return st.column_config.NumberColumn(title or _words(name[:-6]), format="percent")
    if name.endswith("_quantity"):
        return st.column_config.NumberColumn(title or _words(name), format="localized")
    return st.column_config.Column(title or _words(name), width="medium" if name == "resource_id" else None)


def _words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def download(table: pd.DataFrame, label: str, file_name: str) -> None:
    """A table as CSV, made when asked for."""
    from simulator.reports.tables import as_csv

    st.download_button(
        label,
        data=lambda: as_csv(table).encode(),
        file_name=file_name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{file_name}",
    )


def lazy_tabs(key: str, pages: Mapping[str, Callable[[], None]]) -> None:
    """Tabs of which only the open one is worked out."""
    for tab, show in zip(st.tabs(list(pages), on_change="rerun", key=key), pages.values(), strict=True):
        if tab.open:
            with tab:
                show()
