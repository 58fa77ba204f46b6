"""The store of answers: what cannot be opened is said, closed and done without."""

from __future__ import annotations

import gc
from pathlib import Path

from simulator.sources.collect.client.store import open_store


def test_a_damaged_store_is_said_and_done_without(tmp_path: Path) -> None:
    """A connection that was left open would be an error as soon as it is collected (`tests/conftest.py`)."""
    said: list[str] = []
    with open_store(tmp_path, "account", "identity", said.append):
        pass
    (file,) = tmp_path.glob("*.sqlite")
    file.write_bytes(b"no database" * 100)
    with open_store(tmp_path, "account", "identity", said.append) as store:
        store.put("question", {"answer": 1})
        assert store.get("question") == {"answer": 1}
    gc.collect()
    assert len(said) == 1
    assert "a run that is broken off starts anew" in said[0]
    assert file.read_bytes() == b"no database" * 100
