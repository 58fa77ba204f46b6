"""A report as one HTML file: styles and charts inside, no script, foreign text escaped by the template."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from simulator.reports.report.blocks import Block, Report
from simulator.words import visible

LONG_WORD = 20


def render_html(report: Report) -> str:
    """The whole report."""
    return _template().render(report=report, kind=_kind, long=_long, ours=Markup)


def _kind(block: Block) -> str:
    return type(block).__name__


def _shown(value: object) -> object:
    """Foreign text with nothing hidden in it; our own charts are Markup and pass."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _long(cell: str) -> bool:
    """Whether a cell holds a word that may be broken, so that it cannot push the table off the page."""
    return max(map(len, cell.split()), default=0) > LONG_WORD


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    made = Environment(
        loader=folder,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    return made.get_template("report.html.j2")
