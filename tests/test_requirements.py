"""What is installed: requirements.txt is the lock's, and the lock is of what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
PINS = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8")))


def name_of(requirement: str) -> str:
    """The package of a requirement, as indexes spell it."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_each_pin_is_that_of_the_lock() -> None:
    locked = {package["name"]: package["version"] for package in LOCK if "version" in package}
    assert len(PINS) > 50
    assert {n: v for n, v in PINS.items() if locked.get(n) != v} == {}


@pytest.mark.parametrize("extra", ["", "app", "aws", "mcp", "postgresql"])
def test_what_the_app_asks_for_is_pinned(extra: str) -> None:
    asked = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    assert {name_of(r) for r in asked} - set(PINS) == set()


def test_the_lock_is_of_these_dependencies() -> None:
    own = next(package for package in LOCK if package["name"] == PROJECT["name"])
    asked = {name_of(r) for r in PROJECT["dependencies"]}
    asked |= {name_of(r) for extra in PROJECT["optional-dependencies"].values() for r in extra}
    assert {r["name"] for r in own["metadata"]["requires-dist"]} == asked
