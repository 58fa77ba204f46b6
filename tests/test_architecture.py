"""The direction rule of the design, read from the imports: levers cannot touch money nor money levers."""

import ast
import textwrap
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# layer: (its modules in simulator/, the other layers it may import). A new module needs a place here.
LAYERS = {
    "ground": ("units params errors words version shipped catalog aws", ""),
    "usage": ("snapshot usage", "ground"),
    "sources": ("sources", "ground usage"),
    "levers": ("levers demand", "ground usage"),
    "money": ("pricing plans", "ground usage"),
    "engine": ("engine", "ground usage levers money"),
    "readers": ("risk analysis charts reports workspace", "ground usage levers money engine"),
    "doors": ("__init__ __main__ cli ui", "ground usage sources levers money engine readers"),
}
LAYER_OF = {module: layer for layer, (modules, _) in LAYERS.items() for module in modules.split()}

# library: where it may be imported
ONLY_IN = {
    "streamlit": ("streamlit_app.py", "simulator/ui/"),
    "boto3": ("simulator/sources/collect/", "simulator/pricing/refresh.py"),
    "botocore": ("simulator/sources/collect/", "simulator/pricing/refresh.py"),
    **dict.fromkeys(("pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"), ()),
}
# A lever is pure: no disk, no network, no clock, no dice.
LEVER_LIBRARIES = {
    "__future__", "collections", "dataclasses", "enum", "functools", "math", "numpy", "scipy", "typing",
}  # fmt: skip
LEVER_LOADER = "simulator/levers/__init__.py"
CLOCK_EDGES = (
    "simulator/cli/",
    "simulator/ui/",
    "simulator/sources/collect/",
    "simulator/pricing/refresh.py",
)
CLOCK_CALLS = {"date.today", "datetime.today", "datetime.now", "datetime.utcnow", "time.time"}
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
    if _module(place) not in {*LAYER_OF, "streamlit_app"}:
        yield f": {_module(place)} has no place in LAYERS of tests/test_architecture.py"
    for line, module in _imports(tree, place):
        yield from (f":{line}: {problem}" for problem in _import_problems(module, place))
    for node in ast.walk(tree):
        yield from (f":{getattr(node, 'lineno', 0)}: {problem}" for problem in _node_problems(node, place))


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
    if library == "simulator":
        yield from _layer_problems(rest[0] if rest and rest[0] in LAYER_OF else "__init__", place)
    if library in ONLY_IN and not place.startswith(ONLY_IN[library]):
        yield f"{library} may only be imported in {' and '.join(ONLY_IN[library]) or 'no module'}"
    in_lever = place.startswith("simulator/levers/") and place != LEVER_LOADER
    if in_lever and library not in LEVER_LIBRARIES | {"simulator"}:
        yield f"a lever is pure and does not import {library}"


def _layer_problems(target: str, place: str) -> Iterator[str]:
    here = LAYER_OF.get(_module(place))
    if here and LAYER_OF[target] not in {here, *LAYERS[here][1].split()}:
        yield f"{here} may not import {LAYER_OF[target]} (simulator.{target})"


def _module(place: str) -> str:
    return place.removeprefix("simulator/").split("/")[0].removesuffix(".py")


def _node_problems(node: ast.AST, place: str) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
        yield "unsafe_allow_html lets foreign text become HTML"
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called in {"eval", "exec"}:
            yield f"{called} runs text as code"
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


def test_imports_follow_the_direction_of_the_design():
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
        (
            "simulator/levers/a/b.py",
            "from simulator.pricing.book import PriceBook",
            "levers may not import money",
        ),
        ("simulator/levers/a/b.py", "from simulator.pricing import charges", "levers may not import money"),
        ("simulator/levers/a/b.py", "from ...plans import settlement", "levers may not import money"),
        (
            "simulator/levers/a/b.py",
            "def f():\n    import simulator.engine.simulate",
            "levers may not import engine",
        ),
        ("simulator/levers/a/b.py", "from simulator import PriceBook", "levers may not import doors"),
        ("simulator/levers/a/b.py", "import datetime", "a lever is pure and does not import datetime"),
        (
            "simulator/pricing/book.py",
            "from simulator.levers import all_levers",
            "money may not import levers",
        ),
        ("simulator/plans/settlement.py", "import simulator.levers.lever", "money may not import levers"),
        ("simulator/usage/build.py", "from simulator.pricing.book import P", "usage may not import money"),
        (
            "simulator/engine/simulate.py",
            "from simulator.analysis.findings import f",
            "engine may not import readers",
        ),
        ("simulator/charts.py", "import streamlit as st", "streamlit may only be imported in"),
        ("simulator/reports/a.py", "from simulator.ui import parts", "readers may not import doors"),
        ("simulator/sources/bills/cur.py", "import boto3", "boto3 may only be imported in"),
        ("simulator/surprise.py", "", "surprise has no place in LAYERS"),
        ("simulator/usage/helpers.py", "", "a module's name says what is in it"),
        ("simulator/ui/link.py", "import pickle", "pickle may only be imported in no module"),
        ("simulator/params.py", "eval('1')", "eval runs text as code"),
        (
            "simulator/analysis/projection.py",
            "import datetime\ndatetime.date.today()",
            "only the edges read the clock",
        ),
        ("simulator/ui/a.py", "st.write('x', unsafe_allow_html=True)", "unsafe_allow_html"),
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
    ],
)
def test_what_the_design_allows_passes(tmp_path, place, code):
    assert violations(_tree(tmp_path, place, code)) == []


def test_an_import_cycle_is_found(tmp_path):
    _tree(tmp_path, "simulator/pricing/charges.py", "from simulator.plans.settlement import settle")
    _tree(tmp_path, "simulator/plans/settlement.py", "from simulator.pricing import charges")
    assert set(import_cycle(tmp_path)) == {"simulator.pricing.charges", "simulator.plans.settlement"}
