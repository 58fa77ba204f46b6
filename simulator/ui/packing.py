"""What is planned, packed into a word of an address: only fields that differ from their defaults, deflated."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from simulator.demand import Workload, all_workloads, from_dict
from simulator.demand.demand import Demand
from simulator.demand.files import MOST_WORKLOADS
from simulator.errors import InputError
from simulator.snapshot.sample import load_sample

MOST_CHARACTERS = 4_000
"""Of an address: proxies refuse requests of more than 8 KB."""
MOST_BYTES = 2**18
"""Unpacked; what would unfold to more is refused."""


def carries(workloads: Sequence[Workload]) -> bool:
    """Whether an address is long enough for them."""
    return not workloads or len(packed(workloads)) <= MOST_CHARACTERS


def packed(workloads: Sequence[Workload]) -> str:
    """Letters, digits, `-` and `_`."""
    return _packed(tuple(workloads))


@lru_cache(maxsize=64)
def _packed(workloads: tuple[Workload, ...]) -> str:
    """Remembered: every run of the page asks twice."""
    data = json.dumps([_differing(w) for w in workloads], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(data.encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> tuple[Workload, ...]:
    """The workloads of such a word. Raises InputError in words; none is then taken."""
    try:
        content = base64.urlsafe_b64decode(text[:MOST_CHARACTERS] + "=" * (-len(text) % 4))
        plain = zlib.decompressobj()
        data = json.loads(plain.decompress(content, MOST_BYTES))
    except (ValueError, zlib.error, RecursionError):
        raise InputError("workloads: the link was cut short or changed") from None
    if not isinstance(data, list) or len(data) > MOST_WORKLOADS:
        raise InputError(f"workloads: expected a list of at most {MOST_WORKLOADS}")
    made = tuple(from_dict(entry) for entry in data)
    Demand(load_sample("report"), made)  # refuses a type or region that there is not
    return made


def _differing(workload: Workload) -> dict[str, Any]:
    kind = all_workloads()[workload.id]
    defaults = kind(name=workload.name).to_dict()
    mine = workload.to_dict()
    return {k: v for k, v in mine.items() if k in ("workload", "name") or v != defaults.get(k)}
