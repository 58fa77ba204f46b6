"""Risk: the bill as a range, the chance of a target, and the assumptions that move most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from simulator.charts import band_frame, band_spec, swings_frame, swings_spec
from simulator.errors import SimulatorError
from simulator.levers import all_levers
from simulator.ui import heavy, parts, session, work
from simulator.ui.figures import MONTHS
from simulator.ui.words import percent, plain, whole_usd

if TYPE_CHECKING:
    from simulator.risk.bills import Risk

DRAWING = "draws"
MANY_DRAWS = 10_000


def show() -> None:
    """The page."""
    figures = session.figures()
    st.title("How sure is the saving?", anchor=False)
    if not figures.result.scenario.levers:
        st.info("No lever is on: choose some on the Board, then see the range of their saving here.")
        return
    _range()
    _more_draws()
    parts.lazy_tabs(
        "risk_tab",
        {
            "Months": _months,
            "Assumptions that move most": _swings,
            "Chance of a target": _target,
            "One job on spot": _spot,
        },
    )


def _range() -> None:
    figures = session.figures()
    with st.spinner("Drawing futures"):
        saving = _drawn().saving_range
    low, middle, high, plan = st.columns(4)
    low.metric("P10: 9 in 10 futures save more", whole_usd(float(saving.p10_usd)))
    middle.metric("P50: half of them save more", whole_usd(float(saving.p50_usd)))
    high.metric("P90: 1 in 10 saves more", whole_usd(float(saving.p90_usd)))
    plan.metric("At the settings", whole_usd(figures.result.saving_usd))
    st.caption(
        f"Saving per month at run rate, from {_drawn().draws:,} draws of every uncertain parameter within its "
        "plausible range (PERT, the setting most likely, seed 0: the same luck for every scenario)."
    )
    bill = _drawn().whole_range
    st.caption(
        f"The whole bill of the scenario lies between {whole_usd(float(bill.p10_usd))} (P10) and "
        f"{whole_usd(float(bill.p90_usd))} (P90) per month. {figures.bill_range_words}"
    )


def _drawn() -> Risk:
    """The draws in hand: those of a worker where they were asked for."""
    figures = session.figures()
    return figures.more_draws or figures.risk


def _more_draws() -> None:
    """Ten times the draws, by a worker: the ends of the range move less from seed to seed."""
    figures = session.figures()
    if heavy.is_running(DRAWING):
        heavy.waited(DRAWING, _take_draws, "draws_refused")
    if refused := st.session_state.pop("draws_refused", ""):
        st.error(f"Nothing was drawn: {plain(refused)}")
    if figures.more_draws is None:
        st.button(f"Draw {MANY_DRAWS:,} futures", key="draw_many", on_click=_begin_draws)


def _take_draws(drawn: Risk) -> None:
    figures = session.figures()
    figures.more_draws = drawn if st.session_state.pop("drawn_of", None) is figures.mark else None


def _begin_draws() -> None:
    figures = session.figures()
    st.session_state["drawn_of"] = figures.mark
    try:
        heavy.begin(
            DRAWING, f"Drawing {MANY_DRAWS:,} futures", work.draw, figures.result, MONTHS, MANY_DRAWS,
            figures.unexplained_usd,
        )  # fmt: skip
    except SimulatorError as error:
        st.session_state["draws_refused"] = str(error)


def _months() -> None:
    figures = session.figures()
    months = _drawn().months
    lines = figures.months, months.p10_usd, months.p50_usd, months.p90_usd
    parts.chart(
        band_frame(*lines, figures.gap_usd),
        band_spec(),
        key="band",
        alt="Monthly bill over twelve months with its range from P10 to P90",
    )
    table = (
        band_frame(*lines)
        .drop(columns="is_last")
        .rename(columns={"today": "today_usd", "low": "p10_usd", "middle": "p50_usd", "high": "p90_usd"})
    )
    parts.download(table, "Download range by month as CSV", "range_by_month.csv")


def _swings() -> None:
    figures = session.figures()
    with st.spinner("Moving each assumption to both ends"):
        swings = [s for s in figures.swings if s.width_usd >= 0.005]
    if not swings:
        st.write("No assumption of this scenario moves its saving.")
        return
    first = swings[0]
    st.markdown(
        f"**{plain(first.label)}** of {plain(all_levers()[first.lever_id].title)} moves most: "
        + plain(
            f"between {whole_usd(first.saving_at_low_usd)} and {whole_usd(first.saving_at_high_usd)} per month."
        )
    )
    frame = swings_frame(swings, figures.result.saving_usd)
    parts.chart(
        frame,
        swings_spec(len(frame)),
        key="swings",
        alt="Saving at both ends of each assumption, widest first",
    )
    table = pd.DataFrame(vars(s) | {"width_usd": s.width_usd} for s in swings)
    parts.download(table, "Download assumptions that move most as CSV", "tornado.csv")


def _spot() -> None:
    """One long job on spot: will it finish in time, and what will it be billed?"""
    from simulator.levers.training.managed_spot import ManagedSpot
    from simulator.risk.spot import SpotJob, run_spot

    first, second, third = st.columns(3)
    work = first.number_input("Useful work, hours", 0.1, 5_000.0, 20.0, 1.0, key="spot_work")
    deadline = second.number_input("Deadline, hours", 0.1, 10_000.0, 30.0, 1.0, key="spot_deadline")
    between = third.number_input(
        "Hours between interruptions, one instance",
        0.5,
        2_000.0,
        ManagedSpot.interruption_hours,
        1.0,
        key="spot_mtbi",
    )
    instances = first.number_input("Instances", 1, 512, 1, key="spot_instances")
    wait = second.number_input(
        "Mean wait for capacity, hours", 0.0, 72.0, SpotJob.wait_hours, 0.5, key="spot_wait"
    )
    checkpoints = third.toggle("Writes checkpoints", value=True, key="spot_checkpoints")
    job = SpotJob(work, between, int(instances), checkpoints, wait_hours=wait)
    try:
        got = run_spot(job, deadline)
    except ValueError as error:
        st.warning(plain(str(error)))
        return
    cells = st.columns(4)
    cells[0].metric("Chance to finish in time", percent(got.finish_ratio, 0))
    cells[1].metric("Billed hours, expected", f"{got.expected_billed_hours:,.1f}")
    cells[2].metric("Billed hours, 9 in 10 below", f"{got.p90_billed_hours:,.1f}")
    cells[3].metric("Interruptions, expected", f"{got.interruptions:,.1f}")
    st.caption(
        "Hours per instance, before the spot discount. 4,000 draws; interruptions are random and independent."
    )


def _target() -> None:
    figures = session.figures()
    expected = max(figures.worth.saving_usd, 1.0)
    target = st.number_input(
        "Saving wanted over the twelve months, after one-off costs, USD",
        min_value=0.0,
        value=round(expected, -2),
        step=1_000.0,
        format="%.0f",
        key="target",
    )
    st.metric("Chance to reach it", percent(_drawn().chance_of_saving(target), 0))
