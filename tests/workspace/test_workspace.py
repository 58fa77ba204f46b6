"""The workspace keeps what it was given, overwrites nothing silently, and shows nothing to those who may not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import Snapshot, load_sample
from simulator.workspace import Conflict, Denied, NotThere, Workspace
from simulator.workspace.snapshots import SnapshotStore

Opened = Callable[..., Workspace]


@pytest.fixture(scope="module")
def report() -> Snapshot:
    return load_sample("report")


def test_a_snapshot_comes_back_as_it_was(workspace: Workspace, report: Snapshot) -> None:
    account = workspace.add_account(report, "sample")
    assert workspace.snapshot(account.id).fingerprint() == report.fingerprint()
    assert [a.name for a in workspace.accounts()] == ["report"]


def test_a_restart_finds_everything(opened: Opened, report: Snapshot) -> None:
    first = opened()
    account = first.add_account(report, "sample")
    scenario = first.add_scenario(account.id, "Quarter", {"levers": {}}, bill_usd=10.0, saving_usd=2.5)
    again = opened()
    assert again.scenario(scenario.id).content == {"levers": {}}
    assert [(v.version, v.who, v.bill_usd, v.saving_usd) for v in again.history(scenario.id)] == [
        (1, "me", 10.0, 2.5)
    ]


def test_the_same_snapshot_twice_is_kept_once(workspace: Workspace, report: Snapshot) -> None:
    account = workspace.add_account(report, "sample")
    workspace.add_account(report, "sample", account.id)
    assert len(workspace.snapshots(account.id)) == 1


def test_a_save_over_a_newer_version_is_refused_and_names_who_saved(opened: Opened, report: Snapshot) -> None:
    ann = opened("ann")
    account = ann.add_account(report, "sample")
    ann.grant("bob", account.id, "planner")
    bob = ann.seen_by("bob")
    scenario = ann.add_scenario(account.id, "Ours", {"levers": {}})
    bob.save_scenario(scenario.id, {"levers": {"managed_spot": {}}}, 1)
    with pytest.raises(Conflict, match="was saved by bob"):
        ann.save_scenario(scenario.id, {"levers": {"serverless": {}}}, 1)
    assert ann.scenario(scenario.id).content == {"levers": {"managed_spot": {}}}
    assert ann.save_scenario(scenario.id, {"levers": {"serverless": {}}}, 2).version == 3


def test_a_save_that_changes_nothing_makes_no_version(workspace: Workspace, report: Snapshot) -> None:
    account = workspace.add_account(report, "sample")
    scenario = workspace.add_scenario(account.id, "Ours", {"levers": {}})
    assert workspace.save_scenario(scenario.id, {"levers": {}}, 1).version == 1


def test_delete_can_be_undone_and_archive_hides(workspace: Workspace, report: Snapshot) -> None:
    account = workspace.add_account(report, "sample")
    scenario = workspace.add_scenario(account.id, "Ours", {})
    workspace.delete("scenario", scenario.id)
    assert workspace.scenarios(account.id) == []
    workspace.restore("scenario", scenario.id)
    workspace.archive("scenario", scenario.id)
    assert workspace.scenarios(account.id) == []
    assert [s.name for s in workspace.scenarios(account.id, archived=True)] == ["Ours"]


def test_search_finds_by_part_of_the_name_and_takes_signs_as_signs(
    workspace: Workspace, report: Snapshot
) -> None:
    account = workspace.add_account(report, "sample")
    for name in ("Quarter 1", "100% spot", "quarterly"):
        workspace.add_scenario(account.id, name, {})
    assert {f.name for f in workspace.search("QUARTER")} == {"Quarter 1", "quarterly"}
    assert [f.name for f in workspace.search("0%")] == ["100% spot"]
    assert workspace.search("_") == []


def test_nothing_of_another_team_can_be_seen_or_guessed(opened: Opened, report: Snapshot) -> None:
    ann = opened("ann")
    account = ann.add_account(report, "sample")
    scenario = ann.add_scenario(account.id, "Secret", {})
    plan = ann.keep_plan(account.id, "Plan", "{}")
    eve = ann.seen_by("eve")
    assert eve.accounts() == []
    assert eve.search("") == []
    assert eve.account_of(report.fingerprint()) is None
    for look in (
        lambda: eve.snapshot(account.id), lambda: eve.scenarios(account.id), lambda: eve.scenario(scenario.id),
        lambda: eve.history(scenario.id), lambda: eve.actuals(plan.id), lambda: eve.answers(account.id),
        lambda: eve.rename("scenario", scenario.id, "x"), lambda: eve.delete("account", account.id),
        lambda: eve.grant("eve", account.id, "admin"), lambda: eve.erase(account.id), eve.audit,
        lambda: eve.comment(scenario.id, "hello"), lambda: eve.save_scenario(scenario.id, {}, 1),
    ):  # fmt: skip
        with pytest.raises(NotThere, match="nothing of that name"):
            look()


def test_a_viewer_sees_and_changes_nothing(opened: Opened, report: Snapshot) -> None:
    ann = opened("ann")
    account = ann.add_account(report, "sample")
    scenario = ann.add_scenario(account.id, "Ours", {})
    ann.grant("val", account.id, "viewer")
    val = ann.seen_by("val")
    assert val.scenario(scenario.id).name == "Ours"
    for change in (
        lambda: val.save_scenario(scenario.id, {"a": 1}, 1), lambda: val.delete("scenario", scenario.id),
        lambda: val.set_budget(account.id, "b", {"2026-12": 1.0}), lambda: val.add_account(report, "again"),
        lambda: val.comment(scenario.id, "no"), lambda: val.answer(account.id, "k", 1, assumed=True),
    ):  # fmt: skip
        with pytest.raises(Denied):
            change()


def test_every_change_is_in_the_audit_log_without_content(opened: Opened, report: Snapshot) -> None:
    one = opened()
    account = one.add_account(report, "sample")
    scenario = one.add_scenario(account.id, "Ours", {"levers": {}})
    one.save_scenario(scenario.id, {"levers": {"managed_spot": {}}}, 1)
    one.comment(scenario.id, "why not?", "managed_spot")
    one.delete("scenario", scenario.id)
    said = [(r.action, r.kind) for r in reversed(one.audit())]
    assert said == [
        ("add", "account"),
        ("add", "scenario"),
        ("save", "scenario"),
        ("comment", "scenario"),
        ("delete", "scenario"),
    ]


def test_erased_is_gone_with_its_snapshot_unless_another_account_has_it(
    workspace: Workspace, report: Snapshot
) -> None:
    one, two = workspace.add_account(report, "sample"), workspace.add_account(report, "sample")
    workspace.add_scenario(one.id, "Ours", {})
    workspace.erase(one.id)
    assert workspace.snapshot(two.id).fingerprint() == report.fingerprint()
    workspace.erase(two.id)
    assert workspace.accounts() == []
    with pytest.raises(FileNotFoundError):
        workspace.store.read(report.fingerprint())


def test_plans_budgets_prices_answers_and_comments_are_kept(workspace: Workspace, report: Snapshot) -> None:
    account = workspace.add_account(report, "sample")
    plan = workspace.keep_plan(account.id, "Q1", '{"format": 1}')
    workspace.add_actual(plan.id, "0" * 64, {"total": 1.0})
    workspace.add_actual(plan.id, "0" * 64, {"total": 2.0})
    assert [a.comparison for a in workspace.actuals(plan.id)] == [{"total": 2.0}]
    workspace.set_budget(account.id, "FY", {"2026-12": 1000.0}, {"component": "hosting"})
    assert workspace.budgets(account.id)[0].monthly_usd == {"2026-12": 1000.0}
    workspace.keep_prices(account.id, "contract", "component,item\n")
    found = workspace.own_prices(account.id)
    assert found is not None
    assert found.text == "component,item\n"
    workspace.answer(account.id, "managed_spot:checkpoints", True, assumed=True)
    workspace.answer(account.id, "managed_spot:checkpoints", False, assumed=False)
    answer = workspace.answers(account.id)["managed_spot:checkpoints"]
    assert (answer.value, answer.assumed) == (False, False)


@pytest.mark.parametrize("wrong", [{"2026-13": 1.0}, {"2026-12": -1.0}, {"2026-12": float("nan")}])
def test_a_budget_that_is_none_is_refused(
    workspace: Workspace, report: Snapshot, wrong: dict[str, float]
) -> None:
    account = workspace.add_account(report, "sample")
    with pytest.raises(ValueError, match="budget FY"):
        workspace.set_budget(account.id, "FY", wrong)


@pytest.mark.parametrize("place", ["memory://bucket/team", "file://{folder}/with blanks/ä"])
def test_snapshots_lie_in_any_place_an_address_names(
    workspace: Workspace, report: Snapshot, tmp_path: Path, place: str
) -> None:
    store = SnapshotStore(place.format(folder=tmp_path))
    there = Workspace(workspace.database, store)
    account = there.add_account(report, "sample")
    assert there.snapshot(account.id).fingerprint() == report.fingerprint()
    with pytest.raises(FileNotFoundError):
        workspace.snapshot(account.id)
    there.erase(account.id)
    assert not store.has(report.fingerprint())
