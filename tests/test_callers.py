"""Every public function has a caller in the product: what only tests call is gone, or has a reason here."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALLERS = ("streamlit_app.py", "simulator/**/*.py", "scripts/**/*.py")
REASONS = {
    "process_bind_param": "called by SQLAlchemy",
    "process_result_value": "called by SQLAlchemy",
    "cancel_all": "ends what a server still works at; tests do",
    "policy_text": "docs/iam-policy.json is this text, which a test holds",
    "load_ipython_extension": "called by IPython's %load_ext",
    "payment_usd": "a plan's payments in closed form, which the calendar is held to",
    "cost_per_call_usd": "the published costPerInference, which an oracle works out with it",
    "traced_tokens": "tokens of a trace of requests, which the closed forms are held to",
}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(root: Path, patterns: Iterable[str]) -> list[ast.Module]:
    return [parsed(p) for name in patterns for p in sorted(root.glob(name))]


def public_functions(trees: Iterable[ast.Module]) -> set[str]:
    """Names of functions and methods without an underscore in front."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {n.name for tree in trees for n in ast.walk(tree) if isinstance(n, kinds)}
    return {name for name in found if not name.startswith("_")}


def used_names(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are read, as such, as an attribute, under another name, or as text that names a function."""
    used: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.alias) and node.asname:
                used.add(node.name)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value.rpartition(":")[2])
    return used


@cache
def uncalled(root: Path) -> set[str]:
    product = sources(root, ("streamlit_app.py", "simulator/**/*.py"))
    return public_functions(product) - used_names(sources(root, CALLERS))


def test_every_public_function_has_a_caller_in_the_product() -> None:
    assert uncalled(ROOT) - set(REASONS) == set()


def test_every_reason_is_still_needed() -> None:
    assert set(REASONS) - uncalled(ROOT) == set()


def test_a_function_without_a_caller_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "simulator"
    folder.mkdir()
    (folder / "a.py").write_text("def used():\n    pass\n\n\ndef lonely():\n    used()\n", encoding="utf-8")
    assert uncalled(tmp_path) == {"lonely"}
