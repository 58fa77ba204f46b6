"""Every benchmark starts, at the smallest size, and prints its checks; the figures themselves are not tested."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.__main__ import _names
from tests.browser.served import find_chromium

ROOT = Path(__file__).parents[2]
NEEDS_CHROMIUM = {"ui", "uploads"}


def names() -> list[str]:
    """The benchmarks that can run on this machine."""
    return [n for n in _names() if n not in NEEDS_CHROMIUM or find_chromium() is not None]


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What each printed. Those with a browser mostly wait for it: the others run meanwhile."""
    here = names()
    groups = [g for n in (True, False) if (g := [x for x in here if (x in NEEDS_CHROMIUM) is n])]
    with ThreadPoolExecutor(len(groups)) as pool:
        return {name: words for found in pool.map(_started, groups) for name, words in found.items()}


def _started(some: list[str]) -> dict[str, str]:
    """Several in one process, which imports once what they share."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *some],
        cwd=ROOT, env={**os.environ, "BENCH_TINY": "1"}, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    _, *parts = re.split(r"^== (\w+)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.thorough
@pytest.mark.parametrize("name", _names())
def test_a_benchmark_starts_and_prints_its_checks(name: str, said: dict[str, str]) -> None:
    if name not in names():
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    assert re.findall(r"^(PASS|FAIL)  .+: [\d.]+ \(limit", said[name], re.MULTILINE)


def test_all_benchmarks_are_known_and_the_runner_is_none_of_them() -> None:
    assert set(_names()) == {
        "agents", "collect", "engine", "import_cur", "ladder", "links", "sessions", "ui", "uploads", "workspace",
    }  # fmt: skip
