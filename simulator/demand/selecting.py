"""Which rows of a snapshot a change or a retirement means: by name, owner or tag."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.usage.tags import tags_of

NAMES = {
    "training_jobs": "job_name",
    "endpoints": "endpoint_name",
    "endpoint_traffic": "endpoint_name",
    "compute": "name",
    "bedrock": "model_id",
    "storage": "bucket",
    "services": "name",
}
BY = ("name", "owner", "tag")


def chosen(table: str, frame: pd.DataFrame, by: str, what: str) -> NDArray[np.bool_]:
    """Rows of a table that have this name, this owner, or this tag ("key=value")."""
    if table not in NAMES or frame.empty:
        return np.zeros(len(frame), bool)
    if by == "name":
        return np.asarray(frame[NAMES[table]].astype("str") == what, bool)
    if by == "owner":
        return np.asarray(frame["owner"].astype("str") == what, bool)
    return np.array([what in tags_of(text) for text in frame["tags"].fillna("").astype(str)], bool)


def traffic_of(tables: Mapping[str, pd.DataFrame], gone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of traffic that belong to endpoints that were chosen."""
    traffic, endpoints = tables["endpoint_traffic"], tables["endpoints"]
    names = set(endpoints["endpoint_name"].astype("str")[gone]) - set(
        endpoints["endpoint_name"].astype("str")[~gone]
    )
    return np.asarray(traffic["endpoint_name"].astype("str").isin(names), bool)
