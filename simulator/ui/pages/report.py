"""Report: the written report, the workbook, the tables and the files to apply."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from simulator.engine.simulate import Result
from simulator.ui import session
from simulator.ui.figures import MONTHS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show() -> None:
    """The page."""
    st.title("Report and files", anchor=False)
    _take_away(session.figures().result)


def _take_away(result: Result) -> None:
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
