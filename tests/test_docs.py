"""Generated pages say what the code declares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import docs_cli, docs_levers, docs_workloads, lever_pages
from simulator.cli.main import COMMANDS, command_line
from simulator.levers import all_levers

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_levers_page_is_current() -> None:
    assert (DOCS / "levers.md").read_text(encoding="utf-8") == docs_levers.levers_page(), "run `make docs`"


def test_assumptions_page_is_current() -> None:
    assert (DOCS / "assumptions.md").read_text(encoding="utf-8") == docs_levers.assumptions_page(), (
        "run `make docs`"
    )


def test_workloads_page_is_current() -> None:
    assert (DOCS / "workloads.md").read_text(encoding="utf-8") == docs_workloads.page(), "run `make docs`"


def test_command_line_page_is_current_and_says_what_each_option_means() -> None:
    page = docs_cli.page()
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == page, "run `make docs`"
    assert all(f"\n## {name}\n" in page for name in COMMANDS)
    silent = [line for line in page.splitlines() if re.match(r"\| `[^|]+` \|  \|", line)]
    assert silent == []


def test_every_option_of_every_command_is_in_its_part_of_the_command_line_page() -> None:
    parts = dict(re.findall(r"(?ms)^## (.+?)\n(.+?)(?=^## |\Z)", docs_cli.page()))
    unnamed = [
        (command, option)
        for command, options in _options().items()
        for option in options
        if f"`{option}`" not in parts[command]
    ]
    assert unnamed == []


def test_the_docs_name_no_command_or_option_that_is_not_there() -> None:
    options = _options()
    wrong = []
    for file in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md")):
        text = file.read_text(encoding="utf-8").replace("\\\n", " ")
        for call in re.findall(r"(?:ml-spend|python -m simulator) ([a-z][^\n`|#&]*)", text):
            words = call.split()
            command = next((c for c in (" ".join(words[:2]), words[0]) if c in options), "")
            named = set(re.findall(r"(?<!\S)--[a-z-]+", call)) - {"--help"}
            wrong += [(file.name, call)] if not command or named - options[command] else []
    assert wrong == []


def _options() -> dict[str, set[str]]:
    """What each command takes, from its signature."""
    app, found = command_line(), {}
    for name in COMMANDS:
        command = app
        for word in name.split():
            command = command[word]
        shown = [a for a in command.assemble_argument_collection() if a.show]
        found[name] = {option for argument in shown for option in argument.names}
    return found


@pytest.mark.thorough
def test_the_docs_site_builds_without_a_broken_link(tmp_path: Path) -> None:
    mkdocs = pytest.importorskip("mkdocs.commands.build")
    from mkdocs.config import load_config

    built = tmp_path / "site"
    config = load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(built))
    mkdocs.build(config)
    assert (built / "rules" / "index.html").is_file()
    assert {page.parent.name for page in (built / "levers").glob("*/index.html")} == set(all_levers())
    listed = (built / "levers" / "index.html").read_text(encoding="utf-8")
    assert [i for i in all_levers() if f'href="{i}/"' not in listed] == []


@pytest.mark.parametrize("lever_id", all_levers())
def test_a_levers_page_has_each_parameter_rule_and_column(lever_id: str) -> None:
    kind, page = all_levers()[lever_id], lever_pages.page(lever_id)
    assert kind.title in page
    assert [p for p in kind.params() if f"| `{p}` |" not in page] == []
    assert "(../rules.md#" in page
    assert f"](../snapshot.md#{lever_pages.STORED.get(kind.table, kind.table)})" in page or not kind.table
    assert [x for x in kind.excludes if f"({x}.md)" not in page] == []


def test_a_levers_page_tells_its_verdicts_break_even_evidence_and_action() -> None:
    page = lever_pages.page("managed_spot")
    parts = dict(re.findall(r"(?ms)^## (.+?)\n(.+?)(?=^## |\Z)", page))
    acts, needs, refused = re.split(r"It needs a fact|It is not applicable", parts["Verdicts"])
    assert "- Resumes from checkpoints." in acts
    assert "- Its billed time is unknown." in needs
    assert "- Already runs on spot" in refused
    assert "goodput" in parts["Break-even"]
    assert "pays above" in parts["Break-even"]
    assert "`checkpointing`" in parts["What it needs from the snapshot"]
    assert "`kind`" in lever_pages.page("accelerator_idle")  # by way of what follows from it
    assert "16 hours" in parts["Effort and confidence"]
    assert "3 spot jobs" in parts["Effort and confidence"]
    assert "checkpoints" in parts["What puts it into practice"]


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"(?m)^(?:python -m simulator|ml-spend) (\S+)", README)))
)
def test_the_readme_names_no_command_that_is_not_there(command: str) -> None:
    assert command in {name.split()[0] for name in COMMANDS} or command.startswith("-")


def test_the_readme_answers_each_question_by_commands_that_are_there() -> None:
    rows = re.findall(r"(?m)^\|[^|]*\|[^|]*\|([^|]*)\|[^|]*docs/[^|]*\|$", README)
    named = {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}
    known = {name.split()[0] for name in COMMANDS} | set(COMMANDS) | set().union(*_options().values())
    assert len(named) > 10
    assert {n for n in named if n not in known and n.split(" --")[0] not in known} == set()


def _anchors() -> set[str]:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    heads = re.findall(r"(?m)^#+ (.+)$", page)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in heads}


def test_every_rule_that_is_cited_is_there_and_every_lever_cites_its_source() -> None:
    cited = {
        (path.relative_to(ROOT).as_posix(), anchor)
        for folder in ("simulator", "scripts", "docs", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".csv"}
        for anchor in re.findall(r"rules\.md#([a-z0-9-]+)", path.read_text(encoding="utf-8"))
    }
    assert len(cited) > 50
    assert {c for c in cited if c[1] not in _anchors()} == set()
    assert [i for i, kind in all_levers().items() if "Source:" not in (kind.__doc__ or "")] == []
