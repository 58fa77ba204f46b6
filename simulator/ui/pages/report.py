"""Report: the written report, the workbook, the tables and the files to apply; a worker writes each on demand."""

from __future__ import annotations

import streamlit as st

from simulator.errors import SimulatorError
from simulator.ui import heavy, session, work
from simulator.ui.bounded import MIB, Bounded
from simulator.ui.figures import MONTHS
from simulator.ui.words import plain

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITING = "file"
BUTTON_PIXELS = 240
FILES = (
    ("Report to print", "report.html", "text/html", "self-contained, with charts"),
    ("Report as Markdown", "report.md", "text/markdown", "the same text"),
    ("Workbook", "workbook.xlsx", XLSX, "assumptions are cells, figures are live formulas"),
    ("Tables", "tables.zip", "application/zip", "savings, months and charges in FOCUS columns"),
    ("Action pack", "actions.zip", "application/zip", "scripts and files for people to read and run"),
)
MADE = Bounded(entries=32, bytes_=48 * MIB)
"""Files that were made and may still be downloaded, of all sessions; one that has gone is made again."""


def show() -> None:
    """The page."""
    st.title("Report and files", anchor=False)
    st.caption(
        "Each is made when you press its button, from the figures you see. Nothing here changes an account."
    )
    if refused := st.session_state.pop("file_refused", ""):
        st.error(f"Nothing was made: {plain(refused)}")
    waiting = heavy.is_running(WRITING)
    for label, name, mime, words in FILES:
        with st.container(horizontal=True, vertical_alignment="center"):
            _button(label, name, mime, waiting)
            st.markdown(words)
    if waiting:
        heavy.waited(WRITING, _keep, "file_refused")


def _button(label: str, name: str, mime: str, waiting: bool) -> None:
    content: bytes | None = MADE.get(_key(name))
    if content is None:
        args = (label, name)
        st.button(
            f"Make {_lower(label)}",
            key=f"make_{name}",
            on_click=_make,
            args=args,
            disabled=waiting,
            width=BUTTON_PIXELS,
        )
        return
    st.download_button(
        f"Download {_lower(label)}",
        data=content,
        file_name=name,
        mime=mime,
        on_click="ignore",
        icon=":material/download:",
        type="primary",
        key=f"take_{name}",
        width=BUTTON_PIXELS,
    )


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _make(label: str, name: str) -> None:
    result = session.figures().result
    st.session_state["file_made"] = _key(name)
    try:
        heavy.begin(WRITING, f"Writing {_lower(label)}", work.write_file, name, result, MONTHS)
    except SimulatorError as error:
        st.session_state["file_refused"] = str(error)


def _keep(content: bytes) -> None:
    """Under the figures it was made of: a scenario that was changed meanwhile does not get it."""
    MADE.put(st.session_state["file_made"], content)


def _key(name: str) -> tuple[object, str]:
    """A file is of the figures on the screen: any change of account or scenario makes others."""
    return session.figures().mark, name
