"""Every benchmark starts, at the smallest size, and prints its checks; the figures themselves are not tested."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from benchmarks.__main__ import _names
from tests.browser.served import find_chromium

ROOT = Path(__file__).parents[2]
NEED_CHROMIUM = ("ui", "uploads")
NEED_A_SERVER = ("links", "sessions", "workspace", *NEED_CHROMIUM)
OTHERS = ("agents", "collect", "engine", "import_cur", "ladder")


@pytest.fixture(scope="module")
def said() -> Callable[[tuple[str, ...]], dict[str, str]]:
    """What each of several benchmarks printed, run in one process, which imports once what they share."""

    @cache
    def run(names: tuple[str, ...]) -> dict[str, str]:
        here = [n for n in names if n not in NEED_CHROMIUM or find_chromium() is not None]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", *here],
            cwd=ROOT, env={**os.environ, "BENCH_TINY": "1"}, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr[-4000:]
        _, *parts = re.split(r"^== (\w+)\n", done.stdout, flags=re.MULTILINE)
        return dict(zip(parts[::2], parts[1::2], strict=True))

    return run


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        *((name, OTHERS) for name in OTHERS),
        *(pytest.param(name, NEED_A_SERVER, marks=pytest.mark.thorough) for name in NEED_A_SERVER),
    ],
)
def test_a_benchmark_starts_and_prints_its_checks(
    name: str, beside: tuple[str, ...], said: Callable[[tuple[str, ...]], dict[str, str]]
) -> None:
    if name in NEED_CHROMIUM and find_chromium() is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    assert re.findall(r"^(PASS|FAIL)  .+: [\d.]+ \(limit", said(beside)[name], re.MULTILINE)


def test_all_benchmarks_are_known_and_the_runner_is_none_of_them() -> None:
    assert set(_names()) == {*OTHERS, *NEED_A_SERVER}
