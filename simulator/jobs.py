"""Heavy work (an import, 10,000 draws, a report) in a process of its own: bounded, with progress, to be cancelled.

A worker is a fresh interpreter, so that a server's threads, caches and locks stay out of it, other sessions keep
their turn on the interpreter, cancelling is a kill, and its memory goes back to the system when it ends. It is started
and not spawned by `multiprocessing`, which would run the parent's main script anew: under Streamlit that is the page.
Work is a function of a module, called as `work(say, *arguments)`; arguments and answer are pickled, so they are plain
data or our own dataclasses, and never come from outside: the pipe is between two processes of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Any, Literal

from simulator.errors import SimulatorError
from simulator.frames import keep_texts_as_python
from simulator.scratch import remove_left_over

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Say = Callable[[str, float], None]
"""What work reports with: words, and how much is done (a ratio, 0 to 1)."""
MOST_RUNNING = 2
MOST_WAITING = 8
END_SECONDS = 5.0
NICE = 10
"""A worker gives way to the server: pages are answered first where cores are few."""


class JobError(SimulatorError):
    """The work failed, was cancelled, or there is no room for it; the message is for people."""


@dataclass(frozen=True)
class Progress:
    """Where a job is."""

    state: State
    words: str = ""
    done_ratio: float = 0.0


class Job:
    """One piece of work. Made by `Jobs.start`; all methods may be called from any thread."""

    def __init__(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._work, self._arguments = work, arguments
        self._progress = Progress("waiting")
        self._answer: Any = None
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def progress(self) -> Progress:
        """The last that the work said."""
        return self._progress

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come: done, failed or cancelled."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> None:
        """Until it is over, at most so long."""
        self._ended.wait(seconds)

    def result(self, timeout_seconds: float | None = None) -> Any:
        """The answer. Raises what the work raised where it is one of ours, `JobError` for all else."""
        if not self._ended.wait(timeout_seconds):
            raise JobError(f"not done after {timeout_seconds:g} seconds")
        if self._progress.state == "done":
            return self._answer
        if isinstance(self._answer, SimulatorError):
            raise self._answer
        raise JobError(self._progress.words)

    def cancel(self) -> None:
        """End it now; what it had begun is lost. Nothing happens to a job that is over."""
        self._finish("cancelled", "cancelled")
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def run(self) -> None:
        """Do the work in a new process and wait for its end; called by `Jobs`, in a thread."""
        ours, theirs = Pipe()
        with self._lock:
            if self.is_over:
                return
            self._process = _started(theirs)
            self._progress = Progress("running")
        theirs.close()
        try:
            ours.send((self._work, self._arguments))
            self._listen(ours)
        finally:
            ours.close()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.returncode < 0:  # killed: it could not clear up behind itself
                remove_left_over()

    def _listen(self, messages: Connection) -> None:
        while not self.is_over:
            try:
                kind, words, value = messages.recv()
            except (EOFError, OSError):
                self._finish("failed", "the worker ended without an answer (out of memory?)")
                return
            if kind == "said":
                self._progress = Progress("running", words, value)
            else:
                self._finish(kind, words, value)

    def _finish(self, state: State, words: str, answer: Any = None) -> None:
        with self._lock:
            if not self.is_over:
                done = 1.0 if state == "done" else self._progress.done_ratio
                self._answer, self._progress = answer, Progress(state, words, done)
                self._ended.set()


class Jobs:
    """At most `running` jobs at once and `waiting` in the queue; one more is refused at once, in words."""

    def __init__(self, running: int = MOST_RUNNING, waiting: int = MOST_WAITING) -> None:
        self._most, self._turns = running + waiting, threading.Semaphore(running)
        self._lock = threading.Lock()
        self._jobs: list[Job] = []

    def start(self, work: Callable[..., Any], *arguments: Any) -> Job:
        """Begin as soon as there is a turn. `JobError` where too many wait already."""
        with self._lock:
            self._jobs = [job for job in self._jobs if not job.is_over]
            if len(self._jobs) >= self._most:
                raise JobError("the server is busy with others' work; try again in a minute")
            job = Job(work, arguments)
            self._jobs.append(job)
        threading.Thread(target=self._take_turn, args=(job,), daemon=True, name="job").start()
        return job

    def cancel_all(self) -> None:
        """End every job, waiting or running."""
        with self._lock:
            for job in self._jobs:
                job.cancel()

    def _take_turn(self, job: Job) -> None:
        with self._turns:
            try:
                job.run()
            except (
                Exception
            ) as error:  # such as arguments that cannot be pickled: the caller waits for an end
                job._finish("failed", f"the work could not be started: {error}")


def _started(messages: Connection) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(p for p in sys.path if p)
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(messages.fileno())],
        pass_fds=[messages.fileno()],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )


def work_once(messages: Connection) -> None:
    """What a worker does: take one piece of work from the pipe, do it, send what it says and its answer."""

    lock = threading.Lock()
    keep_texts_as_python()

    def say(words: str, done_ratio: float) -> None:
        with lock:  # a collection tells its progress from several threads
            messages.send(("said", words, min(max(done_ratio, 0.0), 1.0)))

    try:
        work, arguments = messages.recv()
        answer = work(say, *arguments)
        messages.send(("done", "", answer))
    except SimulatorError as error:
        messages.send(("failed", str(error), error))
    except (ValueError, OSError, LookupError) as error:  # said by a check inside the package
        messages.send(("failed", str(error) or type(error).__name__, None))
    except Exception as error:
        messages.send(("failed", f"{type(error).__name__}: {error}", None))


if __name__ == "__main__":
    from simulator.jobs import work_once as begin  # by its own name, so that what it pickles has one too

    os.nice(NICE)
    begin(Connection(int(sys.argv[1])))
