"""What a person did on the board, put into the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.levers import all_levers
from simulator.params import Param
from simulator.ui import draft
from simulator.usage.tables import Usage


def apply(changes: Mapping[str, Any], usage: Usage | None = None) -> None:
    """Switches (`lever.on`) and values (`lever.parameter`, as they stand on the screen). Unknown names are left out.

    `usage` is the account's, from which some values are shown (`Lever.shown_from`).

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
            shown = kind.shown_from(usage) if usage is not None else {}
            wanted = from_screen(kind.params()[field], value, shown.get(field, (0.0, ""))[0])
            if not is_on or getattr(draft.setting(lever_id), field) != wanted:
                draft.assign(lever_id, {field: wanted})


def scale(declared: Param) -> int:
    """Screen units per unit of the parameter: shares are shown as percent."""
    return 100 if declared.unit == "ratio" else 1


def from_screen(declared: Param, value: Any, base: float = 0.0) -> Any:
    """A value of the screen in the parameter's own unit, within its bounds; `base` is what it is shown from."""
    if declared.choices:
        return next((c for c in declared.choices if str(c) == str(value)), declared.default)
    number = round(float(value) / scale(declared) - base, 10)
    bounded = min(max(number, declared.minimum), declared.maximum)
    return round(bounded) if declared.integer else bounded


def to_screen(declared: Param, value: Any, base: float = 0.0) -> float:
    """The same the other way."""
    return round((float(value) + base) * scale(declared), 8)


def limits(declared: Param, base: float = 0.0) -> tuple[float, float]:
    """Least and largest value of a slider, in the parameter's own unit; a share that is shown ends at 0 and 1."""
    low, high = declared.minimum, declared.maximum
    return (max(low, -base), min(high, 1 - base)) if base else (low, high)
