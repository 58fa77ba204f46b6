"""A report as Markdown (CommonMark with tables). Foreign text cannot become markup."""

from __future__ import annotations

import re

from simulator import words
from simulator.reports.report.blocks import Block, Code, Grid, Picture, Points, Report, Words


def render_markdown(report: Report) -> str:
    """The whole report."""
    parts = [f"# {plain(report.title)}", plain(report.subtitle)]
    for section in report.sections:
        parts.append(f"{'#' * section.level} {plain(section.title)}")
        parts += [text for text in map(_block, section.blocks) if text]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return words.plain(text, "markdown")


def _block(block: Block) -> str:
    match block:
        case Words():
            return f"**{plain(block.text)}**" if block.strong else plain(block.text)
        case Points():
            signs = [f"{n}." for n in range(1, len(block.items) + 1)] if block.numbered else None
            return "\n".join(f"{signs[i] if signs else '-'} {plain(t)}" for i, t in enumerate(block.items))
        case Grid():
            return _grid(block)
        case Code():
            return _code(block)
        case Picture():
            return ""


def _grid(block: Grid) -> str:
    lines = [
        _row(block.columns),
        _row(["---:" if c in block.numbers else "---" for c in block.columns], raw=True),
    ]
    return "\n".join([*lines, *(_row(r) for r in block.rows)])


def _row(cells: tuple[str, ...] | list[str], *, raw: bool = False) -> str:
    return "| " + " | ".join(c if raw else plain(c) for c in cells) + " |"


def _code(block: Code) -> str:
    longest = max((len(run) for run in re.findall(r"`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{block.language}\n{words.visible(block.text)}\n{fence}"
