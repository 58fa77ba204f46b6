"""A session of an agent, and tokens by how they are billed.

The prompt cache: a call is found while it is not older than the cache's life; pauses between steps are exponential, so
k pauses are within it with the probability that a Poisson count of mean life / pause reaches k (Erlang). Source:
rules.md#prompt-caching; arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, inf, isinf, lgamma, log

from simulator.units import HOURS_PER_MONTH, MINUTES_PER_HOUR

NEVER = 0.0


@dataclass(frozen=True)
class Tokens:
    """Tokens by how they are billed. They add and scale.

    `other_*` are those of the second model of a session's steps, `summary_*` those of compaction on a model of its own.
    """

    input: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0
    output: float = 0.0
    summary_input: float = 0.0
    summary_output: float = 0.0
    calls: float = 0.0
    summary_calls: float = 0.0
    other_input: float = 0.0
    other_cache_read: float = 0.0
    other_cache_write: float = 0.0
    other_output: float = 0.0
    other_calls: float = 0.0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(*(a + b for a, b in zip(self._values(), other._values(), strict=True)))

    def __mul__(self, factor: float) -> Tokens:
        return Tokens(*(a * factor for a in self._values()))

    def _values(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def weighed(self, weights: Mapping[str, float]) -> float:
        """Sum of tokens times a weight per kind; a kind without a weight counts nothing."""
        return sum(float(getattr(self, name)) * weight for name, weight in weights.items())


@dataclass(frozen=True)
class Session:
    """What a session of an agent does. `turns` steps; a share `runaway_ratio` of sessions loops until `most_turns`.

    `cache_minutes` 0 is no caching. `compact_at` 0 is never. `most_turns` 0 is no cap (then nothing can run away).
    With `other_steps` above 0 two models take the steps in turn: `own_steps` by the first, `other_steps` by the other,
    and again. Each finds only what it cached itself; `other_shared_ratio` is the other's `shared_ratio`.
    """

    turns: int
    prefix: float
    new: float
    answer: float
    most_turns: int = 0
    runaway_ratio: float = 0.0
    cache_minutes: float = 0.0
    pause_minutes: float = 0.0
    shared_ratio: float = 0.0
    compact_at: float = NEVER
    summary: float = 0.0
    summary_elsewhere: bool = False
    own_steps: int = 1
    other_steps: int = 0
    other_shared_ratio: float = 0.0

    @property
    def warm_ratio(self) -> float:
        """Probability that the next step comes within the cache's life."""
        return self.within(1)

    def within(self, pauses: int) -> float:
        """Probability that so many pauses together are within the cache's life."""
        if self.cache_minutes <= 0:
            return 0.0
        mean = self.cache_minutes / self.pause_minutes if self.pause_minutes > 0 else inf
        return reached(pauses, mean)

    def own_of(self, turns: int) -> int:
        """How many of the first `turns` steps the first model takes."""
        whole, rest = divmod(turns, self.own_steps + self.other_steps)
        return whole * self.own_steps + min(rest, self.own_steps)


@lru_cache(maxsize=4_096)
def reached(count: int, mean: float) -> float:
    """Probability that a Poisson count of this mean is at least `count`."""
    if count <= 0 or isinf(mean):
        return 1.0
    below = sum(exp(n * log(mean) - mean - lgamma(n + 1)) for n in range(count))
    return max(1.0 - below, 0.0)


def shared_ratio(sessions_per_month: float, turns: float, cache_minutes: float) -> float:
    """Probability that some other session used the prefix within the cache's life: calls as a Poisson stream."""
    calls_per_minute = sessions_per_month * turns / (HOURS_PER_MONTH * MINUTES_PER_HOUR)
    return 1 - exp(-calls_per_minute * cache_minutes) if cache_minutes > 0 else 0.0


def cycle_turns(session: Session, start: float) -> float:
    """Steps from a history of `start` until it reaches `compact_at`; infinite when it never does."""
    grows = session.new + session.answer
    if session.compact_at <= 0 or grows <= 0:
        return inf
    return max(float(ceil((session.compact_at - start) / grows - 1e-9)), 1.0)
