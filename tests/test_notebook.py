"""Results in Jupyter: tables add up, names of an account are text, and the example notebook is what its code gives."""

import json
import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from simulator import Account, PriceBook, Result, Scenario, Snapshot, load_sample, notebook, simulate
from simulator.levers import lever

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "notebook.ipynb"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def result() -> Result:
    """The report account with its idle pair stopped: 2 × $1.515 × 730 = $2,211.90 per month."""
    book = PriceBook.load(date(2026, 11, 24))
    return simulate(Account.open(load_sample("report")), Scenario((lever("stop_idle_endpoints")(),)), book)


def test_a_table_shows_the_dollars_of_its_frame(result: Result) -> None:
    shown = notebook.by_lever(result)
    assert "$2,211.90" in shown._repr_html_()
    assert "$2,211.90" in repr(shown)
    assert shown.frame["saving_attributed_usd"].iloc[0] == pytest.approx(2211.90, abs=0.005)


def test_a_chart_is_there_for_every_front_end_and_as_altair(result: Result) -> None:
    bundle = notebook.waterfall(result)._repr_mimebundle_()
    assert set(bundle) == {notebook.VEGALITE, "image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"].startswith("<svg")
    assert len(bundle[notebook.VEGALITE]["data"]["values"]) == 3, "baseline, the lever, scenario"
    assert notebook.months(result).altair.to_dict()["data"]


def test_the_extension_shows_a_result_that_ends_a_cell(result: Result) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    notebook.load_ipython_extension(shell)
    assert shell.display_formatter is not None
    data, _ = shell.display_formatter.format(result)
    assert "$2,211.90" in data["text/html"]
    assert "$2,211.90" in data["text/plain"]


def test_names_of_an_account_are_text() -> None:
    made = notebook.Table(HOSTILE, pd.DataFrame({HOSTILE: [HOSTILE], "cost_usd": [float("nan")]}))
    assert "<script" not in made._repr_html_()
    assert "<img" not in made._repr_html_()
    assert "unknown" in made._repr_html_(), "what is unknown is not shown as 0"
    book = PriceBook.load(date(2026, 11, 24))
    sample = load_sample("report")
    named = Snapshot(replace(sample.manifest, name=HOSTILE), dict(sample.tables))
    html = notebook.result_bundle(simulate(Account.open(named), Scenario(), book))["text/html"]
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.thorough
def test_the_example_is_what_its_cells_give_when_they_are_run() -> None:
    """Runs every cell in a kernel and compares the text of its output with what the docs show."""
    from scripts.docs_notebook import executed

    before = os.environ.get("PYTHONPATH")
    try:
        assert texts(executed()) == texts(nbformat.read(EXAMPLE, as_version=4))
    finally:
        os.environ["PYTHONPATH"] = before or ""


def texts(read: nbformat.NotebookNode) -> list[str]:
    found = []
    for cell in read.cells:
        for output in cell.get("outputs", ()):
            assert output["output_type"] != "error"
            found.append(re.sub(r"0x[0-9a-f]+", "", output.get("data", {}).get("text/plain", "")))
    return found


def test_the_example_holds_no_path_of_a_machine() -> None:
    content = json.dumps(nbformat.read(EXAMPLE, as_version=4))
    assert str(EXAMPLE.parent) not in content
    assert str(Path.home()) not in content
