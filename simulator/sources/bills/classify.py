"""The sums of an export, classified: each kind of line gets its use, its region and its dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.aws.bedrock_types import model_of_resource
from simulator.aws.region_prefixes import DEFAULT_REGION
from simulator.aws.usage_types import Use, use_of
from simulator.sources.bills.engines.engine import plain

REGION = re.compile(r"^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$")
ARN_REGION = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}):")
USE_TEXTS = ("component", "meter", "instance_type", "item", "model", "tier", "scope")
TOTALS = ("unblended", "net_unblended", "amortized")
KIND = ("product", "product_name", "usage_type", "description", "line_type", "unit")


def classified(money: pd.DataFrame, usd_per: Mapping[str, float]) -> pd.DataFrame:
    """Sums of good lines with their use (see `Use`), `region`, and `usd` = whether the amounts are in dollars.

    Texts are in categories. `disputed` are lines whose usage type names another region than their region column.
    """
    out = _with_uses(money, KIND, USE_TEXTS, use_of)
    currency = money["currency"].cat
    code = currency.codes.to_numpy()
    usd = np.array([{"USD": 1.0, "": 1.0, **usd_per}.get(c.upper(), np.nan) for c in currency.categories])
    out["currency"] = pd.Categorical([c.upper() or "USD" for c in currency.categories]).take(code)
    rate = usd[code]
    out["usd"] = ~np.isnan(rate)
    for name in TOTALS:
        out[f"{name}_usd"] = out[name] * rate
    return _with_models(out)


def usage_type_uses(frame: pd.DataFrame) -> pd.DataFrame:
    """SageMaker usage types of an hours frame: component, meter and instance type, and the region of each row."""
    return plain(
        _with_uses(
            frame,
            ("usage_type",),
            ("component", "meter", "instance_type"),
            lambda usage_type: use_of("AmazonSageMaker", "", usage_type, "", "Usage", ""),
        )
    )


def _with_uses(
    frame: pd.DataFrame, key: Sequence[str], texts: Sequence[str], use: Callable[..., Use]
) -> pd.DataFrame:
    """The frame with what a use tells and with regions. Rows are many and kinds few: each kind is looked at once."""
    code = frame.groupby([*key, "region"], sort=False, dropna=False).ngroup().to_numpy()
    kinds = plain(frame.iloc[np.unique(code, return_index=True)[1]][[*key, "region"]])
    uses = [use(*row) for row in kinds[list(key)].itertuples(index=False, name=None)]
    told = {name: pd.Categorical([getattr(u, name) for u in uses]) for name in texts}
    prefix = np.array([u.region for u in uses], object)
    column = np.array([r if REGION.match(r) else "" for r in kinds["region"]], object)
    region = np.where(prefix != "", prefix, column)
    disputed = (prefix != "") & (column != "") & (prefix != column)
    out = frame.assign(
        **{name: values.take(code) for name, values in told.items()},
        per_unit=np.array([u.per_unit for u in uses], float)[code],
        disputed=disputed[code],
    )
    known = np.where((region != "") | (told["component"] == "other"), region, DEFAULT_REGION)
    out["region"] = pd.Categorical(known).take(code)
    nowhere = (region == "")[code]
    if "resource_id" in out and nowhere.any():
        _place_by_arn(out, nowhere)
    return out


def _place_by_arn(out: pd.DataFrame, nowhere: NDArray[np.bool_]) -> None:
    """Where neither usage type nor column tells the region, the resource's ARN may; else it is us-east-1."""
    words = {r: m[1] for r in out.loc[nowhere, "resource_id"].unique() if (m := ARN_REGION.match(r))}
    region = out["region"].astype(object)
    found = out["resource_id"].map(words).astype(object)
    out["region"] = pd.Categorical(found.where(nowhere & found.notna(), region))


def _with_models(out: pd.DataFrame) -> pd.DataFrame:
    """A resource that names the model beats the usage type's shorthand."""
    named = out.loc[(out["component"] == "bedrock") & (out["resource_id"] != ""), "resource_id"].astype(
        object
    )
    models = {r: model_of_resource(r) for r in named.unique()}
    for place, column in enumerate(("model", "scope")):
        words = {r: told[place] for r, told in models.items() if told[place]}
        if words:
            better = named.map(words).dropna()
            texts = out[column].astype(object)
            texts.loc[better.index] = better
            out[column] = pd.Categorical(texts)
    return out
