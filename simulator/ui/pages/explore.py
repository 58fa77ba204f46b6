"""Explore: the baseline by resource, component, owner and region; the bill; what is unknown."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from simulator.analysis.unknowns import unknowns
from simulator.charts import COMPONENT_TITLES
from simulator.reports.resources import resource_table
from simulator.ui import draft, growth, navigation, parts, session, units, why
from simulator.ui.words import count, plain, whole_usd

EVIDENCE = (
    "daily_calls",
    "calls_quantity",
    "last_call",
    "busy_ratio",
    "why_idle",
    "gpu_use_ratio",
    "gpu_memory_ratio",
    "account",
)
IDLE_OR_FAILED = ("idle", "idle most of the time", "failed")


def show() -> None:
    """The page."""
    st.title("What the account pays for", anchor=False)
    parts.lazy_tabs(
        "explore_tab",
        {
            "Resources": _resources,
            "By group": _groups,
            "Unit costs": units.show,
            "History": growth.show,
            "Bill and explained": _bill,
            "Findings": _findings,
            "Unknown": _unknown,
        },
    )


def _resources() -> None:
    costs = why.both(session.figures().result)
    seen = costs.merge(session.view().evidence, on=["table", "row"], how="left")
    table = _filtered(seen.fillna({"last_call": "", "why_idle": "", "account": ""}))
    known = table["cost_usd"].sum()
    st.markdown(
        f"**{count(len(table), 'resource')}, {plain(whole_usd(known))} per month.** Choose a row to see why."
    )
    why.pick(
        "explore",
        session.figures().result,
        table,
        also=[c for c in EVIDENCE if c != "account" or seen["account"].nunique() > 1],
    )


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Search names, types and owners", key="search", icon=":material/search:")
        component = st.selectbox(
            "Component", _options(table, "component"), format_func=_component, key="in_component"
        )
        owner = st.selectbox("Owner", _options(table, "owner"), format_func=_named, key="in_owner")
        region = st.selectbox("Region", _options(table, "region"), format_func=_named, key="in_region")
        account = _several(table, "account", "Account")
        idle = st.toggle("Idle or failed only", key="idle_only")
        table = _tagged(table)
    for column, chosen in (
        ("component", component),
        ("owner", owner),
        ("region", region),
        ("account", account),
    ):
        if chosen is not None:
            table = table[table[column].fillna("").astype(str) == chosen]
    if idle:
        table = table[table["note"].isin(IDLE_OR_FAILED)]
    if text:
        words = table[["resource_id", "item", "owner"]].fillna("").astype(str).agg(" ".join, axis=1)
        table = table[words.str.contains(text, case=False, regex=False)]
    return table.reset_index(drop=True)


def _several(table: pd.DataFrame, column: str, title: str) -> str | None:
    """A filter that is only there where it tells rows apart."""
    options = _options(table, column)
    if len(options) <= 2:
        return None
    return st.selectbox(title, options, format_func=_named, key=f"in_{column}")


def _tagged(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that carry one of the chosen tags; all of them where none is chosen."""
    tags = table["tags"].map(lambda t: t if isinstance(t, tuple) else ())
    known = sorted({tag for row in tags for tag in row})
    if not known:
        return table
    chosen = set(st.multiselect("Tags", known, key="in_tags", placeholder="any"))
    return table[tags.map(lambda row: not chosen.isdisjoint(row))] if chosen else table


def _options(table: pd.DataFrame, column: str) -> list[str | None]:
    return [None, *sorted(table[column].fillna("").astype(str).unique())]


def _named(value: Any) -> str:
    return "all" if value is None else str(value) or "not stated"


def _component(value: Any) -> str:
    return "all" if value is None else COMPONENT_TITLES.get(value, str(value))


def _groups() -> None:
    by = st.segmented_control(
        "By",
        ["component", "owner", "region", "item"],
        default="component",
        required=True,
        key="group_by",
        format_func=lambda c: parts.TITLES[c],
    )
    table = resource_table(session.view().baseline)
    table = table.assign(**{by: table[by].fillna("").replace("", "not stated")})
    if by == "component":
        table["component"] = table["component"].map(COMPONENT_TITLES)
    grouped = table.groupby(by, as_index=False).agg(resources=("row", "size"), cost_usd=("cost_usd", "sum"))
    grouped = grouped.sort_values("cost_usd", ascending=False)
    grouped["share_ratio"] = (
        grouped["cost_usd"] / grouped["cost_usd"].sum() if grouped["cost_usd"].sum() else float("nan")
    )
    parts.table(
        grouped,
        key="groups",
        titles={"cost_usd": "USD per month", "share_ratio": "Share", "resources": "Resources"},
    )
    parts.download(grouped, "Download groups as CSV", f"spend_by_{by}.csv")


def _bill() -> None:
    st.caption("Actuals of the window. Nothing is scaled to fit: explained + unexplained = billed.")
    table = pd.DataFrame(
        [
            {
                "component": COMPONENT_TITLES[r.component],
                "billed_usd": r.billed_usd,
                "explained_usd": r.explained_usd,
                "unexplained_usd": r.unexplained_usd,
            }
            for r in session.view().bill
        ]
    )
    parts.table(table, key="bill")
    parts.download(table, "Download bill and explained as CSV", "reconciliation.csv")


def _findings() -> None:
    found = session.view().findings
    table = pd.DataFrame(
        [
            {
                "component": COMPONENT_TITLES.get(f.component, f.component),
                "finding": f.sentence,
                "per_month_usd": f.usd_per_month,
                "lever": f.lever_id,
            }
            for f in found
        ],
        columns=["component", "finding", "per_month_usd", "lever"],
    )
    st.caption("Choose a finding that names a lever to try it.")
    event = parts.table(table, key="findings", on_select="rerun", selection_mode="single-row")
    chosen = event.selection.rows
    if (
        chosen
        and found[chosen[0]].lever_id
        and st.button("Try this lever", type="primary", icon=":material/tune:")
    ):
        draft.turn(found[chosen[0]].lever_id, True)
        navigation.go_to("simulate")
    parts.download(table, "Download findings as CSV", "findings.csv")


def _unknown() -> None:
    seen = session.view()
    rows = pd.DataFrame(
        unknowns(seen.baseline, seen.bill, seen.account.snapshot),
        columns=["component", "resource_id", "what", "usd", "sentence"],
    )
    if rows.empty:
        st.write("Nothing is unknown.")
    else:
        rows["component"] = rows["component"].map(lambda c: COMPONENT_TITLES.get(c, c))
        parts.table(
            rows, key="unknown", titles={"usd": "USD in the window", "sentence": "Why", "what": "Unknown"}
        )
        parts.download(rows, "Download unknowns as CSV", "unknown.csv")
    for sentence in seen.account.snapshot.manifest.assumptions:
        st.markdown(f"- Assumed: {plain(sentence)}")
