"""The tokens of an agent whose steps two models take in turn: sums of arithmetic series, cycle by cycle.

Steps 0, 1, 2 … of a session follow a pattern of period p = own + other; a model has a block of it. A step of a model
finds what the model itself read last: the step before it inside a run (one pause ago), or the last step of its run
before (as many pauses ago as the other model's run is long, and one), with the probability that so many pauses are
within the cache's life. It then reads that whole prompt from the cache and writes the rest. If it does not, or in the
model's first step after a compaction, only the prefix can be found: the model's own, or that of other sessions
(`shared`). The model of the last step compacts, at once, so it finds its prompt; or a model of its own, which reads
everything plainly.

Per model and cycle the number of its steps and the sum of their places are closed forms of the block and the period;
with history h + g j before the j-th step of a cycle they give all that is read. Source: rules.md#prompt-caching;
arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.usage.agent_session import Session, Tokens, cycle_turns


@dataclass(frozen=True)
class _Block:
    """Steps `first` to `first + length - 1` of every `period` steps."""

    first: int
    length: int
    period: int

    def below(self, end: Any) -> tuple[Any, Any]:
        """How many steps of the block are before step `end`, and the sum of their places."""
        whole, rest = np.divmod(end, self.period)
        part = np.clip(rest - self.first, 0, self.length)
        ends = self.period * self.length * whole * (whole - 1) / 2
        ends = ends + whole * (self.length * self.first + self.length * (self.length - 1) / 2)
        return whole * self.length + part, ends + part * (whole * self.period + self.first) + part * (
            part - 1
        ) / 2

    def within(self, start: Any, steps: Any) -> tuple[Any, Any]:
        """As `below`, of the steps of a cycle, with places counted from its start."""
        (before, before_sum), (until, until_sum) = self.below(start), self.below(start + steps)
        count = until - before
        return count, until_sum - before_sum - count * start

    def next(self, start: Any) -> Any:
        """The first step of the block from `start` on."""
        place = (start - self.first) % self.period
        return np.where(place < self.length, start, start + self.period - place)

    @property
    def gap(self) -> int:
        """Steps from the last of one run to the first of the next."""
        return self.period - self.length + 1


def mixed_tokens(session: Session, turns: int) -> Tokens:
    """Expected tokens of one session of `turns` steps, by model."""
    start, steps, history = _cycles(session, turns)
    period = session.own_steps + session.other_steps
    own = _Block(0, session.own_steps, period)
    other = _Block(session.own_steps, session.other_steps, period)
    ends = (start + steps)[:-1]
    everything = session.prefix + (history + steps * (session.new + session.answer))[:-1]
    ours = _sums(session, own, session.shared_ratio, start, steps, history)
    theirs = _sums(session, other, session.other_shared_ratio, start, steps, history)
    if session.summary_elsewhere:
        compacted = Tokens(
            summary_input=float(everything.sum()),
            summary_output=session.summary * len(ends),
            summary_calls=len(ends),
        )
        return _tokens(session, ours, theirs) + compacted
    by_own = (ends - 1) % period < session.own_steps
    ours += _compacted(session, everything[by_own])
    theirs += _compacted(session, everything[~by_own])
    return _tokens(session, ours, theirs)


def _tokens(session: Session, own: Any, other: Any) -> Tokens:
    """From (calls, everything read, of that from the cache, written) of both models."""
    cached = session.cache_minutes > 0
    calls, read, found, out = (float(x) for x in own)
    other_calls, other_read, other_found, other_out = (float(x) for x in other)
    return Tokens(
        input=0.0 if cached else read, cache_read=found, cache_write=read - found if cached else 0.0, output=out,
        calls=calls, other_input=0.0 if cached else other_read, other_cache_read=other_found,
        other_cache_write=other_read - other_found if cached else 0.0, other_output=other_out,
        other_calls=other_calls,
    )  # fmt: skip


def _cycles(session: Session, turns: int) -> tuple[Any, Any, Any]:
    """Per cycle: its first step, its steps, and the tokens of history it starts from."""
    first = cycle_turns(session, 0.0)
    if turns <= first:
        return np.zeros(1), np.array([float(turns)]), np.zeros(1)
    later = cycle_turns(session, session.summary)
    start = np.concatenate([[0.0], np.arange(first, turns, later)])
    steps = np.diff(np.append(start, turns))
    return start, steps, np.where(start > 0, session.summary, 0.0)


def _sums(session: Session, block: _Block, shared: float, start: Any, steps: Any, history: Any) -> Any:
    """(calls, everything read, of that from the cache, written) of a model's steps."""
    if block.length == 0:
        return np.zeros(4)
    grows, prompt = session.new + session.answer, session.prefix + session.new + history
    calls, places = block.within(start, steps)
    read = calls * prompt + grows * places
    if session.cache_minutes <= 0:
        return np.array([calls.sum(), read.sum(), 0.0, calls.sum() * session.answer])
    runs, run_places = _Block(block.first, 1, block.period).within(start, steps)
    inside, inside_places = calls - runs, places - run_places
    near, far = session.within(1), session.within(block.gap)
    prefix = shared * session.prefix
    found = near * (inside * (prompt - grows) + grows * inside_places) + (1 - near) * inside * prefix
    found = (
        found + far * (runs * (prompt - block.gap * grows) + grows * run_places) + (1 - far) * runs * prefix
    )
    # the first step of the model in a cycle has its last prompt before the compaction, or none at all
    at = block.next(start)
    begins = (at - block.first) % block.period == 0
    gap, chance = np.where(begins, block.gap, 1), np.where(begins, far, near)
    held = chance * (prompt + grows * (at - start - gap)) + (1 - chance) * prefix
    called = at - gap >= 0
    instead = np.where(called, chance * session.prefix + (1 - chance) * prefix, prefix)
    found = found + np.where(at < start + steps, instead - held, 0.0)
    return np.array([calls.sum(), read.sum(), found.sum(), calls.sum() * session.answer])


def _compacted(session: Session, everything: Any) -> Any:
    """As `_sums`, of the calls that compact: all but the last answer is in the cache."""
    count = len(everything)
    found = everything.sum() - count * session.answer if session.cache_minutes > 0 else 0.0
    return np.array([count, everything.sum(), found, count * session.summary])
