"""The lever panel in the sidebar, made from the levers' declarations.

Levers that apply stand first, those that save most at the top; the others are folded with their reason.
Only sections that are open are drawn. Each widget shows the draft; its callback writes the draft.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from simulator.engine.scenario import PRESETS, preset
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.ui import draft, session
from simulator.ui.words import percent, plain, unit_of, usd, value_of

FAMILY_TITLES = {
    "training": "Training",
    "endpoints": "Endpoints",
    "bedrock": "Bedrock",
    "storage": "Storage",
    "compute": "Notebooks & Studio",
    "governance": "Governance",
    "commitments": "Commitments",
}
PRESET_TITLES = {
    "no_regret": "No-regret",
    "report_plan": "Report's plan",
    "balanced": "Balanced",
    "ambitious": "Ambitious",
}
MOST_SHOWN = 4
MOST_STEPS = 600


def show() -> None:
    """Presets, undo and reset, then every family."""
    _top()
    on = {x.family for x in draft.scenario().levers}
    if "families_open" not in st.session_state:
        st.session_state["families_open"] = on or {_dearest_family()}
    for family, title in FAMILY_TITLES.items():
        levers = [x for x in all_levers().values() if x.family == family]
        if levers:
            first = family in st.session_state["families_open"]
            with st.expander(title, expanded=first, key=f"family.{family}", on_change="rerun") as section:
                if section.open:
                    _family(family, levers)


def _top() -> None:
    chosen = _preset_in_hand()
    if st.session_state.get("preset") != chosen:
        st.session_state["preset"] = chosen
    st.pills(
        "Presets",
        [p for p in PRESETS if p in PRESET_TITLES],
        key="preset",
        format_func=PRESET_TITLES.__getitem__,
        on_change=_load_preset,
        help="Replaces the levers below; undo brings yours back.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Undo", icon=":material/undo:", on_click=_undo, disabled=not draft.can_undo(), key="undo")
        nothing = not draft.scenario().levers
        st.button(
            "All off", icon=":material/restart_alt:", on_click=_all_off, disabled=nothing, key="all_off"
        )
        st.caption(f"{len(draft.scenario().levers)} levers on")


def _family(family: str, levers: list[type[Lever]]) -> None:
    alone = session.view().alone_usd
    fitting = sorted((x for x in levers if x.id in alone), key=lambda x: -alone[x.id])
    idle = [x for x in levers if x.id not in alone]
    for kind in fitting:
        if draft.scenario().setting(kind.id) is None:
            _off(kind, alone[kind.id])
        else:
            _on(kind)
    for kind in idle:
        if draft.scenario().setting(kind.id) is not None:
            _on(kind)
    idle = [x for x in idle if draft.scenario().setting(x.id) is None]
    if idle:
        with st.expander(
            f"{len(idle)} that do not apply here", key=f"unfit.{family}", on_change="rerun", type="compact"
        ) as rest:
            if rest.open:
                for kind in idle:
                    st.toggle(kind.title, key=f"{kind.id}.disabled", disabled=True, help=_help(kind))
                    st.caption(plain(_reason(kind)))


def _off(kind: type[Lever], alone_usd: float) -> None:
    word = f"alone saves {usd(alone_usd)}" if alone_usd >= 0 else f"alone costs {usd(-alone_usd)} more"
    if abs(alone_usd) < 0.005:
        word = "alone saves nothing"
    _toggle(kind, f"{kind.title} :small[:gray[{plain(word)}]]")


def _on(kind: type[Lever]) -> None:
    setting = draft.setting(kind.id)
    changed = setting != kind()
    if changed:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _toggle(kind, kind.title)
            st.space("stretch")
            st.button(
                "Reset",
                key=f"{kind.id}.reset",
                on_click=draft.reset,
                args=(kind.id,),
                type="tertiary",
                icon=":material/restart_alt:",
                help="Every value of this lever back to its default.",
            )
    else:
        _toggle(kind, kind.title)
    st.caption(_effect(setting))
    _sliders(kind, setting)


def _toggle(kind: type[Lever], label: str) -> None:
    key = f"{kind.id}.on"
    _show(key, draft.scenario().setting(kind.id) is not None)
    st.toggle(label, key=key, help=_help(kind), on_change=_turned, args=(kind.id,))


def _sliders(kind: type[Lever], setting: Lever) -> None:
    declared = [p for p in kind.params().values() if _matters(p, setting)]
    changed = {n for n, v in setting.values().items() if v != getattr(kind(), n)}
    shown = [p for i, p in enumerate(declared) if i < MOST_SHOWN or p.name in changed]
    more = [p for p in declared if p not in shown]
    for parameter in shown:
        _widget(kind, parameter, setting)
    if more:
        with st.popover(
            f"{len(more)} more settings", key=f"{kind.id}.more", on_change="rerun", type="tertiary"
        ) as rest:
            if rest.open:
                for parameter in more:
                    _widget(kind, parameter, setting)


def _matters(declared: Param, setting: Lever) -> bool:
    """Of a Savings Plan's discounts only that of the chosen offer acts."""
    return (
        not declared.name.startswith("discount_")
        or declared.name == f"discount_{getattr(setting, 'offer', '')}"
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


def _turned(lever_id: str) -> None:
    draft.turn(lever_id, st.session_state[f"{lever_id}.on"])


def _set(lever_id: str, name: str) -> None:
    draft.assign(lever_id, {name: st.session_state[f"{lever_id}.{name}"]})


def _load_preset() -> None:
    if st.session_state["preset"]:
        draft.load(preset(st.session_state["preset"]))
        open_families()


def _undo() -> None:
    draft.undo()
    open_families()


def _all_off() -> None:
    draft.load(preset("none"))


def open_families() -> None:
    """Unfold the sections that hold a lever that is on."""
    for family in {x.family for x in draft.scenario().levers}:
        st.session_state[f"family.{family}"] = True


def _preset_in_hand() -> str | None:
    levers = draft.scenario().ordered()
    names = (p for p in PRESETS if p in PRESET_TITLES and preset(p).ordered() == levers)
    return next(names, None) if levers else None


def _dearest_family() -> str:
    alone = session.view().alone_usd
    return all_levers()[max(alone, key=lambda i: alone[i])].family if alone else "training"


def _effect(setting: Lever) -> str:
    """What the lever does now, and to how many."""
    figures = session.figures()
    verdicts = setting.verdicts(figures.result.baseline.usage)
    counts = verdicts.counts()
    saves = figures.marginal_usd.get(setting.id, 0.0)
    ratio = (
        percent(abs(saves) / figures.result.baseline.total_usd) if figures.result.baseline.total_usd else ""
    )
    if abs(saves) < 0.005:
        effect = "saves nothing here"
    elif saves > 0:
        effect = f":green[**saves {plain(usd(saves))}** a month], {ratio}"
    else:
        effect = f":red[**costs {plain(usd(-saves))} more** a month], {ratio}"
    reach = f"applies to {counts['applies']:,} of {len(verdicts.state):,}"
    unknown = f", unknown for {counts['unknown']:,}" if counts["unknown"] else ""
    return f"{effect}; {reach}{unknown}"


def _reason(kind: type[Lever]) -> str:
    verdicts = session.view().verdicts[kind.id]
    if not len(verdicts.state):
        return "Nothing of this kind in the account."
    return verdicts.summary()[0][1]


def _help(kind: type[Lever]) -> str:
    """The lever's own words, and its verdicts by reason."""
    paragraphs = [plain(p) for p in (kind.__doc__ or "").split("\n\n")]
    reasons = session.view().verdicts[kind.id].summary()[:6]
    lines = [f"- {n:,} {v.replace('_', ' ')}: {plain(s)}" for v, s, n in reasons]
    return "\n\n".join([*paragraphs, "\n".join(lines)])


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
