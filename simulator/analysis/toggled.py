"""What one switch is worth in the plan as it is: the bill with the lever turned over, less the bill as it is."""

from __future__ import annotations

from simulator.engine.acting import beside, without
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever


def toggled_usd(result: Result, setting: Lever) -> float:
    """USD per month this lever takes off the bill now (when it is on), or would take off more (when it is off).

    Positive = the lever saves, at what the rest of the plan leaves. Adds up to less than the saving of the plan
    where levers overlap.
    """
    if result.scenario.setting(setting.id) is not None:
        return without(result, setting) - result.outcome.total_usd
    wider = result.scenario.with_lever(setting)
    return result.outcome.total_usd - beside(result, wider).outcome.total_usd
