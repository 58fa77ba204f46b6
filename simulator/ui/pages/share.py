"""Share: a link, a file, the same on the command line or in Python, and everything to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from simulator import charts
from simulator.engine.scenario import Scenario
from simulator.reports.reproduce import SNAPSHOT, as_command, as_python
from simulator.reports.saved import as_file, changes, read_file
from simulator.ui import draft, session, visit
from simulator.ui.figures import Figures
from simulator.ui.view import View
from simulator.ui.words import plain

SCENARIO_FILE = "scenario.json"


def show() -> None:
    """The page."""
    st.title("Share and take away", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _link()
        _file()
    with right:
        _reproduce()
        _everything()


def _link() -> None:
    st.subheader("Link", anchor=False)
    query = urlencode(visit.address_query())
    base = (st.context.url or "").partition("?")[0].rsplit("/", 1)[0]
    st.code(f"{base}/simulate{'?' + query if query else ''}", language=None, wrap_lines=True)
    st.caption(
        "It restores levers, values, months, planning and, where short enough, what is planned. Of the account it "
        "names only what levers are limited to and what is planned to change; your list of kept resources is left out."
    )


def _file() -> None:
    st.subheader("Scenario file", anchor=False)
    st.download_button(
        "Download scenario",
        data=partial(_scenario_file, draft.scenario(), session.made_again()),
        file_name=SCENARIO_FILE,
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
        key="download_scenario",
    )
    upload = st.file_uploader("Open a scenario file", type=["json"], key="scenario_file", max_upload_size=1)
    if upload is not None and st.session_state.get("scenario_opened") != upload.file_id:
        st.session_state["scenario_opened"] = upload.file_id
        _open(upload.getvalue())
    for sentence in st.session_state.get("scenario_told", []):
        st.markdown(f"- {plain(sentence)}")


def _open(content: bytes) -> None:
    """Take a scenario file whole, and say what moved since it was saved. One that cannot be read changes nothing."""
    try:
        scenario, then = read_file(content)
    except ValueError as error:
        st.session_state["scenario_told"] = []
        st.error(f"This scenario was not opened; the one on the Board is unchanged. {plain(error)}")
        return
    draft.put(replace(scenario, prices_as_of=None))
    told = ["Opened."]
    if then is not None:
        now = session.figures().result
        old = session.at_prices_of(then.prices_as_of).run(draft.scenario())
        told += changes(then, now, old) or [
            "Nothing has changed since it was saved: same prices, usage and model."
        ]
    else:
        told.append("The file does not say what its figures were when it was saved.")
    st.session_state["scenario_told"] = told


def _reproduce() -> None:
    st.subheader("The same without the app", anchor=False)
    sample = st.session_state.get("sample")
    usage, as_of = sample or SNAPSHOT, session.view().book.as_of
    st.code(as_command(draft.scenario(), usage, as_of), language=None, wrap_lines=True)
    st.code(as_python(usage, as_of, sample=bool(sample)), language=None, wrap_lines=True)
    if not sample:
        st.caption(f"{SNAPSHOT} is the snapshot you loaded; name its path.")


def _everything() -> None:
    st.subheader("Take away", anchor=False)
    st.caption(
        "All tables as CSV, the charts as SVG and PNG, the scenario's file. Each chart also has a PNG in its own menu."
    )
    st.download_button(
        "Download everything as .zip",
        data=partial(_bundle, session.made_again(), draft.scenario()),
        file_name="ml-spend.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/folder_zip:",
        key="download_all",
    )


def _scenario_file(scenario: Scenario, make: Callable[[], tuple[View, Figures]]) -> bytes:
    return as_file(scenario, make()[1].result).encode()


def _bundle(make: Callable[[], tuple[View, Figures]], scenario: Scenario) -> bytes:
    """Runs when the button is pressed, outside the script: it has no session of its own."""
    from simulator.reports.bundle import as_zip
    from simulator.reports.resources import assumptions, resource_table
    from simulator.reports.tables import lever_table, savings_table

    seen, figures = make()
    result = figures.result
    months = pd.DataFrame(
        {k: v for k, v in vars(m).items() if not k.endswith("components")} for m in figures.months
    )
    tables = {
        "savings_by_area": savings_table(result),
        "savings_by_lever": lever_table(result),
        "months": months,
        "resources_today": resource_table(result.baseline),
        "resources_scenario": resource_table(result.outcome),
        "findings": pd.DataFrame(vars(f) for f in seen.findings),
        "bill_and_explained": pd.DataFrame(
            vars(r) | {"unexplained_usd": r.unexplained_usd} for r in seen.bill
        ),
        "assumptions": assumptions(result.scenario.ordered()),
    }
    bars = charts.waterfall_frame(result, figures.steps)
    pictures = {
        "waterfall": (bars, charts.waterfall_spec(len(bars))),
        "months_chart": (charts.months_frame(figures.months), charts.months_spec()),
    }
    return as_zip(tables, pictures, {SCENARIO_FILE: as_file(scenario, result)})
