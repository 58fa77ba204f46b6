"""Prices filled by rule, grade `assumed`: they count only where no published row does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from price_facts.sagemaker import USE_OF
from price_facts.table import PriceRow, times

US = ("us-east-1", "us-east-2", "us-west-2")
SERVING = ("hosting", "training", "processing", "async_inference", "notebook", "studio")
NOTEBOOK = ("studio", "notebook", "hosting", "training", "processing")
# Training and hosting are published with a finer rounding than notebooks and Studio (ml.g5.2xlarge 1.515 and 1.52).
ORDER = {
    "training": ("hosting", "processing", "async_inference", "notebook", "studio"),
    "hosting": SERVING[1:],
    "async_inference": SERVING,
    "batch_transform": ("training", "hosting", "processing", "async_inference", "notebook", "studio"),
    "warm_pool": ("training", "hosting", "processing", "async_inference", "notebook", "studio"),
    "processing": ("training", "hosting", "async_inference", "notebook", "studio"),
    "notebook": NOTEBOOK,
    "studio": ("notebook", "hosting", "training", "processing"),
}
BATCH_FACTOR = "0.5"


def instance_hours(
    published: Iterable[PriceRow], uses: Mapping[str, set[str]], not_offered: Iterable[Mapping[str, str]]
) -> list[PriceRow]:
    """R2 for the same component first (finer), then R1 in the region, then R2 for what R1 filled elsewhere."""
    current = {(r.component, r.item, r.region): r for r in sorted(published, key=lambda r: r.effective_from)}
    refused = {(n["component"], n["instance_type"], n["region"]) for n in not_offered}
    missing = [k for k in _candidates(current, uses) if k not in current and k not in refused]
    filled: dict[tuple[str, str, str], PriceRow] = {}
    for key in missing:
        if row := _sibling(key, current):
            filled[key] = row
    for key in missing:
        if key not in filled and (row := _component(key, {**filled, **current} if key[2] in US else current)):
            filled[key] = row
    for key in missing:
        if key not in filled and (row := _sibling(key, filled)):
            filled[key] = row
    return list(filled.values())


def _candidates(
    current: Mapping[tuple[str, str, str], PriceRow], uses: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, str]]:
    places = {(item, region) for _, item, region in current if item in set().union(*uses.values())}
    places |= {(item, us) for item, region in places if region in US for us in US}
    for item, region in sorted(places):
        for component, use in USE_OF.items():
            if item in uses[use]:
                yield component, item, region


def _sibling(key: tuple[str, str, str], known: Mapping[tuple[str, str, str], PriceRow]) -> PriceRow | None:
    component, item, region = key
    if region not in US:
        return None
    for other in US:
        row = known.get((component, item, other))
        if row and other != region:
            note = f"R2: {component} in {other}" if row.grade != "assumed" else f"{row.note}; R2: from {other}"
            return _assumed(row, component, region, "rule-R2", note)
    return None


def _component(key: tuple[str, str, str], known: Mapping[tuple[str, str, str], PriceRow]) -> PriceRow | None:
    component, item, region = key
    for other in ORDER[component]:
        row = known.get((other, item, region))
        if row:
            note = f"R1: {other} in {region}" if row.grade != "assumed" else f"R1: {other}; {row.note}"
            return _assumed(row, component, region, "rule-R1", note)
    return None


def _assumed(row: PriceRow, component: str, region: str, rule: str, note: str) -> PriceRow:
    """Copy of a row for another key, with its dates; the note names the rule and the row copied."""
    return replace(row, component=component, region=region, grade="assumed", source=rule, note=note)


def batch(bedrock: Iterable[PriceRow]) -> list[PriceRow]:
    """Bedrock batch at half the on-demand price where no batch price is published (DOMAIN B5)."""
    rows = list(bedrock)
    known = {r.key for r in rows}
    filled = [
        replace(
            r, component=f"bedrock_batch_{direction}", usd=times(r.usd, BATCH_FACTOR), grade="assumed",
            source="aws-bedrock-capacity-page", note="half of on demand; whether the model offers batch is not confirmed",
        )
        for r in rows for direction in ("input", "output")
        if r.component == f"bedrock_{direction}" and "#" not in r.item
    ]  # fmt: skip
    return [r for r in filled if r.key not in known]


def others() -> list[PriceRow]:
    """Serverless and volume prices that are published for one region only."""
    where = dict(effective_from="2026-09-09", grade="assumed")
    gp2 = PriceRow(
        "volume", "gp2", "us-east-1", "0.14", "gb_month", "2026-09-27", "assumed", "rule-R2", note="R2: us-east-1"
    )
    return [
        PriceRow("serverless_inference", "gb_second", "*", "0.00002", "gb_second", source="domain",
                 note="the us-east-1 price in every region", **where),
        PriceRow("serverless_inference", "gb_io", "*", "0.016", "gb", source="domain",
                 note="endpoint data of a 2023 bill in eu-west-1; not confirmed for serverless", **where),
        *(replace(gp2, region=region) for region in US[1:]),
    ]  # fmt: skip
