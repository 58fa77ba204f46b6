"""Values AWS refuses but botocore lets through: it checks neither enums nor maxima. Errors in words.

Source: the enums and maxima of botocore's service model and the SageMaker developer guide, as pricing_data
holds them (instances.csv, limits.csv).
"""

from __future__ import annotations

from simulator.catalog import Catalog, load_catalog

USES = ("hosting", "training", "transform", "processing", "notebook", "studio")


def check_serverless_memory_mb(memory_mb: int, catalog: Catalog | None = None) -> int:
    """MemorySizeInMB of a serverless endpoint: 1 to 6 GB in steps of 1 GB. Raises ValueError."""
    limits = (catalog or load_catalog()).limits
    low, high, step = (limits[f"serverless_memory_{name}_mb"] for name in ("min", "max", "step"))
    if not low <= memory_mb <= high or memory_mb % step:
        raise ValueError(
            f"serverless memory: expected {low:g} to {high:g} MB in steps of {step:g}, not {memory_mb}"
        )
    return memory_mb


def check_serverless_concurrency(calls_at_once: int, catalog: Catalog | None = None) -> int:
    """MaxConcurrency of a serverless endpoint: 1 to 200. Raises ValueError."""
    high = (catalog or load_catalog()).limits["serverless_max_concurrency"]
    if not 1 <= calls_at_once <= high or calls_at_once != int(calls_at_once):
        raise ValueError(f"serverless concurrency: expected 1 to {high:g} calls at once, not {calls_at_once}")
    return calls_at_once


def check_instance_type(name: str, use: str, catalog: Catalog | None = None) -> str:
    """An instance type that the API accepts for this use (one of USES). Raises ValueError naming the closest."""
    catalog = catalog or load_catalog()
    if use not in USES:
        raise ValueError(f"use {use!r}: expected one of {', '.join(USES)}")
    code = int(catalog.type_code([name])[0])
    if code < 0:
        near = catalog.closest_type(name)
        raise ValueError(
            f"instance type {name!r} does not exist" + (f"; did you mean {near}?" if near else "")
        )
    if not getattr(catalog, f"{use}_ok")[code]:
        raise ValueError(f"instance type {name!r} exists, but SageMaker does not accept it for {use}")
    return name
