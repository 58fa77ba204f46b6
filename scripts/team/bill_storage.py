"""S3 lines of the bill: storage by class with its price tiers, requests, retrieval, monitoring."""

from __future__ import annotations

import pandas as pd

from scripts.team.bill_lines import Bill

MONTH_SHARE = 30 / 31  # of October, the calendar month that GB-months and monthly counts refer to
SERVICE = "Amazon Simple Storage Service"
CLASS_USAGE = {
    "STANDARD": "TimedStorage-ByteHrs",
    "STANDARD_IA": "TimedStorage-SIA-ByteHrs",
    "GLACIER_IR": "TimedStorage-GIR-ByteHrs",
    "GLACIER": "TimedStorage-GlacierByteHrs",
    "DEEP_ARCHIVE": "TimedStorage-GDA-ByteHrs",
    "INTELLIGENT_TIERING_FA": "TimedStorage-INT-FA-ByteHrs",
    "INTELLIGENT_TIERING_IA": "TimedStorage-INT-IA-ByteHrs",
}
RETRIEVALS = {"STANDARD_IA": "Retrieval-SIA", "GLACIER_IR": "Retrieval-GIR"}
REQUESTS = {
    "put_requests": ("storage_put", "Requests-Tier1"),
    "get_requests": ("storage_get", "Requests-Tier2"),
}


def add_storage(bill: Bill, frame: pd.DataFrame) -> None:
    """Write the lines of S3, per region."""
    for region in sorted(frame["region"].unique()):
        rows = frame[frame["region"] == region]
        for name, usage in CLASS_USAGE.items():
            gib = float(rows.loc[rows["storage_class"] == name, "gib"].sum()) * MONTH_SHARE
            bill.add(SERVICE, "storage", region, usage, gib, "GB-Mo", _tiered_usd(bill, name, region, gib))
        for column, (price, usage) in REQUESTS.items():
            requests = float(rows[column].sum()) * MONTH_SHARE
            usd = requests * bill.price_usd(price, "STANDARD", region)
            bill.add(SERVICE, "storage", region, usage, requests, "Requests", usd)
        _reads(bill, rows, region)


def _reads(bill: Bill, rows: pd.DataFrame, region: str) -> None:
    """Retrieval from the colder classes, and the monitoring of Intelligent-Tiering."""
    for name, usage in RETRIEVALS.items():
        gb = float(rows.loc[rows["storage_class"] == name, "retrieved_gib"].sum()) * MONTH_SHARE
        usd = gb * bill.price_usd("storage_retrieval", name, region)
        bill.add(SERVICE, "storage", region, usage, gb, "GB", usd)
    tiered = rows["storage_class"].str.startswith("INTELLIGENT")
    watched = float(rows.loc[tiered, "objects"].sum()) * MONTH_SHARE
    usd = watched * bill.price_usd("storage_monitoring", "INTELLIGENT_TIERING", region)
    bill.add(SERVICE, "storage", region, "Monitoring-Automation-INT", watched, "Objects", usd)


def _tiered_usd(bill: Bill, name: str, region: str, gib: float) -> float:
    table = bill.book.table("storage", (name,), (region,))
    if (0, 0) not in table.tiers:
        return gib * bill.price_usd("storage", name, region)
    bounds, prices = (list(map(float, part)) for part in table.tiers[0, 0])
    tops = [*bounds[1:], float("inf")]
    steps = zip(bounds, tops, prices, strict=True)
    return sum(price * max(0.0, min(gib, top) - low) for low, top, price in steps)
