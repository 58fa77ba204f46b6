"""Dollars and commitments of a bill → the billed, commitments and hourly_usage tables of a snapshot."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.sources.bills.classify import usage_type_uses
from simulator.sources.bills.window import Window

PROFILE = ["component", "instance_type", "region", "spot"]
ROW = ["account_id", "product", "usage_type", "line_type", "component", "region", "unit"]
FALLBACK = "a plan fee without amounts: the commitment is unknown and left out"
HALF_CENT_USD = 0.005
OTHER_MONTHS = "SavingsPlanFeesOfOtherMonths"
PAYMENTS = {"no upfront": "no_upfront", "partial upfront": "partial_upfront", "all upfront": "all_upfront"}


def billed(lines: pd.DataFrame) -> pd.DataFrame:
    """Every dollar, by service, usage type, kind of line and month. The sum is the export's unblended total."""
    wanted = [*ROW, "period", "first", "last", "last_start", "unblended_usd", "amortized_usd", "quantity"]
    rows = _amortized(lines.loc[lines["usd"], wanted])
    month = rows["period"].fillna(rows["first"]).to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    groups = rows.assign(month=month).groupby([*ROW, "month"], as_index=False, dropna=False)
    out = groups.agg(
        cost_usd=("unblended_usd", "sum"),
        usage_quantity=("quantity", "sum"),
        period_start=("first", "min"),
        period_end=("last", "max"),
        last_start=("last_start", "max"),
    )
    end = out["period_end"].where(
        out["period_end"] > out["period_start"], out["last_start"] + pd.Timedelta(hours=1)
    )
    out["period_end"] = end.dt.ceil("s")
    out = out.rename(columns={"product": "service", "unit": "usage_unit"})
    out["service"] = out["service"].astype(object).where(out["service"] != "", "unknown")
    return out.drop(columns=["month", "last_start"])


def _amortized(rows: pd.DataFrame) -> pd.DataFrame:
    """Lines of Savings Plans at their amortized cost, where every one of them has it: covered usage at plan rates in
    its component, the fee as its unused part. What that moves to or from other months (upfront fees) is a row of
    `other`, so that the sum stays the export's unblended total.
    """
    plan = rows["line_type"].astype(str).str.startswith("SavingsPlan").to_numpy()
    told = rows.loc[plan, "amortized_usd"]
    if not plan.any() or told.isna().any():
        return rows
    moved = float(rows.loc[plan, "unblended_usd"].fillna(0.0).sum() - told.sum())
    out = rows.assign(unblended_usd=rows["unblended_usd"].where(~plan, rows["amortized_usd"]))
    if abs(moved) < HALF_CENT_USD:
        return out
    texts = dict.fromkeys(ROW, object)
    # whatever order the engine has: the first fee in time, then by name
    fee = out[plan].astype(texts).sort_values(["first", "last", *ROW]).head(1)
    paid = fee.assign(
        component="other", line_type=OTHER_MONTHS, usage_type="", unblended_usd=moved, quantity=float("nan")
    )
    return pd.concat([out.astype(dict.fromkeys(("component", "line_type", "usage_type"), object)), paid])


def commitments(plans: pd.DataFrame, window: Window) -> tuple[pd.DataFrame, list[str], list[str]]:
    """SageMaker Savings Plans from their fees, with assumptions and warnings. Other plans cannot cover SageMaker."""
    if plans.empty:
        return pd.DataFrame(), [], []
    ours = plans["product"].str.contains("MachineLearning|Machine Learning|SageMaker", regex=True)
    assumptions = []
    if (~ours).any():
        assumptions.append(
            "Savings Plans for other services are in the bill; they cannot cover SageMaker and are not modelled."
        )
    fees = plans[ours & (plans["line_type"] == "SavingsPlanRecurringFee")].copy()
    upfront = (
        plans[ours & (plans["line_type"] == "SavingsPlanUpfrontFee")].groupby("plan_id")["unblended"].sum()
    )
    hours = fees["hours"].where(fees["hours"] > 0, (fees["last"] - fees["first"]).dt.total_seconds() / 3600)
    fees["hourly"] = fees["commitment"].where(fees["commitment"] > 0) / hours.where(hours > 0)
    warnings = [f"Savings Plan {p}: {FALLBACK}" for p in fees.loc[fees["hourly"].isna(), "plan_id"]]
    fees = fees[fees["hourly"].notna()]
    if fees[["start", "end"]].isna().to_numpy().any():
        assumptions.append(
            "The export does not state the term of a Savings Plan: it is taken as in force for the window."
        )
    text = fees["payment"].str.lower() + " " + fees["plan_id"].str.lower()
    return (
        pd.DataFrame(
            {
                "account_id": fees["account_id"],
                "plan_id": fees["plan_id"].map(_plan_name),
                "hourly_commitment_usd": fees["hourly"],
                "start": fees["start"].fillna(window.start),
                "end": fees["end"].fillna(window.end),
                "term_years": fees["term"].str.extract(r"(\d)", expand=False).astype(float),
                "payment": text.map(lambda t: next((v for k, v in PAYMENTS.items() if k in t), "")),
                "upfront_usd": fees["plan_id"].map(upfront).astype(float),
            }
        ),
        assumptions,
        warnings,
    )


def _plan_name(arn: str) -> str:
    return re.sub(r"^arn:aws[^/]*:savingsplan/", "", arn)


def hourly_usage(hours: pd.DataFrame) -> pd.DataFrame:
    """Instance-hours by hour from `sums.hours_by_type`, text in categories. Only for exports with hourly lines.

    Rows are many and kinds few: hours are added up on a grid of kinds by hours.
    """
    kind, kinds = _kinds(hours)
    ours = kind >= 0
    hour, moments = pd.factorize(hours["start"].to_numpy().astype("datetime64[h]")[ours], sort=True)
    cell, size = kind[ours] * len(moments) + hour, len(kinds) * len(moments)
    total = np.bincount(cell, hours["hours"].to_numpy(float)[ours], size)
    seen = np.flatnonzero(np.bincount(cell, minlength=size))
    kind, hour = np.divmod(seen, max(1, len(moments)))
    return pd.DataFrame(
        {
            **{c: pd.Categorical(kinds[c]).take(kind) for c in PROFILE[:3]},
            "spot": kinds["spot"].to_numpy()[kind],
            "hour": moments[hour].astype("datetime64[s]"),
            "instance_hours": total[seen],
        }
    )


def _kinds(hours: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """For each row the place of its kind among the kinds (-1: no known instance-hours), and the kinds in order.

    Each pair of usage type and region is classified once.
    """
    types, regions = hours["usage_type"].cat, hours["region"].cat
    width = max(1, len(regions.categories))
    code, pairs = pd.factorize(types.codes.to_numpy(np.int64) * width + regions.codes.to_numpy(np.int64))
    words = {"usage_type": types.categories[pairs // width], "region": regions.categories[pairs % width]}
    uses = usage_type_uses(pd.DataFrame(words, dtype=object))
    uses["spot"] = uses["meter"] == "training_spot"
    known = (uses["meter"] != "") & (uses["instance_type"] != "")
    place = np.full(len(uses), -1)
    place[known] = uses[known].groupby(PROFILE).ngroup()
    return place[code], uses[known].drop_duplicates(PROFILE).sort_values(PROFILE)
