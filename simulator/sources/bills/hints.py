"""Sentences about what another export would show it: no usage types, no quantities, nothing of ML."""

from __future__ import annotations

import re

import pandas as pd

from simulator import words
from simulator.sources.bills.engines.engine import each_word
from simulator.sources.bills.window import USAGE_LINES

ML = ("training", "hosting", "compute", "bedrock")
SERVICES = re.compile("SageMaker|Bedrock|S3|Simple Storage")
OF_ML = re.compile("SageMaker|Bedrock|MachineLearning")
LEAST_USD = 0.01


def hints(lines: pd.DataFrame) -> list[str]:
    """What the classified lines lack, in words, with the dollars that hang on it."""
    return [*_no_usage_types(lines), *_no_quantities(lines), *_paid_at_once(lines), *_nothing_of_ml(lines)]


def _paid_at_once(lines: pd.DataFrame) -> list[str]:
    """Fees of flexible training plans: paid in one sum for hours that are billed at $0 afterwards."""
    plans = lines["usd"] & each_word(lines["usage_type"], lambda word: "TrainingPlan" in word)
    dollars = lines.loc[plans & (lines["component"] == "commitments"), "unblended_usd"].sum()
    if dollars < LEAST_USD:
        return []
    return [
        f"{words.usd(dollars)} are fees of training plans, paid at once for reserved hours: kept in commitments, "
        "and not in the run rate"
    ]


def _no_usage_types(lines: pd.DataFrame) -> list[str]:
    named = each_word(lines["product"], lambda word: bool(SERVICES.search(word)))
    silent = lines["usd"] & named & (lines["usage_type"] == "") & lines["line_type"].isin(USAGE_LINES)
    dollars = lines.loc[silent, "unblended_usd"].sum()
    if dollars < LEAST_USD:
        return []
    return [
        f"{words.usd(dollars)} are known by service only: group by usage type in Cost Explorer (or import a "
        "Cost and Usage Report) to see training, hosting and storage apart; until then SageMaker as a whole counts as "
        "compute, at the bill's own figure"
    ]


def without_quantity(lines: pd.DataFrame) -> pd.Series:
    """True for usage of a modelled component that has dollars and for which the bill gives no quantity at all."""
    kinds = lines["line_type"].isin(USAGE_LINES) & (lines["component"] != "other")
    paid = kinds & lines["usd"] & (lines["unblended_usd"] > 0)
    if not (lines["quantity"] < 0).any() and not (own := paid & ~(lines["quantity"] > 0)).any():
        return own
    keys = ["account_id", "product", "usage_type", "region", "resource_id"]
    metered = lines["quantity"].fillna(0.0).groupby([lines[k].astype(str) for k in keys]).transform("sum") > 0
    return paid & ~metered


def _no_quantities(lines: pd.DataFrame) -> list[str]:
    dollars = lines.loc[without_quantity(lines) & (lines["usage_type"] != ""), "unblended_usd"].sum()
    if dollars < LEAST_USD:
        return []
    return [
        f"{words.usd(dollars)} have no quantity in the export: their usage is unknown and the bill's own "
        "figure is used; "
        "add usage quantity to the table (group by usage type), or import a Cost and Usage Report"
    ]


def _nothing_of_ml(lines: pd.DataFrame) -> list[str]:
    usd = lines[lines["usd"]]
    if usd.empty or usd["component"].isin(ML).any():
        return []
    if each_word(usd["product"], lambda word: bool(OF_ML.search(word))).any():
        return []
    if not (usd[["product", "usage_type", "description"]].astype(str) != "").any(axis=None):
        return [
            f"{words.usd(usd['unblended_usd'].sum())} billed, but the export names no service: group by usage type in "
            "Cost Explorer, or import a Cost and Usage Report"
        ]
    total, storage = usd["unblended_usd"].sum(), usd.loc[usd["component"] == "storage", "unblended_usd"].sum()
    also = f"; {words.usd(storage)} are S3 storage" if storage else ""
    return [f"{words.usd(total)} billed, nothing of it ML{also}"]
