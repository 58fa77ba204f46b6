"""Everything comes back in another database, nothing is overwritten, a damaged file changes nothing."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import Snapshot, load_sample
from simulator.cli.main import main
from simulator.errors import InputError
from simulator.workspace import NotThere, Workspace, open_database
from simulator.workspace.archive import export, restore
from simulator.workspace.snapshots import SnapshotStore
from tests.accounts import snapshot_with


@pytest.fixture
def other(made_file: Path, tmp_path: Path) -> Workspace:
    database = open_database(f"sqlite:///{shutil.copy(made_file, tmp_path / 'other.db')}")
    return Workspace(database, SnapshotStore(str(tmp_path / "elsewhere")))


@pytest.fixture(scope="module")
def good(made_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a filled workspace."""
    folder = tmp_path_factory.mktemp("good")
    database = open_database(f"sqlite:///{shutil.copy(made_file, folder / 'workspace.db')}")
    workspace = Workspace(database, SnapshotStore(str(folder / "snapshots")))
    filled(workspace)
    export(workspace, folder / "all.zip")
    database.close()
    return folder / "all.zip"


def filled(workspace: Workspace, snapshot: Snapshot | None = None) -> str:
    """A workspace with one of everything; what it is about is small unless said otherwise."""
    account = workspace.add_account(snapshot or snapshot_with(endpoints=[{}]), "sample")
    scenario = workspace.add_scenario(account.id, "Ours", {"levers": {}}, bill_usd=1.5)
    workspace.save_scenario(scenario.id, {"levers": {"managed_spot": {}}}, 1)
    workspace.comment(scenario.id, "why?", "managed_spot")
    workspace.keep_plan(account.id, "Q1", "{}")
    workspace.set_budget(account.id, "FY", {"2026-12": 10.0})
    workspace.answer(account.id, "k", [1, None], assumed=True)
    return account.id


def test_everything_comes_back_in_another_database(
    workspace: Workspace, other: Workspace, tmp_path: Path
) -> None:
    account = filled(workspace, load_sample("report"))
    rows = export(workspace, tmp_path / "all.zip")
    assert restore(other, tmp_path / "all.zip") == rows
    assert other.snapshot(account).fingerprint() == load_sample("report").fingerprint()
    (scenario,) = other.scenarios(account)
    assert scenario.content == {"levers": {"managed_spot": {}}}
    assert [(v.version, v.bill_usd) for v in other.history(scenario.id)] == [(1, 1.5), (2, None)]
    assert [c.text for c in other.comments(scenario.id)] == ["why?"]
    assert other.answers(account)["k"].value == [1, None]
    assert other.budgets(account)[0].monthly_usd == {"2026-12": 10.0}
    assert [a.created_at for a in other.accounts()] == [a.created_at for a in workspace.accounts()]
    other.database.close()


def test_what_is_here_already_is_not_overwritten(workspace: Workspace, tmp_path: Path) -> None:
    account = filled(workspace)
    export(workspace, tmp_path / "all.zip")
    workspace.rename("account", account, "newer name")
    with pytest.raises(InputError, match="is here already"):
        restore(workspace, tmp_path / "all.zip")
    assert [a.name for a in workspace.accounts()] == ["newer name"]


DAMAGES = {
    "not json": ("tables/plans.json", b"{"),
    "a list as manifest": ("workspace.json", b"[1]"),
    "rows that are none": ("tables/plans.json", b'{"id": 1}'),
    "a row that is none": ("tables/accounts.json", b"[5]"),
    "a column unknown here": ("tables/accounts.json", b'[{"id": "a", "gone": 1}]'),
    "a time that is none": ("tables/accounts.json", b'[{"id": "a", "created_at": 5}]'),
    "too deep": ("tables/plans.json", b"[" * 100_000),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("damage", ["cut", "no manifest", "another snapshot", "twice", *DAMAGES])
def test_a_damaged_file_is_refused_and_changes_nothing(
    workspace: Workspace, good: Path, tmp_path: Path, damage: str
) -> None:
    made = tmp_path / "bad.zip"
    if damage == "cut":
        made.write_bytes(good.read_bytes()[:2_000])
    else:
        with zipfile.ZipFile(good) as whole, zipfile.ZipFile(made, "w") as bad:
            for info in whole.infolist():
                content, name = whole.read(info), info.filename
                if damage == "no manifest" and name == "workspace.json":
                    continue
                if damage in DAMAGES and name == DAMAGES[damage][0]:
                    content = DAMAGES[damage][1]
                if damage == "twice" and name == "workspace.json":
                    bad.writestr(f"./{name}", content)
                    bad.writestr(f"./{name}", content)
                if damage == "another snapshot" and name.startswith("snapshots/"):
                    name = f"snapshots/{'0' * 64}.zip"
                bad.writestr(name, content)
    with pytest.raises(InputError, match=r"\.zip|json"):
        restore(workspace, made)
    assert workspace.accounts() == []
    assert not list((tmp_path / "snapshots").glob("*")), "no snapshot of it is kept"


def test_only_an_admin_of_everything_exports(opened: Callable[..., Workspace], tmp_path: Path) -> None:
    ann = opened("ann")
    filled(ann)
    with pytest.raises(NotThere):
        export(ann, tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()


def test_the_command_line_lists_exports_and_erases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))
    assert main(["sample", "report", "--out", str(tmp_path / "r.zip")]) == 0
    assert main(["watch", "--account", "ours", "--snapshot", str(tmp_path / "r.zip")]) == 0
    assert main(["workspace", "export", str(tmp_path / "all.zip")]) == 0
    assert main(["workspace", "erase", "ours"]) == 0
    assert main(["workspace", "list"]) == 0
    assert "ours" in capsys.readouterr().out.splitlines()[-1]
    assert main(["workspace", "erase", "ours", "--yes"]) == 0
    assert main(["workspace", "import", str(tmp_path / "all.zip")]) == 0
    assert main(["workspace", "list", "--format", "json"]) == 0
    assert '"ours"' in capsys.readouterr().out


def test_the_command_line_grants_and_shows_who_changed_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))
    assert main(["sample", "report", "--out", str(tmp_path / "r.zip")]) == 0
    assert main(["watch", "--account", "ours", "--snapshot", str(tmp_path / "r.zip")]) == 0
    assert main(["workspace", "grant", "Ann@Example.com", "--account", "ours", "--role", "planner"]) == 0
    assert main(["workspace", "grant", "bob@example.com", "--role", "viewer"]) == 0
    assert main(["workspace", "grant", "ann", "--account", "none such", "--role", "viewer"]) == 2
    database = open_database(f"sqlite:///{tmp_path / 'workspace.db'}")
    store = SnapshotStore(str(tmp_path / "snapshots"))
    roles = {}
    for who in ("ann@example.com", "bob@example.com", "eve@example.com"):
        seen = Workspace(database, store, who, login=True)
        roles[who] = [(a.name, seen.role(a.id)) for a in seen.accounts()]
    assert roles == {
        "ann@example.com": [("ours", "planner")],
        "bob@example.com": [("ours", "viewer")],
        "eve@example.com": [],
    }
    database.close()
    capsys.readouterr()
    assert main(["workspace", "audit"]) == 0
    assert [line.split("  ")[2].split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "grant", "grant", "rename", "add",
    ]  # fmt: skip


def test_the_environment_names_the_first_admins(
    opened: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = opened("ann").add_account(snapshot_with(endpoints=[{}]), "sample")
    root = opened("root@example.com")
    assert root.role(account.id) is None
    monkeypatch.setenv("ML_SPEND_ADMINS", "someone@example.com, Root@Example.com")
    assert root.role(account.id) == "admin"
    assert [row.who for row in root.audit()] == ["ann"]
