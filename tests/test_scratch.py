"""Folders to work in: gone with their user, however that ends; a living one's stays."""

from __future__ import annotations

import gc
import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import OutputError
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
    with ScratchFolder() as folder:
        assert list(folder.path.iterdir()) == []
        assert folder.path.parent.stat().st_mode & 0o077 == 0
        (folder.path / "in").mkdir()
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
        assert first.path.exists()
        assert second.path.exists()
    assert sorted(p.name for p in place.iterdir()) == [f"{PREFIX}of-somebody-else", "notes"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a b.csv", "a b.csv"),
        ("../../etc/a.csv", "a.csv"),
        ("..\\a.csv", ".._a.csv"),
        ("a\0b\n.csv", "a_b_.csv"),
        ("..", "upload"),
        ("", "upload"),
        ("Überblick 💰.csv", "Überblick 💰.csv"),
        ("💰" * 80 + ".csv", "💰" * 49 + ".csv"),
        ("\ud800.csv", "?.csv"),
    ],
)
def test_an_upload_keeps_what_its_name_may_be(name: str, kept: str) -> None:
    with ScratchFolder() as folder:
        first, second = (folder.put(name, io.BytesIO(content)) for content in (b"1", b"2"))
        assert (first.name, first.read_bytes(), second.name, second.read_bytes()) == (kept, b"1", kept, b"2")
        assert first.parent.parent == second.parent.parent == folder.path


def test_where_there_is_no_room_it_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ScratchFolder() as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            with pytest.raises(OutputError, match=r"a\.csv: no room on this machine: File too large"):
                folder.put("a.csv", io.BytesIO(b"1" * 11))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    monkeypatch.setattr("tempfile.tempdir", str(place / "not there"))
    with pytest.raises(OutputError, match="temporary files: no room on this machine: No such file"):
        ScratchFolder()
