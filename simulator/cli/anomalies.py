"""`anomalies`: days of a bill that cost more than their past explains, with what drove them."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from simulator.analysis.forecast.anomaly import LEAST_USD, Anomaly
from simulator.analysis.forecast.anomaly import anomalies as found_in
from simulator.cli.main import deliver
from simulator.cli.options import Out, TextOrJson, as_json
from simulator.sources.bills.daily import daily
from simulator.words import count, plain, usd


def anomalies(
    paths: Annotated[list[str], Parameter(help="files, folders or globs of a billing export by hour or day")],
    /,
    *,
    least: Annotated[float, Parameter(help="dollars above the expected from which a day is worth a look")] = (
        LEAST_USD
    ),
    format: TextOrJson = "text",
    out: Out = None,
) -> str | None:
    """Days that cost more than their past explains: how much, and which usage type, model or resource drove it."""
    lines, long_usd = daily(paths)
    found = found_in(lines, least)
    note = f"{usd(long_usd)} is billed in lines longer than a day and was not judged." if long_usd else ""
    if format == "json":
        return deliver(as_json({"anomalies": [_document(a) for a in found], "not_judged_usd": long_usd}), out)
    said = [plain(a.sentence(), "line") for a in found]
    days = lines["day"].nunique()
    head = f"{count(len(found), 'anomaly', 'anomalies')} in {count(days, 'day')}."
    return deliver("\n".join([head, *said, *([note] if note else [])]), out)


def _document(found: Anomaly) -> dict[str, Any]:
    return {
        "component": found.component,
        "first_day": f"{found.first_day:%Y-%m-%d}",
        "days": found.days,
        "usd": found.usd,
        "expected_usd": found.expected_usd,
        "drivers": [
            {"kind": d.kind, "name": d.name, "above_usd": d.above_usd, "share_ratio": d.share_ratio}
            for d in found.drivers
        ],
    }
