"""The same snapshot without names: every name and account id becomes a keyed hash, the same name the same hash.

What the figures need stays: times, types, regions, counts, model ids of AWS's own models, usage types. Tags are
dropped, reasons of failure cut to their class. Without the key nobody can test a guess against a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from simulator.snapshot.manifest import Manifest
from simulator.snapshot.snapshot import Snapshot

NAMES = {
    "training_jobs": {"job_name": "job", "tuning_job": "tuning"},
    "endpoints": {"endpoint_name": "endpoint", "variant_name": "variant", "model_name": "model"},
    "endpoint_traffic": {"endpoint_name": "endpoint", "variant_name": "variant"},
    "compute": {"name": "compute"},
    "storage": {"bucket": "bucket"},
    "services": {"name": "service"},
    "commitments": {"plan_id": "plan"},
}
EVERYWHERE = {"account_id": "account", "owner": "owner"}
FAILURE_CLASS = re.compile(r"[A-Za-z]+(?=:|$)")
ACCOUNT_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")
HASH_LETTERS = 10
PLAIN_VARIANT = "AllTraffic"


class Pseudonyms:
    """Keyed hashes. `key` makes several snapshots agree; by default it is drawn anew and forgotten."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self.given: dict[str, str] = {}

    def of(self, kind: str, name: str) -> str:
        """The hash of a name, e.g. bucket-3f9a0c12de; "" stays ""."""
        if not name or name == PLAIN_VARIANT:
            return name
        digest = hmac.new(self._key, f"{kind}\0{name}".encode(), hashlib.sha256).hexdigest()
        self.given[name] = f"{kind}-{digest[:HASH_LETTERS]}"
        return self.given[name]

    def in_text(self, text: str) -> str:
        """A sentence with every name given so far, and every account id, replaced."""
        for name in sorted(self.given, key=len, reverse=True):
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.given[name], text)
        return ACCOUNT_ID.sub(lambda found: self.of("account", found[0]), text)


def anonymize(snapshot: Snapshot, key: bytes | None = None) -> Snapshot:
    """A copy without names of people, teams, accounts and resources."""
    pseudonyms = Pseudonyms(key)
    tables = {name: _table(name, frame, pseudonyms) for name, frame in snapshot.tables.items()}
    return Snapshot(_manifest(snapshot.manifest, pseudonyms), tables)


def _table(name: str, frame: pd.DataFrame, pseudonyms: Pseudonyms) -> pd.DataFrame:
    changed = {"tags": pd.Series("", frame.index, dtype="str")}
    for column, kind in {**NAMES.get(name, {}), **EVERYWHERE}.items():
        changed[column] = _hashed(frame[column], kind, pseudonyms)
    if name == "training_jobs":
        changed["failure_reason"] = frame["failure_reason"].map(_failure_class).astype("str")
    if name == "bedrock":
        changed["model_id"] = frame["model_id"].map(lambda m: _model(m, pseudonyms)).astype("str")
    return frame.assign(**changed)


def _hashed(values: pd.Series, kind: str, pseudonyms: Pseudonyms) -> pd.Series:
    mapped = {v: pseudonyms.of(kind, v) for v in pd.unique(values.fillna(""))}
    return values.fillna("").map(mapped).astype("str")


def _failure_class(reason: str) -> str:
    found = FAILURE_CLASS.match(reason or "")
    return found[0] if found else ""


def _model(model_id: str, pseudonyms: Pseudonyms) -> str:
    """AWS's own model ids are public; ids and ARNs of own models are not."""
    own = model_id.startswith("arn:") or "." not in model_id
    return pseudonyms.of("model", model_id) if own and model_id != "unknown" else model_id


def _manifest(manifest: Manifest, pseudonyms: Pseudonyms) -> Manifest:
    accounts = tuple(pseudonyms.of("account", a) for a in manifest.account_ids)
    return replace(
        manifest,
        name="anonymized account",
        account_ids=accounts,
        sources=tuple(replace(s, name=pseudonyms.in_text(s.name)) for s in manifest.sources),
        assumptions=tuple(_each(manifest.assumptions, pseudonyms)),
    )


def _each(sentences: Iterable[str], pseudonyms: Pseudonyms) -> Iterable[str]:
    return (pseudonyms.in_text(s) for s in sentences)
