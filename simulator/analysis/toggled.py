"""What one switch is worth in the plan as it is: the bill with the lever turned over, less the bill as it is.

Only the lever's own table is worked out anew; the other tables' charges and every commitment follow from it.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.account import keeping
from simulator.engine.applying import apply_lever
from simulator.engine.modes import weigh_modes
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, state
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.lever import Lever


def toggled_usd(result: Result, setting: Lever) -> float:
    """USD per month this lever takes off the bill now (when it is on), or would take off more (when it is off).

    Positive = the lever saves, at what the rest of the plan leaves. Adds up to less than the saving of the plan
    where levers overlap.
    """
    is_on = result.scenario.setting(setting.id) is not None
    without = replace(result.scenario, levers=tuple(x for x in result.scenario.levers if x.id != setting.id))
    other = _total_usd(result, without if is_on else result.scenario.with_lever(setting), setting)
    return other - result.outcome.total_usd if is_on else result.outcome.total_usd - other


def _total_usd(result: Result, scenario: Scenario, turned: Lever) -> float:
    """The bill of a scenario that differs from the result's by one lever."""
    levers = scenario.ordered()
    usage = result.prepared
    if turned.table == "endpoints":
        usage = keeping(result.account.usage, scenario.keep)
        usage = weigh_modes(usage, levers, result.book).choose(usage, [x.id for x in levers])
    for lever in levers:
        if lever.table == turned.table and lever.table:
            usage = apply_lever(lever, usage, result.book)
    if turned.table:
        table = usage.table(turned.table)
        usage = replace(result.outcome.usage, **{turned.table: table})  # type: ignore[arg-type]
    else:
        usage = result.outcome.usage
    plan = next((x for x in levers if isinstance(x, SavingsPlan)), None)
    return state(usage, result.book, result.account.plans, new_plan=plan).total_usd
