"""The drawer of one lever: why it saves what it saves, its other settings, its resources, and which of them to keep."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from simulator.levers import all_levers
from simulator.levers.lever import STATES, Lever
from simulator.ui import draft, parts, session
from simulator.ui.board import scoping, settings
from simulator.ui.words import count, plain, usd

MOST_RESOURCES = 200


def show(lever_id: str) -> None:
    """Open it on the right; the board behind follows when it is closed."""
    st.dialog(all_levers()[lever_id].title, width="medium", position="right", on_dismiss="rerun")(_content)(
        lever_id
    )


def _content(lever_id: str) -> None:
    setting = draft.setting(lever_id)
    _switch(setting)
    _dollars(setting)
    _why(setting)
    st.subheader("Settings", anchor=False)
    settings.show(draft.setting(lever_id))
    st.subheader("Resources", anchor=False)
    _resources(setting)
    with st.expander("Method and source", key=f"method.{lever_id}"):
        for paragraph in (type(setting).__doc__ or "").split("\n\n"):
            st.markdown(plain(paragraph))


def _switch(setting: Lever) -> None:
    key, on = f"{setting.id}.on", draft.scenario().setting(setting.id) is not None
    if st.session_state.get(key) != on:
        st.session_state[key] = on
    st.toggle("On", key=key, on_change=_turned, args=(setting.id,))


def _turned(lever_id: str) -> None:
    draft.turn(lever_id, st.session_state[f"{lever_id}.on"])


def _dollars(setting: Lever) -> None:
    figures, seen = session.figures(), session.view()
    on = draft.scenario().setting(setting.id) is not None
    first, second, third = st.columns(3)
    first.metric(
        "Leaving it out costs" if on else "Turning it on saves",
        usd(figures.toggled_usd(setting)),
        help="Per month, with everything else as it is.",
    )
    second.metric(
        "Alone", usd(seen.alone_usd.get(setting.id, 0.0)), help="With nothing else on. Never add these up."
    )
    third.metric(
        "Fair share",
        usd(_share(setting)) if on else "–",
        help="Shapley value: what several levers save together is shared among them. Adds up to the saving.",
    )
    effort = (
        f"{count(round(setting.effort_hours), 'hour')} of work" if setting.effort_hours >= 1 else "no work"
    )
    undo = "can be undone" if setting.reversible else "cannot be undone"
    begin = figures.month_name(figures.start_month(setting))
    sure = seen.confidence(setting)
    st.caption(f"{effort}; {undo}; starts {begin}; confidence {sure or 'not applicable'}.")


def _share(setting: Lever) -> float:
    credits = session.figures().credits
    return next((c.attributed_usd for c in credits if c.lever_id == setting.id), 0.0)


def _why(setting: Lever) -> None:
    from simulator.analysis.verdict import verdict

    found = verdict(session.figures().result, setting)
    st.markdown(f"**{found.status.capitalize()}.** {plain(found.sentence)}")
    verdicts = draft.scenario().scoped(setting).verdicts(session.figures().result.baseline.usage)
    for word, sentence, number in verdicts.summary()[:6]:
        st.markdown(f"- {number:,} {word.replace('_', ' ')}: {plain(sentence)}")


def _resources(setting: Lever) -> None:
    figures = session.figures()
    result, table = figures.result, setting.table
    if not table:
        st.caption("Acts on the hours that remain after every other lever.")
        return
    usage = result.baseline.usage
    verdicts = draft.scenario().scoped(setting).verdicts(usage)
    names = usage.table(table).resource_id.astype(str)
    before = result.baseline.charges.by_resource(table, len(names))
    keep = draft.scenario().keep
    frame = pd.DataFrame(
        {
            "keep": [n in keep for n in names],
            "resource_id": names,
            "today_usd": before,
            "verdict": [STATES[int(s)].replace("_", " ") for s in verdicts.state],
            "why": [verdicts.sentence(i) for i in range(len(names))],
        }
    )
    frame = frame.sort_values(["verdict", "today_usd"], ascending=[True, False]).head(MOST_RESOURCES)
    frame = frame.reset_index(drop=True)
    key = f"keep.{setting.id}.{hash(keep)}"
    titles = {"today_usd": "Today, USD per month", "keep": "Keep", "verdict": "Verdict", "why": "Why"}
    parts.editor(
        frame, key=key, titles=titles,
        edits="keep", on_change=_kept, args=(key, frame["resource_id"].tolist()),
    )  # fmt: skip
    st.caption("No lever touches what you keep.")
    scoping.show(setting.id, usage.table(table))


def _kept(key: str, names: list[str]) -> None:
    kept = set(draft.scenario().keep)
    for row, edit in st.session_state[key]["edited_rows"].items():
        (kept.add if edit["keep"] else kept.discard)(names[int(row)])
    draft.keep_only(kept)
