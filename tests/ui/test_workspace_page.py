"""The workspace page: keeping, opening after a restart, saving as one works, and never over somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.levers import lever
from simulator.ui import keeper
from simulator.workspace import Workspace, open_workspace
from simulator.workspace.refusals import Unreachable
from tests.ui.pages import headline, opened, ran


@pytest.fixture(autouse=True)
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def kept_scenario():
    app = opened("workspace", sample="report")
    app = ran(app, app.button(key="workspace_keep_account").click())
    app.text_input(key="workspace_title").input("Quarter")
    return ran(app, app.button(key="workspace_keep_scenario").click())


def test_an_account_and_a_scenario_are_kept_and_opened_after_a_restart():
    app = kept_scenario()
    assert "Quarter" in " ".join(s.value for s in app.success)
    st.cache_resource.clear()
    workspace = open_workspace()
    (account,) = workspace.accounts()
    (scenario,) = workspace.scenarios(account.id)
    again = opened("workspace", sample="team")
    again = ran(again, again.button(key=f"open_{scenario.id}").click())
    assert again.session_state["account"].snapshot.manifest.name == "report"
    workspace.database.close()


def test_a_save_keeps_the_dollars_that_the_page_showed():
    app = kept_scenario()
    workspace = open_workspace()
    (account,) = workspace.accounts()
    (scenario,) = workspace.scenarios(account.id)
    (save,) = workspace.history(scenario.id)
    workspace.database.close()
    shown = headline(app)["Scenario, per month"]
    assert save.bill_usd is not None
    assert f"${save.bill_usd:,.0f}" == shown


def test_a_version_of_somebody_else_is_not_overwritten():
    app = kept_scenario()
    workspace = open_workspace()
    (account,) = workspace.accounts()
    (scenario,) = workspace.scenarios(account.id)
    other = Scenario((lever("managed_spot")(),)).to_dict()
    workspace.save_scenario(scenario.id, other, scenario.version)
    app.session_state["draft"] = Scenario((lever("failed_jobs")(),))
    with_change = ran(app)
    keeper_state = with_change.session_state[keeper.OPEN]
    assert keeper_state.version == 1
    assert "was saved by me" in keeper_state.conflict
    assert workspace.scenario(scenario.id).content == other
    workspace.database.close()


def test_private_mode_keeps_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("ML_SPEND_PRIVATE", "1")
    app = opened("workspace", sample="report")
    assert "nothing is stored" in app.info[0].value
    assert not (tmp_path / "workspace.db").exists()


def test_a_link_to_a_kept_account_opens_it_from_the_workspace():
    kept_scenario()
    workspace = open_workspace()
    (account,) = workspace.accounts()
    found = workspace.account_like(account.fingerprint[:12])
    assert found is not None
    assert found[0].id == account.id
    assert workspace.account_like("zz" * 6) is None
    assert workspace.account_like("") is None
    workspace.database.close()


def test_a_plan_is_kept_with_the_account_and_compared_from_there():
    app = opened("workspace", sample="report")
    ran(app, app.button(key="workspace_keep_account").click())
    workspace = open_workspace()
    (account,) = workspace.accounts()
    page = opened("ledger", {"account": account.fingerprint[:12]}, sample="report")
    page = ran(page, page.button(key="keep_plan_here").click())
    (plan,) = workspace.plans(account.id)
    page = ran(page, page.selectbox(key="kept_plan").select(plan.id))
    assert "no saving can have been realized yet" in " ".join(m.value for m in page.markdown)
    workspace.database.close()


def test_own_prices_and_answers_come_back_with_the_account():
    """Hosting of `report`: two ml.g5.2xlarge at the own price of 1.00: 2 × 730."""
    app = opened("workspace", sample="report")
    ran(app, app.button(key="workspace_keep_account").click())
    workspace = open_workspace()
    (account,) = workspace.accounts()
    app = opened("account", {"account": account.fingerprint[:12]}, sample="report")
    app.session_state["account_tab"] = "Prices"
    ran(app)
    app.session_state["own_prices"] = (
        "component,item,region,usd,unit\nhosting,ml.g5.2xlarge,us-west-2,1.00,instance_hour\n"
    )
    ran(app)
    ran(app, app.button(key="keep_prices").click())
    board = opened("simulate", {"account": account.fingerprint[:12]}, sample="report")
    board.session_state["facts"] = True
    ran(board)
    first = next(b for b in board.button if b.key and b.key.startswith("assume."))
    assert first.key
    ran(board, first.click())
    st.cache_resource.clear()
    again = opened("account", {"account": account.fingerprint[:12]}, sample="team")
    hosting = again.session_state["view"].baseline.charges.total_usd(component="hosting")
    assert float(hosting) == pytest.approx(2 * 730)
    assert again.session_state["draft"].assume == {first.key.removeprefix("assume.")}
    assert again.session_state["draft"].levers == ()
    again.session_state["account_tab"] = "Prices"
    ran(again)
    assert "keep_prices" not in [b.key for b in again.button]
    ran(again, again.button(key="shipped_prices").click())
    ran(again, again.button(key="forget_prices").click())
    kept = workspace.own_prices(account.id)
    assert kept
    assert kept.text == ""
    workspace.database.close()


@pytest.mark.parametrize(
    ("page", "asked"), [("workspace", "account_of"), ("workspace", "role"), ("ledger", "role")]
)
def test_a_database_that_does_not_answer_is_told_in_words(
    page: str, asked: str, monkeypatch: pytest.MonkeyPatch
):
    app = opened("workspace", sample="report")
    if asked == "role":
        ran(app, app.button(key="workspace_keep_account").click())
    workspace = open_workspace()
    accounts = workspace.accounts()
    workspace.database.close()
    app = opened(page, {"account": accounts[0].fingerprint[:12]} if accounts else {}, sample="report")

    def silent(*_: object) -> None:
        raise Unreachable("the workspace's database did not answer (busy)")

    monkeypatch.setattr(Workspace, asked, silent)
    ran(app)
    assert "did not answer" in " ".join(told.value for told in [*app.error, *app.warning])


def test_a_link_is_answered_while_the_database_is_not(monkeypatch: pytest.MonkeyPatch):
    def silent(*_: object) -> None:
        raise Unreachable("the workspace's database did not answer (busy)")

    monkeypatch.setattr(Workspace, "account_like", silent)
    app = opened("overview", {"account": "abcdefabcdef"}, sample="report")
    assert [b.key for b in app.button if b.key == "from_workspace"] == []
