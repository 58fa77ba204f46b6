"""Every workload there is, found by its file in `workloads/`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simulator.demand import workloads
from simulator.demand.workload import Workload
from simulator.errors import InputError, nearest


@lru_cache(maxsize=1)
def all_workloads() -> Mapping[str, type[Workload]]:
    """Workloads by id, in the order of their ids."""
    found: dict[str, type[Workload]] = {}
    for module in pkgutil.iter_modules(workloads.__path__):
        loaded = importlib.import_module(f"{workloads.__name__}.{module.name}")
        for _, kind in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(kind, Workload) and kind.__module__ == loaded.__name__ and kind.id:
                found[kind.id] = kind
    return dict(sorted(found.items()))


def from_dict(data: Any) -> Workload:
    """A workload from its JSON form. Raises InputError saying which field is wrong and what was expected."""
    if not isinstance(data, Mapping):
        raise InputError(f"a workload is an object, not {type(data).__name__}")
    kind = data.get("workload")
    known = all_workloads()
    if not isinstance(kind, str) or kind not in known:
        raise InputError(
            f"there is no workload {kind!r}{nearest(str(kind), known)}; workloads are {', '.join(known)}"
        )
    return known[kind].create({k: v for k, v in data.items() if k != "workload"})
