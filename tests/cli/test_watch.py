"""`watch` says what moved, and sends it: against a real mail server and a real web server on this machine."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from simulator import Account, PriceBook, Scenario, load_sample, save_snapshot, simulate
from simulator.analysis import ledger
from simulator.cli.main import main
from simulator.levers import lever
from simulator.snapshot.snapshot import Snapshot
from simulator.workspace import open_workspace


@pytest.fixture(autouse=True)
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))


def later(snapshot: Snapshot, days: int) -> Snapshot:
    """The same account a while later: every time is moved."""
    by = timedelta(days=days)
    manifest = replace(
        snapshot.manifest,
        window_start=snapshot.manifest.window_start + by,
        window_end=snapshot.manifest.window_end + by,
    )
    tables = {}
    for name, frame in snapshot.tables.items():
        moved = frame.copy()
        for column in moved.columns:
            if moved[column].dtype.kind == "M":
                moved[column] = moved[column] + by
        tables[name] = moved
    return Snapshot(manifest, tables)


def file_of(snapshot: Snapshot, path: Path) -> str:
    save_snapshot(snapshot, path)
    return str(path)


def test_the_first_snapshot_makes_the_account_and_nothing_moves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(load_sample("report"), tmp_path / "a.zip")
    assert main(["watch", "--account", "ours", "--snapshot", path, "--fail"]) == 0
    assert "ours: 0 moved" in capsys.readouterr().out


def test_over_budget_off_plan_and_a_promise_not_kept_are_named_with_their_dollars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The idle pair of the report account is 2 × 1.515 × 730 = $2,211.90 a month; the plan was to stop it."""
    sample = load_sample("report")
    workspace = open_workspace()
    account = workspace.add_account(sample, "test")
    workspace.rename("account", account.id, "ours")
    book = PriceBook.load(datetime.now(tz=UTC).date())
    result = simulate(Account.open(sample), Scenario((lever("stop_idle_endpoints")(),), name="stop"), book)
    workspace.keep_plan(account.id, "stop", ledger.to_json(ledger.keep(result, datetime.now(tz=UTC).date())))
    workspace.set_budget(account.id, "ML", {f"{datetime.now(tz=UTC):%Y-%m}": 100.0})
    workspace.database.close()
    path = file_of(later(sample, 60), tmp_path / "later.zip")
    code = main(
        ["watch", "--account", "ours", "--snapshot", path, "--fail", "--out", str(tmp_path / "moved.json")]
    )
    assert code == 3
    moved = {m["kind"]: m for m in json.loads((tmp_path / "moved.json").read_text())["moved"]}
    assert set(moved) == {"over budget", "off plan", "promise not kept"}
    assert moved["promise not kept"]["usd_per_month"] == pytest.approx(2211.90, abs=0.01)


def with_calls(snapshot: Snapshot, endpoint: str, calls: float) -> Snapshot:
    """The snapshot, in which an endpoint was called in every hour that is known."""
    traffic = snapshot.tables["endpoint_traffic"].copy()
    traffic.loc[traffic["endpoint_name"] == endpoint, "invocations"] = calls
    return Snapshot(snapshot.manifest, {**snapshot.tables, "endpoint_traffic": traffic})


def test_an_endpoint_that_has_become_idle_is_named_with_its_dollars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """$1.515 × 730 hours = $1,105.95; the other one was idle before, so it has not become so."""
    sample = load_sample("report")
    busy = file_of(with_calls(sample, "llama3-endpoint-1", 5.0), tmp_path / "busy.zip")
    assert main(["watch", "--account", "ours", "--snapshot", busy]) == 0
    idle = file_of(later(sample, 30), tmp_path / "idle.zip")
    out = tmp_path / "moved.json"
    assert main(["watch", "--account", "ours", "--snapshot", idle, "--fail", "--out", str(out)]) == 3
    (moved,) = json.loads(out.read_text())["moved"]
    assert moved["kind"] == "newly idle"
    assert "llama3-endpoint-1" in moved["sentence"]
    assert moved["usd_per_month"] == pytest.approx(1105.95, abs=0.01)


def test_a_budget_of_a_component_looks_at_that_component_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hosting is $2,211.90 per month at run rate; everything is more. A budget in between is not broken by hosting."""
    sample = load_sample("report")
    workspace = open_workspace()
    account = workspace.add_account(sample, "test")
    workspace.rename("account", account.id, "ours")
    month = f"{datetime.now(tz=UTC):%Y-%m}"
    workspace.set_budget(account.id, "hosting", {month: 2211.95}, {"component": "hosting"})
    workspace.set_budget(account.id, "hosting, less", {month: 2211.85}, {"component": "hosting"})
    workspace.set_budget(account.id, "of nobody", {month: 0.01}, {"owner": "nobody"})
    workspace.set_budget(account.id, "all", {month: 2211.95})
    workspace.database.close()
    path = file_of(later(sample, 60), tmp_path / "later.zip")
    out = tmp_path / "moved.json"
    assert main(["watch", "--account", "ours", "--snapshot", path, "--fail", "--out", str(out)]) == 3
    over = [m["sentence"] for m in json.loads(out.read_text())["moved"] if m["kind"] == "over budget"]
    assert sorted(s.split(":")[0] for s in over) == ["Budget all", "Budget hosting, less"]


class Posted(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted."""

    got: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        Posted.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Mailed(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs."""

    got: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        in_data, lines = False, []
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if in_data:
                in_data = line != "."
                lines.append(line)
                if not in_data:
                    Mailed.got.append("\n".join(lines))
                    self.wfile.write(b"250 kept\r\n")
                continue
            word = line.split(" ")[0].upper()
            in_data = word == "DATA"
            self.wfile.write({"DATA": b"354 go\r\n", "QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
            if word == "QUIT":
                return


@pytest.fixture
def servers() -> Iterator[tuple[int, int]]:
    Posted.got.clear()
    Mailed.got.clear()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Posted)
    post = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailed)
    for server in (web, post):
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield web.server_address[1], post.server_address[1]
    for server in (web, post):
        server.shutdown()
        server.server_close()


def test_what_moved_is_mailed_and_posted(
    tmp_path: Path,
    servers: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    web, post = servers
    monkeypatch.setenv("ML_SPEND_WEBHOOK", f"http://127.0.0.1:{web}/hook")
    monkeypatch.setenv("ML_SPEND_SMTP", f"smtp://127.0.0.1:{post}")
    workspace = open_workspace()
    account = workspace.add_account(load_sample("report"), "test")
    workspace.rename("account", account.id, "ours")
    workspace.set_budget(account.id, "ML", {f"{datetime.now(tz=UTC):%Y-%m}": 100.0})
    workspace.database.close()
    path = file_of(later(load_sample("report"), 60), tmp_path / "later.zip")
    assert (
        main(["watch", "--account", "ours", "--snapshot", path, "--mail", "ann@example.com", "--webhook"])
        == 0
    )
    assert Posted.got[0]["moved"][0]["kind"] == "over budget"
    assert "Budget ML" in Mailed.got[0]
    assert "Subject: ML spend of ours: 1 moved" in Mailed.got[0]


def test_a_server_that_does_not_answer_is_said_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simulator.cli import notify
    from simulator.errors import OutputError

    monkeypatch.setenv("ML_SPEND_SMTP", "smtp://ann:hunter2@127.0.0.1:1")
    with pytest.raises(OutputError) as error:
        notify.mail("ann@example.com", "x", "y")
    assert "hunter2" not in str(error.value)
    monkeypatch.setenv("ML_SPEND_WEBHOOK", "http://127.0.0.1:1/secret-path")
    with pytest.raises(OutputError) as error:
        notify.post({})
    assert "secret-path" not in str(error.value)


def test_plans_and_budgets_are_kept_by_the_command_line_and_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A budget of $100 for every month, and a plan to stop what is idle: both are told of by the next snapshot."""
    first = file_of(load_sample("report"), tmp_path / "a.zip")
    assert main(["watch", "--account", "ours", "--snapshot", first]) == 0
    plan, budgets = tmp_path / "stop.json", tmp_path / "budgets.csv"
    assert main(["ledger", "keep", "--usage", first, "--on", "stop_idle_endpoints", "--out", str(plan)]) == 0
    budgets.write_text("name,usd,component\nHosting,100,hosting\n")
    assert main(["workspace", "plan", "ours", str(plan)]) == 0
    assert main(["workspace", "budget", "ours", str(budgets)]) == 0
    assert main(["workspace", "plan", "ours", str(budgets)]) == 2, "no plan"
    second, out = file_of(later(load_sample("report"), 60), tmp_path / "b.zip"), tmp_path / "moved.json"
    assert main(["watch", "--account", "ours", "--snapshot", second, "--fail", "--out", str(out)]) == 3
    moved = {m["kind"] for m in json.loads(out.read_text())["moved"]}
    assert moved == {"over budget", "off plan", "promise not kept"}
