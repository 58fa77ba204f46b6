"""Instance types, regions and Bedrock models: what exists and what it can do. No prices.

Names become codes: positions in `instance_types`, `regions` and `models`. Every array has one entry more than
its vocabulary, the last, which stands for unknown (NaN, False, ""), so that the code -1 answers "unknown".
Source: the tables of pricing_data; each of their rows names its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.shipped import PRICING_DATA

DATA = PRICING_DATA
SCOPES = ("us", "eu", "apac", "jp", "au", "global", "us-gov")
SPOT_BANDS = ("<5%", "5-10%", "10-15%", "15-20%", ">20%")

OF_MODELS = frozenset(
    {
        "cache_min_tokens", "cache_write_factor", "cache_read_factor", "context_tokens", "batch_offered",
        "flex_offered", "priority_offered", "cache_1h_offered", "global_offered", "lifecycle", "end_of_life",
        "replacement", "reserved_offered", "model_known",
    }
)  # fmt: skip
"""Arrays over models; the others are over instance types."""

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]


class Names(tuple[str, ...]):
    """A vocabulary: its hash, asked for with every price, is worked out once."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, eq=False)
class Catalog:
    """The vocabularies and what is known per entry.

    `gpu_count` counts GPUs or accelerator chips, `gpu_memory_gib` is the instance's total. `nvme` types have
    their own disks: SageMaker provisions no volume. `…_ok` is what the API allows: a price may be missing.
    `spot_saving[type, region]` is the mean saving over on demand in the advisor's month, `spot_band` the
    position in `SPOT_BANDS`, -1 unknown. `cache_min_tokens` is NaN where a model is not known to
    cache prompts, a cache factor (its price over the input price) where no price is published.
    `model_known`: whether our data have the model; else it is a name in the account and nothing more.
    `…_offered` of a Bedrock model: 1 offered, 0 not offered, NaN unknown, which never saves. `lifecycle` is
    `active`, `legacy` or "" unknown; `end_of_life` the ISO date AWS announced, "" where it announced none;
    `replacement` the code of the active model of its provider and class in the same profile, -1 none known.
    """

    instance_types: tuple[str, ...]
    regions: tuple[str, ...]
    models: tuple[str, ...]
    vcpu: Floats
    memory_gib: Floats
    gpu_count: Floats
    gpu_memory_gib: Floats
    gpu_model: Texts
    accelerator: Texts
    nvme: Flags
    arm: Flags
    multi_model_gpu_ok: Flags
    training_ok: Flags
    hosting_ok: Flags
    transform_ok: Flags
    processing_ok: Flags
    notebook_ok: Flags
    studio_ok: Flags
    spot_saving: Floats
    spot_band: NDArray[np.int8]
    training_plan_ok: Flags
    cache_min_tokens: Floats
    cache_write_factor: Floats
    cache_read_factor: Floats
    context_tokens: Floats
    batch_offered: Floats
    flex_offered: Floats
    priority_offered: Floats
    cache_1h_offered: Floats
    global_offered: Floats
    lifecycle: Texts
    end_of_life: Texts
    replacement: Codes
    reserved_offered: Floats
    model_known: Flags
    limits: Mapping[str, float]

    @cached_property
    def has_gpu(self) -> Flags:
        """Types whose accelerators are GPUs."""
        return self.accelerator == "gpu"

    @cached_property
    def retiring(self) -> Flags:
        """Types that AWS retires: none is ever advised."""
        return np.array([*(name in retiring_types() for name in self.instance_types), False], bool)

    def type_code(self, names: Any) -> Codes:
        """Codes of instance types, -1 where the name is unknown or empty."""
        return _codes(self.instance_types, names)

    def region_code(self, names: Any) -> Codes:
        """Codes of AWS regions, -1 where the name is unknown or empty."""
        return _codes(self.regions, names)

    def model_code(self, names: Any) -> Codes:
        """Codes of Bedrock model ids, with their inference profile prefix; -1 where unknown or empty."""
        return _codes(self.models, names)

    def knowing(self, types: Iterable[str], regions: Iterable[str], models: Iterable[str]) -> Catalog:
        """The catalogue with names it lacks at the end of its vocabularies: they exist, nothing else is known of them.

        A row that names one can be priced by the account's own bill, and is unknown by name where it is not. A model id
        whose base model is known has that model's facts.
        """
        added = [
            tuple(sorted({str(n) for n in names if n} - set(known)))
            for names, known in ((types, self.instance_types), (regions, self.regions), (models, self.models))
        ]
        return _extended(self, *added) if any(added) else self

    def closest_type(self, name: str, cutoff: float = 0.6) -> str:
        """The known instance type whose name is closest, for error messages; "" when nothing is near."""
        return next(iter(difflib.get_close_matches(name, self.instance_types, n=1, cutoff=cutoff)), "")


@lru_cache(maxsize=32)
def _extended(
    catalog: Catalog, types: tuple[str, ...], regions: tuple[str, ...], models: tuple[str, ...]
) -> Catalog:
    """The catalogue with more names; each array keeps its last entry, unknown, at its end."""
    like = np.full(len(types), -1), catalog.model_code([base_model(name) for name in models])
    changed: dict[str, Any] = {
        "instance_types": Names((*catalog.instance_types, *types)),
        "regions": Names((*catalog.regions, *regions)),
        "models": Names((*catalog.models, *models)),
    }
    for name in (f.name for f in fields(catalog) if isinstance(getattr(catalog, f.name), np.ndarray)):
        values = getattr(catalog, name)
        made = np.insert(values, len(values) - 1, values[like[name in OF_MODELS]], axis=0)
        if made.ndim == 2:
            last = made.shape[1] - 1
            made = np.insert(made, last, made[:, [last] * len(regions)].T, axis=1)
        changed[name] = made
    if models:
        changed["replacement"][len(catalog.models) : -1] = -1
    return replace(catalog, **changed)


def _codes(vocabulary: tuple[str, ...], names: Any) -> Codes:
    wanted, places = np.asarray(names, object), _places(vocabulary)
    codes = np.array([places.get(name, -1) for name in wanted.ravel()], np.int64)
    return codes.reshape(wanted.shape)


@cache
def _places(vocabulary: tuple[str, ...]) -> dict[str, int]:
    return {name: place for place, name in enumerate(vocabulary)}


@cache
def load_catalog() -> Catalog:
    """The catalogue of the shipped tables. Raises FileNotFoundError without pricing_data beside it."""
    types, models = _read("instances"), _read("models")
    regions = tuple(_read("regions")["region"])
    offers = _offers(tuple(models["model_id"]))
    names = tuple(types["instance_type"])
    saving, band = _spot(names, regions)
    return Catalog(
        instance_types=Names(names),
        regions=Names(regions),
        models=Names(tuple(models["model_id"])),
        vcpu=_numbers(types["vcpu"]),
        memory_gib=_numbers(types["memory_gib"]),
        gpu_count=_numbers(types["gpu_count"]),
        gpu_memory_gib=_numbers(types["gpu_memory_gib"]),
        gpu_model=_texts(types["gpu_model"]),
        accelerator=_texts(types["accelerator"]),
        nvme=_flags(types["nvme"]),
        arm=_flags(types["arm"]),
        multi_model_gpu_ok=_flags(types["multi_model_gpu_ok"]),
        training_ok=_flags(types["training_ok"]),
        hosting_ok=_flags(types["hosting_ok"]),
        transform_ok=_flags(types["transform_ok"]),
        processing_ok=_flags(types["processing_ok"]),
        notebook_ok=_flags(types["notebook_ok"]),
        studio_ok=_flags(types["studio_ok"]),
        spot_saving=saving,
        spot_band=band,
        training_plan_ok=_training_plans(names, regions),
        cache_min_tokens=_numbers(models["cache_min_tokens"]),
        cache_write_factor=_numbers(models["cache_write_factor"]),
        cache_read_factor=_numbers(models["cache_read_factor"]),
        context_tokens=_numbers(models["context_tokens"]),
        batch_offered=_offered(offers["batch"]),
        flex_offered=_offered(offers["flex"]),
        priority_offered=_offered(offers["priority"]),
        cache_1h_offered=_offered(offers["cache_1h"]),
        global_offered=_offered(offers["global_profile"]),
        lifecycle=_texts(offers["lifecycle"]),
        end_of_life=_texts(offers["end_of_life"]),
        replacement=_replacements(tuple(models["model_id"]), tuple(offers["replacement"])),
        reserved_offered=_offered(offers["reserved"]),
        model_known=np.array([True] * len(models) + [False]),
        limits=_limits(),
    )


@cache
def retiring_types() -> dict[str, tuple[str, str]]:
    """Instance type that AWS retires → the ISO date (announced without one: "") and the type to move to."""
    table = _read("retiring_types")
    ends = zip(table["end_of_life"], table["replacement"], strict=True)
    return dict(zip(table["instance_type"], ends, strict=True))


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


def _numbers(column: pd.Series[Any]) -> Floats:
    known = pd.to_numeric(column.replace("", np.nan)).to_numpy(float)
    return np.append(known, np.nan)


def _texts(column: pd.Series[Any]) -> Texts:
    return np.array([*column, ""], object)


def _flags(column: pd.Series[Any]) -> Flags:
    return np.append((column == "true").to_numpy(bool), False)


def _offers(models: tuple[str, ...]) -> pd.DataFrame:
    """What AWS offers per model, a row per id; a profile or a priced variant has its base model's offers."""
    table = _read("bedrock_offers").drop_duplicates("model_id").set_index("model_id")
    return table.reindex([base_model(name) for name in models], fill_value="")


def base_model(name: str) -> str:
    """The model id without its inference profile in front and its priced variant (`#1m`) behind."""
    scope, _, rest = name.partition(".")
    return (rest if scope in SCOPES else name).partition("#")[0]


def _replacements(models: tuple[str, ...], named: tuple[str, ...]) -> Codes:
    """Code of each model's replacement in its own profile, else in no profile; the last entry is unknown's."""
    code = {name: number for number, name in enumerate(models)}
    profiles = [name.partition(".")[0] for name in models]
    found = [
        code.get(f"{p}.{new}" if p in SCOPES else new, code.get(new, -1)) if new else -1
        for p, new in zip(profiles, named, strict=True)
    ]
    return np.array([*found, -1], np.int64)


def _offered(column: pd.Series[Any]) -> Floats:
    return np.append(column.map({"true": 1.0, "false": 0.0}).to_numpy(float), np.nan)


def _spot(types: tuple[str, ...], regions: tuple[str, ...]) -> tuple[Floats, NDArray[np.int8]]:
    table = _read("spot")
    shape = (len(types) + 1, len(regions) + 1)
    saving, band = np.full(shape, np.nan), np.full(shape, -1, np.int8)
    at = (_codes(types, table["instance_type"]), _codes(regions, table["region"]))
    saving[at] = table["saving_ratio"].astype(float)
    band[at] = _codes(SPOT_BANDS, table["interruption_band"])
    return saving, band


def _training_plans(types: tuple[str, ...], regions: tuple[str, ...]) -> Flags:
    """Types and regions in which AWS lists a price for flexible training plans; what is not listed is not offered."""
    offers = _read("prices/other")
    offers = offers[offers["component"] == "training_plan"]
    offered = np.zeros((len(types) + 1, len(regions) + 1), bool)
    offered[_codes(types, offers["item"]), _codes(regions, offers["region"])] = True
    offered[-1], offered[:, -1] = False, False
    return offered


def _limits() -> dict[str, float]:
    table = _read("limits")
    numbers = table[table["unit"] != "list"]
    return dict(zip(numbers["name"], numbers["value"].astype(float), strict=True))
