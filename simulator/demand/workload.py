"""The shape of a workload: a frozen dataclass whose fields are its parameters, dated, declared like a lever.

A workload never touches dollars: it says which rows of a snapshot it adds (or which it changes or retires), and the
same pipeline prices them and lets the levers act on them. Quantities are per month of 730 hours at full size; `Window`
turns them into what the snapshot's window would have metered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

import pandas as pd

from simulator.errors import InputError, nearest
from simulator.params import Param, param, params_of
from simulator.units import HOURS_PER_MONTH

Rows = dict[str, list[dict[str, Any]]]
"""Table → rows, as texts and numbers of docs/snapshot.md."""
LONGEST_NAME = 200
OURS = "A decision of yours"


@dataclass(frozen=True)
class Window:
    """The snapshot's window: a month's quantity and what of it the window would have metered."""

    start: datetime
    end: datetime
    covered_hours: float

    def metered(self, per_month: float) -> float:
        """A quantity per month of 730 hours as the window would meter it."""
        return per_month * self.covered_hours / HOURS_PER_MONTH

    @property
    def hours(self) -> list[datetime]:
        """Every hour of the window."""
        count = round((self.end - self.start) / timedelta(hours=1))
        return [self.start + timedelta(hours=n) for n in range(count)]


def words(label: str, default: str = "", *, choices: tuple[str, ...] = ()) -> Any:
    """Declare a field of text."""
    return dataclasses.field(default=default, metadata={"words": label, "choices": choices})


def day(label: str, default: date | None = None) -> Any:
    """Declare a date."""
    return dataclasses.field(default=default, metadata={"day": label})


def amount(label: str, unit: str, default: float, *, most: float = 1e15, **more: Any) -> Any:
    """Declare a quantity that is the planner's own decision."""
    return param(label, unit, default, source=OURS, grade="assumed", maximum=most, **more)


@dataclass(frozen=True)
class Workload:
    """One dated addition of usage. Not before `start`, not from `end` on; rises over the ramp, then grows.

    Ramp and growth scale quantities (tokens, hours, bytes, calls). Instances of an endpoint do not ramp: they run from
    the first day. Raises InputError naming the workload and the field.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""

    name: str = words("Name of what is planned")
    start: date = day("First day", date(2027, 1, 1))
    end: date | None = day("First day on which it no longer runs")
    region: str = words("Region", "us-east-1")
    owner: str = words("Owner")
    ramp_months: int = amount("Months until full size", "months", 0, most=36, integer=True)
    growth_ratio: float = amount("Growth per month after the launch", "ratio", 0.0, most=1.0)

    def __post_init__(self) -> None:
        for name, declared in self.params().items():
            object.__setattr__(self, name, declared.check(getattr(self, name), f"{self.id}.{name}"))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if "words" in field.metadata:
                self._check_words(field, value)
            elif "day" in field.metadata and value is not None and type(value) is not date:
                raise InputError(f"{self.id}.{field.name}: expected a date such as 2027-03-01, not {value!r}")
        if not self.name:
            raise InputError(f"{self.id}.name: expected the name of what is planned")
        if self.end is not None and self.end <= self.start:
            raise InputError(f"{self.id}.end: expected a day after {self.start}, not {self.end}")

    def _check_words(self, field: Any, value: Any) -> None:
        if not isinstance(value, str) or len(value) > LONGEST_NAME:
            raise InputError(
                f"{self.id}.{field.name}: expected at most {LONGEST_NAME} characters, not {value!r:.60}"
            )
        choices = field.metadata["choices"]
        if choices and value not in choices:
            raise InputError(f"{self.id}.{field.name}: expected one of {', '.join(choices)}, not {value!r}")

    def rows(self, window: Window) -> Rows:
        """What it adds at full size, as rows of a snapshot."""
        raise NotImplementedError

    def change(self, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """What it does to the rows that are there; nothing, for an addition."""
        return tables

    def last_day(self) -> date | None:
        """First day on which it no longer runs; a one-off that ends by itself says when."""
        return self.end

    def runs_on(self, today: date) -> bool:
        """Whether it runs on a day."""
        last = self.last_day()
        return self.start <= today and (last is None or today < last)

    def share(self, today: date) -> float:
        """Its size on a day, 1 = full, 0 = it does not run."""
        if not self.runs_on(today):
            return 0.0
        months = (today.year - self.start.year) * 12 + today.month - self.start.month
        return min((months + 1) / (self.ramp_months + 1), 1.0) * float((1 + self.growth_ratio) ** months)

    def dates(self, until: date) -> set[date]:
        """Days on which its size changes, up to a day."""
        found = {d for d in (self.start, self.last_day()) if d is not None}
        stop = min(until, self.last_day() or until)
        months = 600 if self.growth_ratio else self.ramp_months
        at = self.start
        for _ in range(months):
            at = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
            if at >= stop:
                break
            found.add(at)
        return {d for d in found if d <= until}

    @classmethod
    def params(cls) -> Mapping[str, Param]:
        """Its numbers."""
        return params_of(cls)  # type: ignore[arg-type]

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """All its fields."""
        return tuple(f.name for f in dataclasses.fields(cls))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; `from_dict` of the registry reads it back."""
        values = {n: getattr(self, n) for n in self.field_names()}
        return {
            "workload": self.id,
            **{n: v.isoformat() if isinstance(v, date) else v for n, v in values.items()},
        }

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """A checked workload from JSON, YAML or a table. Raises InputError."""
        made: dict[str, Any] = {}
        days = {f.name for f in dataclasses.fields(cls) if "day" in f.metadata}
        for name, value in values.items():
            if name not in cls.field_names():
                known = ", ".join(cls.field_names())
                raise InputError(
                    f"{cls.id}.{name}: no such field{nearest(name, cls.field_names())}; it has {known}"
                )
            made[name] = _as_day(value, f"{cls.id}.{name}") if name in days else value
        try:
            return cls(**made)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(str(error)) from None


def _as_day(value: Any, where: str) -> date | None:
    if value in (None, "") or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise InputError(f"{where}: expected a date such as 2027-03-01, not {value!r}") from None
