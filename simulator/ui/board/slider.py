"""The one slider of a row of the board: a lever's main parameter, as it stands on the screen."""

from __future__ import annotations

from typing import Any

from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.ui.board.moves import limits, scale, to_screen
from simulator.ui.figures import Figures
from simulator.ui.words import unit_of, value_of

MAIN = {"savings_plan": "size_ratio", "provisioned_throughput": "peak_ratio"}


def main_param(setting: Lever, figures: Figures) -> Param | None:
    """The one setting a row shows: the distance from the account's own, else an uncertain number, else a choice."""
    declared = setting.acting_params()
    own = [n for n in setting.shown_from(figures.result.account.usage) if n in declared]
    if name := next(iter(own), MAIN.get(setting.id)):
        return declared[name]
    drawn = [p for p in declared.values() if p.is_drawn]
    return next(iter(drawn or declared.values()), None)


def base_of(setting: Lever, figures: Figures, declared: Param) -> tuple[float, str]:
    """What a setting is shown from, and its name then."""
    return setting.shown_from(figures.result.account.usage).get(declared.name, (0.0, declared.label))


def slider_of(setting: Lever, figures: Figures) -> dict[str, Any] | None:
    """What the page draws: a slider or a choice with its value; None for a lever without parameters."""
    declared = main_param(setting, figures)
    if declared is None:
        return None
    value = getattr(setting, declared.name)
    base, label = base_of(setting, figures, declared)
    made = {"param": f"{setting.id}.{declared.name}", "label": label}
    if declared.choices:
        options = [[str(c), value_of(declared, c)] for c in declared.choices]
        return made | {"kind": "choice", "options": options, "value": str(value)}
    factor, (low, high) = scale(declared), limits(declared, base)
    return made | {
        "kind": "slider",
        "min": to_screen(declared, low, base),
        "max": to_screen(declared, high, base),
        "step": round((declared.step or 0.01) * factor, 8),
        "value": to_screen(declared, value, base),
        "unit": "%" if factor == 100 else _short(unit_of(declared)),
        "text": value_of(declared, value + base),
    }


def _short(unit: str) -> str:
    shorter = {
        "hours": "h",
        "minutes": "min",
        "seconds": "s",
        "days": "d",
        "times": "×",
        "hours/week": "h/w",
        "runs/month": "/mo",
    }
    return shorter.get(unit, "")
