"""Roadmap: when each lever starts and ramps up, what it costs to get there, when it pays back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from simulator.analysis.projection import Month
from simulator.charts import cumulative_spec, months_frame, months_spec
from simulator.engine.planning import Planning
from simulator.ui import draft, parts, session
from simulator.ui.figures import Figures
from simulator.ui.words import count, plain, unit_of, value_of, whole_usd


def show() -> None:
    """The page."""
    st.title("Roadmap", anchor=False)
    figures = session.figures()
    _numbers()
    left, right = st.columns(2, gap="medium")
    with left:
        parts.chart(
            months_frame(figures.months, figures.gap_usd),
            months_spec(),
            key="months",
            alt="Monthly bill: baseline and scenario",
        )
    with right:
        saved = pd.DataFrame(
            {
                "month": [pd.Timestamp(m.month_start) for m in figures.months],
                "usd": [m.cumulative_saving_usd for m in figures.months],
            }
        )
        parts.chart(
            saved,
            cumulative_spec(),
            key="cumulative",
            alt=f"Saved so far; {whole_usd(saved['usd'].iloc[-1])} after twelve months",
        )
    parts.lazy_tabs(
        "roadmap_tab", {"Start and ramp": _schedule, "Growth and money": _planning, "Month by month": _months}
    )


def _numbers() -> None:
    figures = session.figures()
    worth = figures.worth
    never = "never" if figures.result.scenario.levers else "–"
    cells = st.columns(4)
    cells[0].metric("Saved in twelve months", whole_usd(worth.saving_usd))
    cells[1].metric(
        "One-off costs", whole_usd(worth.once_usd), help="Engineering, dual running and transition requests."
    )
    paid = never if worth.payback_month is None else figures.month_name(worth.payback_month)
    cells[2].metric("Pays back in", paid)
    cells[3].metric("Net present value", whole_usd(worth.net_present_value_usd))


def _schedule() -> None:
    scenario = draft.scenario()
    if not scenario.levers:
        st.info("No lever is on: choose some on the Board.")
        return
    figures = session.figures()
    starts = {x.id: figures.start_month(x) for x in scenario.ordered()}
    _capacity(figures)
    table = pd.DataFrame(
        {
            "lever": x.title,
            "phase": x.phase,
            "start_month": starts[x.id],
            "starts_in": figures.month_name(starts[x.id]),
            "ramp_months": scenario.ramp_months.get(x.id, x.ramp_months),
            "effort_hours": x.effort_hours,
            "reversible": "yes" if x.reversible else "no",
        }
        for x in scenario.ordered()
    )
    month = st.column_config.NumberColumn("Starts in month", min_value=1, max_value=60, step=1)
    ramp = st.column_config.NumberColumn(
        "Months until full effect", min_value=0, max_value=60, step=1, required=True
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["lever", "phase", "starts_in", "effort_hours", "reversible"],
        key=f"schedule {hash((tuple(starts.items()), *sorted(scenario.start_months)))}",
        column_config={
            "lever": "Lever",
            "phase": "Phase",
            "start_month": month,
            "starts_in": "That is",
            "ramp_months": ramp,
            "effort_hours": "Effort, hours",
            "reversible": "Reversible",
        },
    )
    _scheduled(edited, starts)
    parts.download(edited, "Download roadmap as CSV", "roadmap.csv")


def _capacity(figures: Figures) -> None:
    """What the months follow from: the team's hours and the work that is on."""
    free = figures.result.scenario.planning.team_hours_per_month
    st.caption(
        f"{count(figures.work_hours, 'hour')} of work at {count(free, 'hour')} per month: full effect in "
        f"**{figures.month_name(figures.full_effect_month)}**. Edit a month to fix it, empty it to let it follow; the "
        "team's hours are on the board and under *Growth and money*."
        if figures.full_effect_month
        else "No lever changes this bill. Edit a month to fix it."
    )


def _scheduled(edited: pd.DataFrame, starts: Mapping[str, int]) -> None:
    """Keep the months that were edited; the others, and emptied ones, follow the team's hours."""
    scenario = draft.scenario()
    levers = scenario.ordered()
    months = zip(levers, edited["start_month"], strict=True)
    fixed = scenario.start_months
    start = {x.id: int(m) for x, m in months if pd.notna(m) and (int(m) != starts[x.id] or x.id in fixed)}
    ramp = {
        x.id: int(m) for x, m in zip(levers, edited["ramp_months"], strict=True) if int(m) != x.ramp_months
    }
    kept = {k: v for k, v in scenario.start_months.items() if scenario.setting(k) is None}
    kept_ramp = {k: v for k, v in scenario.ramp_months.items() if scenario.setting(k) is None}
    new = replace(scenario, start_months=kept | start, ramp_months=kept_ramp | ramp)
    if new != scenario:
        draft.put(new)
        st.rerun()


def _planning() -> None:
    planning = draft.scenario().planning
    for name, declared in Planning.params().items():
        key = f"planning.{name}"
        value = getattr(planning, name)
        if st.session_state.get(key) != value:
            st.session_state[key] = value
        ratio = declared.unit.startswith("ratio")
        note = f"Default {value_of(declared, declared.default)}. {declared.grade.capitalize()}: {declared.source}"
        st.slider(
            f"{declared.label}, {unit_of(declared)}",
            float(declared.minimum),
            float(declared.maximum),
            step=float(declared.step or 0.01),
            format="percent" if ratio else "%.0f",
            key=key,
            on_change=_set_planning,
            args=(name,),
            help=plain(note),
        )


def _set_planning(name: str) -> None:
    draft.plan(name, st.session_state[f"planning.{name}"])


def _months() -> None:
    table = months_table(session.figures().months)
    shown = table.drop(columns=["month"]).rename(columns={"month_start": "month"})
    parts.table(shown[["month", *(c for c in shown if c != "month")]], key="month_by_month")
    parts.download(table, "Download months as CSV", "months.csv")


def months_table(months: list[Month]) -> pd.DataFrame:
    """The projection as a table, without the split by component."""
    return pd.DataFrame({k: v for k, v in vars(m).items() if not k.endswith("components")} for m in months)
