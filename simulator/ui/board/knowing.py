"""Below the rows: what is worth knowing, with the dollars that hang on it; and what does not apply, with reasons."""

from __future__ import annotations

import streamlit as st

from simulator.levers import all_levers
from simulator.ui import account_facts, draft, navigation
from simulator.ui.figures import Figures
from simulator.ui.view import Fact, View
from simulator.ui.words import count, plain, thousands, whole_usd

FIRST_FACTS = 4


def show(seen: View, figures: Figures) -> None:
    """Both groups, folded but for their sums."""
    facts = [f for f in seen.facts if f.usd >= 0.5]
    if facts:
        most = max(f.usd for f in facts)
        missing = count(len(facts), "missing fact")
        title = f"Worth knowing: {missing}; up to {plain(thousands(most))} per month hang on one"
        with st.expander(title, key="facts", icon=":material/help:", on_change="rerun") as group:
            if group.open:
                st.caption(
                    "What hangs on a fact is the best case less now: a bound and no promise. Never add them up."
                )
                _reading()
                for fact in facts:
                    _fact(fact, fact.lever_id in seen.assumable_usd)
    _idle(seen, figures)


def _reading() -> None:
    """Many facts need nobody's answer: the account itself states them."""
    told, button = st.columns([7, 3], vertical_alignment="center", gap="small")
    told.markdown(
        "AWS itself can tell traffic, busy time, sizes of objects and lifecycle rules: read-only access is enough."
    )
    if button.button(
        "Read them from AWS", key="read_facts", icon=":material/cloud_download:", width="stretch"
    ):
        navigation.go_to_loader("AWS access")


def _fact(fact: Fact, can_be_assumed: bool) -> None:
    kind = all_levers()[fact.lever_id]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        up_to = plain(whole_usd(fact.usd))
        st.markdown(
            f"**{plain(kind.title)}**, up to {up_to} per month · {plain(fact.sentence)} "
            f":gray[({count(fact.resources, 'resource')})]",
            width="stretch",
        )
        with st.popover("Ask", key=f"ask.{fact.lever_id}"):
            st.code(question(fact), language=None, wrap_lines=True)
        assumed = fact.lever_id in draft.scenario().assume
        if not can_be_assumed and not assumed:
            return  # the fact is the quantity itself: nothing to put in its place
        st.button(
            "Assumed: take back" if assumed else "Assume it", key=f"assume.{fact.lever_id}", on_click=_answered,
            args=(fact.lever_id, not assumed), icon=":material/close:" if assumed else ":material/check:",
        )  # fmt: skip


def _answered(lever_id: str, assumed: bool) -> None:
    draft.assume(lever_id, assumed)
    account_facts.keep_answer(lever_id, assumed)


def question(fact: Fact) -> str:
    """What to send to the person who knows."""
    title = all_levers()[fact.lever_id].title
    names = ", ".join(fact.names[:10]) + (f" and {len(fact.names) - 10} more" if len(fact.names) > 10 else "")
    return (
        f"For “{title}” we need to know: {fact.sentence}\n"
        f"Resources: {names}\n"
        f"Up to {whole_usd(fact.usd)} per month hang on the answer."
    )


def _idle(seen: View, figures: Figures) -> None:
    asked = {f.lever_id for f in seen.facts}
    off = [i for i in all_levers() if figures.result.scenario.setting(i) is None]
    losing = [i for i in off if seen.alone_usd.get(i, 0.0) <= -0.005]
    idle = [i for i in off if i not in seen.alone_usd and i not in asked]
    if not idle and not losing:
        return
    title = (
        f"Not applicable here: {count(len(idle), 'lever')}; costs more here: {count(len(losing), 'lever')}"
    )
    with st.expander(title, key="unfit", on_change="rerun") as rest:
        if rest.open:
            for lever_id in losing:
                more = plain(whole_usd(-seen.alone_usd[lever_id]))
                st.markdown(
                    f"- **{plain(all_levers()[lever_id].title)}**: costs {more} per month more here than it saves"
                )
            for lever_id in idle:
                st.markdown(f"- **{plain(all_levers()[lever_id].title)}**: {plain(_reason(seen, lever_id))}")


def _reason(seen: View, lever_id: str) -> str:
    verdicts = seen.verdicts[lever_id]
    return verdicts.summary()[0][1] if len(verdicts.state) else "Nothing of this kind in the account."
