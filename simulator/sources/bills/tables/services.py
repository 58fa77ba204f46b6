"""Lines of vector stores, file systems, logs, MLflow, Canvas, Feature Store and AgentCore → the services table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.aws.region_prefixes import DEFAULT_REGION
from simulator.aws.service_types import ML_LOG_GROUP, NEEDS_GROUP, NEEDS_TAG, SAGEMAKER_TAG, service_use
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.tables.quantities import covered_months_of
from simulator.sources.bills.tables.rates import contracted
from simulator.sources.bills.tables.resources import owner_of, resource_name
from simulator.sources.bills.window import Window

ASSUMPTION = (
    "Whether a vector store needs hybrid search, and how long servers and sessions stood idle, is not on a bill: "
    "unknown."
)
KEY = ["account_id", "region", "kind", "name"]
LINE = ["account_id", "region", "resource_id", "product", "usage_type", "quantity", "unblended_usd"]
ARN = r"^arn:aws[^:]*:[^:]*:[^:]*:[^:]*:(?:log-group:)?"
PER_MONTH = ("gib", "cold_gib", "written_gib", "requests", "read_units", "write_units")


def services(
    usage: pd.DataFrame,
    window: Window,
    tags: Mapping[tuple[str, str], dict[str, str]],
    discount: Mapping[Hashable, float] | None = None,
) -> pd.DataFrame:
    """One row per service, of AgentCore one per resource and part. What has dollars and no quantity that is priced here
    keeps the bill's own dollars, AgentCore's less the discounts negotiated for Bedrock.

    Hours are those metered in the window, gigabytes the mean of the window's GB-months, the rest is per month.
    """
    rows = _ours(usage, tags, discount or {})
    if rows.empty:
        return pd.DataFrame()
    months = covered_months_of(window)
    wide = rows.pivot_table(index=KEY, columns="column", values="quantity", aggfunc=_known_sum, observed=True)
    out = wide.reset_index().rename_axis(columns=None)
    for column in PER_MONTH:
        if column in out:
            out[column] = out[column] / months
    if "cold_gib" in out:  # the snapshot's gib is everything a file system holds
        out["gib"] = out.get("gib", pd.Series(0.0, out.index)).fillna(0.0) + out["cold_gib"].fillna(0.0)
    groups = rows.groupby(KEY, observed=True)
    more = groups.agg(
        size=("size", "max"), silent=("quantity", lambda q: q.isna().all()), usd=("unblended_usd", "sum")
    )
    out = out.merge(more.reset_index(), on=KEY, how="right")
    out["billed_usd"] = out["usd"].where(out["silent"].astype(bool) & (out["usd"] > 0))
    out = out[~(out["silent"].astype(bool) & (out["kind"] == "agentcore") & ~(out["usd"] > 0))]
    own = [tags.get((a, n), {}) for a, n in zip(out["account_id"], out["name"], strict=True)]
    return out.drop(columns=["silent", "usd"]).assign(owner=[owner_of(t) for t in own])


def _ours(
    usage: pd.DataFrame,
    tags: Mapping[tuple[str, str], dict[str, str]],
    discount: Mapping[Hashable, float],
) -> pd.DataFrame:
    """The lines that are a service of ours, with kind, column, size and name."""
    chosen = is_service(usage) & usage["usd"].to_numpy(bool)
    if not chosen.any():
        return pd.DataFrame()
    rows = plain(usage.loc[chosen, LINE])
    rows["region"] = rows["region"].where(rows["region"] != "", DEFAULT_REGION)
    uses = [
        use
        for p, u in zip(rows["product"], rows["usage_type"], strict=True)
        if (use := service_use(str(p), str(u)))
    ]
    rows = rows.assign(**{n: [getattr(u, n) for u in uses] for n in ("kind", "column", "size", "part")})
    agents = rows["kind"] == "agentcore"
    if agents.any():
        dates = usage.loc[rows.index[agents], ["period", "first", "unblended_usd"]]
        rows.loc[agents, "unblended_usd"] = contracted(dates, "bedrock", discount)
        rows["quantity"] = rows["quantity"].where(rows["column"] != "")
    rows["name"] = _names(rows)
    return rows[_is_ml(rows, tags)]


def is_service(lines: pd.DataFrame) -> NDArray[np.bool_]:
    """True for lines of a service of ours, by product and usage type; each pair is asked once."""
    code = lines.groupby(["product", "usage_type"], sort=False, observed=True).ngroup().to_numpy()
    first = lines[["product", "usage_type"]].iloc[np.unique(code, return_index=True)[1]]
    known = [service_use(str(p), str(u)) is not None for p, u in first.itertuples(index=False, name=None)]
    found: NDArray[np.bool_] = np.array(known, bool)[code]
    return found


def _names(rows: pd.DataFrame) -> pd.Series:
    """The last part of an ARN, the whole path of a log group; without an id all of a kind in a region together.

    Of what bills several things, each has its own: the part stands behind.
    """
    together = "all " + rows["kind"] + " in " + rows["region"]
    plain_name = resource_name(rows["resource_id"], rows["kind"], rows["region"])
    path = rows["resource_id"].str.replace(ARN, "", regex=True).str.removesuffix(":*")
    named = plain_name.where(rows["kind"] != NEEDS_GROUP, path).where(rows["resource_id"] != "", together)
    alone = rows["part"] + " in " + rows["region"]
    several = (plain_name + " " + rows["part"]).where(rows["resource_id"] != "", alone)
    return named.where(rows["part"] == "", several)


def _is_ml(rows: pd.DataFrame, tags: Mapping[tuple[str, str], dict[str, str]]) -> np.ndarray:
    """Log groups of SageMaker and Bedrock by name, file systems by SageMaker's tag; the other kinds are ML by name."""
    tagged = [
        SAGEMAKER_TAG in tags.get((a, n), {}) for a, n in zip(rows["account_id"], rows["name"], strict=True)
    ]
    group = rows["resource_id"].str.contains(ML_LOG_GROUP).to_numpy(bool)
    kind = rows["kind"].to_numpy(object)
    return np.where(kind == NEEDS_TAG, tagged, np.where(kind == NEEDS_GROUP, group, True)).astype(bool)


def _known_sum(quantity: pd.Series) -> float:
    return float(quantity.sum(min_count=1))
