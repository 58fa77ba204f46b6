"""A Streamlit server on a free loopback port, and the system's Chromium: for tests, benchmarks, pictures."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell first: the same engine without windows that nobody sees, for a tenth less work."""
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A running app: its address, its process, when that was started (seconds since the epoch)."""

    url: str
    process: "subprocess.Popen[bytes]"
    started_epoch: float


def find_chromium() -> str | None:
    """Path of the system's Chromium, if there is one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@contextmanager
def serve(script: Path, log: Path, *, folder: Path = ROOT) -> Iterator[Served]:
    """Run a Streamlit script from `folder` (whose .streamlit/config.toml counts); its output goes to `log`.

    Raises RuntimeError with the end of the log if the server stops or does not answer within 60 s.
    """
    port = free_port()
    with _running([*_command(script, port)], log, folder, {}, f"http://127.0.0.1:{port}") as served:
        yield served


@contextmanager
def serve_app(
    log: Path, environment: dict[str, str] | None = None, *, port: int = 0, base_path: str = ""
) -> Iterator[Served]:
    """Run `ml-spend app`, the page as a server, with these settings in its environment."""
    port = port or free_port()
    command = [sys.executable, "-m", "simulator", "app", "--headless", "--address", "127.0.0.1"]
    command += ["--port", str(port), "--base-path", base_path]
    prefix = f"/{base_path.strip('/')}" if base_path else ""
    with _running(command, log, ROOT, environment or {}, f"http://127.0.0.1:{port}{prefix}") as served:
        yield served


@contextmanager
def _running(
    command: list[str], log: Path, folder: Path, environment: dict[str, str], url: str
) -> Iterator[Served]:
    started_epoch = time.time()
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(url, process, log)
        yield Served(url, process, started_epoch)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(script: Path, port: int) -> Iterator[str]:
    yield from (sys.executable, "-m", "streamlit", "run", str(script))
    yield from ("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true")
    yield from ("--browser.gatherUsageStats", "false", "--logger.enableRich", "false")
    if script.parent != ROOT:  # ours says so itself
        yield from ("--server.fileWatcherType", "none")


def watched_places(process: "subprocess.Popen[bytes]") -> int:
    """How many folders and files a process watches for changes; 0 where the system does not tell."""
    opened = Path(f"/proc/{process.pid}/fdinfo").glob("*")
    return sum(place.read_text().count("inotify wd") for place in opened)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"{url} did not answer; the server said:\n{log.read_text(errors='replace')[-3000:]}")
