"""Compare: up to five scenarios side by side, against today or one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from simulator.charts import lines_frame, lines_spec
from simulator.engine.scenario import Scenario
from simulator.reports.comparison import by_component, by_month, inputs_that_differ, outcome
from simulator.ui import draft, parts, session
from simulator.ui.board.controls import PRESET_TITLES, preset_of
from simulator.ui.figures import Figures
from simulator.ui.words import plain, whole_usd

MOST = 5
TODAY = "Today"
HERE = "On the Board"


def show() -> None:
    """The page."""
    st.title("Compare scenarios", anchor=False)
    choices = _choices()
    first = [n for n in (HERE, *reversed(session.kept()), PRESET_TITLES["balanced"]) if n in choices][:3]
    if not set(st.session_state.get("compared", first)) <= set(choices):
        st.session_state["compared"] = first
    chosen = st.pills(
        "Scenarios, five at most",
        list(choices),
        selection_mode="multi",
        default=None if "compared" in st.session_state else first,
        key="compared",
        persist_state="session",
    )
    if len(chosen) > MOST:
        st.warning(f"The first {MOST} are compared: more columns would be hard to read.")
        chosen = chosen[:MOST]
    against = st.selectbox("Compared with", [TODAY, *chosen], key="against", width=260)
    if not chosen:
        st.info("Choose scenarios to compare. Keep your own on the Board.")
        return
    figures = {n: session.figures_of(replace(choices[n](), name=n), f"compared {n}") for n in chosen}
    _cards(figures, against)
    parts.lazy_tabs(
        "compare_tab",
        {
            "Result": lambda: _outcomes(figures, against),
            "By month": lambda: _months(figures),
            "By component": lambda: _components(figures),
            "Inputs that differ": lambda: _inputs(figures),
        },
    )


def _choices() -> dict[str, Callable[[], Scenario]]:
    """The draft, what was kept, and the presets as they fit the account, with the draft's planning."""

    def planned(name: str) -> Scenario:
        return replace(draft.scenario(), levers=preset_of(name).levers)

    kept: dict[str, Callable[[], Scenario]] = {n: partial(replace, s) for n, s in session.kept().items()}
    return {HERE: draft.scenario} | kept | {t: partial(planned, p) for p, t in PRESET_TITLES.items()}


def _baseline_usd(figures: dict[str, Figures], against: str) -> float:
    """The bill compared with, the unexplained part included, as in the headline."""
    if against in figures:
        return _bill_usd(figures[against])
    return session.figures().bill_usd


def _bill_usd(made: Figures) -> float:
    return made.result.outcome.total_usd + made.gap_usd


def _cards(figures: dict[str, Figures], against: str) -> None:
    base = _baseline_usd(figures, against)
    for column, (name, made) in zip(st.columns(len(figures)), figures.items(), strict=True):
        saving = base - _bill_usd(made)
        column.metric(
            plain(name),
            whole_usd(_bill_usd(made)),
            border=True,
            delta=None
            if abs(saving) < 0.005
            else f"{whole_usd(abs(saving))} {'less' if saving > 0 else 'more'}",
            delta_color="green" if saving > 0 else "red",
            delta_arrow="down" if saving > 0 else "up",
        )


def _outcomes(figures: dict[str, Figures], against: str) -> None:
    with_range = st.toggle("With ranges (P10 and P90 of the saving)", key="with_range")
    gap = session.figures().gap_usd
    base = _baseline_usd(figures, against)
    rows = {
        n: outcome(f.result, f.months, f.worth, f.risk if with_range else None, base, gap)
        for n, f in figures.items()
    }
    table = pd.DataFrame(rows).T.rename_axis("scenario").reset_index()
    titles = {
        "bill_usd": "Bill, USD per month",
        "saving_usd": f"Saving against {against.lower() if against == TODAY else against}",
        "saving_p10_usd": "P10",
        "saving_p90_usd": "P90",
        "effort_hours": "Effort, hours",
        "one_off_usd": "One-off, USD",
        "payback_month": "Pays back in month",
        "cash_in_the_first_year_usd": "Cash in 12 months, USD",
        "present_value_usd": "Present value, USD",
    }
    if not with_range:
        table = table.drop(columns=["saving_p10_usd", "saving_p90_usd"])
    parts.table(table, key="outcomes", titles=titles)
    parts.download(table, "Download comparison as CSV", "comparison.csv")


def _months(figures: dict[str, Figures]) -> None:
    bills = {n: f.months for n, f in figures.items()}
    parts.chart(
        lines_frame(bills, session.figures().gap_usd),
        lines_spec(tuple(bills)),
        key="compared_months",
        alt="Monthly bill of each scenario over twelve months",
    )
    table = by_month(bills)
    first = next(iter(bills.values()))
    table["month"] = [m.month_start[:7] for m in first]
    parts.table(table, key="months_table", titles={n: f"{n}, USD" for n in bills})
    parts.download(table, "Download months as CSV", "comparison_by_month.csv")


def _components(figures: dict[str, Figures]) -> None:
    charges = {TODAY: session.view().baseline.charges} | {
        n: f.result.outcome.charges for n, f in figures.items()
    }
    table = by_component(charges)
    parts.table(
        table.rename(columns={n: f"{n}_usd" for n in charges}),
        key="components_table",
        titles={f"{n}_usd": f"{n}, USD" for n in charges},
    )
    parts.download(table, "Download components as CSV", "comparison_by_component.csv")


def _inputs(figures: dict[str, Figures]) -> None:
    table = inputs_that_differ({n: f.result for n, f in figures.items()})
    if table.empty:
        st.write("All inputs are the same.")
    parts.table(table, key="inputs")
    parts.download(table, "Download inputs as CSV", "inputs_that_differ.csv")
