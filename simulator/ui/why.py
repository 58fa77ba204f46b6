"""Ask why: a figure opens into charges, a charge into quantity × price, its source, levers and assumptions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator.charts import COMPONENT_TITLES
from simulator.engine.simulate import Result
from simulator.reports.resources import Trace, assumptions, resource_table, trace
from simulator.ui import draft, parts
from simulator.ui.words import plain, usd

SHOWN = ["component", "resource_id", "owner", "region", "item", "cost_usd", "scenario_usd", "note"]
FIRST = ("resource_id", "cost_usd", "scenario_usd")
TALLEST, ROW_PIXELS = 320, 35
LINES = [
    "meter",
    "item",
    "consumed_quantity",
    "consumed_unit",
    "unit_price",
    "list_cost_usd",
    "cost_usd",
    "price_from",
    "price_checked",
    "grade",
    "source",
]


def charges(key: str, result: Result) -> None:
    """All resources today and in the scenario; choosing one says why it costs what it costs."""
    st.caption(
        f"{plain(usd(result.baseline.total_usd))} today and {plain(usd(result.outcome.total_usd))} in the scenario "
        "are the sums of these rows. Choose one to see why."
    )
    table = both(result)
    pick(key, result, table)


def both(result: Result) -> pd.DataFrame:
    """Resources with their cost today and in the scenario, and one row for commitments nothing used."""
    before, after = resource_table(result.baseline), resource_table(result.outcome)
    scenario = after[["table", "row", "cost_usd"]].rename(columns={"cost_usd": "scenario_usd"})
    return before.merge(scenario, on=["table", "row"], how="left")


def pick(key: str, result: Result, table: pd.DataFrame, also: Sequence[str] = ()) -> None:
    """A table of resources, with the columns `also` beside the cost, and the trace of the chosen one below it."""
    columns = (*FIRST, *also, *(c for c in SHOWN if c not in FIRST)) if also else tuple(SHOWN)
    shown = table[[c for c in columns if c in table]]
    titles = {"cost_usd": "Baseline, USD per month", "scenario_usd": "Scenario, USD per month"}
    if also:
        titles = {"cost_usd": "USD per month", "scenario_usd": "Scenario, USD"}
    event = parts.table(
        shown.assign(component=shown["component"].map(COMPONENT_TITLES)),
        key=f"{key}_resources",
        titles=titles,
        on_select="rerun",
        selection_mode="single-row",
        height=min(TALLEST, ROW_PIXELS * (len(shown) + 1) + 3),
        placeholder="–",
        alt="Resources with their cost per month",
    )
    parts.download(shown, "Download resources as CSV", f"{key}_resources.csv")
    chosen = event.selection.rows if event else []
    if chosen and chosen[0] < len(table):
        row = table.iloc[chosen[0]]
        explain(result, str(row["table"]), int(row["row"]))


def explain(result: Result, table: str, row: int) -> None:
    """The trace of one resource."""
    made = trace(result, table, row)
    st.subheader(f"Why {plain(made.resource_id)} costs what it costs")
    kept = made.resource_id in draft.scenario().keep
    st.toggle(
        "Keep this resource as it is",
        value=kept,
        key=f"keep.{table}.{row}.{kept}",
        on_change=draft.keep,
        args=(made.resource_id, not kept),
        help="No lever may touch it.",
    )
    _side("Today", made.before, f"why_before_{table}")
    if made.touched or not made.before.equals(made.after):
        _side("In the scenario", made.after, f"why_after_{table}")
    _levers(made)


def _side(title: str, charges_of: pd.DataFrame, key: str) -> None:
    if charges_of.empty:
        st.markdown(f"**{title}**: no charge.")
        return
    monthly = charges_of[~charges_of["once"]]
    covered = monthly["list_cost_usd"].sum() - monthly["cost_usd"].sum()
    plan = f", of which a Savings Plan takes off {usd(covered)}" if covered > 0.005 else ""
    unknown = ", and charges nobody can price" if charges_of["cost_usd"].isna().any() else ""
    st.markdown(f"**{title}**: " + plain(f"{usd(monthly['cost_usd'].sum())} per month{plan}{unknown}"))
    price = st.column_config.NumberColumn("Unit price, USD", format="%.8g")
    shown = charges_of[LINES]
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        column_config={
            "meter": "Meter",
            "item": "Priced as",
            "consumed_quantity": st.column_config.NumberColumn("Quantity", format="%.6g"),
            "consumed_unit": "Unit",
            "unit_price": price,
            "list_cost_usd": st.column_config.NumberColumn("Quantity × price", format="dollar"),
            "cost_usd": st.column_config.NumberColumn("Cost, USD per month", format="dollar"),
            "price_from": "Price in force from",
            "price_checked": "Checked on",
            "grade": "Grade",
            "source": "Source",
        },
    )


def _levers(made: Trace) -> None:
    if made.touched:
        st.markdown("**Levers that changed it**: " + ", ".join(plain(x.title) for x in made.touched))
        st.dataframe(assumptions(made.touched), hide_index=True, key="why_assumptions")
    for setting, sentence in made.said:
        st.markdown(f"- {plain(setting.title)} left it alone: {plain(sentence)}")
