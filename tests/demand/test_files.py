"""Workloads from files: the examples, tables there and back, and refusals that name file and row."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator.cli.main import main
from simulator.demand import all_workloads
from simulator.demand.files import EXAMPLES, frame, read_workloads, template, write_csv
from simulator.errors import InputError


@pytest.mark.parametrize("path", [Path(name) for name in EXAMPLES], ids=str)
def test_the_worked_examples_move_the_months_they_name(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = []
    for more in ([], ["--add", str(path)]):
        assert main(["project", "--usage", "team", "--months", "9", "--format", "json", *more]) == 0
        baseline.append([m["baseline_usd"] for m in json.loads(capsys.readouterr().out)["months"]])
    for number, (old, new) in enumerate(zip(*baseline, strict=True)):
        month = date(2026 + (11 + number) // 12, (11 + number) % 12 + 1, 1)
        after = date(2026 + (12 + number) // 12, (12 + number) % 12 + 1, 1)
        runs = any(w.start < after and (w.last_day() or after) > month for w in read_workloads(path))
        assert (old != pytest.approx(new, abs=0.005)) == runs, month


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(template(), encoding="utf-8")
    made = read_workloads(tmp_path / "a.csv")
    assert {w.id for w in made} == set(all_workloads())
    (tmp_path / "b.csv").write_text(write_csv(made), encoding="utf-8")
    assert read_workloads(tmp_path / "b.csv") == made
    frame(made).to_excel(tmp_path / "c.xlsx", index=False)
    assert read_workloads(tmp_path / "c.xlsx") == made
    (tmp_path / "d.json").write_text(json.dumps([w.to_dict() for w in made]))
    assert read_workloads(tmp_path / "d.json") == made


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "a.csv",
            "workload,name\nrealtime_endpoint,x\nmagic,y\n",
            "a.csv, row 3: there is no workload 'magic'",
        ),
        ("a.csv", "name\nx\n", "expected a column `workload`"),
        (
            "a.yaml",
            "- workload: seats\n  name: x\n  seats: -1\n",
            "a.yaml, entry 1: seats.seats: expected 1 to",
        ),
        ("a.yaml", "a: [", "not YAML"),
        ("a.yaml", "!!python/object/apply:os.system ['true']", "not YAML"),
        ("a.json", "{", "a.json"),
        ("a.txt", "", "expected a file of"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_workloads(tmp_path / name)
    assert words in str(error.value)


def test_a_spreadsheet_of_dates_and_numbers_is_read(tmp_path: Path) -> None:
    rows = [{"workload": "seats", "name": "team", "start": pd.Timestamp("2027-05-01"), "seats": 12.0}]
    pd.DataFrame(rows).to_excel(tmp_path / "a.xlsx", index=False)
    (made,) = read_workloads(tmp_path / "a.xlsx")
    assert (made.start.isoformat(), made.seats) == ("2027-05-01", 12)  # type: ignore[attr-defined]


def test_aliases_that_unfold_to_gigabytes_are_refused(tmp_path: Path) -> None:
    """Nine lines of YAML, each nine times the one before."""
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]
    (tmp_path / "w.yaml").write_text("\n".join(lines))
    with pytest.raises(InputError, match="aliases"):
        read_workloads(tmp_path / "w.yaml")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "- {workload: data_set, name: d, start: 2026-99-99}", f"- {'9' * 5_000}"]
)
def test_yaml_beyond_its_limits_is_refused_in_words(text: str, tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(text)
    with pytest.raises(InputError, match=r"w\.yaml"):
        read_workloads(tmp_path / "w.yaml")


def test_a_small_workbook_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (65 * 2**20))
    with pytest.raises(InputError, match="unpacks to more than 64 MiB"):
        read_workloads(tmp_path / "w.xlsx")
