"""The report: every row and every dollar accounted for, and sentences about what the export does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from simulator import words
from simulator.aws.usage_types import part_of
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.report import CENT_USD, OtherItem, RejectedRow, Report

AMOUNTS = [
    *("product", "product_name", "usage_type"),
    *("component", "line_type", "provider", "rows", "disputed"),
    *("unblended_usd", "net_unblended_usd", "amortized_usd", "amortized_rows"),
]
FOREIGN = ["currency", "rows", "unblended"]
COMPONENTS = ("training", "hosting", "compute", "bedrock", "storage", "commitments")
ITEMS = 50
DECIMALS = 10
NOTICEABLE_RATIO = 0.01


def report(
    formats: Sequence[str],
    lines: pd.DataFrame,
    bad_rows: int,
    rejected: Sequence[RejectedRow],
    warnings: Sequence[str],
) -> Report:
    """Totals of the classified sums."""
    usd, foreign = lines.loc[lines["usd"], AMOUNTS], lines.loc[~lines["usd"], FOREIGN]
    by_component = _groups(usd, "component")
    classified = {c: by_component[c] for c in COMPONENTS if c in by_component}
    other = by_component.get("other", 0.0)
    unblended = _sum(usd["unblended_usd"]) if len(usd) else None
    amortized = _whole(usd, "amortized_usd", "amortized_rows")
    said = [*warnings, *_sentences(usd, foreign, unblended, amortized, bad_rows)]
    return Report(
        format=", ".join(dict.fromkeys(formats)),
        rows=int(lines["rows"].sum()) + bad_rows,
        rows_rejected=bad_rows,
        unblended_usd=unblended,
        amortized_usd=amortized,
        net_unblended_usd=_sum(usd["net_unblended_usd"]) if usd["net_unblended_usd"].notna().any() else None,
        classified_usd=classified,
        other_usd=other,
        by_line_type=_groups(usd, "line_type"),
        by_provider=_groups(usd, "provider"),
        other_currencies={
            str(k): float(v) for k, v in foreign.groupby("currency")["unblended"].sum().items()
        },
        warnings=tuple(dict.fromkeys(said)),
        rejected=tuple(rejected[:100]),
        **_other(usd[usd["component"] == "other"]),
    )


def _other(rows: pd.DataFrame) -> dict[str, Any]:
    """What is `other`, by named part and by service and usage type: largest first."""
    kind = ["product", "product_name", "usage_type", "line_type"]
    sums = plain(rows[[*kind, "unblended_usd"]]).groupby(kind, as_index=False)["unblended_usd"].sum()
    items: dict[tuple[str, str, str], float] = {}
    parts: dict[str, float] = {}
    for product, name, usage_type, line_type, usd in sums.itertuples(index=False, name=None):
        part = part_of(product, name, usage_type, line_type)
        key = (part, name or product or "unknown", usage_type or line_type)
        items[key] = items.get(key, 0.0) + usd
        parts[part] = parts.get(part, 0.0) + usd
    largest = sorted(items.items(), key=lambda i: (-abs(i[1]), i[0]))[:ITEMS]
    return {
        "other_parts_usd": {
            k: round(v, DECIMALS) for k, v in sorted(parts.items(), key=lambda i: -abs(i[1]))
        },
        "other_items": tuple(OtherItem(*key, round(usd, DECIMALS)) for key, usd in largest if usd),
    }


def _sum(values: pd.Series) -> float:
    return round(float(values.fillna(0.0).sum()), DECIMALS)


def _whole(usd: pd.DataFrame, amount: str, counted: str) -> float | None:
    """A total only where every line has the amount: a part would look like the whole."""
    return _sum(usd[amount]) if len(usd) and (usd[counted] == usd["rows"]).all() else None


def _groups(usd: pd.DataFrame, key: str) -> dict[str, float]:
    return {str(k): round(float(v), DECIMALS) for k, v in usd.groupby(key)["unblended_usd"].sum().items()}


def _sentences(
    usd: pd.DataFrame, foreign: pd.DataFrame, unblended: float | None, amortized: float | None, bad: int
) -> list[str]:
    found: list[Any] = []
    if bad:
        found.append(f"{bad:,} rows cannot be read and are kept aside; their dollars are not in the totals")
    for code, rows in foreign.groupby("currency")["rows"].sum().items():
        found.append(
            f"{rows:,} rows are in {code}: not in dollars; give --rate {code}=USD per {code} to include them"
        )
    if others := [p for p in sorted(usd["provider"].unique()) if p not in ("AWS", "Amazon Web Services", "")]:
        found.append(f"lines of other providers ({', '.join(map(str, others))}) are counted as other")
    if wrong := int(usd.loc[usd["disputed"], "rows"].sum()):
        found.append(
            f"{wrong:,} rows: the usage type names another region than the region column; the usage type is believed"
        )
    if amortized is None and len(usd):
        found.append("amortized cost is unknown: the export does not give it for every line")
    elif amortized is not None and unblended is not None:
        found += _amortized_sentences(usd, unblended, amortized)
    return found


def _amortized_sentences(usd: pd.DataFrame, unblended: float, amortized: float) -> list[str]:
    focus_hole = (usd["amortized_usd"] == 0) & (usd["unblended_usd"] != 0) & usd["line_type"].isin(["Usage"])
    if _sum(usd.loc[focus_hole, "unblended_usd"]) > NOTICEABLE_RATIO * abs(unblended):
        return [
            "many usage lines have a billed cost but an effective cost of 0: the amortized total is doubtful, "
            "the billed one is used"
        ]
    if abs(amortized - unblended) > max(NOTICEABLE_RATIO * abs(unblended), CENT_USD):
        return [
            f"amortized {words.usd(amortized)} differs from unblended {words.usd(unblended)}: usual for "
            "Savings Plans paid upfront, for an open month, or for an extract that lacks some lines"
        ]
    return []
