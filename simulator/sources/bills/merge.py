"""An export and a live snapshot of the same account as one: dollars and metered hours from the export, the rest live.

Resources meet by name (SageMaker writes names in lower case into ARNs), account where both know it, region and, for
endpoints, instance type. What only one side knows stays. Traffic, sizes, utilization, states and settings are
live facts; billed hours, seconds, tokens, plans and the bill itself are the export's.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from simulator.snapshot.assemble import Assembly
from simulator.snapshot.snapshot import Snapshot
from simulator.sources.bills.report import BillError

NAMES = {
    "training_jobs": "job_name",
    "endpoints": "endpoint_name",
    "compute": "name",
    "storage": "bucket",
    "services": "name",
}
ALSO = {
    "training_jobs": [],
    "endpoints": ["instance_type"],
    "compute": ["kind"],
    "storage": ["storage_class"],
    "services": ["kind"],
}
METERED = {
    "training_jobs": ("billable_seconds", "spot_enabled", "warm_pool_seconds"),
    "endpoints": ("instance_hours", "serverless_seconds", "serverless_io_gb"),
    "compute": ("hours",),
    "storage": (),
    "services": ("unit_hours", "written_gib"),
}
FROM_BILL = ("billed", "commitments", "hourly_usage")
SHARED_RATIO = 0.5


def merge(bill: Snapshot, live: Snapshot) -> Snapshot:
    """One snapshot over the export's window. Raises BillError when the two are of different times or accounts."""
    _must_meet(bill, live)
    tables = {name: _joined(name, bill, live) for name in NAMES}
    tables["endpoint_traffic"] = _traffic(bill, live)
    tables["bedrock"] = _bedrock(bill, live)
    for name in FROM_BILL:
        tables[name] = bill.tables[name] if len(bill.tables[name]) else live.tables[name]
    manifest = replace(
        bill.manifest,
        name=live.manifest.name,
        sources=(*bill.manifest.sources, *live.manifest.sources),
        assumptions=tuple(dict.fromkeys((*live.manifest.assumptions, *bill.manifest.assumptions))),
        account_ids=tuple(sorted({*bill.manifest.account_ids, *live.manifest.account_ids})),
        collected_at=live.manifest.collected_at,
    )
    assembly = Assembly()
    for name, table in tables.items():
        assembly.add(name, table)
    return assembly.finish(manifest)


def _must_meet(bill: Snapshot, live: Snapshot) -> None:
    ours, theirs = bill.manifest, live.manifest
    shared = min(ours.window_end, theirs.window_end) - max(ours.window_start, theirs.window_start)
    shortest = min(ours.window_end - ours.window_start, theirs.window_end - theirs.window_start)
    if shared < SHARED_RATIO * shortest:
        raise BillError(
            f"the export is of {ours.window_start:%Y-%m-%d} to {ours.window_end:%Y-%m-%d}, the live snapshot of "
            f"{theirs.window_start:%Y-%m-%d} to {theirs.window_end:%Y-%m-%d}; expected windows that overlap by half"
        )
    if ours.account_ids and theirs.account_ids and not set(ours.account_ids) & set(theirs.account_ids):
        raise BillError(
            f"the export is of account {', '.join(ours.account_ids)}, "
            f"the live snapshot of {', '.join(theirs.account_ids)}"
        )


def _joined(name: str, bill: Snapshot, live: Snapshot) -> pd.DataFrame:
    billed, known = bill.tables[name].copy(), live.tables[name].copy()
    billed["_billed"] = range(len(billed))
    keys = [f"_key{i}" for i in range(2 + len(ALSO[name]))]
    left, right = (f.assign(**dict(zip(keys, _key(name, f), strict=True))) for f in (known, billed))
    both = left.merge(right, on=keys, how="left", suffixes=("", "_bill"))
    both = both[~both.duplicated([*known.columns[:2], "region", "account_id", *ALSO[name]])]
    share = _share(both)
    for column in METERED[name]:
        metered = both[f"{column}_bill"] if column == "spot_enabled" else both[f"{column}_bill"] * share
        both[column] = metered.where(metered.notna(), both[column])
    if name == "training_jobs":
        both["billable_seconds"] = _per_instance(both)
    unseen = billed[~pd.Series(range(len(billed))).isin(both["_billed"].dropna()).to_numpy()]
    return pd.concat([both[known.columns], unseen[known.columns]], ignore_index=True)


def _share(both: pd.DataFrame) -> pd.Series:
    """Of what a line of the bill metered: variants of one type share it by their instances."""
    if "instance_count" not in both:
        return pd.Series(1.0, both.index)
    count = both["instance_count"].where(both["instance_count"] > 0, 1.0)
    return (count / count.groupby(both["_billed"]).transform("sum")).fillna(1.0)


def _key(name: str, frame: pd.DataFrame) -> list[pd.Series]:
    return [frame[NAMES[name]].str.lower(), frame["region"], *(frame[c] for c in ALSO[name])]


def _per_instance(both: pd.DataFrame) -> pd.Series:
    """The export's instance-seconds over the instances the live side knows."""
    total = both["billable_seconds_bill"] * both["instance_count_bill"]
    return (total / both["instance_count"]).where(total.notna(), both["billable_seconds"])


def _traffic(bill: Snapshot, live: Snapshot) -> pd.DataFrame:
    """Live hours inside the export's window."""
    hours = live.tables["endpoint_traffic"]
    start, end = (pd.Timestamp(t) for t in (bill.manifest.window_start, bill.manifest.window_end))
    return hours[(hours["hour"] >= start) & (hours["hour"] < end)]


def _bedrock(bill: Snapshot, live: Snapshot) -> pd.DataFrame:
    """Tokens as billed; requests and what was measured of them from the live side, by model and day."""
    billed, known = bill.tables["bedrock"], live.tables["bedrock"]
    if billed.empty or known.empty:
        start, end = (pd.Timestamp(t) for t in (bill.manifest.window_start.date(), bill.manifest.window_end))
        inside = (known["date"].dt.tz_convert(None) >= start) & (known["date"] < end) if len(known) else []
        return billed if len(billed) else known[inside]
    key = ["model_id", "region", "date", "tier"]
    measured = ["requests", "cacheable_ratio", "prefix_tokens", "requests_per_ttl", "latency_tolerant_ratio"]
    live_facts = known.drop_duplicates(key)[[*key, *measured]]
    out = billed.merge(live_facts, on=key, how="left", suffixes=("", "_live"))
    for column in measured:
        out[column] = out[f"{column}_live"].where(out[f"{column}_live"].notna(), out[column])
    return out[billed.columns]
