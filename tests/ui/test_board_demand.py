"""The demand group of the board: workloads are rows with their bars upward from today's bill."""

from __future__ import annotations

import pytest

from simulator import Account, Scenario, load_sample
from simulator.demand import all_workloads
from tests.ui.pages import drawn, headline, opened_on, row

KINDS = all_workloads()
CHAT = KINDS["realtime_endpoint"].create(
    {"name": "chat", "instance_type": "ml.g5.12xlarge", "instances": 2, "start": "2027-03-01"}
)
GONE = KINDS["retirement"].create({"name": "old search", "what": "search-embed", "start": "2027-02-01"})


def test_a_workload_adds_its_full_month_above_todays_bill() -> None:
    """2 x 7.09 x 730 = $10,351.40."""
    app = opened_on(Account.open(load_sample("report")), "simulate", Scenario(workloads=(CHAT,)))
    board = drawn(app, "board")
    chat, whole = board["planned"]
    assert (chat["title"], chat["usd"], chat["begin"]) == ("chat", "+$10,351", "Mar 2027")
    (bar,) = chat["bars"]
    assert bar["from"] == pytest.approx(board["totals"]["today"])
    assert bar["to"] - bar["from"] == pytest.approx(10_351.40, abs=0.01)
    assert whole["bars"][0]["to"] == pytest.approx(bar["to"])
    assert board["axis_usd"] > bar["to"]


def test_a_retirement_takes_off_and_leaves_todays_bill_as_it_is() -> None:
    account = Account.open(load_sample("team"))
    bare = opened_on(account, "simulate", Scenario())
    app = opened_on(account, "simulate", Scenario(workloads=(GONE,)))
    (gone, _) = drawn(app, "board")["planned"]
    assert gone["usd"].startswith("−$")
    assert gone["bars"][0]["to"] == pytest.approx(drawn(app, "board")["totals"]["today"])
    assert headline(app)["Today, per month"] == headline(bare)["Today, per month"]
    assert row(app, "managed_spot")["usd"] == row(bare, "managed_spot")["usd"]


def test_a_board_without_workloads_has_no_such_rows() -> None:
    app = opened_on(Account.open(load_sample("report")), "simulate", Scenario())
    assert "planned" not in drawn(app, "board")
