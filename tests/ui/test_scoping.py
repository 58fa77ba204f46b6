"""The drawer limits a lever to owners, tags or resources; the board, the link and undo follow."""

from __future__ import annotations

from simulator.levers.scope import Scope
from simulator.ui import link
from tests.ui.pages import headline, opened, ran, row

SPOT = {"managed_spot.on": "true"}


def test_a_lever_limited_in_its_drawer_saves_less_and_is_named_so() -> None:
    app = opened("simulate", SPOT)
    whole = headline(app)
    app.session_state["board_opened"] = "managed_spot"
    ran(app)
    picker = app.multiselect(key="only.managed_spot")
    owner = next(o for o in picker.options if o.startswith("owner "))
    ran(app, picker.select(owner))
    draft = app.session_state["draft"]
    assert draft.scopes == {"managed_spot": Scope.of([owner.replace(" ", ":", 1)])}
    assert link.from_query(link.to_query(draft))[0].scopes == draft.scopes
    ran(app)
    assert row(app, "managed_spot")["title"].endswith("(limited)")
    assert headline(app) != whole
