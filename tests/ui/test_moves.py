"""What is done on the board reaches the scenario once, whatever the browser repeats."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, load_sample
from simulator.levers import all_levers
from simulator.ui import draft, link
from simulator.ui.board import moves

TEAM = Account.open(load_sample("team"))


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    made: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", made)
    return made


def test_moving_a_value_turns_its_lever_on() -> None:
    moves.apply({"managed_spot.discount": 70})
    setting = draft.scenario().setting("managed_spot")
    assert setting == all_levers()["managed_spot"].create({"discount": 0.7, "price_of": "spot_advisor"})


def test_a_switch_that_goes_off_keeps_the_values() -> None:
    moves.apply({"stop_idle_endpoints.quiet_days": 21})
    moves.apply({"stop_idle_endpoints.on": False})
    assert draft.scenario().levers == ()
    moves.apply({"stop_idle_endpoints.on": True})
    assert draft.setting("stop_idle_endpoints").values()["quiet_days"] == 21


def test_what_is_repeated_changes_nothing_and_unknown_names_are_left_out() -> None:
    for _ in range(3):
        moves.apply(
            {"managed_spot.on": True, "managed_spot.discount": 61, "gone.on": True, "managed_spot.gone": 1}
        )
    draft.undo()
    draft.undo()
    assert draft.scenario().levers == ()
    assert not draft.can_undo()


def test_values_beyond_their_bounds_are_brought_back() -> None:
    moves.apply({"managed_spot.discount": 1_000})
    assert draft.setting("managed_spot").values()["discount"] == 0.95


@settings(max_examples=60)
@given(st.data())
def test_every_value_survives_screen_and_link(data: st.DataObject) -> None:
    kind = all_levers()[data.draw(st.sampled_from(sorted(all_levers())))]
    if not kind.params():
        return
    declared = data.draw(st.sampled_from(list(kind.params().values())))
    if declared.choices:
        value: Any = data.draw(st.sampled_from(declared.choices))
        assert moves.from_screen(declared, str(value)) == value
    else:
        step = declared.step or 0.01
        steps = int(round((declared.maximum - declared.minimum) / step, 6))
        shown = moves.to_screen(declared, declared.minimum + step * data.draw(st.integers(0, steps)))
        value = moves.from_screen(declared, shown)
        assert moves.to_screen(declared, value) == pytest.approx(shown, abs=1e-6)
    setting = kind.create({declared.name: value})
    query = {f"{kind.id}.on": "true"} | {f"{kind.id}.{n}": str(v) for n, v in link.stated(setting).items()}
    assert link.from_query(query)[0].setting(kind.id) == setting


def test_a_second_move_does_not_disturb_a_run_that_reads_the_first(state: dict[str, Any]) -> None:
    """Found in the browser: a quick move changed the set that the interrupted run was reading."""
    from simulator.ui import session
    from simulator.ui.pages import simulate as page

    state["sample"] = "team"
    state[session.BOARD] = SimpleNamespace(edits={"seq": 1, "changes": {"managed_spot.on": True}})
    page._moved()
    reading = iter(state[page.MOVED])
    state[session.BOARD].edits = {"seq": 2, "changes": {"savings_plan.on": True}}
    page._moved()
    assert list(reading) == ["managed_spot"]
    assert state[page.MOVED] == {"managed_spot", "savings_plan"}


@pytest.mark.parametrize("lever_id", sorted(all_levers()))
def test_a_value_put_where_it_is_shown_already_changes_nothing(lever_id: str) -> None:
    """For every parameter of every lever, on the screen and stated by name: the default as shown is the default."""
    kind = all_levers()[lever_id]
    shown_from = kind.shown_from(TEAM.usage)
    for name, declared in kind.params().items():
        assert kind.create({name: declared.default}) == kind(), name
        base = shown_from.get(name, (0.0, ""))[0]
        shown = (
            str(declared.default) if declared.choices else moves.to_screen(declared, declared.default, base)
        )
        moves.apply({f"{lever_id}.{name}": shown}, TEAM.usage)
        assert draft.scenario().setting(lever_id) == kind(), name


def test_the_spot_slider_begins_at_the_accounts_mean_and_moves_every_type_alike() -> None:
    """team: 64 % by the advisor. One step up is a point more for each type, and each keeps its own."""
    spot = all_levers()["managed_spot"]
    mean = spot.shown_from(TEAM.usage)["advisor_error"][0]
    assert mean == 0.64
    moves.apply({"managed_spot.advisor_error": 65}, TEAM.usage)
    setting = draft.setting("managed_spot")
    moved, before = (x.discounts(TEAM.usage) for x in (setting, spot()))  # type: ignore[attr-defined]
    known = ~np.isnan(
        TEAM.usage.catalog.spot_saving[TEAM.usage.training.instance_type, TEAM.usage.training.region]
    )
    assert (moved - before)[known] == pytest.approx(0.01)
    assert len(np.unique(before[known])) > 1
