"""All levers. One lever, one file: `<family>/<id>.py` holds the class whose `id` is the file's name.

Serving modes (`mode = True`) exclude each other; no list names them.
"""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches
from functools import cache

from simulator.levers.lever import Lever


@cache
def all_levers() -> dict[str, type[Lever]]:
    """Every lever by id, in the order in which they are applied (stage, then id)."""
    found: list[type[Lever]] = []
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        if module.name.count(".") == 3:
            found += _levers_in(module.name)
    modes = [kind for kind in found if kind.mode]
    for kind in modes:
        kind.excludes = tuple(sorted(other.id for other in modes if other is not kind))
    return {lever.id: lever for lever in sorted(found, key=lambda x: (x.stage, x.id))}


@cache
def mode_levers() -> tuple[str, ...]:
    """Serving modes: `mode_choice` of an endpoint is an index of this. Each excludes the others per endpoint."""
    return tuple(sorted(lever_id for lever_id, kind in all_levers().items() if kind.mode))


def lever(lever_id: str) -> type[Lever]:
    """The lever of this id. Raises ValueError naming those of a like name, else all."""
    known = all_levers()
    if lever_id in known:
        return known[lever_id]
    near = get_close_matches(lever_id, known)
    others = f"did you mean {' or '.join(near)}?" if near else f"levers are {', '.join(known)}"
    raise ValueError(f"there is no lever {lever_id!r}; {others}")


def _levers_in(name: str) -> list[type[Lever]]:
    module = importlib.import_module(name)
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Lever)
        and thing.__module__ == name
        and hasattr(thing, "id")
    ]
