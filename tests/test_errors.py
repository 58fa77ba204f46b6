"""The tree in the docstring of simulator/errors.py is the tree there is, and one root catches all of it."""

import importlib
import pkgutil
import re

import simulator
from simulator import errors
from simulator.errors import SimulatorError, nearest


def children(kind: type[Exception]) -> dict[str, str]:
    """Every error below a class: its name and its parent's."""
    found: dict[str, str] = {}
    for below in kind.__subclasses__():
        found |= {below.__name__: kind.__name__} | children(below)
    return found


def drawn() -> dict[str, str]:
    lines = [re.split(r"(?<=\w)\s{2,}", x) for x in (errors.__doc__ or "").splitlines() if "── " in x]
    parents, found = {-1: "SimulatorError"}, {}
    for line in lines:
        depth, name = line[0].index("── ") // 4, line[0].split("── ")[1].strip()
        parents[depth] = name
        found[name] = parents[max((d for d in parents if d < depth), default=-1)]
    return found


def test_docstring_draws_the_tree() -> None:
    for module in pkgutil.walk_packages(simulator.__path__, "simulator."):
        if (
            not module.name.endswith("__main__")
            and ".ui" not in module.name
            and "templates" not in module.name
        ):
            importlib.import_module(module.name)
    assert drawn() == children(SimulatorError)


def test_callers_of_before_still_catch_them() -> None:
    from simulator.pricing.price import PriceNotFound
    from simulator.snapshot.problems import SnapshotError

    assert issubclass(SnapshotError, ValueError)
    assert issubclass(PriceNotFound, LookupError)
    assert issubclass(errors.OutputError, OSError)


def test_nearest() -> None:
    assert nearest("managed_sport", ["managed_spot", "graviton"]) == '; did you mean "managed_spot"?'
    assert nearest("xyz", ["managed_spot"]) == ""
