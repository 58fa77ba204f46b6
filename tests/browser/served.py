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
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
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
    port = _free_port()
    started_epoch = time.time()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*_command(script, port)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
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
    yield from ("--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false")
    yield from ("--logger.enableRich", "false")


def _free_port() -> int:
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
