"""Commit: which Savings Plan, of which size, on what remains after the levers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from simulator.analysis import plan_sizing
from simulator.charts import curve_spec
from simulator.ui import draft, parts, session
from simulator.ui.words import percent, plain, usd, whole_usd, without_cents

Open = tuple[NDArray[np.float64], NDArray[np.float64]]
"""What a plan can cover: dollars per hour (groups, hours), and each group's discount."""


def show() -> None:
    """The page."""
    result = session.figures().result
    compared = plan_sizing.history_against_residual(result)
    st.title("SageMaker Savings Plan", anchor=False)
    if compared.on_residual.commitment_usd_per_hour <= 0:
        st.info(
            "This scenario leaves no usage that a SageMaker Savings Plan could cover, so there is nothing to commit to."
        )
        return
    st.markdown(f"**{plain(without_cents(compared.sentence()))}**")
    offers = plan_sizing.offers(result)
    chosen = _choose(offers)
    open_ = plan_sizing.open_groups(result, plan_sizing.assumed(result, chosen.offer))
    size = _size(open_, chosen)
    hourly, discounts = open_
    made = plan_sizing.sized(hourly, chosen.offer, discounts, size)
    _numbers(made, *plan_sizing.worst_month(result, chosen.offer, size))
    _curve(open_, chosen, size)
    _use(chosen, size)
    parts.lazy_tabs(
        "commit_tab", {"All offers": lambda: _offers(offers), "If usage falls": lambda: _regret(made)}
    )


def _choose(offers: list[plan_sizing.Sized]) -> plan_sizing.Sized:
    names = [o.offer for o in offers]
    current = getattr(draft.setting("savings_plan"), "offer", names[0])
    name = st.segmented_control(
        "Term and payment",
        names,
        default=current if current in names else names[0],
        required=True,
        key="commit_offer",
        format_func=_offer,
        persist_state="session",
    )
    return next(o for o in offers if o.offer == name)


def _offer(name: str) -> str:
    term, payment = name.split("_", 1)
    return f"{term[0]} year{'s' if term[0] != '1' else ''}, {payment.replace('_', ' ')}"


def _size(open_: Open, chosen: plan_sizing.Sized) -> float:
    by = st.segmented_control(
        "Size it by",
        ["best", "coverage", "utilization"],
        default="best",
        required=True,
        key="commit_by",
        format_func={
            "best": "least cost",
            "coverage": "target coverage",
            "utilization": "target utilization",
        }.__getitem__,
    )
    if by == "best":
        return chosen.commitment_usd_per_hour
    target = st.slider(
        "Share of the eligible usage covered" if by == "coverage" else "Share of the commitment used",
        0.05,
        1.0,
        0.8 if by == "coverage" else 0.95,
        step=0.05,
        format="percent",
        key=f"commit_{by}",
    )
    solve = (
        plan_sizing.commitment_for_coverage if by == "coverage" else plan_sizing.commitment_for_utilization
    )
    return solve(*open_, target)


def _numbers(made: plan_sizing.Sized, worst_month: int, worst_usd: float) -> None:
    cells = st.columns(5)
    cells[0].metric("Commitment, per hour", usd(made.commitment_usd_per_hour))
    cells[1].metric(
        "Net saving per month" if made.net_saving_usd >= 0 else "Loss per month",
        whole_usd(abs(made.net_saving_usd)),
    )
    cells[2].metric("Commitment used", percent(made.utilization_ratio))
    cells[3].metric("Eligible usage covered", percent(made.coverage_ratio))
    cells[4].metric("Upfront", whole_usd(made.upfront_usd))
    st.caption(
        f"The plan's discount is taken as {percent(made.discount_ratio)}. {_comes_back(made)}"
        f"In the weakest month of its first year, {session.figures().month_name(worst_month)}, it "
        f"{'saves' if worst_usd >= 0 else 'loses'} {plain(whole_usd(abs(worst_usd)))}."
    )


def _comes_back(made: plan_sizing.Sized) -> str:
    if made.upfront_usd <= 0:
        return ""
    month = made.break_even_month
    when = "never within its term" if month is None else f"in month {month} of it"
    return f"What is paid upfront comes back {when}. "


def _curve(open_: Open, chosen: plan_sizing.Sized, size: float) -> None:
    curve = pd.DataFrame(plan_sizing.curve(*open_)).assign(mark="")
    marks = (
        {size: "this size"}
        if abs(size - chosen.commitment_usd_per_hour) < 0.005
        else {
            chosen.commitment_usd_per_hour: "least cost",
            size: "this size",
        }
    )
    saving, used, covered = plan_sizing.measure(*open_, np.array(list(marks)))
    points = pd.DataFrame(
        {
            "commitment_usd_per_hour": list(marks),
            "net_saving_usd": saving,
            "utilization_ratio": used,
            "coverage_ratio": covered,
            "mark": list(marks.values()),
        }
    )
    parts.chart(
        pd.concat([curve, points], ignore_index=True).sort_values("commitment_usd_per_hour"),
        curve_spec(),
        key="curve",
        alt=f"Net saving by size of the commitment; most at {usd(chosen.commitment_usd_per_hour)} per hour",
    )


def _use(chosen: plan_sizing.Sized, size: float) -> None:
    best = chosen.commitment_usd_per_hour
    term, payment = int(chosen.offer[0]), chosen.offer.split("_", 1)[1]
    ratio = min(max(size / best, 0.0), 2.0) if best else 1.0
    wanted = {"term_years": term, "payment": payment, "size_ratio": ratio}
    st.button(
        "Use this plan in the scenario",
        type="primary",
        on_click=draft.assign,
        args=("savings_plan", wanted),
        key="use_plan",
        icon=":material/handshake:",
    )


def _offers(offers: list[plan_sizing.Sized]) -> None:
    table = pd.DataFrame(
        {
            "offer": _offer(o.offer),
            "discount_ratio": o.discount_ratio,
            "commitment_usd_per_hour": o.commitment_usd_per_hour,
            "net_saving_usd": o.net_saving_usd,
            "utilization_ratio": o.utilization_ratio,
            "coverage_ratio": o.coverage_ratio,
            "upfront_usd": o.upfront_usd,
            "break_even_month": o.break_even_month,
        }
        for o in offers
    )
    parts.table(
        table,
        key="offers",
        titles={
            "commitment_usd_per_hour": "Commitment, USD per hour",
            "net_saving_usd": "Net saving, USD per month",
        },
    )
    parts.download(table, "Download offers as CSV", "savings_plan_offers.csv")


def _regret(made: plan_sizing.Sized) -> None:
    st.caption(
        "Net saving of this commitment, if the usage it covers falls, per month. Below zero the plan loses money."
    )
    table = pd.DataFrame(
        {
            "usage_falls_ratio": [0.0, *made.regret_usd],
            "net_saving_usd": [made.net_saving_usd, *made.regret_usd.values()],
        }
    )
    parts.table(
        table,
        key="regret",
        titles={"usage_falls_ratio": "Usage falls by", "net_saving_usd": "Net saving, USD per month"},
    )
    parts.download(table, "Download as CSV", "savings_plan_regret.csv")
