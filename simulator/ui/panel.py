"""The lever panel, made from the levers' declarations."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simulator.levers import all_levers
from simulator.levers.lever import Lever, Verdicts
from simulator.params import Param
from simulator.scenario import Scenario
from simulator.usage.tables import Usage

FAMILIES = ("training", "endpoints", "bedrock", "storage", "compute", "commitments")
FAMILY_TITLES = {
    "training": "Training",
    "endpoints": "Endpoints",
    "bedrock": "Bedrock",
    "storage": "Storage",
    "compute": "Notebooks & Studio",
    "commitments": "Commitments",
}


def scenario() -> Scenario:
    """The scenario the widgets now say (levers whose toggle is on)."""
    chosen = [x for x in all_levers().values() if st.session_state.get(_key(x.id, "on"))]
    return Scenario(tuple(x.create(_values(x)) for x in chosen), name="this scenario")


def load(settings: Scenario) -> None:
    """Set every widget to a scenario; levers it leaves out go off."""
    for kind in all_levers().values():
        setting = settings.setting(kind.id)
        st.session_state[_key(kind.id, "on")] = setting is not None
        for name, value in (setting.values() if setting else {}).items():
            st.session_state[_key(kind.id, name)] = value


def show(usage: Usage) -> None:
    """Every lever by family, those that can apply first; the others disabled with their reason."""
    for family in FAMILIES:
        levers = [x for x in all_levers().values() if x.family == family]
        if not levers:
            continue
        st.subheader(FAMILY_TITLES[family])
        judged = [(x, x().verdicts(usage)) for x in levers]
        for kind, verdicts in sorted(judged, key=lambda j: not j[1].applies.any()):
            _lever(kind, verdicts)


def _lever(kind: type[Lever], verdicts: Verdicts) -> None:
    counts = verdicts.counts()
    possible = counts["applies"] > 0
    on = st.toggle(
        kind.title, key=_key(kind.id, "on"), disabled=not possible, bind="query-params", persist_state="session",
        help=_help(kind, verdicts),
    )  # fmt: skip
    if not possible:
        st.caption(_reason(verdicts))
    elif on:
        st.caption(
            f"applies to {counts['applies']:,}, not to {counts['not_applicable']:,}, unknown for {counts['unknown']:,}"
        )
        for declared in kind.params().values():
            if _matters(kind, declared):
                _widget(kind, declared)


def _matters(kind: type[Lever], declared: Param) -> bool:
    """Whether the parameter acts under the chosen offer: only one discount of a Savings Plan does."""
    if not declared.name.startswith("discount_"):
        return True
    term = st.session_state.get(_key(kind.id, "term_years"), kind.params()["term_years"].default)
    payment = st.session_state.get(_key(kind.id, "payment"), kind.params()["payment"].default)
    return declared.name == f"discount_{term}y_{payment}"


def _widget(kind: type[Lever], declared: Param) -> None:
    key = _key(kind.id, declared.name)
    note = f"{declared.help} Default {declared.default}, plausible {declared.low} to {declared.high}. {declared.grade}: {declared.source}"
    keep: dict[str, Any] = {"key": key, "help": note.strip(), "bind": "query-params", "persist_state": "session"}
    if declared.choices:
        st.segmented_control(
            declared.label, declared.choices, default=declared.default, required=True,
            format_func=lambda c: str(c).replace("_", " "), **keep,
        )  # fmt: skip
        return
    cast = int if declared.integer else float
    percent = declared.unit == "ratio"
    st.slider(
        declared.label if percent else f"{declared.label}, {declared.unit}",
        min_value=cast(declared.minimum),
        max_value=cast(declared.maximum),
        value=cast(declared.default),
        step=cast(declared.step or 0.01),
        format="percent" if percent else None,
        **keep,
    )


def _values(kind: type[Lever]) -> dict[str, Any]:
    stored = {n: st.session_state.get(_key(kind.id, n)) for n in kind.params()}
    return {n: v for n, v in stored.items() if v is not None}


def _reason(verdicts: Verdicts) -> str:
    if not len(verdicts.state):
        return "Nothing of this kind in the account."
    return verdicts.summary()[0][1]


def _help(kind: type[Lever], verdicts: Verdicts) -> str:
    text = " ".join((kind.__doc__ or "").split())
    reasons = "; ".join(f"{n:,} {v.replace('_', ' ')}: {s}" for v, s, n in verdicts.summary()[:6])
    return f"{text}\n\n{reasons}"


def _key(lever_id: str, name: str) -> str:
    return f"{lever_id}.{name}"
