"""A measured ratio beside its limit: what every benchmark returns and `make bench` prints."""

import os
from dataclasses import dataclass
from typing import TypeVar

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Check:
    """One figure: it must not exceed `limit`; `aim` is where we want it, stricter, reported only."""

    what: str
    measured: float
    limit: float
    aim: float | None = None
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the limit holds; NaN (nothing measured) fails."""
        return self.measured <= self.limit

    def __str__(self) -> str:
        word = "PASS" if self.passed else "FAIL"
        missed = self.aim is not None and not self.measured <= self.aim
        aim = "" if self.aim is None else f", aim {self.aim:g}{' MISSED' if missed else ''}"
        return f"{word}  {self.what}: {self.measured:.2f} (limit {self.limit:g}{aim})  {self.detail}".rstrip()


def percentile(values: list[float], ratio: float) -> float:
    """The value below which `ratio` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(ratio * len(ranked)))]


def sized(full: Number, tiny: Number) -> Number:
    """The size of a benchmark; the small one when BENCH_TINY=1, which only shows that it starts."""
    return tiny if os.environ.get("BENCH_TINY") == "1" else full
