"""Models and instance types past their end of life: no lever saves on them, and AWS forces the move.

From its end of life a Bedrock model answers nobody: its usage is marked (`Table.ended`), and every lever but the move
itself leaves it alone. In the months of the calendar its tokens are on the model that follows, in the baseline and in
the scenario alike, where that model is known and has a price; what could be saved on it there is promised only with the
lever `model_upgrade` on: without it nobody has tried anything on the other model. An instance type that was still
billed after its date runs on whatever the notice said (the bill is measured, that SageMaker follows EC2 is assumed): it
is not marked.

Source: rules.md#model-routing; Bedrock user guide, model lifecycle; pricing_data/retiring_types.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from simulator.catalog import Catalog, Codes, retiring_types
from simulator.engine.applying import apply_lever
from simulator.levers.bedrock.model_upgrade import ModelUpgrade
from simulator.levers.lever import Mask
from simulator.pricing.book import PriceBook
from simulator.usage.tables import Usage

TYPED = ("training", "endpoints", "compute")


def ends_of(usage: Usage, window_end: date) -> frozenset[date]:
    """Days on which a model or an instance type of this usage ends, past ones included."""
    types = [usage.training.instance_type, usage.endpoints.instance_type, usage.compute.instance_type]
    return _days(usage.catalog, window_end, usage.bedrock.model, types)


def ends_planned(
    catalog: Catalog, rows: Iterable[Mapping[str, pd.DataFrame]], window_end: date
) -> frozenset[date]:
    """The same of rows that workloads plan, by table of the snapshot."""
    found: set[date] = set()
    for frames in rows:
        models = frames["bedrock"]["model_id"].to_numpy(object) if "bedrock" in frames else ()
        types = [catalog.type_code(f["instance_type"].to_numpy(object))
                 for f in frames.values() if "instance_type" in f]  # fmt: skip
        found |= _days(catalog, window_end, catalog.model_code(models), types)
    return frozenset(found)


def _days(catalog: Catalog, window_end: date, models: Codes, types: Iterable[Codes]) -> frozenset[date]:
    ends = set(catalog.end_of_life[models])
    for codes in types:
        ends |= set(_type_ends(catalog, window_end)[codes])
    return frozenset(date.fromisoformat(str(end)) for end in ends if end)


def marked(usage: Usage, day: date, window_end: date) -> Usage:
    """The usage with what has ended by a day marked; itself where nothing has."""
    iso, tables = day.isoformat(), {}
    codes = {"bedrock": (usage.bedrock.model, _ended(usage.catalog, iso))}
    for name in TYPED:
        of: Any = usage.table(name)
        codes[name] = (of.instance_type, _types_ended(usage.catalog, window_end, iso))
    for name, (code, gone) in codes.items():
        ended = gone[code]
        if ended.any():
            tables[name] = usage.table(name).changed(ended=ended)
    return usage.with_tables(**tables) if tables else usage


def moved(usage: Usage, book: PriceBook, token_ratio: float | None = None) -> Usage:
    """Usage whose ended models are asked no longer, but those that follow, where one is known and has a price.

    `token_ratio` is that of the lever `model_upgrade` where the scenario has it: then what follows is chosen and tried,
    and other levers save on it; else it is as nobody has looked at it. Kept resources move too, as AWS asks nobody.
    """
    before = usage.bedrock
    if not before.ended.any():
        return usage
    staying = before.changed(kept=~before.ended)
    move = ModelUpgrade() if token_ratio is None else ModelUpgrade(token_ratio)
    after = apply_lever(move, usage.with_tables(bedrock=staying), book).bedrock
    ended = before.ended if token_ratio is None else after.ended
    return usage.with_tables(bedrock=after.changed(kept=before.kept, ended=ended))


@lru_cache(maxsize=64)
def _ended(catalog: Catalog, day: str) -> Mask:
    return np.array([len(end) > 0 and end <= day for end in catalog.end_of_life], bool)


@lru_cache(maxsize=64)
def _type_ends(catalog: Catalog, window_end: date) -> Any:
    """ISO date on which each type ends, "" for one without a date or billed after it; the last entry is unknown's."""
    known, last = retiring_types(), window_end.isoformat()
    ends = (known.get(name, ("", ""))[0] for name in catalog.instance_types)
    return np.array([*(end if end >= last else "" for end in ends), ""], object)


@lru_cache(maxsize=64)
def _types_ended(catalog: Catalog, window_end: date, day: str) -> Mask:
    return np.array([len(end) > 0 and end <= day for end in _type_ends(catalog, window_end)], bool)
