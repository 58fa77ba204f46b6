"""Overview: what matters most in one sentence, where the money goes, and what to do about it."""

from __future__ import annotations

import streamlit as st

from simulator.charts import components_frame, components_spec
from simulator.levers import all_levers
from simulator.ui import draft, navigation, parts, session
from simulator.ui.board import controls
from simulator.ui.figures import Figures
from simulator.ui.view import View
from simulator.ui.words import (
    count,
    percent,
    plain,
    thousands,
    thousands_range,
    usd,
    whole_usd,
    without_cents,
)

MOST_FINDINGS = 6
PLAN = "balanced"


_WAYS = (
    (
        "A bill file.",
        "Cost and Usage Report, FOCUS or Cost Explorer: every line priced, 20 levers to try, what they assume "
        "listed.",
        "Load a bill",
        "A bill file",
    ),
    (
        "AWS access.",
        "Read-only, from this machine: adds traffic, jobs and storage, so that most levers rest on facts.",
        "Read an account",
        "AWS access",
    ),
    (
        "Neither.",
        "Two invented samples show every lever. What you load stays on this machine.",
        "Choose a sample",
        "A sample",
    ),
)


def prepare(seen: View) -> None:
    """Work out what the page says of an account on which nothing was touched yet; all of it stays in the view."""
    _ = seen.price_shares, seen.findings
    figures = seen.preset(PLAN, frozenset())
    _ = figures.risk, _two_levers(figures)


def show() -> None:
    """The page."""
    seen = session.view()
    st.title(plain(opening(seen)), anchor=False)
    _first_step(seen)
    left, right = st.columns(2, gap="large")
    with left:
        _chart()
    with right:
        _own_account()
    _findings()


def opening(seen: View) -> str:
    """What is paid, what of it can go, for how much work, and how few levers are most of it."""
    if seen.baseline.total_usd <= 0:
        return nothing_to_simulate(seen)
    figures = seen.preset(PLAN, draft.scenario().keep)
    paid = thousands(figures.bill_usd)
    if figures.result.saving_usd < 0.5:
        return f"You pay {paid} per month, and no lever is known to lower it: see what is worth knowing."
    drawn = figures.risk.saving_range
    range_ = thousands_range(max(float(drawn.p10_usd), 0.0), float(drawn.p90_usd))
    hours = count(round(figures.work_hours), "hour")
    return f"You pay {paid} per month; {range_} of it can go for {hours} of work. {_two_levers(figures)}"


def _two_levers(figures: Figures) -> str:
    gains = sorted(((figures.toggled_usd(x), x.title) for x in figures.result.scenario.levers), reverse=True)[
        :2
    ]
    if len(gains) < 2 or gains[1][0] < 0.5:
        return f"{gains[0][1]} is most of it." if gains else ""
    share = sum(usd for usd, _ in gains) / figures.result.saving_usd
    return f"{gains[0][1]} and {_lower_first(gains[1][1])} are {percent(min(share, 1.0), 0)} of that."


def _lower_first(title: str) -> str:
    return title if title[1:2].isupper() or title.startswith("SageMaker") else title[0].lower() + title[1:]


def nothing_to_simulate(seen: View) -> str:
    """An account whose bill holds no machine learning, said as that and not as a bill of zero."""
    billed = [r.billed_usd for r in seen.bill if r.billed_usd is not None]
    if not billed:
        return "Neither a bill nor any usage is known of this account: there is nothing to simulate yet."
    return (
        f"{usd(sum(billed))} billed, none of it explained by SageMaker, Bedrock or machine learning storage: "
        "there is nothing here to simulate."
    )


def _first_step(seen: View) -> None:
    with st.container(horizontal=True, gap="small"):
        if seen.baseline.total_usd > 0 and st.button(
            "Start with Balanced", type="primary", icon=":material/tune:", key="start"
        ):
            draft.load(controls.preset_of(PLAN))
            navigation.go_to("simulate")
        if st.button("See every charge", icon=":material/table_view:", type="tertiary", key="to_explore"):
            navigation.go_to("explore")


def _own_account() -> None:
    """What a visitor may have, and what each of it unlocks."""
    sample = st.session_state.get("sample")
    st.subheader("Your own account: what do you have?" if sample else "More about your account", anchor=False)
    for title, words, label, tab in _WAYS:
        told, button = st.columns([7, 3], vertical_alignment="center", gap="small")
        told.markdown(f"**{title}** {words}")
        if button.button(label, key=f"own.{tab}", width="stretch"):
            navigation.go_to_loader(tab)


def _bill_words() -> str:
    """How the run rate above follows from the bill of the window."""
    seen = session.view()
    billed = [r.billed_usd for r in seen.bill if r.billed_usd is not None]
    explained = whole_usd(sum(r.explained_usd for r in seen.bill))
    if not billed:
        return f"No bill is known. Usage × price in the window: {explained}."
    gap = seen.unexplained_usd or 0.0
    rest = f"{whole_usd(gap)} unexplained" if gap >= 0 else f"{whole_usd(-gap)} more explained than billed"
    return (
        f"Billed in the window: {whole_usd(sum(billed))}, of it {explained} explained by usage × price and {rest}. "
        "Per month is 730 hours at the rate of the window."
    )


def _chart() -> None:
    bill = session.view().bill
    frame = components_frame(
        {r.component: r.explained_usd for r in bill}, {r.component: r.unexplained_usd or 0.0 for r in bill}
    )
    words = "; ".join(f"{w.component} {w.words}" for w in frame[frame["words"] != ""].itertuples())
    parts.chart(
        frame,
        components_spec("Where the money went in the window, USD", frame["component"].nunique()),
        key="components",
        alt=f"Dollars per component in the window. {words}",
    )
    st.caption(plain(_bill_words()))


def _findings() -> None:
    found = session.view().findings
    st.subheader("What stands out", anchor=False)
    if not found:
        st.write("Nothing stands out.")
    for number, finding in enumerate(found[:MOST_FINDINGS]):
        lever = all_levers().get(finding.lever_id)
        words, button = st.columns([3, 1], vertical_alignment="center", gap="small")
        words.markdown(plain(without_cents(finding.sentence)))
        if lever and button.button(
            f"Try: {lever.title}", key=f"finding.{number}", icon=":material/tune:", width="stretch"
        ):
            draft.turn(lever.id, True)
            navigation.go_to("simulate")
