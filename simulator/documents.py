"""Documents in and out. JSON from outside: limits of size, depth and digits, then a shape that pydantic checks.

All refusals are DocumentErrors in our own words: the document, the place in it, what was expected, what was found.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from simulator.errors import DocumentError, OutputError

if TYPE_CHECKING:
    from pydantic import BaseModel

MIB = 2**20
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)
"""What a damaged, encrypted, cut off or exotic .zip makes its reader raise, beside OSError and ValueError."""
MAX_BYTES = 16 * MIB
MAX_DEPTH = 32
MAX_DIGITS = 40
"""A double says all it can in 17; AWS account ids have 12."""
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
SHOWN = 60
LONGEST_NAME = 40
"""What of a name stands in that of the file beside it: a system allows 255 bytes, up to four a letter."""
LEFT_OVER_SECONDS = 3600
Model = TypeVar("Model", bound="BaseModel")


def read_text_file(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """A small text file in UTF-8. Raises DocumentError for a pipe, a device, another encoding, or too much."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise DocumentError(f"{path.name}: not a regular file")
            content = stream.read(max_bytes + 1)
    except OSError as error:
        raise DocumentError(f"{path.name}: cannot be read: {error.strerror}") from error
    return text_of(content, path.name, max_bytes)


def text_of(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> str:
    """Bytes as text. Raises DocumentError."""
    if len(content) > max_bytes:
        raise DocumentError(f"{name}: more than {max_bytes / MIB:g} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 (byte {error.start + 1:,})") from None


def write_beside(path: Path, content: bytes) -> None:
    """Write a file whole, as `opened_beside`; a pipe or device (/dev/stdout) is written to as it is.

    Raises OutputError in words: a full disk, a read-only folder, a folder of that name, a pipe that nobody reads.
    """
    try:
        mode = path.stat().st_mode if path.exists() else stat.S_IFREG
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            _write_into(path, content)
            return
    except OSError as error:
        raise _unwritable(path, error) from error
    with opened_beside(path) as stream:
        stream.write(content)


@contextmanager
def opened_beside(path: Path) -> Iterator[BinaryIO]:
    """A file to write, beside its place and moved there at the end: the old one stays until then, and if that fails.

    A link stays and its file is replaced, with the permissions it had; a new file has those that the umask leaves.
    Raises OutputError in words.
    """
    temporary: Path | None = None
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        place = Path(os.path.realpath(path))
        temporary = beside(place)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o666 if mode is None else 0o600), "wb") as stream:
            remove_left_over(temporary)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, place)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {error.strerror or error}")


def beside(place: Path) -> Path:
    """A hidden name in the same folder that nothing has: what is written there can take the place in one move."""
    return place.with_name(f".{place.name[:LONGEST_NAME]}.{secrets.token_hex(4)}")


def remove_left_over(new: Path) -> None:
    """Remove what killed processes left under names like this new one (`beside`), an hour before it or earlier."""
    left_over = re.compile(re.escape(new.name[: -len(new.suffix)]) + r"\.[0-9a-f]{8}")
    with suppress(OSError), os.scandir(new.parent) as entries:
        latest = new.stat().st_mtime - LEFT_OVER_SECONDS
        for entry in entries:
            if left_over.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < latest:
                _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(entry.path)


def _write_into(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)


def parse(content: str | bytes, name: str, max_bytes: int = MAX_BYTES) -> Any:
    """JSON as data. Raises DocumentError: not JSON, too large, too deep, a number too long, a key twice, NaN."""
    text = text_of(content, name, max_bytes) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    if len(text) > max_bytes:
        raise DocumentError(f"{name}: more than {max_bytes / MIB:g} MiB")
    _refuse_depth(text, name)
    try:
        return json.loads(
            text, parse_int=_whole, parse_float=_number, parse_constant=_constant, object_pairs_hook=_object
        )
    except _Refused as error:
        raise DocumentError(f"{name}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{name}: not JSON ({error})") from None


def shaped(kind: type[Model], data: Any, name: str) -> Model:
    """Data as a model. The description of a field is what the sentence says was expected."""
    from pydantic import ValidationError

    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    place = ".".join([name, *map(str, first["loc"])])
    if first["type"] == "extra_forbidden":
        raise DocumentError(f"{place}: unknown; expected {', '.join(kind.model_fields)}")
    field = kind.model_fields.get(str(first["loc"][0])) if first["loc"] else None
    expected = (field.description if field else None) or "an object"
    if first["type"] == "missing":
        raise DocumentError(f"{place}: missing; expected {expected}")
    raise DocumentError(f"{place}: expected {expected}, not {shortened(first['input'])}")


def shortened(value: Any) -> str:
    """A value as JSON, cut to what a sentence bears."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class _Refused(Exception):
    """A value that JSON allows and we do not."""


def _refuse_depth(text: str, name: str) -> None:
    depth = 0
    for token in TOKENS.finditer(text):
        sign = token[0]
        depth += 1 if sign in "[{" else -1 if sign in "]}" else 0
        if depth > MAX_DEPTH:
            raise DocumentError(f"{name}: nested deeper than {MAX_DEPTH} levels")


def _whole(text: str) -> int:
    _refuse_long(text)
    return int(text)


def _number(text: str) -> float:
    _refuse_long(text)
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused(f"a number out of range ({text[:SHOWN]})")
    return number


def _refuse_long(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise _Refused(f"a number of {len(text):,} digits; expected at most {MAX_DIGITS}")


def _constant(text: str) -> float:
    raise _Refused(f"{text} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [k for k, _ in pairs]
        raise _Refused(f"the key {shortened(next(k for k in names if names.count(k) > 1))} appears twice")
    return found
