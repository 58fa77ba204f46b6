"""CONTRIBUTING's recipes, followed on a copy of the project: what they name is all that is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COPIED = ("simulator", "pricing_data", "scripts", "docs", "tests", "pyproject.toml", "streamlit_app.py")
LEFT_OUT = shutil.ignore_patterns("screenshots", "browser", "seed")

LEVER = '''"""E99 serve from machines you own."""

from dataclasses import dataclass
from typing import Any

from simulator.levers.action import Action
from simulator.levers.endpoints.fleet import moved, other_modes, without_instances
from simulator.levers.lever import Lever, Verdicts, decide, rewritten
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class OnPremises(Lever):
    """Serve a share of the traffic from machines you own.

    Rented instance hours become hours × (1 − share). A bad idea without machines that stand idle.

    Source: rules.md#endpoints; our judgement.
    """

    id = "on_premises"
    title = "Serve from machines you own"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 40.0
    phase = 3

    moved_ratio: float = param(
        "Share of instance hours that move", "ratio", 0.5, low=0.2, high=0.8, grade="assumed", source="our judgement"
    )

    def verdicts(self, usage: Usage) -> Verdicts:
        e = usage.endpoints
        return decide(e, *other_modes(e, self.id), *without_instances(e), otherwise="Runs on instances.")

    def apply(self, usage: Usage) -> Usage:
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        hours = e.instance_hours * (1 - self.moved_ratio)
        return rewritten(usage, "endpoints", **moved(e, ok, instance_hours=hours))

    def action(self, chosen: Any) -> Action:
        return Action(self.id, ("Move the callers, then delete instances.",), "Create the instances again.")
'''

LEVER_TEST = """import pytest

from simulator import Scenario, simulate
from simulator.levers import mode_levers
from simulator.levers.endpoints.on_premises import OnPremises
from simulator.reports.actions import chosen_actions
from tests.accounts import account_with, prices


def test_half_of_the_hours_are_no_longer_rented():
    account = account_with(endpoints=[{"instance_type": "ml.g5.2xlarge"}])
    result = simulate(account, Scenario((OnPremises(),)), prices())
    assert result.saving_usd == pytest.approx(0.5 * 730 * 1.515)  # ml.g5.2xlarge hosting, us-east-1
    assert chosen_actions(result)[0].steps == ("Move the callers, then delete instances.",)


def test_it_is_a_serving_mode_and_excludes_the_others():
    assert "on_premises" in mode_levers()
    assert set(OnPremises.excludes) == set(mode_levers()) - {"on_premises"}
"""

PAGE = '''"""A page that greets."""

import streamlit as st

from simulator.ui import session


def show() -> None:
    """The page."""
    st.title(f"Hello, {session.view().account.snapshot.manifest.name}", anchor=False)
'''

PAGE_TEST = """from tests.ui.pages import opened


def test_it_greets_the_account():
    app = opened("hello")
    assert not app.exception
    assert app.title[0].value.startswith("Hello, ")
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, to be changed at will."""
    place = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, place / name)
    return place


def run(copy: Path, *command: str) -> str:
    """What a command of the copy prints. Fails with its output."""
    env = {**os.environ, "PYTHONPATH": str(copy)}
    env.pop("SIMULATOR_PRICES", None)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def write(copy: Path, path: str, text: str) -> None:
    target = copy / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def passed(copy: Path) -> set[str]:
    """A serving mode and a page, made as the recipes say; the tests of theirs that pass, all run in one process."""
    write(copy, "simulator/levers/endpoints/on_premises.py", LEVER)
    write(copy, "tests/levers/endpoints/test_on_premises.py", LEVER_TEST)
    write(copy, "simulator/ui/pages/hello.py", PAGE)
    write(copy, "tests/ui/test_hello.py", PAGE_TEST)
    navigation = copy / "simulator" / "ui" / "navigation.py"
    text = navigation.read_text(encoding="utf-8")
    navigation.write_text(
        text.replace('"overview": "Overview",', '"overview": "Overview", "hello": "Hello",')
    )
    said = run(
        copy, "-m", "pytest", "-q", "-rp", "-p", "no:cacheprovider", "tests/levers/test_contract.py",
        "tests/levers/endpoints/test_on_premises.py", "tests/ui/test_hello.py",
        "-k", "on_premises or half_of or serving_mode or greets",
    )  # fmt: skip
    return set(re.findall(r"^PASSED (\S+)$", said, re.M))


@pytest.mark.thorough
def test_a_serving_mode_is_one_file_and_one_test(copy: Path, passed: set[str]) -> None:
    of_the_recipe = set(re.findall(r"def (test_\w+)", LEVER_TEST))
    assert {f"tests/levers/endpoints/test_on_premises.py::{t}" for t in of_the_recipe} <= passed
    assert (
        len([t for t in passed if t.startswith("tests/levers/test_contract.py") and "on_premises" in t]) > 3
    )
    run(copy, "scripts/docs_levers.py")
    assert "Serve from machines you own" in (copy / "docs" / "levers.md").read_text(encoding="utf-8")
    project = ["project", "--usage", "team", "--set", "on_premises.moved_ratio=0.5"]
    both = f"import sys; from simulator.cli.main import main; sys.exit(main(['levers']) or main({project!r}))"
    listed, _, projected = run(copy, "-c", both).partition("monthly run rate")
    assert "on_premises" in listed
    assert "on_premises" in projected


@pytest.mark.thorough
def test_a_price_is_a_row_and_its_source_another(copy: Path) -> None:
    row = "hosting,ml.g5.2xlarge,us-east-1,,,1.25,instance_hour,1,2026-11-20,2026-11-20,official,recipe,"
    for name, line in (
        ("prices/other.csv", row),
        ("sources.csv", "recipe,A price list we read,https://example.com,"),
    ):
        with (copy / "pricing_data" / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    shown = run(copy, "-m", "simulator", "prices", "show", "hosting/ml.g5.2xlarge", "--format", "json")
    assert "1.25" in shown
    assert "recipe" in shown


@pytest.mark.thorough
def test_a_page_is_one_file_and_one_name(passed: set[str]) -> None:
    assert "tests/ui/test_hello.py::test_it_greets_the_account" in passed


def test_every_file_a_recipe_names_is_there() -> None:
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a lever")[2]
    named = {n for n in re.findall(r"`([\w./-]+/[\w./-]*)`", recipes) if "<" not in n}
    assert len(named) > 8
    assert {n for n in named if not (ROOT / n).exists()} == set()
