"""`report`: what people take away, as files in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from simulator.cli.options import add_account, add_command, add_months, add_scenario, result_of
from simulator.reports.report import render_html, render_markdown
from simulator.reports.report.contents import contents
from simulator.reports.takeaway import takeaway
from simulator.reports.workbook import workbook


def report(args: argparse.Namespace) -> str:
    """Write report.md, report.html, workbook.xlsx and tables.zip (FOCUS 1.2 and savings) into a folder."""
    result = result_of(args)
    made = contents(result, args.months, draws=args.draws, seed=args.seed)
    files = {
        "report.md": render_markdown(made).encode(),
        "report.html": render_html(made).encode(),
        "workbook.xlsx": workbook(result, args.months),
        "tables.zip": takeaway(result, args.months),
    }
    args.folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (args.folder / name).write_bytes(content)
    return f"wrote {', '.join(files)} to {args.folder}"


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(commands, "report", report)
    add_account(command, prints=False)
    command.add_argument("--out", dest="folder", type=Path, required=True, metavar="FOLDER")
    add_scenario(command)
    add_months(command)
    command.add_argument("--draws", type=int, default=2_000, help="draws of the uncertain parameters")
    command.add_argument("--seed", type=int, default=0)
