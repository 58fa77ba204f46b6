"""SageMaker instance-hours, per component, type and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from scripts.price_facts.sources import source_of
from scripts.price_facts.table import PriceRow, merged, read

USE_OF = {
    "training": "training_ok",
    "warm_pool": "training_ok",
    "hosting": "hosting_ok",
    "async_inference": "hosting_ok",
    "batch_transform": "transform_ok",
    "processing": "processing_ok",
    "notebook": "notebook_ok",
    "studio": "studio_ok",
}
# A component without an entry in the price list takes these with it.
FOLLOW = {"training": ("warm_pool",), "hosting": ("async_inference", "batch_transform")}
US = ("us-east-1", "us-east-2", "us-west-2")
ANY = ("training", "hosting", "studio", "notebook", "processing")
# The label was wrong in these regions until AWS renamed it on 2025-07-22 (facts README).
RENAMED = {"eu-west-1", "ap-northeast-1", "ap-northeast-2"}
HISTORY_FROM = "2025-04-30"
# Undated rows that are the only evidence. The price is known in us-east-1 from the first date, and the three
# US regions agree; the Studio feed of the second date confirms it where it lists the type.
UNDATED = {
    ("us-west-2", "hosting", "ml.g5.2xlarge"): ("2025-01-26", "2025-12-05"),
    ("us-east-2", "hosting", "ml.g6.xlarge"): ("2026-04-21", "2026-04-21"),
}


def refusals(not_offered: Iterable[Mapping[str, str]], regions: Iterable[str]) -> set[tuple[str, str, str]]:
    """(component, type, region) that must get no price from a rule. The three US regions share their list."""
    places = list(regions)
    keys = set()
    for row in not_offered:
        where = places if row["region"] == "*" else US if row["region"] in US else (row["region"],)
        for component in (row["component"], *FOLLOW.get(row["component"], ())):
            keys |= {(component, row["instance_type"], region) for region in where}
    return keys


def regions(facts: Path) -> set[str]:
    """Regions with an instance price."""
    return {r["region"] for r in read(facts / "sagemaker_instances.csv")}


def prices(facts: Path, uses: Mapping[str, set[str]], refused: set[tuple[str, str, str]]) -> list[PriceRow]:
    """Published instance-hour prices: own rows, the price cuts, and `any` where it adds to them."""
    own: list[PriceRow] = []
    shared: list[dict[str, str]] = []
    for fact in read(facts / "sagemaker_instances.csv"):
        if fact["component"] == "any":
            shared.append(fact)
        elif row := _own(fact):
            own.append(row)
    own += _cuts(facts)
    hosted = read(facts / "hosting_2026-09-22.csv")
    listed = {(h["instance_type"], h["region"]): float(h["usd_per_hour"]) for h in hosted}
    return _with_shared(merged(own), shared, uses, refused, listed)


def _row(component: str, fact: Mapping[str, str], usd: str, day: str) -> PriceRow:
    source = source_of(fact["source"])
    return PriceRow(
        component,
        fact["instance_type"],
        fact["region"],
        usd,
        "instance_hour",
        day,
        source.grade,
        source.source,
    )


def _own(fact: Mapping[str, str]) -> PriceRow | None:
    """A row of its own component; undated rows only where nothing else is known."""
    if fact["as_of"]:
        return _row(fact["component"], fact, fact["usd_per_hour"], fact["as_of"])
    key = (fact["region"], fact["component"], fact["instance_type"])
    if key not in UNDATED:
        return None
    first, checked = UNDATED[key]
    row = _row(fact["component"], fact, fact["usd_per_hour"], first)
    return replace(row, checked_on=checked).noted(
        "source undated; held in us-east-1 from the date given here"
    )


def _cuts(facts: Path) -> list[PriceRow]:
    """The only changes in the captured history of the feed: p4d and p4de, cut by a third on 2025-06-06."""
    rows = []
    for fact in read(facts / "sagemaker_price_changes.csv"):
        name = "ml.p4d.24xlarge" if fact["region"] in RENAMED else fact["instance_type"]
        for usd, day in (("usd_per_hour_before", HISTORY_FROM), ("usd_per_hour_after", fact["published"])):
            rows.append(replace(_row(fact["component"], fact, fact[usd], day), item=name))
    return rows


def _with_shared(
    own: list[PriceRow],
    shared: list[dict[str, str]],
    uses: Mapping[str, set[str]],
    refused: set[tuple[str, str, str]],
    listed: Mapping[tuple[str, str], float],
) -> list[PriceRow]:
    """Lay the `any` price of a type over its components.

    The source rounds to a cent. An older price of the API that agrees within that stays, checked later;
    an equal or newer own row stays; everything else gets a row of its own. Where AWS's list of hosting says otherwise
    (ml.t2.medium: 0.056, not 0.0464), the list counts for hosting.
    """
    by_key: dict[tuple[str, str, str], list[PriceRow]] = defaultdict(list)
    for row in own:
        by_key[row.component, row.item, row.region].append(row)
    for fact in shared:
        for component in ANY:
            name = fact["instance_type"]
            key = (component, name, fact["region"])
            if key in refused or name not in uses[USE_OF[component]]:
                continue
            hosted = listed.get((name, fact["region"])) if component == "hosting" else None
            if hosted and not agrees(hosted, float(fact["usd_per_hour"])):
                continue
            rows = by_key[key]
            new = _row(component, fact, fact["usd_per_hour"], fact["as_of"])
            _lay(rows, new.noted("one price for five components at the source"))
    return merged(row for rows in by_key.values() for row in rows)


def _lay(rows: list[PriceRow], new: PriceRow) -> None:
    last = rows[-1] if rows else None
    if last is None:
        rows.append(new)
    elif last.checked >= new.effective_from:
        return
    elif last.grade == "api" and agrees(float(last.usd), float(new.usd)):
        rows[-1] = replace(last, checked_on=new.effective_from)
    else:
        rows.append(new)


def agrees(usd: float, rounded_usd: float) -> bool:
    """Whether a price rounded to a cent may be the same price: within a cent and within 1 %."""
    gap = abs(usd - rounded_usd)
    return gap <= 0.0100001 and gap <= 0.01 * usd
