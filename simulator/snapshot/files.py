"""The files of a snapshot: out of a folder or a .zip into memory, and back, without trusting either."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from simulator.documents import DAMAGED_ZIP, LONGEST_NAME, beside, remove_left_over, write_beside
from simulator.errors import OutputError
from simulator.snapshot.problems import Problem, SnapshotError, whole

MIB = 2**20
MAX_FILE_BYTES = 500 * MIB
MAX_TOTAL_BYTES = 1000 * MIB
MAX_FILES = 50
MAX_ROWS = 2_000_000
"""Lines of all tables together; a row of traffic takes about 0.6 KiB while it is checked."""
UPLOAD_TOTAL_BYTES = 300 * MIB
UPLOAD_ROWS = 1_000_000
"""The limits of what is uploaded to a server: after unpacking, per session."""
MAX_EXPANSION_RATIO = 200
"""CSV of zeros compresses about 60-fold; above this, and above 1 MiB, a member is taken for a bomb."""
IGNORED = ("__MACOSX", ".DS_Store", "Thumbs.db", "README.md", "README.txt")
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def read_files(source: str | Path | BinaryIO) -> dict[str, bytes]:
    """Name → content of the files of a snapshot. Raises SnapshotError if it cannot be trusted."""
    if not isinstance(source, str | Path):
        return _within_rows(_read_zip(source, "the upload", UPLOAD_TOTAL_BYTES), UPLOAD_ROWS)
    path = Path(source)
    if path.is_dir():
        return _within_rows(_read_folder(path), MAX_ROWS)
    if not path.exists():
        raise whole(path.name, "no such file or folder")
    if not path.is_file():
        raise whole(path.name, "not a regular file; expected a folder or a .zip")
    try:
        with path.open("rb") as stream:
            return _within_rows(_read_zip(stream, path.name, MAX_TOTAL_BYTES), MAX_ROWS)
    except OSError as error:
        raise whole(path.name, f"cannot be read: {error.strerror}") from error


def _read_folder(folder: Path) -> dict[str, bytes]:
    entries = [p for p in sorted(folder.iterdir()) if not _ignored(p.name)]
    problems = [
        Problem(p.name, None, "", "", "a folder inside the snapshot; expected files only")
        for p in entries
        if p.is_dir()
    ]
    problems += [
        Problem(p.name, None, "", "", "not a regular file")
        for p in entries
        if not p.is_dir() and not p.is_file()
    ]
    problems += _too_big([(p.name, p.stat().st_size) for p in entries if p.is_file()], MAX_TOTAL_BYTES)
    if problems:
        raise SnapshotError(problems)
    try:
        return {p.name: p.read_bytes() for p in entries}
    except OSError as error:
        raise whole(Path(str(error.filename)).name, f"cannot be read: {error.strerror}") from error


def _within_rows(files: dict[str, bytes], most: int) -> dict[str, bytes]:
    """The same files. Raises SnapshotError when their tables have too many lines to be held in memory."""
    rows = {name: content.count(b"\n") for name, content in files.items() if name.endswith(".csv")}
    if sum(rows.values()) > most:
        longest = max(rows, key=lambda name: rows[name])
        raise whole(
            longest,
            f"{sum(rows.values()):,} rows in the snapshot; expected at most {most:,} (shorten the window, or leave "
            "out hourly rows of what is small)",
        )
    return files


def _read_zip(stream: BinaryIO, name: str, most_bytes: int) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > MAX_FILES:
                raise whole(name, f"{len(members)} files in the zip; expected at most {MAX_FILES}")
            problems = [p for m in members if (p := _untrusted(m))]
            members = [m for m in members if not _ignored(m.filename)]
            names = {m.filename: _inner(m.filename, members) for m in members}
            problems += (
                _too_big([(m.filename, m.file_size) for m in members], most_bytes)
                + _misplaced(names)
                + _repeated(members, names)
            )
            if problems:
                raise SnapshotError(problems)
            return {names[m.filename]: _unpacked(archive, m) for m in members}
    except (*DAMAGED_ZIP, OSError, ValueError) as error:
        if isinstance(error, SnapshotError):
            raise
        raise whole(
            name, f"not a readable zip: {error}; expected a folder or a .zip of CSV tables and manifest.json"
        ) from error
    except Exception as error:  # zlib.error and lzma.LZMAError have no common base
        raise whole(name, f"the zip is damaged: {error}") from error


def _untrusted(member: zipfile.ZipInfo) -> Problem | None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.orig_filename or ":" in member.filename:
        return Problem(
            member.filename, None, "", "", "a path that leads outside the zip; expected plain file names"
        )
    if member.flag_bits & 1:
        return Problem(
            member.filename, None, "", "", "the file is encrypted; expected a zip without password"
        )
    bomb = member.file_size > MIB and member.file_size > MAX_EXPANSION_RATIO * max(member.compress_size, 1)
    if bomb:
        return Problem(
            member.filename, None, "", "",
            f"expands more than {MAX_EXPANSION_RATIO}-fold when unpacked; expected CSV text",
        )  # fmt: skip
    return None


def _inner(filename: str, members: list[zipfile.ZipInfo]) -> str:
    """The name below one folder that all members share, if there is one."""
    tops = {PurePosixPath(m.filename).parts[0] for m in members}
    parts = PurePosixPath(filename).parts
    return "/".join(parts[1:]) if len(tops) == 1 and len(parts) > 1 else filename


def _repeated(members: list[zipfile.ZipInfo], names: Mapping[str, str]) -> list[Problem]:
    """Members that would be one file: of the same name, or of names that differ by `//`, `./` or the case."""
    times = Counter(_normal(names[m.filename]) for m in members)
    return [Problem(name, None, "", "", "appears twice in the zip") for name, n in times.items() if n > 1]


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", "/".join(PurePosixPath(name).parts)).casefold()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content, never more than the size its header states."""
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
        if len(content) > member.file_size:
            raise zipfile.BadZipFile(f"{member.filename} is longer than stated")
        return content


def _misplaced(names: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(f, None, "", "", "lies in a folder; expected all files side by side, or in one common folder")
        for f, inner in names.items()
        if "/" in inner
    ]


def _too_big(sizes: list[tuple[str, int]], most: int) -> list[Problem]:
    found = [
        Problem(
            n, None, "", "", f"{size / MIB:,.0f} MiB; expected at most {MAX_FILE_BYTES // MIB} MiB a file"
        )
        for n, size in sizes
        if size > MAX_FILE_BYTES
    ]
    total = sum(size for _, size in sizes)
    if not found and total > most:
        found.append(
            Problem(
                "snapshot",
                None,
                "",
                "",
                f"{total / MIB:,.0f} MiB; expected at most {most // MIB} MiB",
            )
        )
    if len(sizes) > MAX_FILES:
        found.append(Problem("snapshot", None, "", "", f"{len(sizes)} files; expected at most {MAX_FILES}"))
    return found


def _ignored(filename: str) -> bool:
    parts = PurePosixPath(filename).parts
    return bool(parts) and (parts[0] in IGNORED or parts[-1] in IGNORED or parts[-1].startswith("."))


def check_place(path: Path) -> None:
    """Try whether a snapshot can be written there, and leave no trace. Raises OutputError or FileExistsError."""
    if path.suffix.lower() != ".zip" and path.exists() and not _is_snapshot_folder(path):
        raise FileExistsError(f"{path}: exists and is not a snapshot; it is left as it is")
    if path.suffix.lower() == ".zip":
        check_file(path)
    else:
        _try_beside(path)


def check_file(path: Path) -> None:
    """Try whether a file can be written there, and leave no trace. Raises OutputError."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: not a regular file")
    _try_beside(path)


def _try_beside(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.lstat()  # a name that is too long
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:LONGEST_NAME]}."):
            pass
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def write_files(files: Mapping[str, bytes], path: Path) -> None:
    """Write a folder, or a .zip when the name ends so; the old one stays until the new one is complete.

    Raises OutputError or FileExistsError.
    """
    check_place(path)
    if path.suffix.lower() == ".zip":
        _write_zip(files, path)
    else:
        _write_folder(files, path)


def _write_zip(files: Mapping[str, bytes], path: Path) -> None:
    write_beside(path, archive_bytes(files))


def archive_bytes(files: Mapping[str, bytes]) -> bytes:
    """A .zip of files, sorted and without the time of day: equal content, equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _write_folder(files: Mapping[str, bytes], path: Path) -> None:
    if path.exists() and not _is_snapshot_folder(path):
        raise FileExistsError(f"{path}: exists and is not a snapshot; it is left as it is")
    temporary = beside(path)
    try:
        temporary.mkdir()
        remove_left_over(temporary)
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            _swap(temporary, path)
        else:
            os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(new: Path, path: Path) -> None:
    """Put `new` in the place of the folder `path`; when that fails the old one is put back."""
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:LONGEST_NAME]}.old."))
    try:
        os.replace(path, aside)
    except BaseException:
        aside.rmdir()
        raise
    try:
        os.replace(new, path)
    except BaseException:
        os.replace(aside, path)
        raise
    shutil.rmtree(aside)


def _is_snapshot_folder(path: Path) -> bool:
    return path.is_dir() and (not any(path.iterdir()) or (path / "manifest.json").exists())
