"""Generated pages say what the code declares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import docs_cli, docs_levers, docs_workloads
from simulator.cli.main import COMMANDS
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
    silent = [line for line in page.splitlines() if re.match(r"\| `[^`]+` \|  \|", line)]
    assert silent == []


def test_the_docs_site_builds_without_a_broken_link(tmp_path: Path) -> None:
    mkdocs = pytest.importorskip("mkdocs.commands.build")
    from mkdocs.config import load_config

    built = tmp_path / "site"
    config = load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(built))
    mkdocs.build(config)
    assert (built / "rules" / "index.html").is_file()


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"(?m)^(?:python -m simulator|ml-spend) (\S+)", README)))
)
def test_the_readme_names_no_command_that_is_not_there(command: str) -> None:
    assert command in {name.split()[0] for name in COMMANDS} or command.startswith("-")


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
