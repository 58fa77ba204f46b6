"""Checks between tables, and against the window: traffic of a known variant, days and hours inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from simulator.snapshot.manifest import Manifest
from simulator.snapshot.problems import LISTED_PER_CHECK, Problem

VARIANT = ["endpoint_name", "variant_name"]
PLACE = ["region", "account_id"]
LISTED_PER_VARIANT = 3


def reference_problems(manifest: Manifest, tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Problems that no table shows alone. A table that failed its own checks is absent and passed over."""
    found: list[Problem] = []
    for name, column in (("endpoint_traffic", "hour"), ("bedrock", "date"), ("hourly_usage", "hour")):
        if name in tables and len(tables[name]):
            found += _outside_window(manifest, name, column, tables[name])
    if "endpoints" in tables and len(tables.get("endpoint_traffic", ())):
        found += _traffic_of_nobody(tables["endpoints"], tables["endpoint_traffic"])
    if len(tables.get("bedrock", ())):
        found += _zero_tokens(tables["bedrock"])
    return found


def _outside_window(manifest: Manifest, name: str, column: str, frame: pd.DataFrame) -> list[Problem]:
    start, end = pd.Timestamp(manifest.window_start), pd.Timestamp(manifest.window_end)
    first = start.floor("D") if column == "date" else start
    moments = frame[column].array
    wrong = np.asarray((moments < first) | (moments >= end))
    outside = frame.loc[wrong, column][:LISTED_PER_CHECK] if wrong.any() else pd.Series()
    expected = f"expected a {column} in the window, from {start.isoformat()} to before {end.isoformat()}"
    return [Problem(name, int(str(i)), column, t.isoformat(), expected) for i, t in outside.items()]


def _traffic_of_nobody(endpoints: pd.DataFrame, traffic: pd.DataFrame) -> list[Problem]:
    """A traffic row must name one endpoint row; its region and account count where it gives them."""
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name, variant, *place in _keys(endpoints):
        places.setdefault((name, variant), []).append((place[0], place[1]))
    found: list[Problem] = []
    for key in dict.fromkeys(_keys(traffic)):
        endpoint, variant, region, account = (str(v) for v in key)
        known = places.get((endpoint, variant), [])
        matches = sum(region in ("", r) and account in ("", a) for r, a in known)
        if matches != 1:
            expected = (
                "expected region and account_id: several match"
                if matches
                else "expected a variant listed in endpoints"
            )
            lines = traffic.index[(traffic[VARIANT + PLACE] == list(key)).all(axis=1)][:LISTED_PER_VARIANT]
            found += [
                Problem("endpoint_traffic", int(i), "endpoint_name", f"{endpoint}/{variant}", expected)
                for i in lines
            ]
    return found


def _keys(frame: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    return zip(*(frame[name].tolist() for name in VARIANT + PLACE), strict=True)


def _zero_tokens(bedrock: pd.DataFrame) -> list[Problem]:
    requests, tokens, *cached = (
        bedrock[name].to_numpy()
        for name in ("requests", "input_tokens", "cache_read_tokens", "cache_write_tokens")
    )
    wrong = bedrock.index[(requests > 0) & (tokens == 0) & (np.nan_to_num(cached).sum(axis=0) == 0)]
    expected = "0 tokens for requests that were made: unknown tokens are left empty, not 0"
    return [Problem("bedrock", int(i), "input_tokens", "0", expected) for i in wrong[:LISTED_PER_CHECK]]
