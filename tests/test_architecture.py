"""The rules of the design: directions of imports (import-linter, contracts in pyproject.toml), purity and the clock."""

import ast
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
# A lever is pure: no disk, no network, no clock, no dice.
LEVER_LIBRARIES = {
    "__future__", "collections", "dataclasses", "enum", "functools", "math", "numpy", "scipy", "typing",
}  # fmt: skip
PUBLIC_DOOR = {"PriceBook", "Account", "Scenario", "simulate", "answer"}
LEVER_LOADER = "simulator/levers/__init__.py"
CLOCK_EDGES = (
    "simulator/workspace/door.py",
    "simulator/cli/",
    "simulator/ui/",
    "simulator/sources/collect/",
    "simulator/pricing/refresh.py",
)
# Folders that a killed process leaves behind are found and removed where they are made in one place.
TEMPORARY = {"TemporaryDirectory", "mkdtemp", "mkstemp", "gettempdir", "TemporaryFile", "NamedTemporaryFile"}
SCRATCH = "simulator/scratch.py"
CLOCK_CALLS = {"date.today", "datetime.today", "datetime.now", "datetime.utcnow", "time.time"}
# Who holds another lock and waits for the session's, while who has the session waits for that lock, waits for ever.
LOCKS = {"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore"}
SESSION_LOCK = "simulator/ui/whole.py"
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "core", "common", "misc"}


def violations(root: Path) -> list[str]:
    """Every break of the rules below `root`, as sentences that name file and line."""
    return [
        f"{_relative(path, root)}{problem}" for path in _sources(root) for problem in _problems(path, root)
    ]


def _sources(root: Path) -> list[Path]:
    return sorted([*root.glob("streamlit_app.py"), *root.glob("simulator/**/*.py")])


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _problems(path: Path, root: Path) -> Iterator[str]:
    place = _relative(path, root)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if VAGUE_NAMES & set(path.with_suffix("").relative_to(root).parts):
        yield ": a module's name says what is in it"
    for line, module in _imports(tree, place):
        yield from (f":{line}: {problem}" for problem in _import_problems(module, place))
    for node in ast.walk(tree):
        yield from (f":{getattr(node, 'lineno', 0)}: {problem}" for problem in _node_problems(node, place))
    if place != SESSION_LOCK and any(m.split(".")[0] == "streamlit" for _, m in _imports(tree, place)):
        yield from (f":{line}: a lock beside the session's may wait for it for ever" for line in _locks(tree))


def _locks(tree: ast.AST) -> Iterator[int]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (c.lineno for c in calls if ast.unparse(c.func).rpartition(".")[2] in LOCKS)


def _imports(tree: ast.AST, place: str) -> Iterator[tuple[int, str]]:
    """Line and full name of all that is imported, also inside functions and for type checking only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = place.removesuffix(".py").split("/")[: -node.level] if node.level else []
            base = ".".join([*package, *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _import_problems(module: str, place: str) -> Iterator[str]:
    library, *rest = module.split(".")
    if library in FORBIDDEN:
        yield f"{library} runs what it reads"
    in_lever = place.startswith("simulator/levers/") and place != LEVER_LOADER
    if in_lever and library not in LEVER_LIBRARIES | {"simulator"}:
        yield f"a lever is pure and does not import {library}"
    if in_lever and library == "simulator" and (not rest or rest[0] in PUBLIC_DOOR):
        yield "a lever does not import the public door"


def _node_problems(node: ast.AST, place: str) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
        yield "unsafe_allow_html lets foreign text become HTML"
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called in {"eval", "exec"}:
            yield f"{called} runs text as code"
        beside = any(k.arg == "dir" for k in node.keywords)
        if called.rpartition(".")[2] in TEMPORARY and not beside and place != SCRATCH:
            yield f"{called}: what nobody keeps lies in a ScratchFolder"
        if ".".join(called.split(".")[-2:]) in CLOCK_CALLS and not place.startswith(CLOCK_EDGES):
            yield f"{called}: the engine is given dates; only the edges read the clock"


def import_cycle(root: Path) -> list[str]:
    """The modules of one import cycle below `root`, or none."""
    places = {_dotted(path, root): path for path in _sources(root)}
    graph = {name: _imported_modules(path, root, set(places) - {name}) for name, path in places.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _dotted(path: Path, root: Path) -> str:
    return _relative(path, root).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported_modules(path: Path, root: Path, known: set[str]) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [name for _, name in _imports(tree, _relative(path, root))]
    return {name if name in known else name.rpartition(".")[0] for name in names} & known


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the package of that folder, by the contracts of its pyproject.toml."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_imports_follow_the_contracts():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("place", "code", "contract"),
    [
        (
            "levers/training/runtime_cap.py",
            "import simulator.pricing.book",
            "Levers and demand never import money",
        ),
        ("pricing/book.py", "import simulator.levers.lever", "Money never imports levers"),
        ("usage/build.py", "import simulator.engine.simulate", "A room imports only rooms below it"),
        ("analysis/findings.py", "import simulator.ui.draft", "A room imports only rooms below it"),
        ("reports/tables.py", "import streamlit", "Streamlit is imported by the page only"),
        ("sources/bills/bill.py", "import boto3", "boto3 is imported by the collector"),
    ],
)
def test_a_broken_contract_is_found_and_named(tmp_path, place, code, contract):
    shutil.copytree(
        ROOT / "simulator", tmp_path / "simulator", ignore=shutil.ignore_patterns("samples", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "simulator" / place
    path.write_text(path.read_text(encoding="utf-8") + f"\n{code}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert re.search(re.escape(contract) + r".* BROKEN", done.stdout)


def test_sources_follow_the_rules_of_purity_and_clock():
    assert _sources(ROOT), "no source found: this test would hold nothing"
    assert not violations(ROOT)


def test_no_module_imports_itself_by_a_detour():
    assert not import_cycle(ROOT)


def _tree(root: Path, place: str, code: str) -> Path:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("place", "code", "problem"),
    [
        ("simulator/levers/a/b.py", "import datetime", "a lever is pure and does not import datetime"),
        ("simulator/usage/helpers.py", "", "a module's name says what is in it"),
        ("simulator/ui/link.py", "import pickle", "pickle runs what it reads"),
        ("simulator/params.py", "eval('1')", "eval runs text as code"),
        (
            "simulator/analysis/projection.py",
            "import datetime\ndatetime.date.today()",
            "only the edges read the clock",
        ),
        ("simulator/ui/a.py", "st.write('x', unsafe_allow_html=True)", "unsafe_allow_html"),
        ("simulator/ui/a.py", "tempfile.mkdtemp(prefix='a')", "lies in a ScratchFolder"),
        ("simulator/ui/a.py", "from tempfile import mkstemp\nmkstemp()", "lies in a ScratchFolder"),
        (
            "simulator/ui/a.py",
            "import streamlit\nfrom threading import Lock\nLock()",
            "may wait for it for ever",
        ),
        ("streamlit_app.py", "exec('1')", "exec runs text as code"),
    ],
)
def test_a_break_of_the_rules_is_found_and_named(tmp_path, place, code, problem):
    found = violations(_tree(tmp_path, place, code))
    assert len(found) == 1
    assert found[0].startswith(place)
    assert problem in found[0]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("simulator/levers/a/b.py", "import numpy as np\nfrom simulator.usage.tables import Usage"),
        (
            "simulator/pricing/charges.py",
            "from simulator.usage.tables import Usage\nfrom simulator.pricing.book import P",
        ),
        ("simulator/ui/pages/a.py", "import streamlit as st\nfrom datetime import date\ndate.today()"),
        ("simulator/sources/collect/s3.py", "import boto3"),
        ("simulator/ui/bounded.py", "import threading\nthreading.RLock()"),
        ("simulator/ui/whole.py", "import streamlit\nimport threading\nthreading.RLock()"),
        ("simulator/documents.py", "tempfile.mkdtemp(dir=path.parent)"),
    ],
)
def test_what_the_design_allows_passes(tmp_path, place, code):
    assert violations(_tree(tmp_path, place, code)) == []


def test_an_import_cycle_is_found(tmp_path):
    _tree(tmp_path, "simulator/pricing/charges.py", "from simulator.plans.settlement import settle")
    _tree(tmp_path, "simulator/plans/settlement.py", "from simulator.pricing import charges")
    assert set(import_cycle(tmp_path)) == {"simulator.pricing.charges", "simulator.plans.settlement"}
