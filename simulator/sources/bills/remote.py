"""Exports that lie in a store: `s3://`, `gs://`, `abfs://` and whatever fsspec knows → files in the scratch folder.

Arrow's file systems find credentials as the stores' own tools do (environment, profile, role of the machine). A bucket
of Data Exports is found by its manifests: they are read first, and of each period only the files of the newest delivery
are fetched. Source: Data Exports user guide, "Delivery"; Arrow, "Filesystem Interface" (options in the address, such
as `s3://bucket/prefix?endpoint_override=HOST:PORT&scheme=http`).
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from simulator.sources.bills.deliveries import MAX_MANIFEST_BYTES, DeliveryManifest, read_manifest, superseded
from simulator.sources.bills.report import BillError

ARROW = ("s3", "gs", "gcs", "abfs", "abfss")
SAME = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
ENDINGS = (".csv", ".gz", ".zip", ".parquet", ".json", ".pq")
MAX_BYTES = 200 * 2**30
MAX_FILES = 20_000
CHUNK = 8 * 2**20


@dataclass(frozen=True)
class Stored:
    """One file of a store: `path` in it, `name` below the place asked for."""

    path: str
    name: str
    size: int


def is_remote(place: str) -> bool:
    """An address in a store, neither of the web nor of this machine."""
    return "://" in place and not place.startswith(("http://", "https://", "file://"))


def fetched(place: str, target: Path) -> tuple[Path, list[str]]:
    """The folder with what was fetched, and sentences. Raises BillError in words, with the address."""
    try:
        store, path = _store(place)
        files = _listed(store, path)
        if not files:
            raise BillError(f"{place}: nothing there that could be a billing export")
        target.mkdir(parents=True)
        chosen, said = _chosen(store, files, target)
        _within_limits(place, chosen)
        for file in chosen:
            _copy(store, file, target)
    except (OSError, ValueError, ImportError, NotImplementedError) as error:
        if isinstance(error, BillError):
            raise
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise BillError(f"{place}: cannot be read: {first}") from error
    return target, said


def _store(place: str) -> tuple[Any, str]:
    """The file system behind an address, and the path in it."""
    from pyarrow import fs

    scheme, rest = place.split("://", 1)
    scheme = SAME.get(scheme, scheme)
    if scheme in ARROW:
        if scheme == "gs" and "?" not in rest:
            rest += "?retry_limit_seconds=60"
        base, star, _ = rest.partition("*")
        query = urlsplit(f"{scheme}://{rest}").query
        address = base.rpartition("/")[0] + (f"?{query}" if query else "") if star else rest
        found, path = fs.FileSystem.from_uri(f"{scheme}://{address}")
        return found, path + rest.partition("?")[0][len(base.rpartition("/")[0]) :] if star else path
    import fsspec

    return fs.PyFileSystem(fs.FSSpecHandler(fsspec.filesystem(scheme))), rest


def _listed(store: Any, path: str) -> list[Stored]:
    """Files below a path, of a pattern, or the one file; hidden ones and other kinds are left out."""
    from pyarrow import fs

    path = path.rstrip("/")
    root = path.partition("*")[0].rpartition("/")[0] if "*" in path else path
    info = store.get_file_info(root)
    if info.type == fs.FileType.File:
        return [Stored(root, PurePosixPath(root).name, info.size or 0)]
    found = store.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True))
    files = [f for f in found if f.type == fs.FileType.File]
    if "*" in path:
        files = [f for f in files if fnmatch.fnmatch(f.path, path)]
    named = [Stored(f.path, f.path[len(root) :].lstrip("/"), f.size or 0) for f in files]
    return sorted((f for f in named if _may_be_bill(f.name)), key=lambda f: f.name)


def _may_be_bill(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.lower().endswith(ENDINGS) and not any(p.startswith(".") or p == ".." for p in parts)


def _chosen(store: Any, files: Sequence[Stored], target: Path) -> tuple[list[Stored], list[str]]:
    """Files of the newest deliveries, as the manifests name them; all where there is no manifest."""
    about = [f for f in files if f.name.lower().endswith("manifest.json") and f.size <= MAX_MANIFEST_BYTES]
    manifests: list[DeliveryManifest] = []
    for file in about:
        _copy(store, file, target)
        found = read_manifest(target / file.name, file.name)
        manifests += [found] if found else []
    data = [f for f in files if f not in about]
    if not manifests:
        return data, []
    old = superseded([f.name for f in data], manifests)
    listed = {tail for m in manifests for tail in m.files}
    strangers = [f for f in data if "/".join(PurePosixPath(f.name).parts[-2:]) not in listed]
    if len(strangers) == len(data):  # the manifests are of other places
        return data, []
    said = list(old.values())
    if strangers := [f for f in strangers if f.name not in old]:
        said.append(
            f"left out: {len(strangers):,} files that no manifest names (such as {strangers[0].name})"
        )
    left = {*old, *(f.name for f in strangers)}
    return [f for f in data if f.name not in left], said


def _within_limits(place: str, files: Sequence[Stored]) -> None:
    size = sum(f.size for f in files)
    if size > MAX_BYTES or len(files) > MAX_FILES:
        raise BillError(
            f"{place}: {len(files):,} files of {size / 2**30:,.0f} GiB; expected at most {MAX_FILES:,} files of "
            f"{MAX_BYTES // 2**30} GiB; name a month, or use --engine spark or athena"
        )


def _copy(store: Any, file: Stored, target: Path) -> None:
    path = target / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.open_input_stream(file.path, compression=None) as source, path.open("wb") as out:
        shutil.copyfileobj(source, out, CHUNK)
