"""Instance types an endpoint could move to, and endpoints that could share one: worked out once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.catalog import Catalog
from simulator.usage.columns import numbered

Codes = NDArray[np.int64]


@cache
def smaller_hosting_types(catalog: Catalog) -> Codes:
    """Per type the next size down of its family that may host: not more GPUs, fewer vCPUs; -1 none."""
    gpus, vcpu = np.nan_to_num(catalog.gpu_count), catalog.vcpu

    def next_down(code: int, family: Codes) -> int:
        smaller = family[(gpus[family] <= gpus[code]) & (vcpu[family] < vcpu[code])]
        return int(max(smaller, key=lambda c: (gpus[c], vcpu[c]), default=-1))

    return _by_family(catalog, next_down)


@cache
def multi_gpu_types(catalog: Catalog) -> Codes:
    """Per GPU type the smallest type of its family with several GPUs, itself when it has several; -1 none."""
    gpus = catalog.gpu_count

    def with_several(code: int, family: Codes) -> int:
        if not catalog.has_gpu[code]:
            return -1
        if gpus[code] > 1:
            return code
        several = family[gpus[family] > 1]
        return int(min(several, key=lambda c: (gpus[c], catalog.vcpu[c]), default=-1))

    return _by_family(catalog, with_several)


@cache
def inferentia_types(catalog: Catalog) -> Codes:
    """Per GPU type the smallest Inferentia2 type with at least its accelerator memory; -1 none."""
    memory = catalog.gpu_memory_gib
    named = (code for code, name in enumerate(catalog.instance_types) if name.startswith("ml.inf2."))
    inf2 = [code for code in named if catalog.hosting_ok[code]]
    inf2.sort(key=lambda c: (memory[c], catalog.vcpu[c]))
    found = np.full(len(memory), -1, np.int64)
    for code in np.flatnonzero(catalog.has_gpu):
        found[code] = next((c for c in inf2 if memory[c] >= memory[code]), -1)
    return found


@cache
def families(catalog: Catalog) -> Codes:
    """Number of the family of each type (ml.g5, ml.m5 …); the last entry, -1, is that of the unknown type."""
    names = pd.Series([name.rsplit(".", 1)[0] for name in catalog.instance_types], dtype=object)
    return np.append(pd.factorize(names)[0].astype(np.int64), -1)


def groups(*columns: NDArray[np.object_], known: NDArray[np.bool_]) -> Codes:
    """Number of the group of rows equal in all `columns`; -1 where not `known`."""
    return np.where(known, numbered(zip(*columns, strict=True))[1], -1)


def same_on_bedrock(names: NDArray[np.object_], catalog: Catalog) -> Codes:
    """Code of the Bedrock model of the same name (Llama 3.1 8B: meta.llama3-1-8b-instruct-v1:0), else -1."""
    if not (names != "").any():
        return np.full(len(names), -1, np.int64)
    offered = _offered(catalog.models)
    found = {name: offered.get(_plain(name), -1) if name else -1 for name in set(names)}
    return np.array([found[name] for name in names], np.int64)


@lru_cache(maxsize=32)
def _offered(models: tuple[str, ...]) -> dict[str, int]:
    """The code of each model by its plain name, without who offers it and which version it is."""
    found: dict[str, int] = {}
    for code, model in enumerate(models):
        provider, _, rest = model.partition(".")
        if provider not in ("us", "eu", "apac", "global", "jp", "au", "us-gov"):
            found.setdefault(_plain(re.sub(r"-v\d+(:\d+)?$", "", rest)), code)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().rpartition("/")[2].replace("instruct", ""))


def _by_family(catalog: Catalog, choose: Callable[[int, Codes], int]) -> Codes:
    """`choose(code, hosting types of its family)` for every type; the last entry answers -1 for unknown."""
    family = families(catalog)
    found = np.full(len(family), -1, np.int64)
    hosting = np.flatnonzero(catalog.hosting_ok & ~catalog.retiring)
    for code in range(len(catalog.instance_types)):
        found[code] = choose(code, hosting[family[hosting] == family[code]])
    return found
