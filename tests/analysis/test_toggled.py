"""The figure of a row on the board is that of the whole scenario worked out anew with the lever turned over."""

import pytest

from simulator.analysis.toggled import toggled_usd
from simulator.engine.scenario import preset
from simulator.engine.simulate import simulate
from simulator.levers import all_levers
from tests.accounts import prices, sample_account


@pytest.mark.parametrize("name", ["balanced", pytest.param("ambitious", marks=pytest.mark.thorough)])
def test_turning_a_lever_over_is_worth_what_the_whole_scenario_says(name: str) -> None:
    account, book = sample_account("team"), prices()
    result = simulate(account, preset(name), book)
    for lever_id, kind in all_levers().items():
        on = result.scenario.setting(lever_id)
        others = {x.id for x in result.scenario.levers} - {lever_id}
        other = result.scenario.only(others) if on else result.scenario.with_lever(kind())
        anew = simulate(account, other, book, baseline=result.baseline)
        worth = anew.outcome.total_usd - result.outcome.total_usd
        told = toggled_usd(result, on or kind())
        assert told == pytest.approx(worth if on else -worth, abs=0.005), lever_id
