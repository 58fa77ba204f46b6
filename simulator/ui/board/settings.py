"""Every setting of one lever as widgets of the drawer, made from the lever's declaration."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.ui import draft, session
from simulator.ui.words import plain, unit_of, value_of

MOST_STEPS = 600


def show(setting: Lever) -> None:
    """The settings that act; a lever that is off is turned on by moving one."""
    kind = type(setting)
    for parameter in setting.acting_params().values():
        _widget(kind, parameter, setting)
    if setting != kind():
        st.button(
            "Reset to defaults",
            key=f"{kind.id}.reset",
            on_click=draft.reset,
            args=(kind.id,),
            type="tertiary",
            icon=":material/restart_alt:",
        )


def _widget(kind: type[Lever], declared: Param, setting: Lever) -> None:
    key = f"{kind.id}.{declared.name}"
    _show(key, getattr(setting, declared.name))
    common: dict[str, Any] = {
        "key": key,
        "help": _note(kind, declared),
        "on_change": _set,
        "args": (kind.id, declared.name),
    }
    unit = unit_of(declared)
    label = f"{declared.label}{', ' + unit if unit else ''}"
    if declared.choices and len(declared.choices) > 5:
        st.selectbox(label, declared.choices, format_func=lambda c: value_of(declared, c), **common)
    elif declared.choices:
        st.segmented_control(
            label, declared.choices, required=True, format_func=lambda c: value_of(declared, c), **common
        )
    else:
        label += f" :small[:gray[{plain(_range(declared))}]]"
        _number(label, declared, common)


def _number(label: str, declared: Param, common: dict[str, Any]) -> None:
    kind = int if declared.integer else float
    low, high, step = declared.minimum, declared.maximum, declared.step or 0.01
    ratio = declared.unit == "ratio"
    decimals = 0 if step == int(step) else len(f"{step:.6f}".rstrip("0").split(".")[1])
    if (high - low) / step > MOST_STEPS:
        st.number_input(
            label,
            kind(low),
            kind(high),
            step=kind(step),
            format="%d" if declared.integer else f"%.{decimals}f",
            **common,
        )
        return
    format_ = "percent" if ratio else "%d" if declared.integer else f"%.{decimals}f"
    st.slider(label, kind(low), kind(high), step=kind(step), format=format_, **common)


def _show(key: str, value: Any) -> None:
    """Make a widget that is drawn next show the draft's value."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _set(lever_id: str, name: str) -> None:
    draft.assign(lever_id, {name: st.session_state[f"{lever_id}.{name}"]})


def _note(kind: type[Lever], declared: Param) -> str:
    """Default, range, what it rests on; and what the account's own history says, where it does."""
    parts = [plain(declared.help)] if declared.help else []
    parts.append(
        f"Default {plain(value_of(declared, declared.default))}. "
        f"{plain(declared.grade.capitalize())}: {plain(declared.source)}"
    )
    if not declared.choices:
        allowed = f"{value_of(declared, declared.minimum)} to {value_of(declared, declared.maximum)}"
        parts.append(f"Plausible {plain(_plausible(declared))}, possible {plain(allowed)}.")
    seen = kind.history(session.view().account.usage).get(declared.name)
    if seen:
        parts.append(f"Your history: {plain(value_of(declared, seen[0]))}, {plain(seen[1])}.")
    return "\n\n".join(parts)


def _plausible(declared: Param) -> str:
    if declared.low is None or declared.high is None:
        return "range not stated"
    return f"{value_of(declared, declared.low)} to {value_of(declared, declared.high)}"


def _range(declared: Param) -> str:
    plausible = "" if declared.low is None else f", plausible {_plausible(declared)}"
    return f"default {value_of(declared, declared.default)}{plausible}"
