"""Folders to work in: gone with their user, however that ends; a living one's stays."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.scratch import PREFIX, ScratchFolder, remove_left_over

BEGIN = "from simulator.scratch import ScratchFolder\nmade = ScratchFolder()\n(made.path / 'bill').touch()\n"
ENDS = {
    "killed": "import os; os.kill(os.getpid(), 9)",
    "failed": "raise ValueError",
    "done": "",
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("end", ENDS)
def test_nothing_of_a_process_that_ended_is_left(place: Path, end: str) -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN + ENDS[end]], capture_output=True, check=False)
    if end == "killed":
        assert done.returncode == -signal.SIGKILL
        assert [p.name for p in place.glob("*/*/*")] == ["bill"]
        remove_left_over()
    assert list(place.iterdir()) == []


def test_a_folder_is_empty_and_private_and_ends_with_its_block_or_its_last_user(place: Path) -> None:
    with ScratchFolder() as path:
        assert list(path.iterdir()) == []
        assert path.parent.stat().st_mode & 0o077 == 0
        (path / "in").mkdir()
    assert list(place.iterdir()) == []
    kept: ScratchFolder | None = ScratchFolder()
    assert kept is not None
    assert kept.path.exists()
    kept = None
    gc.collect()
    assert list(place.iterdir()) == []


def test_what_is_in_use_and_what_is_not_ours_stays(place: Path) -> None:
    (place / f"{PREFIX}of-somebody-else").mkdir()
    (place / "notes").mkdir()
    with ScratchFolder() as first, ScratchFolder() as second:  # the second looks for left-overs
        remove_left_over()
        subprocess.run(
            [sys.executable, "-c", BEGIN], env=dict(os.environ), check=True
        )  # so does another process
        assert first.exists()
        assert second.exists()
    assert sorted(p.name for p in place.iterdir()) == [f"{PREFIX}of-somebody-else", "notes"]
