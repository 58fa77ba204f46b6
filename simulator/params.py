"""Parameters: one declaration that sliders, validation, CLI, JSON, links, risk ranges and docs derive from."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

GRADES = ("api", "official", "secondary", "history", "assumed")


@dataclasses.dataclass(frozen=True)
class Param:
    """One parameter of a lever or of the projection.

    `low`, `default`, `high` state the plausible range (drawn from in risk); `minimum`, `maximum` the
    possible one (what a slider allows and validation enforces). `grade` tells what the range rests on:
    `assumed` is our judgement, shown as such. `choices` makes it a choice; `integer` a whole number.
    """

    label: str
    unit: str
    default: Any
    source: str
    grade: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    minimum: float = 0.0
    maximum: float = 1.0
    integer: bool = False
    choices: tuple[Any, ...] = ()
    help: str = ""
    name: str = ""

    @property
    def is_drawn(self) -> bool:
        """True when risk may draw it: a number with a range of some width."""
        return not self.choices and self.low is not None and self.high is not None and self.low < self.high

    def check(self, value: Any, where: str) -> Any:
        """Return `value` in the parameter's own type; raise ValueError in words when it does not fit."""
        if self.choices:
            return self._check_choice(value, where)
        if isinstance(value, np.ndarray):
            return value
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"{where}: expected a number ({self.unit}), not {value!r}") from None
        if not math.isfinite(number) or not self.minimum <= number <= self.maximum:
            raise ValueError(
                f"{where}: expected {self.minimum:g} to {self.maximum:g} {self.unit}, not {value!r}"
            )
        if self.integer and number != int(number):
            raise ValueError(f"{where}: expected a whole number ({self.unit}), not {value!r}")
        return int(number) if self.integer else number

    def _check_choice(self, value: Any, where: str) -> Any:
        for choice in self.choices:
            if value == choice or str(value) == str(choice):
                return choice
        expected = ", ".join(str(c) for c in self.choices)
        raise ValueError(f"{where}: expected one of {expected}, not {value!r}")

    def to_dict(self) -> dict[str, Any]:
        """The declaration as JSON-ready data."""
        data = dataclasses.asdict(self)
        data["choices"] = list(self.choices)
        return data


def param(label: str, unit: str, default: Any, *, source: str, grade: str, **more: Any) -> Any:
    """Declare a parameter as a dataclass field (see `Param` for the meaning of the arguments)."""
    if grade not in GRADES:
        raise ValueError(f"{label}: grade {grade!r} is not one of {GRADES}")
    declared = Param(label=label, unit=unit, default=default, source=source, grade=grade, **more)
    return dataclasses.field(default=default, metadata={"param": declared})


@cache
def params_of(declaring: type) -> Mapping[str, Param]:
    """Parameters of a dataclass by field name, in the order of declaration."""
    return {
        f.name: dataclasses.replace(f.metadata["param"], name=f.name)
        for f in dataclasses.fields(declaring)
        if "param" in f.metadata
    }
