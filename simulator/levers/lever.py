"""The shape of a lever: a frozen dataclass whose fields are its parameters and whose instance is a setting.

A lever rewrites one usage table, never dollars. One code path serves one slider position and ten thousand
draws: a parameter is a number or a column vector of draws (draws, 1) that broadcasts against (rows,).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from simulator.levers.action import Action
from simulator.params import Param, params_of
from simulator.usage.tables import Table, Usage

Mask = NDArray[np.bool_]
APPLIES, NOT_APPLICABLE, UNKNOWN = 1, 0, -1
STATES = {APPLIES: "applies", NOT_APPLICABLE: "not_applicable", UNKNOWN: "unknown"}
KEPT = "You chose to keep this resource as it is."
ENDED = "AWS has ended its model or instance type: nothing can be saved on it, the move off it is forced."


@dataclass(frozen=True)
class Verdicts:
    """Per resource of the lever's table: applies, does not, or unknown, each with its sentence.

    `reason` is the place of a resource's sentence; `states` has the verdict that each sentence stands for.
    """

    state: NDArray[np.int8]
    reason: NDArray[np.int8]
    sentences: tuple[str, ...]
    states: tuple[int, ...]

    @property
    def applies(self) -> Mask:
        """Mask of the resources the lever may touch."""
        return self.state == APPLIES

    def counts(self) -> dict[str, int]:
        """Number of resources per verdict."""
        return {name: int((self.state == state).sum()) for state, name in STATES.items()}

    def sentence(self, row: int) -> str:
        """Why, for one resource."""
        return self.sentences[self.reason[row]]

    def summary(self) -> list[tuple[str, str, int]]:
        """(verdict, sentence, number of resources), commonest first."""
        seen: dict[int, int] = dict(zip(*np.unique(self.reason, return_counts=True), strict=True))
        order = sorted(seen, key=lambda r: -seen[r])
        state = {r: int(self.state[np.argmax(self.reason == r)]) for r in order}
        return [(STATES[state[r]], self.sentences[r], int(seen[r])) for r in order]


class Rule(NamedTuple):
    """Resources of `mask` get this verdict with this sentence, unless an earlier rule caught them."""

    mask: Mask
    state: int
    sentence: str


def refuse(mask: Mask, sentence: str) -> Rule:
    """The lever cannot or must not touch these resources."""
    return Rule(mask, NOT_APPLICABLE, sentence)


def unsure(mask: Mask, sentence: str) -> Rule:
    """A condition cannot be checked: nothing is saved, the question is listed."""
    return Rule(mask, UNKNOWN, sentence)


def decide(table: Table, *rules: Rule, otherwise: str) -> Verdicts:
    """First matching rule wins; what no rule catches applies, with the sentence `otherwise`.

    Before all others come what the planner keeps and what is past its end of life. Under draws a rule catches a
    resource when it holds in every draw.
    """
    ordered = (Rule(table.kept, NOT_APPLICABLE, KEPT), Rule(table.ended, NOT_APPLICABLE, ENDED), *rules)
    masks, states, sentences = zip(*ordered, strict=True)
    reason = np.zeros(len(table), np.int8)
    for number in range(len(masks), 0, -1):
        mask = masks[number - 1]
        if np.count_nonzero(mask):  # most rules catch nothing, and looking costs a tenth of writing
            np.putmask(reason, mask if mask.ndim == 1 else mask.all(axis=0), number)
    states = (APPLIES, *states)
    return Verdicts(np.array(states, np.int8).take(reason), reason, (otherwise, *sentences), states)


def at_setting(value: Any) -> Any:
    """Under draws the first line, which is that of the setting; else the value."""
    return value[0] if np.ndim(value) == 2 else value


@dataclass(frozen=True)
class Evidence:
    """One condition of high confidence: the resources for which it holds, and the words where it does not."""

    holds: Mask
    missing: str


@dataclass(frozen=True)
class Lever:
    """Base of all levers. `table` is the one usage table it rewrites; `stage` is its place in rules.md#order.

    `family` is the folder of its file and `source` what its docstring says behind *Source:*; neither is written twice.
    `mode` marks a serving mode: of several that are on, one acts per endpoint. `phase` is its place in the
    roadmap, `effort_hours` the engineering it takes, `ramp_months` how long until its full effect, and
    `dual_running_days` how long the old and the new way are both paid for. `across` marks a lever that looks at several
    resources of its table together: all others see each by itself. Under draws an uncertain parameter is a
    column (1 + draws, 1), the setting first: what can have one value only (the shape of a profile) is the setting's.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]
    stage: ClassVar[int]
    table: ClassVar[str]
    excludes: ClassVar[tuple[str, ...]] = ()
    effort_hours: ClassVar[float] = 4.0
    reversible: ClassVar[bool] = True
    phase: ClassVar[int] = 1
    source: ClassVar[str]
    mode: ClassVar[bool] = False
    ramp_months: ClassVar[int] = 0
    dual_running_days: ClassVar[float] = 0.0
    assumes: ClassVar[bool] = False
    across: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "id" in vars(cls):
            cls.family = cls.__module__.split(".")[-2]
            cls.source = _source(cls.__doc__ or "")

    def verdicts(self, usage: Usage) -> Verdicts:
        """Per resource of `table`: may the lever touch it, and why."""
        raise NotImplementedError

    def apply(self, usage: Usage) -> Usage:
        """The usage that remains; only resources whose verdict is *applies* differ."""
        raise NotImplementedError

    def reach(self, found: Verdicts) -> Mask:
        """Mask of the resources these verdicts of its own rules let it touch: under an assumption, the unknown too."""
        return found.applies | (found.state == UNKNOWN) if self.assumes else found.applies

    def alternative(self, usage: Usage) -> Usage | None:
        """Another way to do the same, None: no other. The engine takes per resource what is cheaper on the bill."""
        return None

    def action(self, chosen: Any) -> Action | None:
        """What puts a step into practice (a `Chosen`); None: reports/actions has a function of its id."""
        return None

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """What high confidence needs to be true, per resource; nothing by default. See `analysis/confidence.py`."""
        return ()

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """Parameters the account's own history shows: name → (value, the sentence that says from what)."""
        return {}

    @classmethod
    def shown_from(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """Parameters that are a distance from what the account's resources have on average: name → (that mean, what the
        sum of both is called). A slider shows the sum, so that it begins where the account is."""
        return {}

    @classmethod
    def params(cls) -> dict[str, Param]:
        """Parameters by name."""
        return dict(params_of(cls))  # type: ignore[arg-type]

    def acting_params(self) -> dict[str, Param]:
        """The parameters that act at this setting; all of them unless a lever's choice leaves some without effect."""
        return self.params()

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """A checked setting; parameters left out keep their default. Raises ValueError naming the parameter."""
        declared = cls.params()
        for name in values:
            if name not in declared:
                expected = ", ".join(declared)
                raise ValueError(f"{cls.id}.{name}: no such parameter; {cls.id} has {expected}")
        return cls(**{n: declared[n].check(v, f"{cls.id}.{n}") for n, v in values.items()})

    def values(self) -> dict[str, Any]:
        """The setting as parameter → value."""
        return {name: getattr(self, name) for name in self.params()}


def _source(docstring: str) -> str:
    return " ".join(docstring.partition("Source:")[2].split()).removesuffix(".")


def assuming(lever: Lever) -> Lever:
    """The lever as if every fact it waits for were in its favour: an assumption, listed wherever its figures go."""
    kind: Any = type(lever)
    made: Lever = _assuming(kind)(**lever.values())
    return made


@cache
def _assuming(kind: Any) -> Any:
    if kind.assumes:
        return kind

    def verdicts(self: Any, usage: Usage) -> Verdicts:
        found = kind.verdicts(self, usage)
        return replace(found, state=np.where(self.reach(found), APPLIES, found.state).astype(np.int8))

    def again(self: Any) -> Any:  # as it is sent to a worker: this class is made, not imported
        return assuming, (kind(**self.values()),)

    made = {"verdicts": verdicts, "assumes": True, "__reduce__": again, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), made)


def rewritten(usage: Usage, table: str, **columns: Any) -> Usage:
    """Usage with some columns of one table replaced; the very same where there are none."""
    if not columns:
        return usage
    return usage.with_tables(**{table: usage.table(table).changed(**columns)})
