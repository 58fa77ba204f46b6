"""The snapshot's table of Bedrock, a row per day, seen by model, region and tier."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.snapshot.snapshot import Snapshot
from simulator.usage.columns import numbered, texts
from simulator.usage.table import Array

DIRECTIONS = [
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
]
KEY = ("item", "region", "tier")


def priced_ids(s: Snapshot) -> list[str]:
    """The priced id of every row: the model's, with its inference profile in front."""
    frame = s.tables["bedrock"]
    named = zip(texts(frame["model_id"]), texts(frame["scope"]), strict=True)
    return [m if p in ("", "in_region") or m.startswith(f"{p}.") else f"{p}.{m}" for m, p in named]


class Days:
    """Numbers of each model, region and tier over the days that report them; NaN where no day does."""

    def __init__(self, s: Snapshot) -> None:
        self._frame = frame = s.tables["bedrock"]
        tiers = (tier or "on_demand" for tier in texts(frame["tier"]))
        self.groups, self._group = numbered(zip(priced_ids(s), texts(frame["region"]), tiers, strict=True))

    def key(self, name: str) -> NDArray[np.object_]:
        """A part of the group's name."""
        part = KEY.index(name)
        return np.array([group[part] for group in self.groups], object)

    def total(self, name: str) -> Array:
        """Sum over the days."""
        return self._sum_and_days(name)[0]

    def mean(self, name: str) -> Array:
        """Mean of the days."""
        total, days = self._sum_and_days(name)
        return total / days

    def busiest(self, names: Sequence[str]) -> Array:
        """Most of a day, of each of these columns, added up: those that no day reports count as nothing."""
        most = np.full((len(names), len(self.groups)), np.nan)
        for row, name in zip(most, names, strict=True):
            np.fmax.at(row, self._group, self._number(name))
        return np.where(np.isnan(most).all(axis=0), np.nan, np.nan_to_num(most).sum(axis=0))

    def _sum_and_days(self, name: str) -> tuple[Array, Array]:
        values = self._number(name)
        groups = len(self.groups)
        days = np.bincount(self._group, ~np.isnan(values), groups).astype(float)
        total = np.bincount(self._group, np.nan_to_num(values), groups)
        return np.where(days > 0, total, np.nan), np.maximum(days, 1.0)

    def _number(self, name: str) -> Array:
        return self._frame[name].to_numpy(float, na_value=np.nan)


def models_to_price(s: Snapshot) -> set[str]:
    """Models that can be priced by their tokens, in AWS's list or not.

    The account's bill states a rate for each of their used token directions; or it tells no cost of theirs, and their
    price may be one's own. Of others the bill's cost is taken.
    """
    frame = s.tables["bedrock"]
    if frame.empty:
        return set()
    items = priced_ids(s)
    told = frame["cost_usd"].notna().tolist()
    billed = {item for item, is_told in zip(items, told, strict=True) if is_told}
    needed: dict[str, set[str]] = {item: set() for item in items}
    for direction in DIRECTIONS:
        for item, tokens in zip(items, frame[direction].tolist(), strict=True):
            if tokens > 0:
                needed[item].add(direction)
    return (set(needed) - billed) | _with_rates(s, needed)


def _with_rates(s: Snapshot, needed: Mapping[str, Collection[str]]) -> set[str]:
    rates = s.tables["billed_rates"]
    if rates.empty:
        return set()
    direction = rates["component"].astype(str).str.removeprefix("bedrock_").str.removeprefix("batch_")
    rated = set(zip(rates["item"].astype(str), direction + "_tokens", strict=True))
    return {item for item, names in needed.items() if names and all((item, n) in rated for n in names)}
