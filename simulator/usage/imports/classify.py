"""The sums of an export, classified: each kind of line gets its use, its region and its dollars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulator.usage.imports.bedrock_types import model_of_resource
from simulator.usage.imports.engines import plain
from simulator.usage.imports.usage_types import DEFAULT_REGION, use_of

REGION = re.compile(r"^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$")
ARN_REGION = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}):")
USE_COLUMNS = ("component", "meter", "instance_type", "item", "model", "tier", "scope", "per_unit")
TOTALS = ("unblended", "net_unblended", "amortized")
KIND = ["product", "product_name", "usage_type", "description", "line_type", "unit"]


def classified(money: pd.DataFrame, usd_per: Mapping[str, float]) -> pd.DataFrame:
    """Sums of good lines with their use (see `Use`), `region`, and `usd` = whether the amounts are in dollars."""
    code = money.groupby(KIND, sort=False, dropna=False).ngroup().to_numpy()
    kinds = money.loc[~pd.Series(code, money.index).duplicated(), KIND]
    uses = [use_of(*row) for row in kinds.itertuples(index=False, name=None)]
    out = money.assign(
        prefix_region=_of_kind([u.region for u in uses], code, money.index),
        **{c: _of_kind([getattr(u, c) for u in uses], code, money.index) for c in USE_COLUMNS},
    )
    out["per_unit"] = out["per_unit"].astype(float)
    out["column_region"] = _valid(out["region"])
    out["region"] = _region(out)
    out["currency"] = out["currency"].str.upper().replace("", "USD").astype(object)
    rate = out["currency"].map({"USD": 1.0, **usd_per})
    out["usd"] = rate.notna()
    for name in TOTALS:
        out[f"{name}_usd"] = out[name] * rate
    return _with_models(out)


def _of_kind(values: list[Any], code: Any, index: pd.Index) -> pd.Series:
    return pd.Series(np.array([*values, None], object)[code], index, dtype=object)


def usage_type_uses(frame: pd.DataFrame) -> pd.DataFrame:
    """SageMaker usage types of an hours frame: component, meter and instance type, and the region of each row."""
    frame = plain(frame)
    kinds = frame["usage_type"].unique()
    uses = {k: use_of("AmazonSageMaker", "", k, "", "Usage", "") for k in kinds}
    out = frame.copy()
    for name in ("component", "meter", "instance_type"):
        out[name] = _looked_up(frame["usage_type"], {k: getattr(u, name) for k, u in uses.items()})
    out["prefix_region"] = _looked_up(frame["usage_type"], {k: u.region for k, u in uses.items()})
    out["column_region"] = _valid(out["region"])
    out["region"] = _region(out)
    return out


def disagreeing_regions(out: pd.DataFrame) -> int:
    """Lines whose usage type names another region than their region column."""
    wrong = (
        (out["prefix_region"] != "")
        & (out["column_region"] != "")
        & (out["prefix_region"] != out["column_region"])
    )
    return int(out.loc[wrong, "rows"].sum())


def _valid(region: pd.Series) -> pd.Series:
    known = {r: r if REGION.match(r) else "" for r in region.unique()}
    return _looked_up(region, known)


def _looked_up(values: pd.Series, table: Mapping[str, str]) -> pd.Series:
    """Text for text, also where there is none: an empty map would be a column of numbers."""
    return values.map(table).astype(object)


def _region(out: pd.DataFrame) -> pd.Series:
    """The usage type's prefix, else the region column, else the resource's ARN, else us-east-1 (it has no prefix)."""
    region = out["prefix_region"].where(out["prefix_region"] != "", out["column_region"])
    open_ = region == ""
    if "resource_id" in out and open_.any():
        arn = out.loc[open_, "resource_id"].str.extract(ARN_REGION, expand=False).fillna("")
        region = region.where(~open_, arn.reindex(region.index, fill_value=""))
    return region.where((region != "") | (out["component"] == "other"), DEFAULT_REGION)


def _with_models(out: pd.DataFrame) -> pd.DataFrame:
    """A resource that names the model beats the usage type's shorthand."""
    rows = out.index[(out["component"] == "bedrock") & (out["resource_id"] != "")]
    for index, resource in out.loc[rows, "resource_id"].items():
        model, scope = model_of_resource(resource)
        if model:
            out.at[index, "model"] = model
            if scope:
                out.at[index, "scope"] = scope
    return out
