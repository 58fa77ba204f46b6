"""The accounts that are shipped with the project, as snapshot folders beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from simulator.snapshot.snapshot import Snapshot, load_trusted

FOLDER = Path(__file__).parent / "samples"
SAMPLES = ("team", "report")


@cache
def load_sample(name: str) -> Snapshot:
    """A shipped sample by name: `report` (the account of the seed report) or `team` (a mid-size account).

    The tables are shared between callers: read them, never write. Raises ValueError for another name.
    """
    if name not in SAMPLES:
        raise ValueError(f"no sample {name!r}; samples are {', '.join(SAMPLES)}")
    return load_trusted(FOLDER / name)
