"""Work in a process of its own: its answer, its refusal, its progress, its end; and bounds that hold."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from simulator.errors import DocumentError
from simulator.jobs import Job, JobError, Jobs, Say
from simulator.scratch import ScratchFolder
from simulator.snapshot.problems import Problem, SnapshotError

SOON = 60.0
ANOTHER = Problem("jobs", None, "", "", "missing")


def add(say: Say, one: int, other: int) -> int:
    say("half of it", 0.5)
    return one + other


def own_pid(say: Say) -> int:
    return os.getpid()


def refuse(say: Say) -> None:
    raise DocumentError("scenario.keep: expected a list")


def refuse_a_snapshot(say: Say) -> None:
    raise SnapshotError([Problem("endpoints", 3, "region", "moon", "expected a region"), ANOTHER])


def tell_from_many_threads(say: Say) -> str:
    def tell() -> None:
        for _ in range(20):
            say("x" * 70_000, 0.5)

    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "whole"


def refuse_plainly(say: Say) -> None:
    raise ValueError("discount: expected 0 to 1")


def stumble(say: Say) -> None:
    raise ZeroDivisionError("by nothing")


def killed(say: Say) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(say: Say, note: str) -> None:
    Path(note).write_text(str(os.getpid()))
    say("begun", 0.25)
    time.sleep(SOON)
    Path(note).write_text("came to its end")


def sleep_in_a_folder(say: Say, note: str) -> None:
    with ScratchFolder() as folder:
        (folder.path / "bill").touch()
        Path(note).write_text(str(folder.path))
        time.sleep(SOON)


def unpicklable(say: Say) -> object:
    return lambda: None


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(running=1, waiting=1)
    yield made
    made.cancel_all()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_answer_comes_from_another_process(jobs: Jobs) -> None:
    assert jobs.start(own_pid).result(SOON) != os.getpid()
    job = jobs.start(add, 40, 2)
    assert job.result(SOON) == 42
    assert (job.progress.state, job.progress.done_ratio) == ("done", 1.0)


def test_a_worker_does_not_run_the_servers_main_script(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under Streamlit `__main__` is the page; a worker that ran it anew would start a second app."""
    page, note = ModuleType("__main__"), tmp_path / "note"
    page.__file__ = str(tmp_path / "page.py")
    Path(page.__file__).write_text(f"open({str(note)!r}, 'w').close(); raise SystemExit(3)")
    monkeypatch.setitem(sys.modules, "__main__", page)
    assert jobs.start(add, 40, 2).result(SOON) == 42
    assert not note.exists()


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [
        (refuse, DocumentError, r"scenario\.keep: expected a list"),
        (
            refuse_a_snapshot,
            SnapshotError,
            "endpoints, row 3, column region: 'moon': expected a region\njobs: missing",
        ),
        (refuse_plainly, JobError, "^discount: expected 0 to 1$"),
        (stumble, JobError, "ZeroDivisionError: by nothing"),
        (killed, JobError, "without an answer"),
        (unpicklable, JobError, "pickle|local object"),
    ],
)
def test_failure_says_why(jobs: Jobs, work: Callable[[Say], object], kind: type, words: str) -> None:
    job = jobs.start(work)
    with pytest.raises(kind, match=words):
        job.result(SOON)
    assert job.progress.state == "failed"


def test_progress_told_from_many_threads_at_once_arrives_whole(jobs: Jobs) -> None:
    assert jobs.start(tell_from_many_threads).result(SOON) == "whole"


def test_cancelled_job_is_dead_at_once_and_lets_the_next_one_in(jobs: Jobs, tmp_path: Path) -> None:
    note = tmp_path / "note"
    first = jobs.start(sleep, str(note))
    until(lambda: first.progress.words == "begun")
    assert first.progress.done_ratio == 0.25
    second = jobs.start(own_pid)
    assert second.progress.state == "waiting"
    first.cancel()
    with pytest.raises(JobError, match="cancelled"):
        first.result(1)
    assert second.result(SOON) > 0
    until(lambda: not is_alive(int(note.read_text())))


def test_what_a_cancelled_job_was_working_on_is_removed(jobs: Jobs, tmp_path: Path) -> None:
    note = tmp_path / "note"
    job = jobs.start(sleep_in_a_folder, str(note))
    until(lambda: note.exists() and note.read_text() != "")
    folder = Path(note.read_text())
    assert [p.name for p in folder.iterdir()] == ["bill"]
    job.cancel()
    until(lambda: not folder.parent.exists())


def test_waiting_job_that_is_cancelled_never_begins(jobs: Jobs, tmp_path: Path) -> None:
    first = jobs.start(sleep, str(tmp_path / "first"))
    second = jobs.start(sleep, str(tmp_path / "second"))
    second.cancel()
    until(lambda: first.progress.words == "begun")
    first.cancel()
    assert jobs.start(own_pid).result(SOON) > 0
    assert not (tmp_path / "second").exists()


def test_one_more_than_there_is_room_for_is_refused_in_words(jobs: Jobs, tmp_path: Path) -> None:
    held: list[Job] = [jobs.start(sleep, str(tmp_path / str(n))) for n in range(2)]
    with pytest.raises(JobError, match="busy"):
        jobs.start(own_pid)
    held[1].cancel()
    held[0].cancel()
    assert jobs.start(own_pid).result(SOON) > 0


def test_waiting_for_an_answer_ends_with_the_time_given(jobs: Jobs, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"not done after 0\.1 seconds"):
        jobs.start(sleep, str(tmp_path / "n")).result(0.1)
