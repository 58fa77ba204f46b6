"""Dollars and commitments of a bill → the billed, commitments and hourly_usage tables of a snapshot."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator import words
from simulator.aws.plan_offers import offer
from simulator.sources.bills.classify import usage_type_uses
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.sums import FEE_TYPES
from simulator.sources.bills.window import Window

PROFILE = ["component", "instance_type", "region", "spot"]
ROW = ["account_id", "product", "usage_type", "line_type", "component", "region", "unit"]
FALLBACK = "a plan fee without amounts: the commitment is unknown and left out"
HALF_CENT_USD = 0.005
OTHER_MONTHS = "SavingsPlanFeesOfOtherMonths"
RETURNED_RATIO = 0.9
SHORTEST_TERM = pd.DateOffset(years=1)
"""A plan whose term is not told, and whose fees go on, is in force still: no plan is sold for less than a year."""
FEES_LATE = pd.Timedelta(days=2)
PAYMENTS = {"no upfront": "no_upfront", "partial upfront": "partial_upfront", "all upfront": "all_upfront"}


def billed(lines: pd.DataFrame) -> pd.DataFrame:
    """Every dollar, by service, usage type, kind of line and month. The sum is the export's unblended total."""
    wanted = [*ROW, "period", "first", "last", "last_start", "unblended_usd", "amortized_usd", "quantity"]
    rows, moved = _amortized(lines.loc[lines["usd"], wanted])
    out = _summed(rows)
    if len(moved):
        out = pd.concat([plain(out), plain(_summed(moved))], ignore_index=True)
    end = out["period_end"].where(
        out["period_end"] > out["period_start"], out["last_start"] + pd.Timedelta(hours=1)
    )
    out["period_end"] = end.dt.ceil("s")
    out = out.rename(columns={"product": "service", "unit": "usage_unit"})
    if (nameless := out["service"] == "").any():
        out["service"] = out["service"].astype(object).where(~nameless, "unknown")
    return out.drop(columns=["month", "last_start"])


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    month = rows["period"].fillna(rows["first"]).to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    groups = rows.assign(month=month).groupby([*ROW, "month"], as_index=False, dropna=False, observed=True)
    return groups.agg(
        cost_usd=("unblended_usd", "sum"),
        usage_quantity=("quantity", "sum"),
        period_start=("first", "min"),
        period_end=("last", "max"),
        last_start=("last_start", "max"),
    )


def _amortized(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines of Savings Plans at their amortized cost, where every one of them has it: covered usage at plan rates in
    its component, the fee as its unused part. What that moves to or from other months (upfront fees) is a row of
    `other`, the second frame, so that the sum stays the export's unblended total.
    """
    kinds = [k for k in rows["line_type"].unique() if str(k).startswith("SavingsPlan")]
    plan = rows["line_type"].isin(kinds).to_numpy()
    told = rows.loc[plan, "amortized_usd"]
    if not plan.any() or told.isna().any():
        return rows, rows.iloc[:0]
    moved = float(rows.loc[plan, "unblended_usd"].fillna(0.0).sum() - told.sum())
    out = rows.assign(unblended_usd=rows["unblended_usd"].where(~plan, rows["amortized_usd"]))
    if abs(moved) < HALF_CENT_USD:
        return out, rows.iloc[:0]
    # whatever order the engine has: the first fee in time, then by name
    fee = plain(out[plan]).sort_values(["first", "last", *ROW]).head(1)
    paid = fee.assign(
        component="other", line_type=OTHER_MONTHS, usage_type="", unblended_usd=moved, quantity=float("nan")
    )
    return out, paid


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
    gone = returned(plans[ours])
    told = [f"Savings Plan {_plan_name(p)}: {said}" for p, said in gone.items()]
    hours = fees["hours"].where(fees["hours"] > 0, (fees["last"] - fees["first"]).dt.total_seconds() / 3600)
    # Cost Explorer does not tell the commitment; of a plan without upfront payment it is the fee
    paid = fees["unblended"].where(~fees["payment"].str.contains("artial|All", regex=True))
    fees["hourly"] = fees["commitment"].where(fees["commitment"] > 0, paid.where(paid > 0)) / hours.where(
        hours > 0
    )
    warnings = [f"Savings Plan {p}: {FALLBACK}" for p in fees.loc[fees["hourly"].isna(), "plan_id"]]
    fees = fees[fees["hourly"].notna()]
    fees["end"], stopped = _ends(fees, window, list(gone))
    warnings = [*told, *stopped, *warnings]
    if fees[["start", "end"]].isna().to_numpy().any():
        assumptions.append(
            "The export does not state the term of a Savings Plan: it is taken as in force for a year from its start, "
            "or from the start of the window."
        )
    text = fees["payment"].str.lower() + " " + fees["plan_id"].str.lower()
    return (
        pd.DataFrame(
            {
                "account_id": fees["account_id"],
                "plan_id": fees["plan_id"].map(_plan_name).replace("", "unknown"),
                "hourly_commitment_usd": fees["hourly"],
                "start": fees["start"].fillna(window.start),
                "end": fees["end"].fillna(fees["start"].fillna(window.start) + SHORTEST_TERM),
                "term_years": fees["term"].str.extract(r"(\d)", expand=False).astype(float),
                "payment": text.map(lambda t: next((v for k, v in PAYMENTS.items() if k in t), "")),
                "upfront_usd": fees["plan_id"].map(upfront).astype(float),
            }
        ),
        assumptions,
        warnings,
    )


def returned(plans: pd.DataFrame) -> dict[str, str]:
    """Plans whose fees were given back, with a sentence.

    A plan of up to $100 per hour can be returned within seven days and the month of its purchase; all of it is
    refunded, as negative fees or as refunds. Source: Savings Plans user guide, "Returning a purchased Savings Plan".
    """
    found = {}
    for plan_id, rows in plans.groupby("plan_id"):
        fee = rows["line_type"].isin(FEE_TYPES)
        paid = rows.loc[fee, "charged"].sum()
        back = rows.loc[fee, "given_back"].sum() + rows.loc[~fee, "unblended"].clip(upper=0.0).sum()
        if back < 0 and -back >= RETURNED_RATIO * paid:
            found[str(plan_id)] = (
                f"returned ({words.usd(paid)} of fees, {words.usd(-back)} given back): it is not in force"
            )
    return found


def _ends(
    fees: pd.DataFrame, window: Window, gone: Sequence[str]
) -> tuple[pd.Series[pd.Timestamp], list[str]]:
    """End of each plan: its term's, or where its fees stop while the bill goes on, or it was returned (`gone`)."""
    back = fees["plan_id"].isin(list(gone))
    goes_on = fees["end"].isna() | (fees["end"] > fees["last"] + FEES_LATE)
    stops = (fees["last"] < window.end - FEES_LATE) & goes_on & ~back
    said = [
        f"Savings Plan {_plan_name(p)}: no fee after {last:%Y-%m-%d %H:%M}, though its term goes on: taken as "
        "returned, or moved to another account, then"
        for p, last in zip(fees.loc[stops, "plan_id"], fees.loc[stops, "last"], strict=True)
    ]
    return fees["end"].where(~stops & ~back, fees["last"]), said


def offers(plans: pd.DataFrame) -> list[str]:
    """Offers (term and payment) of the plans."""
    if plans.empty:
        return []
    term = plans["term_years"].map(lambda t: 3 if t == 3 else 1)
    payment = plans["payment"].map(lambda p: p if isinstance(p, str) and p else "no_upfront")
    return sorted({offer(t, p) for t, p in zip(term, payment, strict=True)})


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
