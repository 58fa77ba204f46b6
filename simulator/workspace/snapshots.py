"""Snapshots beside the database: Parquet per table and the manifest, under the fingerprint. A folder, or a bucket.

ML_SPEND_SNAPSHOTS names another place, such as s3://bucket/prefix (fsspec; credentials of the ordinary chain). What is
written under a fingerprint never changes: writing it twice is writing it once; a half-written one has no
manifest and is not read.
"""

from __future__ import annotations

import io
import os
import re
from functools import cached_property
from typing import Any
from uuid import uuid4

import pandas as pd

from simulator.snapshot.manifest import FILE, Manifest, from_json, to_json
from simulator.snapshot.problems import SnapshotError
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Snapshot, make_snapshot
from simulator.workspace.place import data_folder

VARIABLE = "ML_SPEND_SNAPSHOTS"
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class SnapshotStore:
    """Where snapshots lie."""

    def __init__(self, place: str | None = None) -> None:
        self._place = place or os.environ.get(VARIABLE) or str(data_folder() / "snapshots")
        if "://" in self._place:
            _ = self._at  # a store that does not exist is told at once

    @cached_property
    def _at(self) -> tuple[Any, str]:
        """The file system and the folder in it; fsspec is slow to import, and a first visit has nothing to read."""
        import fsspec

        files, root = fsspec.core.url_to_fs(self._place)
        return files, str(root)

    @property
    def _files(self) -> Any:
        return self._at[0]

    @property
    def _root(self) -> str:
        return self._at[1]

    def write(self, snapshot: Snapshot) -> str:
        """Store it; its fingerprint. The manifest is written last: it says that all is there."""
        fingerprint = snapshot.fingerprint()
        folder = self._folder(fingerprint)
        if self._files.exists(f"{folder}/{FILE}"):
            return fingerprint
        self._files.makedirs(folder, exist_ok=True)
        for name, frame in snapshot.tables.items():
            if len(frame):
                content = io.BytesIO()
                frame.to_parquet(content, index=False)
                self._put(f"{folder}/{name}.parquet", content.getvalue())
        self._put(f"{folder}/{FILE}", to_json(snapshot.manifest))
        return fingerprint

    def has(self, fingerprint: str) -> bool:
        """Whether it is here, whole."""
        return bool(self._files.exists(f"{self._folder(fingerprint)}/{FILE}"))

    def read(self, fingerprint: str) -> Snapshot:
        """The snapshot of that fingerprint, checked again. Raises FileNotFoundError, SnapshotError."""
        folder, manifest = self._folder(fingerprint), self.manifest(fingerprint)
        tables = {
            name: pd.read_parquet(io.BytesIO(self._files.cat_file(path)))
            for name in TABLES
            if self._files.exists(path := f"{folder}/{name}.parquet")
        }
        try:
            return make_snapshot(manifest, tables)
        except SnapshotError as error:
            raise SnapshotError(error.problems) from None

    def manifest(self, fingerprint: str) -> Manifest:
        """Its manifest alone. Raises FileNotFoundError."""
        file = f"{self._folder(fingerprint)}/{FILE}"
        if not self._files.exists(file):
            raise FileNotFoundError(f"snapshot {fingerprint[:12]} is not in the workspace's store")
        return from_json(self._files.cat_file(file))

    def remove(self, fingerprint: str) -> None:
        """Erase it; nothing when it is not there."""
        folder = self._folder(fingerprint)
        if self._files.exists(folder):
            self._files.rm(folder, recursive=True)

    def _folder(self, fingerprint: str) -> str:
        if not FINGERPRINT.fullmatch(fingerprint):
            raise ValueError(f"fingerprint {fingerprint!r}: expected 64 hexadecimal digits")
        return f"{self._root}/{fingerprint}"

    def _put(self, path: str, content: bytes) -> None:
        """Whole or not at all: written beside, then renamed where the place can."""
        beside = f"{path}.{uuid4().hex}.part"  # two threads may write the same snapshot at once
        self._files.pipe_file(beside, content)
        self._files.mv(beside, path)
