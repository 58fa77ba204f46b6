"""Demand: what is planned, with dates. Added by a form or a file; levers act on it from its first day."""

from __future__ import annotations

import csv
import io
from contextlib import nullcontext
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from simulator.demand import Workload, all_workloads
from simulator.errors import InputError, SimulatorError
from simulator.params import Param
from simulator.scratch import ScratchFolder
from simulator.ui import agents, draft, packing, parts, session
from simulator.ui.figures import MONTHS
from simulator.ui.words import plain, usd

MOST_UPLOAD_MB, MOST_PASTED = 5, 50_000

FIRST_KIND, MORE = "realtime_endpoint", "More: last day, region, owner, ramp, growth"
SHARE = "as a share: 0.05 is 5 %"


def show() -> None:
    """The page."""
    st.title("Demand", anchor=False)
    st.caption(
        "What you will run, not only what you ran. Each entry counts from its first day; levers, prices and Savings "
        "Plans act on it from then on. Every figure here is your decision, not a fact of the account."
    )
    planned = draft.scenario().workloads
    if not packing.carries(planned):
        st.warning(
            "A link is too short for so many entries: keep the scenario in the workspace, or download them."
        )
    if planned:
        _listed(planned)
        _months()
        agents.show(planned, _put)
    left, right = st.columns(2)
    with left, st.container(border=True):
        _form()
    with right, st.container(border=True):
        _files(planned)
        _pasted(planned)
        _examples(planned)


def _put(workloads: tuple[Workload, ...]) -> None:
    """Into the scenario, once the account takes them. Raises InputError."""
    session.view().account.planned(workloads)
    draft.put(replace(draft.scenario(), workloads=workloads))


def _listed(planned: tuple[Workload, ...]) -> None:
    for number, workload in enumerate(planned):
        with st.container(horizontal=True, vertical_alignment="center", key=f"planned_{number}"):
            last = workload.last_day()
            until = f" until {last:%Y-%m-%d}" if last else ""
            st.markdown(
                f"**{plain(workload.name)}** · {workload.title} · from {workload.start:%Y-%m-%d}{until}",
                width="stretch",
            )
            if st.button("Remove", key=f"planned_remove_{number}", icon=":material/delete:"):
                _put(tuple(w for n, w in enumerate(planned) if n != number))
                st.rerun()


def _months() -> None:
    """The baseline by month with what is planned, beside today's run rate."""
    from simulator.analysis.projection import project

    rows = project(session.figures().result, MONTHS)
    frame = pd.DataFrame(
        [
            {"month": m.month_start[:7], "baseline_usd": m.baseline_usd, "scenario_usd": m.scenario_usd}
            for m in rows
        ]
    )
    today = session.view().baseline.total_usd
    most = max(rows, key=lambda m: m.baseline_usd)
    st.markdown(
        plain(
            f"Baseline today {usd(today)} per month; with what is planned up to {usd(most.baseline_usd)} "
            f"in {most.month_start[:7]}."
        )
    )
    parts.table(frame, key="demand_months")


def _form() -> None:
    st.subheader("Add", anchor=False)
    kinds = all_workloads()
    chosen = st.selectbox(
        "What", list(kinds), index=list(kinds).index(FIRST_KIND), format_func=lambda i: kinds[i].title,
        key="demand_kind",
    )  # fmt: skip
    kind = kinds[chosen]
    st.caption((kind.__doc__ or "").strip().split("\n")[0])
    with st.form(key=f"demand_form_{chosen}", border=False):
        values: dict[str, Any] = {}
        for group, asked in _groups(kind).items():
            with st.expander(group) if group else nullcontext():
                values |= _inputs(chosen, kind, asked)
        if st.form_submit_button("Add", type="primary", icon=":material/add:"):
            try:
                made = kind.create({k: v for k, v in values.items() if v is not None})
                _put((*draft.scenario().workloads, made))
            except InputError as error:
                st.error(plain(error))
                return
            st.toast(plain(f"Planned: {made.name}."))
            st.rerun()


def _groups(kind: type[Workload]) -> dict[str, list[Field[Any]]]:
    """A kind's own fields in sight; what all kinds have, and what a label puts under a word of its own, folded."""
    found: dict[str, list[Field[Any]]] = {"": [], MORE: []}
    common = {f.name for f in fields(Workload)} - {"name", "start"}
    for field in fields(kind):
        group = MORE if field.name in common else _group_of(kind.params().get(field.name))
        found.setdefault(group, []).append(field)
    return found


def _group_of(declared: Param | None) -> str:
    """The word before a label's colon; a colon in brackets ("(0: none)") parts nothing."""
    word, colon, _ = declared.label.partition(":") if declared else ("", "", "")
    return word if colon and "(" not in word else ""


def _inputs(chosen: str, kind: type[Workload], asked: list[Field[Any]]) -> dict[str, Any]:
    """The fields two in a line, so that they are read in their order."""
    values = {}
    for first in range(0, len(asked), 2):
        pair = asked[first : first + 2]
        for place, field in zip(st.columns(2, vertical_alignment="bottom")[: len(pair)], pair, strict=True):
            with place:
                values[field.name] = _input(chosen, field, kind.params().get(field.name))
    return values


def _input(kind: str, field: Any, declared: Param | None) -> Any:
    key = f"demand_{kind}_{field.name}"
    if "day" in field.metadata:
        # Streamlit's own date field fails the target-size rule of WCAG 2.2: its parts are too small to hit.
        shown = field.default.isoformat() if field.default else ""
        label = field.metadata["day"]
        return st.text_input(label, value=shown, key=key, placeholder="2027-03-01", max_chars=10) or None
    if "words" in field.metadata:
        choices = field.metadata["choices"]
        label = field.metadata["words"]
        if choices:
            return st.selectbox(
                label, choices, index=choices.index(field.default), key=key, format_func=_as_words
            )
        return st.text_input(label, value=field.default, key=key, max_chars=200)
    if declared is None:
        return None
    number = int if declared.integer else float
    unit = SHARE if declared.unit.startswith("ratio") else declared.unit
    label = declared.label if unit in declared.label.lower() else f"{declared.label}, {unit}"
    whole = float(field.default).is_integer() and not declared.unit.startswith("ratio")
    return st.number_input(
        label,
        value=number(field.default),
        min_value=number(declared.minimum),
        key=key,
        format=None if declared.integer else "%.6g" if whole else "%.4g",
    )


def _as_words(choice: object) -> str:
    return str(choice).replace("_", " ")


def _files(planned: tuple[Workload, ...]) -> None:
    from simulator.demand import files

    st.subheader("From a file", anchor=False)
    st.caption("YAML, JSON, CSV or XLSX, one workload per row; docs/workloads.md names the fields.")
    upload = st.file_uploader(
        "Workloads",
        type=[k.lstrip(".") for k in files.KINDS],
        key="demand_upload",
        max_upload_size=MOST_UPLOAD_MB,
    )
    if upload is not None and st.button("Add all of them", key="demand_add_file"):
        try:
            _put((*planned, *_read(upload.name, upload.getvalue())))
        except SimulatorError as error:
            st.error(plain(error))
            return
        st.rerun()
    st.download_button(
        "One example of each, as CSV", data=files.template, file_name="workloads.csv", mime="text/csv",
        on_click="ignore", key="demand_template",
    )  # fmt: skip
    if planned:
        st.download_button(
            "What is planned, as CSV", data=lambda: files.write_csv(planned), file_name="planned.csv", mime="text/csv",
            on_click="ignore", key="demand_planned",
        )  # fmt: skip


def _examples(planned: tuple[Workload, ...]) -> None:
    """Plans that ship with the product, a click each."""
    from simulator.demand import files

    st.subheader("Examples", anchor=False)
    with st.container(horizontal=True):
        for name, title in files.EXAMPLES.items():
            st.button(title, key=f"demand_example_{name}", on_click=_add_example, args=(name, planned))


def _add_example(name: str, planned: tuple[Workload, ...]) -> None:
    from simulator.demand import files

    _put((*planned, *(w for w in files.read_workloads(Path(name)) if w not in planned)))


def _pasted(planned: tuple[Workload, ...]) -> None:
    """A table typed here or copied from a spreadsheet: the first row names the fields."""
    text = st.text_area(
        "Or type or paste a table", key="demand_pasted", height=110, max_chars=MOST_PASTED,
        placeholder="workload,name,start,instance_type,instances\nrealtime_endpoint,chat,2027-03-01,ml.g5.12xlarge,2",
    )  # fmt: skip
    if text.strip() and st.button("Add these rows", key="demand_add_pasted"):
        try:
            _put((*planned, *_read("pasted.csv", _as_csv(text).encode())))
        except SimulatorError as error:
            st.error(plain(error))
            return
        st.rerun()


def _as_csv(text: str) -> str:
    """Cells copied from a spreadsheet are parted by tabs; a table typed by hand by commas."""
    if "\t" not in text:
        return text
    made = io.StringIO()
    csv.writer(made).writerows(csv.reader(text.splitlines(), delimiter="\t"))
    return made.getvalue()


def _read(name: str, content: bytes) -> tuple[Workload, ...]:
    """Workloads of a file; a refusal names it. Raises InputError, OutputError."""
    from simulator.demand import files

    with ScratchFolder() as folder:
        return files.read_workloads(folder.put(name, io.BytesIO(content)))
