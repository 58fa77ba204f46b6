"""Prices filled by rule, grade `assumed`: they count only where no published row does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from scripts.price_facts.sagemaker import US, USE_OF
from scripts.price_facts.table import PriceRow, times

Key = tuple[str, str, str]
# Training and hosting are published more finely than notebooks and Studio: ml.g5.2xlarge 1.515 beside 1.52.
FINE = ("hosting", "training", "processing", "async_inference", "notebook", "studio")
CENTS = ("studio", "notebook", "hosting", "training", "processing", "async_inference")
LIKE_TRAINING = ("training", "hosting", *FINE[2:])
ORDER = {
    "training": LIKE_TRAINING,
    "hosting": FINE,
    "async_inference": FINE,
    "batch_transform": LIKE_TRAINING,
    "warm_pool": LIKE_TRAINING,
    "processing": LIKE_TRAINING,
    "notebook": CENTS,
    "studio": CENTS,
}
BATCH_FACTOR = "0.5"
BATCH_NOTE = "half of on demand; whether the model offers batch is not confirmed"
SERVERLESS_NOTE = "endpoint data of a 2023 bill in eu-west-1; not confirmed for serverless"


def instance_hours(
    published: Iterable[PriceRow], uses: Mapping[str, set[str]], refused: set[Key]
) -> list[PriceRow]:
    """R2 for the same component first, because it is finer; then R1 in the region; then R2 from R1."""
    current = {(r.component, r.item, r.region): r for r in sorted(published, key=lambda r: r.effective_from)}
    missing = [k for k in _candidates(current, uses) if k not in current and k not in refused]
    filled = _fill(missing, lambda key: _sibling(key, current))
    known = {**current, **filled}
    filled |= _fill([k for k in missing if k not in filled], lambda key: _component(key, known))
    known |= filled
    filled |= _fill([k for k in missing if k not in filled], lambda key: _sibling(key, known))
    return list(filled.values())


def _fill(missing: Iterable[Key], rule: Callable[[Key], PriceRow | None]) -> dict[Key, PriceRow]:
    found = {key: rule(key) for key in missing}
    return {key: row for key, row in found.items() if row is not None}


def _candidates(current: Mapping[Key, PriceRow], uses: Mapping[str, set[str]]) -> Iterator[Key]:
    """Every component that the API allows for a type, where any of its components has a price."""
    places = {(item, region) for _, item, region in current}
    places |= {(item, us) for item, region in places if region in US for us in US}
    for item, region in sorted(places):
        for component, use in USE_OF.items():
            if item in uses[use]:
                yield component, item, region


def _sibling(key: Key, known: Mapping[Key, PriceRow]) -> PriceRow | None:
    """R2: the same component in another of AWS's three US regions."""
    component, item, region = key
    if region not in US:
        return None
    rows = [known[component, item, us] for us in US if (component, item, us) in known]
    return _assumed(rows[0], key, "R2") if rows else None


def _component(key: Key, known: Mapping[Key, PriceRow]) -> PriceRow | None:
    """R1: another component of the type in the region, the first in order that agrees with the newest."""
    component, item, region = key
    rows = [known[c, item, region] for c in ORDER[component] if (c, item, region) in known]
    if not rows:
        return None
    newest = max(rows, key=lambda r: r.checked)
    agreeing = (r for r in rows if abs(float(r.usd) - float(newest.usd)) <= 0.01 * float(newest.usd))
    return _assumed(next(agreeing), key, "R1")


def _assumed(row: PriceRow, key: Key, rule: str) -> PriceRow:
    """Copy of a row under another key, with its dates; the note names the rule and the row copied."""
    before = f" ({row.note})" if row.grade == "assumed" else ""
    note = f"{rule}: {row.component} in {row.region}{before}"
    return replace(row, component=key[0], region=key[2], grade="assumed", source=f"rule-{rule}", note=note)


def batch(bedrock: Iterable[PriceRow]) -> list[PriceRow]:
    """Bedrock batch at half the on-demand price where no batch price is published (rules.md#batch-inference)."""
    rows = list(bedrock)
    known = {r.key for r in rows}
    half = [
        replace(
            r,
            component=r.component.replace("bedrock_", "bedrock_batch_"),
            usd=times(r.usd, BATCH_FACTOR),
            grade="assumed",
            source="aws-bedrock-capacity-page",
            note=BATCH_NOTE,
        )
        for r in rows
        if r.component in ("bedrock_input", "bedrock_output") and "#" not in r.item
    ]
    return [r for r in half if r.key not in known]


def others() -> list[PriceRow]:
    """Serverless and volume prices that are published for one region only."""
    serverless = PriceRow(
        "serverless_inference", "gb_second", "*", "0.00002", "gb_second", "2026-09-09", "assumed", "domain"
    )
    gp2 = PriceRow("volume", "gp2", "us-east-1", "0.14", "gb_month", "2026-09-27", "assumed", "rule-R2")
    return [
        serverless.noted("the us-east-1 price in every region"),
        replace(serverless, item="gb_io", usd="0.016", unit="gb", note=SERVERLESS_NOTE),
        *(replace(gp2, region=region, note="R2: volume in us-east-1") for region in US[1:]),
    ]
