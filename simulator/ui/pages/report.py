"""Report: the written report, the workbook, the tables and the files to apply; and what became of an earlier plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from simulator.engine.simulate import Result
from simulator.ui import parts, session
from simulator.ui.figures import MONTHS
from simulator.ui.words import plain, usd

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show() -> None:
    """The page."""
    st.title("Report and files", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _take_away(session.figures().result)
    with right:
        _plan(session.figures().result)


def _take_away(result: Result) -> None:
    st.subheader("Take away", anchor=False)
    st.caption(
        "Each is made when you press its button, from the figures you see. Nothing here changes an account."
    )
    for label, name, mime, make, words in (
        ("Report to print", "report.html", "text/html", _html, "self-contained, with charts"),
        ("Report as Markdown", "report.md", "text/markdown", _markdown, "the same text"),
        ("Workbook", "workbook.xlsx", XLSX, _workbook, "assumptions are cells, figures are live formulas"),
        ("Tables", "tables.zip", "application/zip", _tables, "savings, months and charges in FOCUS columns"),
        (
            "Action pack",
            "actions.zip",
            "application/zip",
            _actions,
            "scripts and files for people to read and run",
        ),
    ):
        _download(label, name, mime, partial(make, result), words)


def _download(label: str, name: str, mime: str, make: Callable[[], bytes], words: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            label,
            data=make,
            file_name=name,
            mime=mime,
            on_click="ignore",
            icon=":material/download:",
            key=f"take_{name}",
        )
        st.markdown(words)


def _html(result: Result) -> bytes:
    from simulator.reports.report import html_report

    return html_report(result, MONTHS).encode()


def _markdown(result: Result) -> bytes:
    from simulator.reports.report import markdown_report

    return markdown_report(result, MONTHS).encode()


def _workbook(result: Result) -> bytes:
    from simulator.reports.workbook import workbook

    return workbook(result, MONTHS)


def _tables(result: Result) -> bytes:
    from simulator.reports.takeaway import takeaway

    return takeaway(result, MONTHS)


def _actions(result: Result) -> bytes:
    from simulator.reports.actions import action_pack

    return action_pack(result)


def _plan(result: Result) -> None:
    st.subheader("Plan and actual", anchor=False)
    st.caption("Keep today's plan as a file. Later load a newer snapshot or bill, and see what became of it.")
    st.download_button(
        "Keep this plan", data=partial(_kept, result), file_name="plan.json", mime="application/json",
        on_click="ignore", icon=":material/bookmark:", key="keep_plan",
    )  # fmt: skip
    upload = st.file_uploader("Compare an earlier plan", type=["json"], key="earlier_plan", max_upload_size=5)
    if upload is not None:
        _compare(upload.getvalue(), upload.name)


def _kept(result: Result) -> bytes:
    from simulator.analysis import ledger

    return ledger.to_json(ledger.keep(result, datetime.now(tz=UTC).date(), MONTHS)).encode()


def _compare(content: bytes, name: str) -> None:
    """The earlier plan beside the account in hand; a file that is no plan is refused in words."""
    from simulator.analysis import ledger

    seen = session.view()
    try:
        kept = ledger.from_json(content.decode("utf-8"), name)
        found = ledger.compare(kept, seen.account, seen.book)
    except (ValueError, UnicodeDecodeError) as error:
        st.error(f"This plan cannot be compared. {plain(error)}")
        return
    st.metric("Realised saving, a month", usd(found.realised_saving_usd), border=True)
    told = f"Projected for month {found.month}: {usd(found.projected_saving_usd)}."
    if found.same_snapshot:
        told += " This is the snapshot the plan was made on: nothing can have been realised yet."
    st.markdown(plain(told))
    rows = pd.DataFrame([asdict(r) for r in (*found.components, found.total)])
    parts.table(rows, key="plan_and_actual")
    st.caption(
        "Projected + usage + price + lever = actual. Lever: what the levers due by now have not saved yet."
    )
