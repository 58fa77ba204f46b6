"""Every benchmark starts, at the smallest size, and prints its checks; the figures themselves are not tested."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import _names
from tests.browser.served import find_chromium

ROOT = Path(__file__).parents[2]
NEEDS_CHROMIUM = {"ui", "uploads"}


@pytest.mark.parametrize("name", _names())
def test_a_benchmark_starts_and_prints_its_checks(name):
    if name in NEEDS_CHROMIUM and find_chromium() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name],
        cwd=ROOT, env={**os.environ, "BENCH_TINY": "1"}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert re.findall(r"^(PASS|FAIL)  .+: [\d.]+ \(limit", done.stdout, re.MULTILINE), done.stderr[-2000:]


def test_all_benchmarks_are_known_and_the_runner_is_none_of_them():
    assert set(_names()) == {
        "agents", "collect", "engine", "import_cur", "ladder", "links", "sessions", "ui", "uploads", "workspace",
    }  # fmt: skip
