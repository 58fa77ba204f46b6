"""`report`: what people take away, as files in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import Draws, FiscalStart, Months, OnAccount, Seed, WithScenario, result_of
from simulator.documents import write_beside
from simulator.reports.report import render_html, render_markdown
from simulator.reports.report.contents import contents
from simulator.reports.takeaway import takeaway
from simulator.reports.workbook import workbook


def report(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    out: Annotated[Path, Parameter(help="the folder to write")],
    months: Months = 12,
    draws: Draws = 2_000,
    seed: Seed = 0,
    fiscal_year_starts: FiscalStart = 1,
) -> str:
    """Write report.md, report.html, workbook.xlsx and tables.zip (FOCUS 1.2 and savings) into a folder."""
    with _folder(out):
        result = result_of(account, scenario)
        made = contents(result, months, draws=draws, seed=seed)
        files = {
            "report.md": render_markdown(made).encode(),
            "report.html": render_html(made).encode(),
            "workbook.xlsx": workbook(
                result, months, fiscal_start=fiscal_year_starts, draws=draws, seed=seed
            ),
            "tables.zip": takeaway(result, months, fiscal_start=fiscal_year_starts, draws=draws, seed=seed),
        }
        for name, content in files.items():
            write_beside(out / name, content)
    return f"wrote {', '.join(files)} to {out}"


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """A place that cannot be is refused before the work; where the work fails, no new empty folder stays."""
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if is_new:
            with suppress(OSError):  # not empty: what is written whole stays
                out.rmdir()
        raise
