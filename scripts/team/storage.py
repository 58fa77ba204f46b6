"""Buckets of the sample: a few told in full (buckets.csv), the rest one per team and content."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scripts.team.sheet import read_sheet

KIB_PER_GIB = 2**20
SMALL_OBJECT_KIB = 45
TEAMS = ("search", "risk", "forecasting", "crm", "documents", "retail")
OBJECT_MIB = {"training_data": 40.0, "models": 250.0, "logs": 0.3}
READ_SHARES = {"STANDARD_IA": 0.004, "GLACIER_IR": 0.004}
Row = dict[str, Any]


def storage(rng: np.random.Generator) -> pd.DataFrame:
    """The table `storage`."""
    rows: list[Row] = []
    buckets = read_sheet("buckets") + [_small(team, content, rng) for team in TEAMS for content in OBJECT_MIB]
    for told in buckets:
        common = {name: told[name] for name in ("bucket", "owner", "region", "content")}
        common |= {name: told.get(name, False) for name in ("lifecycle", "versioning")}
        common["compressible"] = told.get("compressible")
        if told["gib"]:
            rows.append({**common, "storage_class": "STANDARD", **_standard(told, rng)})
        for name in (column for column in told if column.isupper()):
            rows.append(
                {
                    **common,
                    "storage_class": name,
                    "gib": told[name],
                    "objects": round(told[name] * 1024 / told["object_mib"]),
                    "retrieved_gib": round(told[name] * READ_SHARES.get(name, 0.0), 1),
                }
            )
    return pd.DataFrame(rows)


def _standard(told: Row, rng: np.random.Generator) -> Row:
    gib = told["gib"]
    objects = round(gib * 1024 / told["object_mib"])
    small = round(objects * told["small_share"])
    read_share = 1 - told["unread_30d_share"]
    return {
        "gib": gib,
        "objects": objects,
        "small_objects": small,
        "small_gib": round(min(gib * 0.9, small * SMALL_OBJECT_KIB / KIB_PER_GIB), 3),
        **{
            f"gib_not_accessed_{days}d": round(gib * told[f"unread_{days}d_share"], 1)
            for days in (30, 90, 180)
        },
        "retrieved_gib": round(gib * read_share * rng.uniform(0.6, 2.2), 1),
        "put_requests": round(min(objects * 0.12, 2e7)),
        "get_requests": round(min(objects * rng.uniform(0.8, 2.4), 9e7)),
        "noncurrent_gib": round(gib * told.get("noncurrent_share", 0.0), 1),
        "incomplete_upload_gib": told.get("incomplete_gib", 0.0),
        "failed_artifact_gib": told.get("failed_gib", 0.0),
    }


def _small(team: str, content: str, rng: np.random.Generator) -> Row:
    """A bucket of a team: its size is log-normal around 90 GiB."""
    unread = round(float(rng.uniform(0.4, 0.9)), 3)
    return {
        "bucket": f"acme-{team}-{content.replace('_', '-')}",
        "owner": team,
        "region": "us-west-2" if team == "retail" else "us-east-1",
        "content": content,
        "gib": round(float(rng.lognormal(4.5, 1.1)), 1),
        "object_mib": OBJECT_MIB[content],
        "small_share": 0.6 if content == "logs" else 0.02,
        "unread_30d_share": unread,
        "unread_90d_share": unread * 0.75,
        "unread_180d_share": unread * 0.45,
        "lifecycle": bool(rng.random() < 0.3),
        "compressible": content == "logs",
    }
