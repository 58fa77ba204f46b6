"""Ladder: which commitments to buy on which dates when demand is uncertain, and what a fall of demand costs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator.analysis.ladder import Ask, Portfolio, Recommendation, Step, recommend
from simulator.analysis.ladder_portfolio import SAGEMAKER
from simulator.aws.plan_offers import PAYMENTS
from simulator.charts import ladder_frame, ladder_spec
from simulator.ui import parts, session
from simulator.ui.words import percent, plain, usd, whole_usd, without_cents

MONTHS = (24, 36, 48, 60)
PAUSES = (1, 3, 6, 12)
LOWEST, CAUTIOUS = "Lowest expected cost", "Cautious"


def show() -> None:
    """The page."""
    st.title("Ladder of commitments", anchor=False)
    st.caption(
        "Which Savings Plans, nodes and Bedrock capacity to buy on which dates, on what this scenario leaves month by "
        "month: with its levers, its growth and what is planned on the Demand page."
    )
    ask = _ask()
    with st.spinner("Trying dates, terms and sizes"):
        found = _found(ask)
    st.markdown(f"**{plain(without_cents(found.sentence()))}**")
    chosen = _chosen(found)
    _numbers(found, chosen)
    parts.chart(
        ladder_frame(found.cautious_path if chosen is found.cautious else found.path),
        ladder_spec(),
        key="ladder_chart",
        alt="Usage that the ladder covers in each month, in steps, over the band of demand from P10 to P90, beside "
        "a plan sized on history",
    )
    if any(s.covers != SAGEMAKER for s in chosen.steps):
        st.caption("The chart is of SageMaker usage; what covers other usage is in the table.")
    _steps(found, chosen)
    parts.lazy_tabs(
        "ladder_tab",
        {
            "Choices side by side": lambda: _choices(found),
            "Other commitments": lambda: _others(found),
            "Assumptions": lambda: _points(found.assumptions),
        },
    )


def _ask() -> Ask:
    with st.container(border=True):
        first, second, third = st.columns(3)
        fall = first.slider("Demand may fall by", 0.0, 0.9, 0.3, 0.05, format="percent", key="ladder_fall")
        regret = second.slider(
            "Weight of the worst regret", 0.0, 1.0, 0.25, 0.05, key="ladder_regret",
            help="0 looks at the expected cost only, 1 at the mean regret of the worst tenth of futures only",
        )  # fmt: skip
        cover = third.slider(
            "Cover at most, of mean usage", 0.1, 1.0, 1.0, 0.05, format="percent", key="ladder_cover",
            help="100% is no limit; below it usage stays uncovered on purpose",
        )  # fmt: skip
        months = first.selectbox("Months to plan for", MONTHS, index=1, key="ladder_months")
        every = second.selectbox("Buy at most every, months", PAUSES, index=1, key="ladder_every")
        payment = third.selectbox(
            "Payment", PAYMENTS, format_func=lambda p: p.replace("_", " "), key="ladder_payment"
        )
    return Ask(months, every, payment, fall_ratio=fall, regret_weight=regret, most_covered_ratio=cover)


def _found(ask: Ask) -> Recommendation:
    """The answer on the current account, remembered while account, settings and wishes stay."""
    figures = session.figures()
    key = (figures.mark, "ladder", ask)
    known: Recommendation | None = session.FIGURES.get(key)
    return known if known is not None else session.FIGURES.put(key, recommend(figures.result, ask))


def _chosen(found: Recommendation) -> Portfolio:
    """The ladder that the page shows: where the cheapest one strands more than half, the planner chooses."""
    if found.limit_met:
        return found.ladder
    names = {LOWEST: found.ladder, CAUTIOUS: found.cautious}
    words = [
        f"saves {whole_usd(found.nothing.expected_usd - made.expected_usd)} as expected and "
        f"{whole_usd(found.nothing.fallen_usd - made.fallen_usd)} if demand falls "
        f"{percent(found.fall_ratio, 0)}; {whole_usd(made.stranded_usd)} is unused then"
        for made in names.values()
    ]
    picked = st.radio(
        "Which ladder to look at", list(names), captions=[plain(w) for w in words], key="ladder_choice"
    )
    return names[picked]


def _numbers(found: Recommendation, chosen: Portfolio) -> None:
    fall = percent(found.fall_ratio, 0)
    kept = found.nothing.fallen_usd - chosen.fallen_usd
    cells = st.columns(4)
    cells[0].metric(
        "Expected saving, all months", whole_usd(found.nothing.expected_usd - chosen.expected_usd)
    )
    cells[1].metric("Regret in the worst tenth", whole_usd(chosen.cvar_regret_usd))
    cells[2].metric(f"{'Saving' if kept >= 0 else 'Loss'} if demand falls {fall}", whole_usd(abs(kept)))
    cells[3].metric("Stranded then", whole_usd(chosen.stranded_usd))
    st.caption(
        plain(
            f"Over {found.months} months from {found.first_month}. Stranded is commitment that no hour uses if demand "
            f"is {fall} lower from the first month; of a one-year plan sized on history and renewed it would be "
            f"{whole_usd(found.on_history.stranded_usd)}."
        )
    )


def _steps(found: Recommendation, chosen: Portfolio) -> None:
    st.subheader("What to buy when", anchor=False)
    if found.held:
        owned = "; ".join(
            f"{h.plan_id} ({usd(h.commitment_usd_per_hour)} per hour, "
            f"{'until ' + h.ends_on if h.ends_on else 'end unknown'})"
            for h in found.held
        )
        st.caption(plain(f"Bought already, and used first: {owned}."))
    if not chosen.steps:
        st.write("Nothing: no purchase pays under the demand that may come.")
        return
    table = steps_table(chosen.steps)
    parts.table(table, key="ladder_steps", titles={"commitment": "Commitment, USD per hour"})
    parts.download(table, "Download purchases as CSV", "ladder.csv")


def steps_table(steps: Sequence[Step]) -> pd.DataFrame:
    """One row per purchase."""
    return pd.DataFrame(
        {
            "buy_on": s.buy_on,
            "offer": s.offer.replace("_", " "),
            "covers": f"{s.nodes} × {s.covers}" if s.nodes else s.covers,
            "months": s.months,
            "commitment": round(s.commitment_usd_per_hour, 3),
            "discount_ratio": s.discount_ratio,
            "committed_usd": s.committed_usd,
            "renews": s.renews or "new",
        }
        for s in steps
    )


def _choices(found: Recommendation) -> None:
    rows = {
        LOWEST if not found.limit_met else "Ladder": found.ladder,
        CAUTIOUS: found.cautious,
        "Best single purchase": found.single,
        "Sized on history, renewed": found.on_history,
        "Nothing": found.nothing,
    }
    parts.table(
        pd.DataFrame(_choice(name, made) for name, made in rows.items()),
        key="ladder_choices",
        titles={
            "cvar_regret_usd": "Regret in the worst tenth, USD",
            "fallen_usd": "Cost after the fall, USD",
        },
    )


def _choice(name: str, made: Portfolio) -> dict[str, object]:
    return {
        "choice": name,
        "purchases": len(made.steps),
        "expected_usd": made.expected_usd,
        "cvar_regret_usd": made.cvar_regret_usd,
        "fallen_usd": made.fallen_usd,
        "stranded_usd": made.stranded_usd,
    }


def _others(found: Recommendation) -> None:
    st.caption(
        "They cover usage that a SageMaker Savings Plan does not. Nodes with a price are in the ladder; without one "
        "the answer is which price is needed. Each is a lever on the Board."
    )
    for other in found.others:
        st.markdown(
            f"- **{plain(other.title)}** ({plain(other.covers)}{', in the ladder' * other.in_ladder}): "
            f"{plain(without_cents(other.sentence))}"
        )


def _points(lines: Sequence[str]) -> None:
    for line in lines:
        st.markdown(f"- {plain(line)}")
