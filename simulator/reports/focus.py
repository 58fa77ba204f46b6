"""Charges in FOCUS 1.2 columns: a month at run rate (730 h), today or in the scenario.

A charge that Savings Plans cover in part is two rows, committed and standard; a plan's fee is a purchase whose
effective cost is 0, and what no hour used is a row of its own, so that billed and effective cost both add up to the
month. One-off charges of a change are rows with the frequency One-Time. Charges of unknown cost are left out, because
FOCUS allows no null there: they are listed with the answer's unknowns.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.plans.settlement import Allocation
from simulator.pricing.book import BILLED
from simulator.pricing.charges import Block
from simulator.reports.coverage import Cover, coverage
from simulator.reports.focus_columns import (
    FOCUS_COLUMNS,
    MOMENT,
    NUMBER,
    OWN_COLUMNS,
    REGION_NAMES,
    RESOURCE_TYPES,
    SAGEMAKER,
    SERVICES,
    SERVICES_BY_PRICE,
    UNITS,
)
from simulator.reports.savings import levers_touching
from simulator.reports.tables import as_csv
from simulator.units import HOURS_PER_MONTH
from simulator.usage.tables import TABLES

Which = Literal["baseline", "scenario"]
ISSUER, PROVIDER, CURRENCY = "Amazon Web Services, Inc.", "AWS", "USD"
SAVINGS_PLAN = "Savings Plan"
SPOT = "spot"


def focus_charges(result: Result, which: Which = "scenario") -> pd.DataFrame:
    """Every known charge of the month as a row; all columns of FOCUS 1.2, then our own with the prefix x_."""
    state = result.baseline if which == "baseline" else result.outcome
    levers = {t: levers_touching(result, t) if which == "scenario" else [] for t in TABLES}
    covers = coverage(state, result.book)
    parts = [
        _block(result, state, b, levers[b.table], covers.get((b.table, b.meter.name), []))
        for b in state.charges.blocks
    ]
    parts.append(_plans(state))
    rows = pd.concat([p for p in parts if len(p)] or [pd.DataFrame()], ignore_index=True)
    return _typed(rows.assign(**_everywhere(result, which)))


def focus_csv(charges: pd.DataFrame) -> str:
    """CSV with moments as ISO 8601 in UTC."""
    texts = charges.copy()
    for column in FOCUS_COLUMNS:
        if column.kind == MOMENT:
            texts[column.name] = texts[column.name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return as_csv(texts) + "\n"


def focus_parquet(charges: pd.DataFrame) -> bytes:
    """Parquet with typed columns."""
    out = io.BytesIO()
    charges.to_parquet(out, index=False)
    return out.getvalue()


def _everywhere(result: Result, which: Which) -> dict[str, Any]:
    manifest = result.account.snapshot.manifest
    account = manifest.account_ids[0] if len(manifest.account_ids) == 1 else manifest.name
    start, end = _month_after(manifest.window_end)
    alone = len(manifest.account_ids) == 1
    return {
        "BillingAccountId": account, "BillingAccountName": manifest.name, "BillingAccountType": "Account",
        "BillingCurrency": CURRENCY, "PricingCurrency": CURRENCY, "InvoiceIssuerName": ISSUER, "ProviderName": PROVIDER,
        "PublisherName": PROVIDER, "BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": start,
        "ChargePeriodEnd": end, "x_PeriodHours": HOURS_PER_MONTH,
        "SubAccountId": account if alone else None, "SubAccountName": manifest.name if alone else None,
        "SubAccountType": "Account" if alone else None,
        "x_Scenario": "baseline" if which == "baseline" else result.scenario.name,
    }  # fmt: skip


def _month_after(moment: datetime) -> tuple[datetime, datetime]:
    """The first whole calendar month that begins at the window's end or later: what is projected."""
    year, month = moment.year, moment.month
    if moment != datetime(year, month, 1, tzinfo=UTC):
        year, month = year + month // 12, month % 12 + 1
    after = (year + month // 12, month % 12 + 1)
    return datetime(year, month, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)


def _block(
    result: Result, state: State, block: Block, levers: list[str], covers: list[Cover]
) -> pd.DataFrame:
    """Rows of one meter: committed part per plan and standard part."""
    known = np.flatnonzero((block.quantity != 0) & ~np.isnan(block.cost_usd))
    whole = _whole(result, state, block, known, levers)
    if not len(whole):
        return whole
    contracted, effective = block.list_cost_usd[known], block.cost_usd[known]
    parts, left = [], np.ones(len(known))
    for cover in covers:
        share = np.clip(cover.share[known], 0.0, left)
        left = left - share
        used = contracted * share * (1 - cover.discount_ratio[known])
        effective = effective - used
        parts.append(_scaled(whole, share, _committed(cover.allocation, used), used, billed=False))
    parts.append(_scaled(whole, left, {}, effective, billed=True))
    return pd.concat([p[p["PricingQuantity"] > 0] for p in parts], ignore_index=True)


def _committed(allocation: Allocation, used: np.ndarray) -> dict[str, Any]:
    return _discount(allocation, "Used", used) | {"PricingCategory": "Committed"}


def _discount(allocation: Allocation, status: str | None, quantity: Any) -> dict[str, Any]:
    plan = allocation.plan
    return {
        "CommitmentDiscountCategory": "Spend", "CommitmentDiscountId": plan.plan_id,
        "CommitmentDiscountName": f"{plan.plan_id} ({plan.offer.replace('_', ' ')})",
        "CommitmentDiscountType": SAVINGS_PLAN, "CommitmentDiscountStatus": status,
        "CommitmentDiscountQuantity": quantity, "CommitmentDiscountUnit": CURRENCY,
    }  # fmt: skip


def _scaled(
    whole: pd.DataFrame, share: Any, more: dict[str, Any], effective: Any, *, billed: bool
) -> pd.DataFrame:
    part = whole.assign(**more, EffectiveCost=effective)
    for name in ("ConsumedQuantity", "PricingQuantity", "ListCost", "ContractedCost"):
        part[name] = whole[name] * share
    part["BilledCost"] = part["EffectiveCost"] if billed else 0.0
    return part


def _whole(result: Result, state: State, block: Block, rows: np.ndarray, levers: list[str]) -> pd.DataFrame:
    """What rows of a meter say whoever covers them."""
    usage, table, meter = state.usage, state.usage.table(block.table), block.meter
    resource = table.resource_id[rows].astype(str)
    region = np.array([*usage.catalog.regions, ""], object)[table.region[rows]]
    paid = 1.0 if meter.price == BILLED else result.book.paid_ratio[block.price_row[rows]]
    unit = UNITS[meter.unit]
    seen = {int(p): result.book.explain(int(p)) for p in np.unique(block.price_row[rows])}
    prices = [seen[int(p)] for p in block.price_row[rows]]
    by_price = SERVICES_BY_PRICE.get(meter.price, SAGEMAKER)
    name, category, subcategory = SERVICES.get(meter.component, by_price)
    title = meter.name.replace("_", " ")
    own = block.table in RESOURCE_TYPES
    touched = [levers[r] for r in rows] if levers else ""
    return pd.DataFrame(
        {
            "ChargeCategory": "Usage", "ChargeFrequency": "One-Time" if meter.once else "Usage-Based",
            "ChargeDescription": [f"{r}: {title}, {p.item}" for r, p in zip(resource, prices, strict=True)],
            "ConsumedQuantity": block.quantity[rows], "ConsumedUnit": unit,
            "PricingQuantity": block.quantity[rows], "PricingUnit": unit,
            "ContractedUnitPrice": block.unit_price_usd[rows], "ContractedCost": block.list_cost_usd[rows],
            "ListUnitPrice": block.unit_price_usd[rows] / paid, "ListCost": block.list_cost_usd[rows] / paid,
            "PricingCurrencyContractedUnitPrice": block.unit_price_usd[rows],
            "PricingCurrencyListUnitPrice": block.unit_price_usd[rows] / paid,
            "PricingCategory": "Dynamic" if SPOT in meter.name else "Standard",
            "RegionId": [r or None for r in region], "RegionName": [REGION_NAMES.get(r, r) or None for r in region],
            "ResourceId": resource if own else None, "ResourceName": resource if own else None,
            "ResourceType": RESOURCE_TYPES.get(block.table),
            "ServiceName": name, "ServiceCategory": category, "ServiceSubcategory": subcategory,
            "SkuId": [f"{p.component}/{p.item}" for p in prices], "SkuMeter": title,
            "SkuPriceId": [f"{p.component}/{p.item}/{p.region}/{p.effective_from}" for p in prices],
            "SkuPriceDetails": [json.dumps({"x_Item": p.item}) for p in prices],
            "Tags": [json.dumps({"owner": o}) if o else None for o in table.owner[rows]],
            "x_Component": meter.component, "x_Resource": resource, "x_Levers": touched,
            "x_PriceSource": [p.source for p in prices], "x_PriceGrade": [p.grade for p in prices],
        }
    )  # fmt: skip


def _plans(state: State) -> pd.DataFrame:
    """Two rows per plan: the month's fee, and what no hour could use of it."""
    rows = []
    name, category, subcategory = SAGEMAKER
    for allocation in state.settlement.allocations:
        plan = allocation.plan
        fee = plan.commitment_usd_per_hour * allocation.period_hours
        every = {
            "ServiceName": name, "ServiceCategory": category, "ServiceSubcategory": subcategory,
            "SkuId": f"savings_plan/{plan.offer}", "SkuPriceId": f"savings_plan/{plan.offer}", "SkuMeter": "commitment",
            "PricingUnit": CURRENCY, "ListUnitPrice": 1.0, "ContractedUnitPrice": 1.0,
            "PricingCurrencyListUnitPrice": 1.0, "PricingCurrencyContractedUnitPrice": 1.0,
            "x_Component": "commitments", "x_Resource": plan.plan_id, "x_PriceSource": "the plan",
            "x_PriceGrade": "own",
            "x_Levers": "" if plan.existing else "savings_plan",
        }  # fmt: skip
        if fee > 0:
            rows.append(
                every | _discount(allocation, None, fee) | _amounts(fee, billed=fee, effective=0.0)
                | {
                    "ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", "PricingCategory": "Standard",
                    "ChargeDescription": f"{plan.plan_id}: commitment of the month, amortized",
                }
            )  # fmt: skip
        unused = allocation.unused_usd
        if unused > 1e-9:
            rows.append(
                every | _discount(allocation, "Unused", unused) | _amounts(unused, billed=0.0, effective=unused)
                | {
                    "ChargeCategory": "Usage", "ChargeFrequency": "Usage-Based", "PricingCategory": "Committed",
                    "ChargeDescription": f"{plan.plan_id}: commitment no hour used",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _amounts(usd: float, *, billed: float, effective: float) -> dict[str, float]:
    return {
        "PricingQuantity": usd, "ListCost": usd, "ContractedCost": usd, "BilledCost": billed,
        "EffectiveCost": effective,
    }  # fmt: skip


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """All columns in the order of the specification, typed: text, numbers, moments in UTC."""
    rows["PricingCurrencyEffectiveCost"] = rows.get("EffectiveCost")
    columns: dict[str, pd.Series] = {}
    for column in FOCUS_COLUMNS:
        values = rows.get(column.name, pd.Series(None, index=rows.index, dtype=object))
        if column.kind == NUMBER:
            columns[column.name] = values.astype(float)
        elif column.kind == MOMENT:
            columns[column.name] = pd.to_datetime(values, utc=True)
        else:
            columns[column.name] = values.astype("string")
    for name in OWN_COLUMNS:
        values = rows.get(name, pd.Series(None, index=rows.index, dtype=object))
        columns[name] = values.astype(float) if name == "x_PeriodHours" else values.astype("string")
    return pd.DataFrame(columns)


__all__ = ["focus_charges", "focus_csv", "focus_parquet"]
