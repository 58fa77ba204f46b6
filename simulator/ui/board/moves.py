"""What a person did on the board, put into the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.levers import all_levers
from simulator.params import Param
from simulator.ui import draft


def apply(changes: Mapping[str, Any]) -> None:
    """Switches (`lever.on`) and values (`lever.parameter`, as they stand on the screen). Unknown names are left out.

    A value that is moved turns its lever on. Doing the same twice changes nothing, so that a browser may repeat what
    has not been answered yet.
    """
    for name, value in changes.items():
        lever_id, _, field = name.partition(".")
        kind = all_levers().get(lever_id)
        if kind is None:
            continue
        is_on = draft.scenario().setting(lever_id) is not None
        if field == "on":
            if bool(value) != is_on:
                draft.turn(lever_id, bool(value))
        elif field in kind.params():
            wanted = from_screen(kind.params()[field], value)
            if not is_on or getattr(draft.setting(lever_id), field) != wanted:
                draft.assign(lever_id, {field: wanted})


def scale(declared: Param) -> int:
    """Screen units per unit of the parameter: shares are shown as percent."""
    return 100 if declared.unit == "ratio" else 1


def from_screen(declared: Param, value: Any) -> Any:
    """A value of the screen in the parameter's own unit, within its bounds."""
    if declared.choices:
        return next((c for c in declared.choices if str(c) == str(value)), declared.default)
    number = round(float(value) / scale(declared), 10)
    bounded = min(max(number, declared.minimum), declared.maximum)
    return round(bounded) if declared.integer else bounded


def to_screen(declared: Param, value: Any) -> float:
    """The same the other way."""
    return round(float(value) * scale(declared), 8)
