"""Documents of AWS's price list over HTTP, each kept whole until a refresh is done. Raises ValueError in words."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

WAIT_SECONDS = 60
CHUNK_BYTES = 1 << 20


def kept_json(url: str, kept: Path) -> Any:
    """A document that is whole is kept until the refresh is done; its address names its version."""
    file = kept_place(url, kept)
    if file.exists():
        return json.loads(file.read_bytes())
    data = fetched_json(url)
    kept.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(data), encoding="utf-8")
    os.replace(part, file)
    return data


def kept_place(url: str, kept: Path) -> Path:
    """Where a download is kept: its address names its version."""
    return kept / hashlib.sha256(url.encode()).hexdigest()[:32]


def kept_file(url: str, kept: Path) -> Path:
    """A large file, written as it comes and kept when it is whole."""
    file = kept_place(url, kept)
    if file.exists():
        return file
    kept.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    _check_address(url)
    try:
        with urlopen(url, timeout=WAIT_SECONDS) as answer, part.open("wb") as stream:
            shutil.copyfileobj(answer, stream, CHUNK_BYTES)
            expected = int(answer.headers.get("Content-Length") or part.stat().st_size)
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ValueError(f"{url}: could not be read: {error!r}; nothing was written") from None
    if part.stat().st_size != expected:
        raise ValueError(
            f"{url}: not complete: {part.stat().st_size} of {expected} bytes; nothing was written"
        )
    os.replace(part, file)
    return file


def _check_address(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url}: expected an http or https address")


def fetched_json(url: str) -> Any:
    """A JSON document, whole. Raises ValueError in words when it cannot be read or is not complete."""
    _check_address(url)
    try:
        with urlopen(url, timeout=WAIT_SECONDS) as answer:
            return json.loads(answer.read())
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ValueError(f"{url}: could not be read: {error!r}; nothing was written") from None
    except ValueError as error:
        raise ValueError(f"{url}: not a complete JSON document: {error}; nothing was written") from None
