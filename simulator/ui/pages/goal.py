"""Goal: the least work that reaches a target, and the frontier of saving against effort, to be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from simulator import charts
from simulator.analysis.seeking import Choice, Found, seek
from simulator.engine.scenario import Scenario
from simulator.levers import all_levers
from simulator.ui import draft, session
from simulator.ui.board import controls
from simulator.ui.words import percent, plain, whole_usd


def show() -> None:
    """The page."""
    st.title("Reach a target", anchor=False)
    left, right = st.columns([1, 2], gap="large")
    with left:
        ratio = st.slider(
            "Share of today's bill to save", 0.0, 0.9, 0.3, 0.01, format="percent", key="goal_ratio"
        )
        exclude = st.multiselect(
            "Levers you do not want",
            list(all_levers()),
            format_func=lambda i: all_levers()[i].title,
            key="goal_exclude",
        )
    with st.spinner("Trying combinations of levers"):
        found = _found(ratio, tuple(exclude))
    with left:
        _answer(found, ratio)
    with right:
        picked = _frontier(found.frontier)
        if picked is not None:
            _choice(picked, "take_picked")


def _found(ratio: float, exclude: tuple[str, ...]) -> Found:
    """The search on the current account, remembered while account, settings and wishes stay."""
    figures = session.figures()
    key = (figures.mark, "goal", exclude, ratio)
    known: Found | None = session.FIGURES.get(key)
    if known is None:
        known = session.FIGURES.put(
            key, seek(figures.result, bill_usd=figures.goal_usd(ratio), exclude=exclude)
        )
    return known


def _answer(found: Found, ratio: float) -> None:
    words = "The least work that reaches it" if found.reached else "Out of reach: this is the most we found"
    st.markdown(f"**{words}**")
    bill = session.figures().bill_usd
    share = percent(found.choice.saving_usd / bill) if bill else "–"
    st.metric(
        "Saving, per month",
        whole_usd(found.choice.saving_usd),
        f"{share} of today's bill",
        delta_color="off",
        delta_arrow="off",
    )
    _choice(found.choice, "take_least")


def _frontier(choices: Sequence[Choice]) -> Choice | None:
    """The chart, with the presets and the scenario in hand on it; the choice that was clicked, if any."""
    dark = st.context.theme.type == "dark"
    named = _named()
    event: Any = st.vega_lite_chart(
        charts.frontier_frame(choices, named), charts.themed(charts.frontier_spec(), dark=dark), key="frontier",
        alt="Saving per month against hours of work, one point per choice of levers", width="stretch",
        on_select="rerun", selection_mode="choice",
    )  # fmt: skip
    st.caption(
        "Click a point to see its levers. The line is the best found for each amount of work; hours count only levers "
        "that change the bill."
    )
    picked = (event or {}).get("selection", {}).get("choice") or []
    return [*choices, *named.values()][int(picked[0]["number"])] if picked else None


def _named() -> dict[str, Choice]:
    """The presets as they fit the account, and the scenario in hand unless it is one of them."""
    presets, asked = controls.presets_made(), session.figures()
    made = {controls.PRESET_TITLES[p]: f for p, f in presets.items()}
    if asked.result.scenario.levers and controls.preset_in_hand() is None:
        made["Your scenario"] = asked
    return {
        title: Choice(tuple(x.id for x in f.result.scenario.ordered()), f.result.saving_usd, f.work_hours)
        for title, f in made.items()
    }


def _choice(choice: Choice, key: str) -> None:
    st.metric("Work, hours", f"{choice.effort_hours:g}")
    for lever_id in choice.levers:
        st.markdown(f"- {plain(all_levers()[lever_id].title)}")
    st.button(
        "Take these levers",
        key=key,
        type="primary",
        on_click=_take,
        args=(choice.levers,),
        disabled=not choice.levers,
    )


def _take(lever_ids: tuple[str, ...]) -> None:
    asked = draft.scenario()
    draft.load(Scenario(tuple(asked.setting(i) or all_levers()[i]() for i in lever_ids)))
