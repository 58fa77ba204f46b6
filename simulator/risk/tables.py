"""Costs of usage tables per draw: the drawn levers go through the rows they change, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.applying import apply_lever, apply_together
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever
from simulator.plans.settlement import eligible_usd_per_hour
from simulator.pricing.charges import Charges, price_table, summed_usd
from simulator.pricing.steps import Steps
from simulator.risk.draws import Distribution, drawn_lever, range_of
from simulator.risk.parts import ALIKE, BY_DRAW, SAME, Changes, Part, by_draw, parts_of
from simulator.usage.blend import blend
from simulator.usage.rows import changed_rows
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
State = tuple[str, tuple[tuple[Lever, float], ...]]
BLOCK_CELLS = 131_072
PROBES = 61
COVERED = ("training", "endpoints", "compute")


@dataclass(frozen=True, eq=False)
class TableCosts:
    """One table in one state: cost and eligible value per draw (draws,); at the settings, eligible dollars per
    hour, charges and usage."""

    cost_usd: Array
    eligible_usd: Array
    hourly_usd: Array
    charges: Charges
    usage: Usage


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was drawn, without the result it was drawn for: `of` are the prices and the draws."""

    of: tuple[object, ...]
    prepared: Usage
    known: dict[State, TableCosts]
    acting: dict[State, tuple[State, Changes]]


class DrawnTables:
    """Costs by table and state, each worked out once.

    `like` is what was drawn for another result: the states of tables and levers that both have in common are taken
    over, where prices and draws are the same.
    """

    def __init__(
        self,
        result: Result,
        draws: int,
        seed: int,
        distribution: Distribution,
        like: Drawn | None = None,
    ) -> None:
        self.result, self.draws, self.seed, self.distribution = result, draws, seed, distribution
        self.order = result.scenario.ordered()
        self.drawn: dict[str, Lever] = {}
        self.known: dict[State, TableCosts] = {}
        self.acting: dict[State, tuple[State, Changes]] = {}
        self.probed: dict[State, tuple[Usage, Changes]] = {}
        self.sums: dict[State, tuple[Array, Array] | None] = {}
        self.before: dict[State, TableCosts] = {}
        self.of = (result.book, draws, seed, distribution)
        if like is not None and like.of[0] is result.book and like.of[1:] == self.of[1:]:
            shared = {t for t in TABLES if like.prepared.table(t) is result.prepared.table(t)}
            self.acting = {s: a for s, a in like.acting.items() if self._is_met(s, shared)}
            self.before = {s: c for s, c in like.known.items() if self._is_met(s, shared)}

    def kept(self) -> Drawn:
        """What the next result may take over."""
        return Drawn(self.of, self.result.prepared, self.known, self.acting)

    def _is_met(self, state: State, shared: set[str]) -> bool:
        return state[0] in shared and all(lever in self.order for lever, _ in state[1])

    def table(self, name: str, share_of: dict[str, float]) -> TableCosts:
        """One table with its levers at these shares. A lever that changes nothing is left out."""
        state, changed = self._acting(name, share_of)
        if state not in self.known:
            costs = self.before.get(state)
            self.known[state] = costs or self._costs([x for x, _ in state[1]], state, share_of, changed)
        return self.known[state]

    def expect(self, shares: Sequence[dict[str, float]]) -> None:
        """The states that will be asked for: one that is on the way to another is worked out on that way."""
        states = {self._acting(name, share_of)[0]: share_of for share_of in shares for name in TABLES}
        self.sums |= {s: None for s in states if s not in self.sums and s not in self.before}
        for state in sorted(states, key=lambda s: -len(s[1])):
            self.table(state[0], states[state])

    def _acting(self, name: str, share_of: dict[str, float]) -> tuple[State, Changes]:
        """The state without the levers that change nothing, and which rows the others change."""
        levers = [x for x in self.order if x.table == name and share_of.get(x.id, 0) > 0]
        key = _state(name, levers, share_of)
        if key not in self.acting:
            changed = self._changed(levers, name, share_of)
            acting = _chosen(levers, changed.any(axis=1))
            if len(acting) < len(levers):
                self.acting[key] = self._acting(name, {x.id: share_of[x.id] for x in acting})
            else:
                self.acting[key] = key, changed
        return self.acting[key]

    def _costs(
        self, levers: Sequence[Lever], state: State, share_of: dict[str, float], changed: Changes
    ) -> TableCosts:
        name = state[0]
        cost, eligible = self.sums.get(state) or self._drawn_table(levers, name, share_of, changed)
        at = self._at_settings(levers, name, share_of) if name in COVERED else self.result.prepared
        charges = Charges(tuple(price_table(at, name, self.result.book)) if name in COVERED else ())
        return TableCosts(cost, eligible, eligible_usd_per_hour(charges, at, name), charges, at)

    def _drawn_table(
        self, levers: Sequence[Lever], name: str, share_of: dict[str, float], changed: Changes
    ) -> tuple[Array, Array]:
        """Cost and eligible value of one table per draw; a row goes through the levers that change it."""
        first = next((n for n, x in enumerate(levers) if _is_drawn(x)), len(levers))
        usage = self._at_settings(levers[:first], name, share_of)  # the same in every draw
        parts = parts_of(usage, name, levers[first:], changed[first:])
        return self._drawn_parts(parts, name, levers, first, share_of)

    def _drawn_parts(
        self,
        parts: Sequence[Part],
        name: str,
        levers: Sequence[Lever],
        first: int,
        share_of: dict[str, float],
    ) -> tuple[Array, Array]:
        """Add parts up per draw; each goes through those levers from the `first` on that act on it.

        What the table comes to on its way is a state of it, too: kept, where it is expected.
        """
        ways = {n: _state(name, levers[:n], share_of) for n in range(first + 1, len(levers))}
        ways = {n: s for n, s in ways.items() if self.sums.get(s, s) is None}
        sums = {n: (np.zeros(self.draws), np.zeros(self.draws)) for n in (*ways, len(levers))}
        for usages, acting in parts:
            rows = sum(len(u.table(name)) for u in usages)
            for block in _blocks(self.draws, rows) if acting.any() else [slice(None)]:
                steps = self._steps(usages, levers[first:], acting, share_of, block)
                self._add(enumerate(steps, first), name, block, sums)
        self.sums |= {s: sums[n] for n, s in ways.items()}
        return sums[len(levers)]

    def _steps(
        self,
        state: Sequence[Usage],
        levers: Sequence[Lever],
        acting: Mask,
        share_of: dict[str, float],
        block: slice,
    ) -> Iterator[Sequence[Usage]]:
        """The usages before the first lever and after each, in a block of draws; the same object where none acts."""
        yield state
        for lever, acts in zip(levers, acting, strict=True):
            if acts:
                after = apply_together(_lines(lever, self._drawn(lever), block), state, self.result.book)
                share = share_of[lever.id]
                state = [blend(b, a, lever.table, share) for b, a in zip(state, after, strict=True)]
            yield state

    def _add(
        self,
        states: Iterable[tuple[int, Sequence[Usage]]],
        name: str,
        block: slice,
        sums: dict[int, tuple[Array, Array]],
    ) -> None:
        """Add what the states come to that are asked for; one that no lever changed since is priced once."""
        priced: Sequence[Usage] | None = None
        usd: tuple[Any, Any] = (0.0, 0.0)
        for n, state in states:
            if n in sums:
                if state is not priced:
                    priced, usd = state, self._usd(state, name)
                for total, more in zip(sums[n], usd, strict=True):
                    total[block] += more

    def _usd(self, state: Sequence[Usage], name: str) -> tuple[Any, Any]:
        """Cost and eligible value of usages that are one bill, per draw."""
        steps = Steps(state, name)
        parts = [summed_usd(usage, name, self.result.book, steps) for usage in state]
        cost, eligible = (_without_setting(sum(usd)) for usd in zip(*parts, strict=True))
        return cost, eligible

    def _changed(self, levers: Sequence[Lever], name: str, share_of: dict[str, float]) -> Changes:
        """(levers, rows): what a lever changes with the parameters at their low ends, settings, high ends, or in
        one of the first draws, alike or by draw. To put the rest through every draw would only cost."""
        state = self.result.prepared
        changed = np.zeros((len(levers), len(state.table(name))), np.int8)
        for n, lever in enumerate(levers):
            way = _state(name, levers[: n + 1], share_of)
            if way not in self.probed:  # states have the beginning of their ways in common
                self.probed[way] = self._probed(lever, state, share_of[lever.id])
            state, changed[n] = self.probed[way]
        return changed

    def _probed(self, lever: Lever, state: Usage, share: float) -> tuple[Usage, Changes]:
        """What a lever leaves in the probes, and which rows it changes."""
        probe = _probe(lever, self.seed, self.distribution)
        after = blend(state, apply_lever(probe, state, self.result.book), lever.table, share)
        table = after.table(lever.table)
        rows = changed_rows(state.table(lever.table), table)
        return after, np.where(rows, np.where(by_draw(table), BY_DRAW, ALIKE), SAME).astype(np.int8)

    def _drawn(self, lever: Lever) -> Lever:
        """The lever with its columns of draws."""
        if lever.id not in self.drawn:
            self.drawn[lever.id] = drawn_lever(lever, self.draws, self.seed, self.distribution)
        return self.drawn[lever.id]

    def _at_settings(self, levers: Sequence[Lever], name: str, share_of: dict[str, float]) -> Usage:
        """Usage with the parameters at their settings."""
        usage, book = self.result.prepared, self.result.book
        for lever in levers:
            usage = blend(usage, apply_lever(lever, usage, book), name, share_of[lever.id])
        return usage


def _state(name: str, levers: Sequence[Lever], share_of: dict[str, float]) -> State:
    return name, tuple((x, share_of[x.id]) for x in levers)


def _chosen(levers: Sequence[Lever], acting: Any) -> list[Lever]:
    return [x for x, acts in zip(levers, acting, strict=True) if acts]


def _is_drawn(lever: Lever) -> bool:
    return any(declared.is_drawn for declared in lever.params().values())


def _blocks(draws: int, rows: int) -> list[slice]:
    size = max(BLOCK_CELLS // max(rows, 1), 1)
    return [slice(a, min(a + size, draws)) for a in range(0, draws, size)]


def _probe(lever: Lever, seed: int, distribution: Distribution) -> Lever:
    """The lever at its settings, at the ends of its ranges, and in the first draws: columns (3 + draws, 1)."""
    first = drawn_lever(lever, PROBES, seed, distribution)
    columns: dict[str, Any] = {}
    for name, declared in lever.params().items():
        if declared.is_drawn:
            low, mode, high = range_of(declared, float(getattr(lever, name)))
            columns[name] = np.concatenate([[[mode], [low], [high]], getattr(first, name)])
    return replace(lever, **columns)


def _lines(lever: Lever, drawn: Lever, block: slice) -> Lever:
    """The setting and then these draws, line by line: what can have one value only is that of the setting."""
    columns = {f.name: (getattr(lever, f.name), getattr(drawn, f.name)) for f in fields(drawn)}
    lines = {
        name: np.concatenate([[[float(setting)]], draws[block]])
        for name, (setting, draws) in columns.items()
        if isinstance(draws, np.ndarray)
    }
    return replace(lever, **lines)


def _without_setting(value: Any) -> Any:
    return value[1:] if np.ndim(value) else value
