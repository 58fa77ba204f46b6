"""When levers start: by phase, and as fast as the team's hours allow.

Levers are worked on in the order of their phase, the shortest work first. A lever starts in the month in which its
work is done, not before the first month of its phase. One with a month of its own starts then, outside the queue;
one that does not act takes no hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from simulator.engine.acting import acting
from simulator.engine.scenario import PHASE_START_MONTH
from simulator.engine.simulate import Result, remembered
from simulator.levers.lever import Lever

TINY = 1e-9


@remembered
def starts(result: Result) -> Mapping[str, int]:
    """Start month (1 = first) of every lever that is on, by id."""
    scenario, free = result.scenario, result.scenario.planning.team_hours_per_month
    made = {x.id: scenario.start_month(x) for x in scenario.ordered()}
    own = [x for x in acting(result) if x.id not in scenario.start_months]
    done_hours = 0.0
    for lever in sorted(own, key=lambda x: (x.phase, x.effort_hours, x.stage, x.id)):
        begun = max(done_hours, (PHASE_START_MONTH[lever.phase] - 1) * free)
        done_hours = begun + lever.effort_hours
        made[lever.id] = max(ceil(done_hours / free - TINY), PHASE_START_MONTH[lever.phase])
    return made


def start_month(result: Result, lever: Lever) -> int:
    """Month (1 = first) from which a lever works."""
    return starts(result)[lever.id]


def share_of(result: Result, lever: Lever, month: int) -> float:
    """Share of a lever's full effect in a month: 0 before its start, then rising evenly over its ramp."""
    return result.scenario.share(lever, month, start=start_month(result, lever))
