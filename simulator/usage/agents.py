"""The tokens of an agent: every step reads again all that was said before, so they grow with the square of the steps.

One session: step t reads `prefix` (instructions, tools) and the history H_t, gets `new` tokens (question, tool output)
and writes `answer`; H grows by new + answer. Where H reaches `compact_at` after a step and another follows, one more
call reads prefix + H and writes a `summary`, which becomes the history. The closed form sums cycles between
compactions: k steps from history s read k s + (new + answer) k (k - 1) / 2 tokens of history.

The prompt cache: a step finds the session's last call in the cache with probability `warm` (pauses are exponential),
then it reads prefix + H without the last answer from the cache and writes the last answer and the new tokens. A cold
step finds at most the prefix, with probability `shared`, kept alive by other sessions. Compaction follows at once and
is warm, or runs on another model, where it reads everything plainly. Expected tokens, per session. A prompt below a
model's least cacheable size is not told apart. Two models that take steps in turn: `agent_models.py`.
Source: rules.md#prompt-caching; arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.usage.agent_models import mixed_tokens
from simulator.usage.agent_session import NEVER, Session, Tokens, cycle_turns


def session_tokens(session: Session) -> Tokens:
    """Expected tokens of one session."""
    cap = session.most_turns
    usual = _of_turns(session, min(session.turns, cap) if cap else session.turns)
    if not cap or session.runaway_ratio <= 0:
        return usual
    return usual * (1 - session.runaway_ratio) + _of_turns(session, cap) * session.runaway_ratio


def _of_turns(session: Session, turns: int) -> Tokens:
    """A first cycle from an empty history, whole cycles from the summary, and what is left."""
    if turns <= 0:
        return Tokens()
    if session.other_steps > 0:
        return mixed_tokens(session, turns)
    first = cycle_turns(session, 0.0)
    if turns <= first:
        return _cycle(session, turns, 0.0, opening=True)
    later = cycle_turns(session, session.summary)
    whole = (turns - first - 1) // later
    rest = turns - first - whole * later
    cycle = _cycle(session, later, session.summary) + _compaction(session, later, session.summary)
    return (
        _cycle(session, first, 0.0, opening=True)
        + _compaction(session, first, 0.0)
        + cycle * whole
        + _cycle(session, rest, session.summary)
    )


def _cycle(session: Session, turns: float, start: float, *, opening: bool = False) -> Tokens:
    """`turns` steps from a history of `start`; of the first only the prefix can be in the cache."""
    prefix, new, answer = session.prefix, session.new, session.answer
    history = turns * start + (new + answer) * turns * (turns - 1) / 2
    everything = turns * (prefix + new) + history
    out = turns * answer
    if session.cache_minutes <= 0:
        return Tokens(input=everything, output=out, calls=turns)
    warm, shared = session.warm_ratio, session.shared_ratio
    found = shared if opening else warm + (1 - warm) * shared
    following = turns - 1
    read = found * prefix
    read += following * (warm * (prefix - answer) + (1 - warm) * shared * prefix) + warm * (history - start)
    return Tokens(cache_read=read, cache_write=everything - read, output=out, calls=turns)


def _compaction(session: Session, turns: float, start: float) -> Tokens:
    """One call after `turns` steps of a cycle."""
    everything = session.prefix + start + turns * (session.new + session.answer)
    if session.summary_elsewhere:
        return Tokens(summary_input=everything, summary_output=session.summary, summary_calls=1)
    if session.cache_minutes <= 0:
        return Tokens(input=everything, output=session.summary, calls=1)
    return Tokens(
        cache_read=everything - session.answer, cache_write=session.answer, output=session.summary, calls=1
    )


def best_compaction(session: Session, weights: Mapping[str, float]) -> Session:
    """The session with the compaction point of the lowest weighed tokens; weights are prices per kind of `Tokens`.

    Only whole steps matter: a point between two steps acts as the later one. So every step is tried, exactly, in the
    closed form, and never. About sqrt(2 × cost of one compaction / (price of a re-read token × growth per step)) steps
    is the optimum of the smooth form (economic order quantity).
    """
    grows = session.new + session.answer
    turns = max(session.turns, session.most_turns)
    tried = [replace(session, compact_at=NEVER)]
    if grows > 0:
        points = {n * grows for n in range(1, turns)} | {session.summary + n * grows for n in range(1, turns)}
        tried += [replace(session, compact_at=p) for p in sorted(points)]
    return min(tried, key=lambda s: session_tokens(s).weighed(weights))


def traced_tokens(input_tokens: object, output_tokens: object, reusable_tokens: object = 0.0) -> Tokens:
    """A trace of requests: what was read before comes from the cache, the rest of the input is written to it.

    Without anything reusable there is no cache: all input is plain.
    """
    read, out, again = (np.asarray(x, float) for x in (input_tokens, output_tokens, reusable_tokens))
    again = np.minimum(np.broadcast_to(again, read.shape), read)
    calls = float(read.size)
    if not again.any():
        return Tokens(input=float(read.sum()), output=float(out.sum()), calls=calls)
    return Tokens(
        cache_read=float(again.sum()),
        cache_write=float((read - again).sum()),
        output=float(out.sum()),
        calls=calls,
    )
