"""What one switch is worth in the plan as it is: the bill with the lever turned over, less the bill as it is.

Only the lever's own table is worked out anew; the other tables' charges and every commitment follow from it.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.account import keeping
from simulator.engine.acting import decides_modes, without
from simulator.engine.applying import apply_lever
from simulator.engine.modes import weigh_modes
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, simulate, state
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.lever import Lever


def toggled_usd(result: Result, setting: Lever) -> float:
    """USD per month this lever takes off the bill now (when it is on), or would take off more (when it is off).

    Positive = the lever saves, at what the rest of the plan leaves. Adds up to less than the saving of the plan
    where levers overlap.
    """
    if result.scenario.setting(setting.id) is not None:
        return without(result, setting) - result.outcome.total_usd
    wider = result.scenario.with_lever(setting)
    if decides_modes(result, setting) or not setting.table:
        other = simulate(result.account, wider, result.book, baseline=result.baseline).outcome.total_usd
    else:
        other = _total_usd(result, wider, setting)
    return result.outcome.total_usd - other


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
