"""The answer of GetCostAndUsage, one page or a list of them.

Source: Cost Explorer API reference (GetCostAndUsage; End is exclusive).
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.sources.bills.explorer.lines import Explored, dimension, frame_of, spans_of
from simulator.sources.bills.report import BillError

MAX_BYTES = 300 * 2**20
METRICS = {
    "UnblendedCost": "unblended",
    "AmortizedCost": "effective",
    "NetUnblendedCost": "net_unblended",
    "UsageQuantity": "quantity",
}


def from_json(path: Path, name: str) -> Explored:
    """Answers of GetCostAndUsage (one, or a list of pages). Raises BillError."""
    if path.stat().st_size > MAX_BYTES:
        raise BillError(
            f"{name}: {path.stat().st_size / 2**20:,.0f} MiB of JSON; expected at most {MAX_BYTES // 2**20}"
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        pages = data if isinstance(data, list) else [data]
        lines: list[dict[str, Any]] = []
        warnings: list[str] = []
        keys: list[str] = []
        spans: list[tuple[datetime, datetime]] = []
        for page in pages:
            keys = [g["Key"] for g in page.get("GroupDefinitions", [])] or keys
            for period in page["ResultsByTime"]:
                lines += _period(period, keys, name)
                spans.append((_moment(period["TimePeriod"]["Start"]), _moment(period["TimePeriod"]["End"])))
            if any(p.get("Estimated") for p in page["ResultsByTime"]):
                warnings.append(f"{name}: part of the answer is marked as estimated")
        if pages and pages[-1].get("NextPageToken"):
            warnings.append(
                f"{name}: ends with a NextPageToken; further pages are missing, so the total is not complete"
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BillError):
            raise
        raise BillError(
            f"{name}: not an answer of GetCostAndUsage ({type(error).__name__}: {str(error)[:120]})"
        ) from error
    if not lines:
        raise BillError(f"{name}: no cost in the answer; expected ResultsByTime with groups or totals")
    return Explored(frame_of(lines), spans_of(spans), tuple(warnings))


def _period(period: dict[str, Any], keys: list[str], name: str) -> list[dict[str, Any]]:
    start, end = (_moment(period["TimePeriod"][k]) for k in ("Start", "End"))
    groups = period.get("Groups") or (
        [{"Keys": [], "Metrics": period["Total"]}] if period.get("Total") else []
    )
    found = []
    for group in groups:
        line: dict[str, Any] = {"line_type": "Usage", "start": start, "end": end}
        line |= {d: v for k, v in zip(keys, group["Keys"], strict=False) if (d := dimension(k))}
        if "UnblendedCost" not in group["Metrics"]:
            raise BillError(
                f"{name}: metrics {', '.join(group['Metrics'])} without UnblendedCost; ask for it"
            )
        for metric, field in METRICS.items():
            if metric in group["Metrics"]:
                value = float(group["Metrics"][metric]["Amount"])
                if not abs(value) < 1e18:
                    raise BillError(f"{name}: {metric} {value}; expected a number")
                line[field] = value
        line["currency"] = group["Metrics"]["UnblendedCost"].get("Unit", "USD")
        unit = group["Metrics"].get("UsageQuantity", {}).get("Unit", "")
        found.append(line | {"unit": "" if unit == "N/A" else unit})
    return found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None)
