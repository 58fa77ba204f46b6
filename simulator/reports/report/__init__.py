"""The report for any account and scenario, in Markdown and in self-contained HTML. Both render one content."""

from __future__ import annotations

from simulator.engine.simulate import Result
from simulator.reports.report.contents import contents
from simulator.reports.report.html import render_html
from simulator.reports.report.markdown import render_markdown

__all__ = ["html_report", "markdown_report", "render_html", "render_markdown"]


def markdown_report(result: Result, months: int = 12, *, draws: int = 2_000, seed: int = 0) -> str:
    """The report as Markdown. Charts are in the HTML; every figure of theirs stands in a table here too."""
    return render_markdown(contents(result, months, draws=draws, seed=seed))


def html_report(result: Result, months: int = 12, *, draws: int = 2_000, seed: int = 0) -> str:
    """The report as one HTML file: charts inline, nothing loaded from elsewhere, made to be printed."""
    return render_html(contents(result, months, draws=draws, seed=seed))
