"""What the figures leave out because it is not known, in sentences, with the dollars of the bill that hang on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator import words
from simulator.analysis.reconcile import Reconciliation
from simulator.aws.usage_types import component_of
from simulator.catalog import load_catalog
from simulator.engine.state import State
from simulator.pricing.book import BILLED
from simulator.pricing.charges import Block, named
from simulator.snapshot.snapshot import Snapshot

NEAR = 0.9
"""Names as like as this are taken for a slip of the pen; families of AWS differ by less than they look."""
Unknown = dict[str, Any]


def unknowns(baseline: State, bill: list[Reconciliation], snapshot: Snapshot | None = None) -> list[Unknown]:
    """Charges without a quantity or price, usage known from the bill only, and what the bill leaves unexplained.

    `usd` is set where dollars are counted nowhere else; `billed_usd` is what the bill has for a charge whose price is
    unknown, over the window, where the snapshot is given: those dollars are part of an unexplained gap.
    """
    found = _charges(baseline, snapshot)
    found += _known_from_the_bill_only(baseline)
    for row in bill:
        gap = row.unexplained_usd
        if gap is not None and abs(gap) >= 0.005:
            billed = words.usd(row.billed_usd)
            sentence = f"{row.component}: {words.usd(gap)} of {billed} billed is unexplained by usage."
            found.append(_unknown(row.component, "", "unexplained", gap, sentence))
    return found


def unknown_costs(baseline: State, snapshot: Snapshot, most: int = 5) -> list[str]:
    """Sentences of the charges whose cost is unknown, the first ones, and how many more there are."""
    said = [u["sentence"] for u in _charges(baseline, snapshot)]
    more = len(said) - most
    return said[:most] + ([f"{words.count(more, 'more charge')} of unknown cost."] if more > 0 else [])


def _known_from_the_bill_only(baseline: State) -> list[Unknown]:
    """Resources whose usage is unknown and whose cost is the bill's own figure: no price was applied to it."""
    found = []
    for block in baseline.charges.blocks:
        if block.meter.price == BILLED:
            table = baseline.usage.table(block.table)
            for row in np.flatnonzero(np.nan_to_num(block.quantity) > 0):
                usd, name = float(block.known_usd[row]), str(table.resource_id[row])
                listed = getattr(table, "model", np.zeros(len(table)))[row] >= 0
                unknown = "its tokens are unknown" if listed else "no price of its model is known"
                sentence = f"{name}: {unknown}; {words.usd(usd)} per month is the bill's own figure."
                found.append(_unknown(block.meter.component, name, "quantity", None, sentence))
    return found


def _unknown(component: str, name: str, what: str, usd: float | None, sentence: str) -> Unknown:
    return {
        "component": component,
        "resource_id": name,
        "what": what,
        "usd": usd,
        "billed_usd": None,
        "sentence": sentence,
    }


def _charges(baseline: State, snapshot: Snapshot | None) -> list[Unknown]:
    """One entry per charge whose cost is unknown; the bill's dollars of a type are shared by quantity."""
    found, places, shares = [], [], []
    for block, row in baseline.charges.unknown():
        found.append(_unknown_charge(baseline, block, row))
        places.append((block.meter.component, *_item_and_region(baseline, block, row)))
        shares.append(float(np.nan_to_num(block.quantity[..., row]).ravel()[0]))
    if snapshot is None:
        return found
    billed = _billed_usd(snapshot, set(places))
    for place in billed:
        of = [n for n, other in enumerate(places) if other == place]
        whole = sum(shares[n] for n in of)
        for n in of:
            usd = billed[place] * (shares[n] / whole if whole else 1 / len(of))
            found[n]["billed_usd"] = usd
            found[n]["sentence"] += f" The bill has {words.usd(usd)} for it in the window."
    return found


def _billed_usd(snapshot: Snapshot, places: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], float]:
    """What the bill has per component, item and region: lines whose usage type names the item."""
    frame = snapshot.tables["billed"]
    lines = frame[frame["usage_type"].fillna("") != ""]
    found = {}
    for component, item, region in places:
        mine = lines[lines["usage_type"].str.endswith(item) & lines["region"].fillna("").isin(["", region])]
        ours = [
            usd
            for service, kind, given, usd in zip(
                mine["service"],
                mine["usage_type"],
                mine["component"].fillna(""),
                mine["cost_usd"],
                strict=True,
            )
            if (given or component_of(service, kind)) == component
        ]
        if ours and item:
            found[component, item, region] = float(sum(ours))
    return found


def _item_and_region(baseline: State, block: Block, row: int) -> tuple[str, str]:
    """The priced item and the region of a charge; "" where one is unknown."""
    usage, table = baseline.usage, baseline.usage.table(block.table)
    item, region = named(usage, table, block.meter, row)
    is_named = not block.meter.by or getattr(table, block.meter.by)[row] >= 0
    return item if is_named else "", region if table.region[row] >= 0 else ""


def _unknown_charge(baseline: State, block: Block, row: int) -> Unknown:
    if np.isnan(block.quantity[..., row]).any():
        what, why = "quantity", f"its {block.meter.name.replace('_', ' ')} are unknown"
    else:
        item, region = _item_and_region(baseline, block, row)
        what = "price"
        why = (
            f"there is no price for {block.meter.price} {item or 'an unknown type'} in "
            f"{region or 'an unknown region'}{_like(block, item)}"
        )
        if item and region:
            why += "; a price of your own settles it"
    name = str(baseline.usage.table(block.table).resource_id[row])
    return _unknown(block.meter.component, name, what, None, f"{name}: cost unknown, because {why}.")


def _like(block: Block, item: str) -> str:
    """The closest known instance type, where the account's own name of one is not in the catalogue."""
    catalog = load_catalog()
    if (
        not item
        or block.meter.item
        or block.meter.price.startswith("bedrock")
        or item in catalog.instance_types
    ):
        return ""
    near = catalog.closest_type(item, NEAR)
    return f" (not in the catalogue{f'; the closest known is {near}' if near else ''})"
