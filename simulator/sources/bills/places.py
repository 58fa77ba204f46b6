"""Where the export lies: files, folders, globs, zips, stores and URLs → plain files, none of them trusted.

Packed files are unpacked into a temporary folder under limits, so that a truncated or hostile archive is refused with
a sentence before any engine sees it.
"""

from __future__ import annotations

import glob
import gzip
import stat
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from simulator.documents import DAMAGED_ZIP
from simulator.sources.bills.deliveries import MAX_MANIFEST_BYTES, DeliveryManifest, read_manifest, superseded
from simulator.sources.bills.remote import fetched, is_remote
from simulator.sources.bills.report import BillError

MIB = 2**20
MAX_EXPANSION_RATIO = 250
"""A Cost and Usage Report compresses 10- to 60-fold; zeros 1,000-fold. Applies above `FREE_BYTES`."""
FREE_BYTES = 8 * MIB
MAX_UNPACKED_BYTES = 200 * 1024 * MIB
MAX_DOWNLOAD_BYTES = 20 * 1024 * MIB
MAX_MEMBERS = 2000
CHUNK = MIB
TIMEOUT_SECONDS = 60
NOT_BILLS = (
    "manifest.json",
    ".md",
    ".sql",
    ".yml",
    ".yaml",
    ".txt",
    ".crc",
    "_SUCCESS",
    "_metadata",
    "_common_metadata",
)


@dataclass(frozen=True)
class BillFile:
    """One plain file: `path` to read, `name` to show, and what its first bytes say it is."""

    path: Path
    name: str
    kind: str
    asked_for: bool


@dataclass
class Finder:
    """Turns what the caller named into files; `skipped` collects sentences about what was left out."""

    scratch: Path
    skipped: list[str] = field(default_factory=list)
    manifests: list[DeliveryManifest] = field(default_factory=list)
    _count: int = 0

    def find(self, paths: Sequence[str | Path]) -> list[BillFile]:
        """All files behind `paths`, each once. Raises BillError when one cannot be used or nothing is left."""
        found: dict[Path, BillFile] = {}
        for given in paths:
            for file in self._of(str(given)):
                found.setdefault(file.path.resolve(), file)
        old = superseded([f.name for f in found.values()], self.manifests)
        self.skipped += old.values()
        found = {path: file for path, file in found.items() if file.name not in old}
        if not found:
            raise BillError(
                f"no billing export in {', '.join(map(str, paths))}: expected CSV, CSV.gz, Parquet or JSON files"
            )
        return list(found.values())

    def _of(self, given: str) -> Iterator[BillFile]:
        if given.startswith(("http://", "https://")):
            yield from self._unpacked(self._download(given), given.rsplit("/", 1)[-1] or given, True)
            return
        if is_remote(given):
            folder, said = fetched(given, self._target())
            self.skipped += said
            yield from self._folder(folder)
            return
        path = Path(given.removeprefix("file://"))
        try:
            if path.is_dir():
                yield from self._folder(path)
            elif path.exists() or not glob.has_magic(str(path)):
                yield from self._unpacked(path, path.name, True)
            else:
                yield from self._matching(str(path))
        except (OSError, ValueError) as error:
            if isinstance(error, BillError):
                raise
            raise BillError(
                f"{path.name or given}: cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from error

    def _folder(self, folder: Path) -> Iterator[BillFile]:
        root = folder.resolve()
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if _is_manifest(path.name) and path.is_file() and path.resolve().is_relative_to(root):
                self._remember(path, name)
            if (
                path.is_dir()
                or any(p.startswith(".") for p in Path(name).parts)
                or name.lower().endswith(NOT_BILLS)
            ):
                continue
            if not path.resolve().is_relative_to(root):
                self.skipped.append(f"{name}: a link that leads outside the folder; not followed")
                continue
            yield from self._unpacked(path, name, False)

    def _matching(self, pattern: str) -> Iterator[BillFile]:
        matches = [Path(p) for p in sorted(glob.glob(pattern, recursive=True)) if not Path(p).is_dir()]
        if not matches:
            raise BillError(f"{pattern}: no file matches")
        for path in matches:
            yield from self._unpacked(path, path.as_posix(), False)

    def _remember(self, path: Path, name: str) -> None:
        manifest = read_manifest(path, name)
        if manifest:
            self.manifests.append(manifest)

    def _unpacked(self, path: Path, name: str, asked_for: bool) -> Iterator[BillFile]:
        _must_be_file(path, name)
        if _is_manifest(name):
            self._remember(path, path.as_posix())
            return
        kind = kind_of(path)
        if kind == "gzip":
            plain = self._gunzip(path, name)
            yield BillFile(plain, name, self._inner_kind(plain, name), asked_for)
        elif kind == "zip":
            yield from self._unzip(path, name)
        else:
            yield BillFile(path, name, kind, asked_for)

    def _inner_kind(self, path: Path, name: str) -> str:
        kind = kind_of(path)
        if kind in ("gzip", "zip"):
            raise BillError(f"{name}: an archive inside an archive; expected CSV, Parquet or JSON inside")
        return kind

    def _gunzip(self, path: Path, name: str) -> Path:
        target = self._target()
        try:
            with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as plain, target.open("wb") as out:
                _copy(plain, out, name, packed.tell)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BillError(
                f"{name}: the gzip file is damaged or cut off ({error}); fetch it again"
            ) from error
        return target

    def _unzip(self, path: Path, name: str) -> Iterator[BillFile]:
        try:
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.infolist() if not m.is_dir()]
                if len(members) > MAX_MEMBERS:
                    raise BillError(
                        f"{name}: {len(members)} files in the zip; expected at most {MAX_MEMBERS}"
                    )
                for member in members:
                    yield from self._member(archive, member, name)
        except DAMAGED_ZIP as error:
            raise BillError(f"{name}: the zip file is damaged, encrypted or cut off ({error})") from error

    def _member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[BillFile]:
        inner, shown = PurePosixPath(member.filename), f"{name}/{member.filename}"
        link = stat.S_ISLNK(member.external_attr >> 16)
        if (
            inner.is_absolute()
            or ".." in inner.parts
            or "\\" in member.orig_filename
            or ":" in member.filename
            or link
        ):
            raise BillError(f"{shown}: a path or link that leads outside the zip; expected plain file names")
        if _is_manifest(member.filename) and member.file_size <= MAX_MANIFEST_BYTES:
            target = self._target()
            target.write_bytes(archive.read(member))
            self._remember(target, shown)
        if member.filename.lower().endswith(NOT_BILLS) or any(
            p.startswith((".", "__MACOSX")) for p in inner.parts
        ):
            return
        target = self._target()
        with archive.open(member) as plain, target.open("wb") as out:
            _copy(plain, out, shown, lambda: max(member.compress_size, 1))
        if kind_of(target) == "gzip":
            target = self._gunzip(target, shown)
        yield BillFile(target, shown, self._inner_kind(target, shown), False)

    def _download(self, url: str) -> Path:
        target = self._target()
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, target.open("wb") as out:
                size = 0
                while chunk := answer.read(CHUNK):
                    size += len(chunk)
                    if size > MAX_DOWNLOAD_BYTES:
                        raise BillError(
                            f"{url}: more than {MAX_DOWNLOAD_BYTES // MIB:,} MiB; copy the export here first"
                        )
                    out.write(chunk)
        except (urllib.error.URLError, OSError, ValueError) as error:
            if isinstance(error, BillError):
                raise
            raise BillError(f"{url}: cannot be fetched: {error}") from error
        return target

    def _target(self) -> Path:
        self._count += 1
        return self.scratch / f"unpacked-{self._count}"


def _is_manifest(name: str) -> bool:
    return name.lower().endswith("manifest.json")


def kind_of(path: Path) -> str:
    """What the first bytes say: parquet, gzip, zip, json, csv; or a word for what it is not."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if not head:
        return "empty"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "json"
    return "binary" if b"\0" in head else "csv"


def _must_be_file(path: Path, name: str) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise BillError(f"{name}: no such file or folder") from None
    if not stat.S_ISREG(mode):
        raise BillError(f"{name}: not a regular file (a device or pipe); expected a billing export")


def _copy(
    plain: IO[bytes] | gzip.GzipFile, out: IO[bytes], name: str, packed_bytes: Callable[[], int]
) -> None:
    """Unpack in chunks; stop at what no billing export expands to."""
    size = 0
    while chunk := plain.read(CHUNK):
        size += len(chunk)
        packed = max(packed_bytes(), 1)
        if (size > FREE_BYTES and size > MAX_EXPANSION_RATIO * packed) or size > MAX_UNPACKED_BYTES:
            raise BillError(
                f"{name}: expands more than {MAX_EXPANSION_RATIO}-fold; refused as a compression bomb"
            )
        out.write(chunk)
