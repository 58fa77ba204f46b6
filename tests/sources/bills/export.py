"""A snapshot as a billing export: CUR 2.0 (Parquet or CSV.gz) or FOCUS 1.2 (CSV.gz), in the columns AWS writes.

Quantities are those the engine meters; dollars are the snapshot's own bill, laid on the lines they are for in
proportion to their quantity. What the bill has and usage does not explain is a line of its own without a
quantity; usage the bill does not know costs nothing. Nothing is priced here. Importing it gives the same baseline.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.aws.usage_types import USAGE_LINES, use_of
from simulator.snapshot.snapshot import Snapshot
from tests.sources.bills.metered import metered_lines

CODES = {
    "Amazon SageMaker": "AmazonSageMaker",
    "Amazon Simple Storage Service": "AmazonS3",
    "Amazon S3": "AmazonS3",
    "Amazon Bedrock": "AmazonBedrock",
    "AWS Data Transfer": "AWSDataTransfer",
    "AWS Key Management Service": "awskms",
}
PLAN_PRODUCT = "MachineLearningSavingsPlans"
SILENT = {
    "training": "Train",
    "hosting": "Host",
    "compute": "Notebk",
    "bedrock": "",
    "storage": "Bucket",
    "other": "",
}
PAYMENTS = {"no_upfront": "No Upfront", "partial_upfront": "Partial Upfront", "all_upfront": "All Upfront"}
USE_KEY = ["component", "meter", "instance_type", "item", "region", "model", "tier", "scope_"]
EMPTY_TEXTS = ("resource_id", "region", "account_id", "owner", "tags", "unit", "plan_id", "usage_type")


@lru_cache(maxsize=2)
def export_lines(snapshot: Snapshot) -> pd.DataFrame:
    """Lines of the bill: usage with its dollars, the rest of the bill, and Savings Plan fees. To be read only."""
    usage, bill = metered_lines(snapshot), snapshot.tables["billed"].copy()
    usage["line_type"], usage["cost_usd"], usage["end"] = (
        "Usage",
        0.0,
        usage["start"] + pd.to_timedelta(usage["hours"], "h"),
    )
    bill["line_type"] = bill["line_type"].replace("", "Usage")
    bill["_row"] = np.arange(len(bill))
    usage["_use"], bill["_use"] = _uses(usage["product"], usage), _uses(bill["service"], bill)
    paid = bill[
        bill["line_type"].isin(USAGE_LINES) & bill["_use"].isin(set(usage["_use"])) & (bill["_use"] != "")
    ]
    lines = [
        _paid(usage, paid),
        _unexplained(bill[~bill["_row"].isin(paid["_row"])]),
        _plan_fees(snapshot, bill),
    ]
    out = pd.concat(lines, ignore_index=True)
    account = next(iter(snapshot.manifest.account_ids), "000000000000")
    for column in EMPTY_TEXTS:
        out[column] = out[column].astype(object).where(out[column].notna(), "")
    out["account_id"] = out["account_id"].replace("", account)
    return out.sort_values(["start", "product", "usage_type", "resource_id", "line_type"], ignore_index=True)


def _uses(product: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """What each line is, as one text; "" for what no usage of ours can be."""
    unit = rows["unit"] if "unit" in rows else rows["usage_unit"]
    found = []
    for service, usage_type, words in zip(product, rows["usage_type"], unit, strict=True):
        use = use_of(service, service, usage_type, "", "Usage", words)
        key = (use.component, use.meter, use.instance_type, use.item, use.region, use.model, use.tier)
        found.append("|".join(key) if use.meter else "")
    return pd.Series(found, rows.index, dtype=object)


def _paid(usage: pd.DataFrame, paid: pd.DataFrame) -> pd.DataFrame:
    """Usage with the dollars of the bill rows of the same use; covered usage is split off by quantity."""
    total = usage.groupby("_use")["quantity"].sum()
    parts = [usage[~usage["_use"].isin(paid["_use"])]]
    for use, rows in paid.groupby("_use"):
        lines = usage[usage["_use"] == use]
        weight = rows["usage_quantity"].fillna(0.0).clip(lower=0.0)
        share = weight / weight.sum() if weight.sum() > 0 else pd.Series(1 / len(rows), rows.index)
        for part, row in zip(share, rows.to_dict("records"), strict=True):
            spread = lines["quantity"] / total[use] if total[use] > 0 else 1 / len(lines)
            parts.append(
                lines.assign(
                    quantity=lines["quantity"] * part,
                    cost_usd=row["cost_usd"] * spread,
                    line_type=row["line_type"],
                )
            )
    return pd.concat(parts, ignore_index=True)


def _unexplained(bill: pd.DataFrame) -> pd.DataFrame:
    """Bill rows no usage stands behind: their dollars and names, no quantity."""
    names = bill["component"].map(SILENT).fillna("")
    out = pd.DataFrame(
        {
            "product": bill["service"],
            "usage_type": bill["usage_type"].where(bill["usage_type"] != "", names),
            "unit": bill["usage_unit"],
            "region": bill["region"],
            "account_id": bill["account_id"],
            "line_type": bill["line_type"],
            "start": bill["period_start"].dt.tz_convert(None),
            "end": bill["period_end"].dt.tz_convert(None),
            "quantity": np.nan,
            "cost_usd": bill["cost_usd"],
        }
    )
    return out[out["line_type"] != "SavingsPlanRecurringFee"]


def _plan_fees(snapshot: Snapshot, bill: pd.DataFrame) -> pd.DataFrame:
    """A fee line a day for each plan in force; its dollars are those the bill has for fees."""
    plans = snapshot.tables["commitments"]
    start, end = (pd.Timestamp(t).tz_convert(None) for t in _window(snapshot))
    days = pd.date_range(start, end, freq="D", inclusive="left")
    fees = bill.loc[bill["line_type"] == "SavingsPlanRecurringFee", "cost_usd"].sum()
    committed = plans["hourly_commitment_usd"].sum() * 24.0 * len(days)
    parts = []
    for plan in plans.to_dict("records"):
        daily = plan["hourly_commitment_usd"] * 24.0
        parts.append(
            pd.DataFrame(
                {
                    "product": PLAN_PRODUCT,
                    "usage_type": f"SageMakerSP:{plan['term_years'] if plan['term_years'] > 0 else 1:g}yr",
                    "unit": "Hrs",
                    "account_id": plan["account_id"],
                    "line_type": "SavingsPlanRecurringFee",
                    "start": days,
                    "end": days + pd.Timedelta(days=1),
                    "quantity": 24.0,
                    "cost_usd": fees * daily / committed if committed else 0.0,
                    "plan_id": f"arn:aws:savingsplans:::savingsplan/{plan['plan_id']}",
                    "plan_commitment": daily,
                    "plan_start": plan["start"].tz_convert(None),
                    "plan_end": plan["end"].tz_convert(None),
                    "plan_payment": PAYMENTS.get(plan["payment"], ""),
                    "plan_term": f"{plan['term_years']:g}yr" if plan["term_years"] > 0 else "",
                }
            )
        )
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"plan_id": pd.Series(dtype=object)})
    )


def _window(snapshot: Snapshot) -> tuple[datetime, datetime]:
    return snapshot.manifest.window_start, snapshot.manifest.window_end


def export_cur2(snapshot: Snapshot, path: str | Path) -> None:
    """CUR 2.0; .parquet, .csv or .csv.gz by the name of the file."""
    t = export_lines(snapshot)
    interval = t["start"].map(_iso) + "/" + t["end"].map(_iso)
    out = pd.DataFrame(
        {
            "identity_line_item_id": [f"line{i:09d}" for i in range(len(t))],
            "identity_time_interval": interval,
            "bill_billing_entity": "AWS",
            "bill_bill_type": "Anniversary",
            "bill_billing_period_start_date": t["start"].dt.to_period("M").dt.start_time,
            "bill_payer_account_id": t["account_id"],
            "line_item_usage_account_id": t["account_id"],
            "line_item_line_item_type": t["line_type"],
            "line_item_usage_start_date": t["start"],
            "line_item_usage_end_date": t["end"],
            "line_item_product_code": t["product"].map(CODES).fillna(t["product"]),
            "line_item_usage_type": t["usage_type"],
            "line_item_operation": "",
            "line_item_resource_id": t["resource_id"],
            "line_item_usage_amount": t["quantity"],
            "line_item_currency_code": "USD",
            "line_item_unblended_cost": t["cost_usd"],
            "line_item_line_item_description": "",
            "product": [json.dumps({"product_name": p}) for p in t["product"]],
            "product_region_code": t["region"],
            "pricing_unit": t["unit"],
            "savings_plan_savings_plan_a_r_n": t["plan_id"],
            "savings_plan_savings_plan_effective_cost": t["cost_usd"].where(
                t["line_type"] == "SavingsPlanCoveredUsage", 0.0
            ),
            "savings_plan_total_commitment_to_date": t.get("plan_commitment", np.nan),
            "savings_plan_used_commitment": t.get("plan_commitment", np.nan),
            "savings_plan_start_time": t.get("plan_start", pd.NaT),
            "savings_plan_end_time": t.get("plan_end", pd.NaT),
            "savings_plan_payment_option": t.get("plan_payment", ""),
            "savings_plan_purchase_term": t.get("plan_term", ""),
            "resource_tags": _tags(t, "user_"),
        }
    )
    _write(out, Path(path))


def export_focus(snapshot: Snapshot, path: str | Path) -> None:
    """FOCUS 1.2 with the columns AWS adds (x_…). A plan's fee is the purchase; usage it covers is billed at 0."""
    t = export_lines(snapshot)
    fee, covered = t["line_type"] == "SavingsPlanRecurringFee", t["line_type"] == "SavingsPlanCoveredUsage"
    t = _plan_pays(t, fee, covered)
    category = (
        t["line_type"]
        .map({"Tax": "Tax", "Credit": "Credit", "Refund": "Credit"})
        .fillna("Usage")
        .where(~fee, "Purchase")
    )
    region = t["region"].where(t["region"] != "", "NULL")
    out = pd.DataFrame(
        {
            "BilledCost": t["billed"],
            "BillingAccountId": t["account_id"],
            "BillingAccountType": "Consolidated",
            "BillingCurrency": "USD",
            "BillingPeriodStart": t["start"].dt.to_period("M").dt.start_time,
            "ChargeCategory": category,
            "ChargePeriodStart": t["start"],
            "ChargePeriodEnd": t["end"],
            "ChargeDescription": t["usage_type"],
            "CommitmentDiscountId": t["plan_id"].replace("", "NULL"),
            "CommitmentDiscountStatus": np.where(covered, "Used", "NULL"),
            "ConsumedQuantity": t["quantity"],
            "ConsumedUnit": t["unit"].replace("", "NULL"),
            "EffectiveCost": t["cost_usd"].where(~fee, 0.0),
            "InvoiceId": "NULL",
            "ProviderName": "AWS",
            "RegionId": region,
            "ResourceId": t["resource_id"].replace("", "NULL"),
            "ServiceName": t["product"],
            "SubAccountId": t["account_id"],
            "Tags": _tags(t, ""),
            "x_ServiceCode": t["product"].map(CODES).fillna(t["product"]),
            "x_UsageType": t["usage_type"].replace("", "NULL"),
        }
    )
    _write(out, Path(path))


def _plan_pays(t: pd.DataFrame, fee: pd.Series, covered: pd.Series) -> pd.DataFrame:
    """Billed cost in the FOCUS way: the fee is the commitment. What the bill had for fee and covered usage beyond
    it stays on the covered lines, so that the total does not move."""
    commitment = t.get("plan_commitment", pd.Series(np.nan, t.index)).where(fee, 0.0).fillna(0.0)
    rest = t.loc[fee | covered, "cost_usd"].sum() - commitment.sum()
    base = t["cost_usd"].where(~(fee | covered), 0.0) + commitment
    lines = covered if covered.any() else fee
    return t.assign(billed=base + (rest / lines.sum() if lines.any() else 0.0) * lines)


def _tags(t: pd.DataFrame, prefix: str) -> list[str]:
    found = []
    for tags, owner in zip(t["tags"], t["owner"], strict=True):
        own = json.loads(tags) if tags else {}
        if owner and owner not in own.values():
            own["owner"] = owner
        found.append(json.dumps({prefix + k: v for k, v in sorted(own.items())}))
    return found


def _iso(moment: pd.Timestamp) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(out: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        out.to_parquet(path, index=False)
    else:
        times = out.select_dtypes("datetime").columns
        texts = out.assign(**{c: out[c].dt.strftime("%Y-%m-%dT%H:%M:%SZ") for c in times})
        texts.to_csv(path, index=False, float_format="%.17g", lineterminator="\n")
