"""Write and execute docs/examples/notebook.ipynb: results in Jupyter, with their output. `make docs`"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs" / "examples" / "notebook.ipynb"
CELLS = (
    "# Results in Jupyter\n\nOn the sample account `team`; with your own, `load_snapshot('account.zip')`.",
    "%load_ext simulator.notebook\n"
    "from datetime import date\n"
    "from simulator import PriceBook, load_sample, notebook, preset, simulate\n\n"
    "account, book = load_sample('team'), PriceBook.load(date(2026, 11, 24))\n"
    "result = simulate(account, preset('balanced'), book)\n"
    "result",
    "Tables keep their figures unrounded in `.frame`; charts are Altair's by `.altair`.",
    "notebook.by_lever(result).frame.nlargest(3, 'saving_attributed_usd')[['title', 'saving_attributed_usd']]",
    "notebook.months(result)",
    "notebook.compared([simulate(account, preset(name), book) for name in ('no_regret', 'balanced', 'ambitious')])",
)


def executed() -> nbformat.NotebookNode:
    """The notebook with its output; a cell that fails raises."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for number, source in enumerate(CELLS):
        words = source.startswith(("# ", "Tables"))
        cell = nbformat.v4.new_markdown_cell(source) if words else nbformat.v4.new_code_cell(source)
        cell["id"] = f"cell-{number}"
        made.cells.append(cell)
    os.environ["PYTHONPATH"] = str(ROOT)
    NotebookClient(made, timeout=300, kernel_name="python3", record_timing=False).execute(cwd=str(ROOT))
    return made


def main() -> None:
    """Write the page."""
    nbformat.write(executed(), NOTEBOOK)
    print(f"wrote {NOTEBOOK.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
