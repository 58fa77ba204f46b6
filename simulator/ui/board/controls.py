"""Above the rows: presets that say what they do, undo, the goal, and the tray of kept scenarios."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from simulator.engine.planning import Planning
from simulator.engine.scenario import Scenario
from simulator.levers import all_levers
from simulator.ui import draft, session
from simulator.ui.figures import Figures
from simulator.ui.whole import whole
from simulator.ui.words import count, percent, plain, thousands

PRESET_TITLES = {
    "no_regret": "No-regret",
    "report_plan": "Report's plan",
    "balanced": "Balanced",
    "ambitious": "Ambitious",
}
LETTERS = "ABCDEFGH"
GHOST = "tray_other"
TEAM = "board_team_hours"


def show() -> None:
    """One line of presets, one of steps, goal and tray."""
    _presets()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _steps()
        _goal()
        _team()
        _tray()
    _against()


def preset_titles() -> dict[str, str]:
    """Presets in rising order of what they save here, with what they do; the widest last until that is known."""
    seen, keep = session.view(), draft.scenario().keep
    made = {p: seen.preset_soon(p, keep) for p in PRESET_TITLES}
    rising = sorted(made, key=lambda p: f.result.saving_usd if (f := made[p]) else math.inf)
    return {p: f"{PRESET_TITLES[p]}{_does(made[p])}" for p in rising}


def presets_made() -> dict[str, Figures]:
    """Figures of the presets that are fitted to the account by now."""
    seen, keep = session.view(), draft.scenario().keep
    return {p: f for p in PRESET_TITLES if (f := seen.preset_soon(p, keep)) is not None}


def _does(figures: Figures | None) -> str:
    if figures is None:
        return ""
    return f" {thousands(-figures.result.saving_usd)} · {figures.work_hours:,.0f} h"


def is_waiting() -> bool:
    """Whether a preset is still being fitted, so that its figures are missing."""
    return len(presets_made()) < len(PRESET_TITLES)


def _presets() -> None:
    titles = preset_titles()
    chosen = preset_in_hand()
    if st.session_state.get("preset") != chosen:
        st.session_state["preset"] = chosen
    st.pills(
        "Presets",
        list(titles),
        key="preset",
        format_func=lambda p: plain(titles[p]),
        on_change=_load_preset,
        label_visibility="collapsed",
    )


def preset_in_hand() -> str | None:
    """The preset whose levers and values are those of the scenario."""
    asked = draft.scenario()
    if not asked.levers:
        return None
    levers = asked.ordered()
    return next((p for p, f in presets_made().items() if f.result.scenario.ordered() == levers), None)


def _load_preset() -> None:
    with whole():  # fitting takes a moment, in which the board may look again
        name = st.session_state["preset"]
        draft.load(preset_of(name) if name else Scenario())


def preset_of(name: str) -> Scenario:
    """A preset as it fits the account in hand."""
    return session.view().preset(name, draft.scenario().keep).result.scenario


def _steps() -> None:
    st.button("Undo", icon=":material/undo:", on_click=draft.undo, disabled=not draft.can_undo(), key="undo")
    st.button("Redo", icon=":material/redo:", on_click=draft.redo, disabled=not draft.can_redo(), key="redo")
    nothing = not draft.scenario().levers
    st.button(
        "All off", icon=":material/restart_alt:", on_click=draft.load, args=(Scenario(),), disabled=nothing,
        key="all_off",
    )  # fmt: skip


def _goal() -> None:
    st.markdown("Goal: save", width="content")
    st.number_input(
        "Goal: percent of today's bill to save",
        1,
        90,
        30,
        step=5,
        key="goal_percent",
        width=64,
        label_visibility="collapsed",
    )
    st.button("%: set switches", key="reach_goal", on_click=_reach_goal, icon=":material/flag:")
    if told := st.session_state.pop("goal_told", ""):
        st.toast(plain(told), icon=":material/flag:")


def _team() -> None:
    """The team's capacity: the months in which levers start follow from it."""
    name = "team_hours_per_month"
    declared = Planning.params()[name]
    hours = getattr(draft.scenario().planning, name)
    if st.session_state.get(TEAM) != hours:
        st.session_state[TEAM] = hours
    st.markdown("Team, h/month", width="content")
    st.number_input(
        f"{declared.label}, {declared.unit}",
        declared.minimum,
        declared.maximum,
        step=declared.step,
        format="%.0f",
        key=TEAM,
        width=76,
        label_visibility="collapsed",
        on_change=_set_team,
        args=(name,),
    )


def _set_team(name: str) -> None:
    draft.plan(name, st.session_state[TEAM])


def _reach_goal() -> None:
    """The least work that reaches the target, on this account, with the current values."""
    from simulator.analysis.seeking import seek

    with whole():  # seeking takes a moment too
        ratio = st.session_state["goal_percent"] / 100
        figures = session.figures()
        found = seek(figures.result, bill_usd=figures.goal_usd(ratio))
        asked = draft.scenario()
        draft.load(Scenario(tuple(asked.setting(i) or all_levers()[i]() for i in found.choice.levers)))
        share = percent(found.choice.saving_usd / figures.bill_usd) if figures.bill_usd else "nothing"
        words = "Reached" if found.reached else "Out of reach; the most found"
        levers = count(len(found.choice.levers), "lever")
        st.session_state["goal_told"] = (
            f"{words}: {share} with {levers}, {found.choice.effort_hours:g} h. Undo takes it back."
        )


def _tray() -> None:
    kept = session.kept()
    for number, (name, scenario) in enumerate(list(kept.items())[: len(LETTERS)]):
        in_hand = scenario.levers == draft.scenario().levers
        ghost = st.session_state.get(GHOST) == name
        figures = figures_of_kept(name, scenario)
        st.button(
            plain(f"{LETTERS[number]} {name} {thousands(-figures.result.saving_usd)}"),
            key=f"tray.{number}",
            type="primary" if in_hand else "secondary",
            icon=":material/layers:" if ghost else None,
            on_click=_shown,
            args=(name,),
            help="Shows this scenario; a second click lays it over the rows to compare with.",
        )
    with st.popover("Keep", icon=":material/bookmark_add:", key="keep_popover"):
        st.text_input(
            "Name of this scenario", value=f"Scenario {len(kept) + 1}", max_chars=40, key="keep_name"
        )
        st.button("Keep it", key="keep_it", type="primary", on_click=_keep)


def _keep() -> None:
    name = " ".join(st.session_state["keep_name"].split())
    if name:
        session.kept()[name] = draft.scenario()


def _shown(name: str) -> None:
    scenario = session.kept()[name]
    if scenario.levers == draft.scenario().levers:
        ghost = st.session_state.get(GHOST)
        st.session_state[GHOST] = None if ghost == name else name
    else:
        draft.put(replace(scenario, prices_as_of=draft.scenario().prices_as_of))


def figures_of_kept(name: str, scenario: Scenario) -> Figures:
    """Figures of a scenario of the tray."""
    return session.figures_of(scenario, f"tray {name}")


def ghost_usd(order: list[str]) -> Mapping[str, float] | None:
    """Per lever of the scenario laid over the rows, what it takes off there; None without one."""
    name = st.session_state.get(GHOST)
    scenario = session.kept().get(name) if name else None
    if name is None or scenario is None:
        return None
    figures = figures_of_kept(name, scenario)
    return {i: figures.toggled_usd(s) for i in order if (s := scenario.setting(i)) is not None}


def _against() -> None:
    """The rows that differ from the scenario laid over them, in dollars."""
    name = st.session_state.get(GHOST)
    scenario = session.kept().get(name) if name else None
    if name is None or scenario is None:
        return
    here, there = session.figures(), figures_of_kept(name, scenario)
    ids = [i for i in all_levers() if here.result.scenario.setting(i) != scenario.setting(i)]
    gains = {i: _usd(here, i) - _usd(there, i) for i in ids}
    parts = [
        f"{all_levers()[i].title} {thousands(-gains[i])}"
        for i in sorted(ids, key=lambda i: -abs(gains[i]))[:5]
    ]
    total = here.result.saving_usd - there.result.saving_usd
    words = f"Against {name}: saves {thousands(abs(total))} {'more' if total >= 0 else 'less'} per month. "
    st.caption(plain(words + ("; ".join(parts) if parts else "No row differs.")))


def _usd(figures: Figures, lever_id: str) -> float:
    setting = figures.result.scenario.setting(lever_id)
    return figures.toggled_usd(setting) if setting else 0.0
