"""Workloads from a file that a planner keeps: YAML or JSON (one, or a list), CSV or XLSX (one a row), and back.

A table has a column `workload` and one per field; an empty cell is the default. Errors name the file and the row.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.demand.registry import all_workloads, from_dict
from simulator.demand.workload import Workload
from simulator.documents import DAMAGED_ZIP, parse, read_text_file
from simulator.errors import InputError

KINDS = (".yaml", ".yml", ".json", ".csv", ".xlsx")
FOLDER = Path(__file__).parent / "examples"
EXAMPLES = {
    "chatbot": "Launch of a chatbot in March",
    "pretraining": "Pretraining run in April",
    "retirement": "Old search retired, retraining doubled",
}
"""Plans that ship with the product, worked out in docs/workloads.md."""
MOST_WORKLOADS = 200
MOST_TABLE_BYTES = 16 * 2**20
MOST_UNPACKED_BYTES = 64 * 2**20
UNREADABLE = (
    *DAMAGED_ZIP, ValueError, OSError, LookupError, TypeError, AttributeError, ArithmeticError, SyntaxError,
)  # fmt: skip
"""What a damaged workbook makes its reader raise."""


def read_workloads(path: Path) -> tuple[Workload, ...]:
    """The workloads of a file, or of an example by its name. Raises InputError; none is then taken."""
    if str(path) in EXAMPLES and not path.exists():
        path = FOLDER / f"{path}.yaml"
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise InputError(
            f"{path.name}: expected a file of {', '.join(KINDS)}, or an example: {', '.join(EXAMPLES)}"
        )
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    entries = list(_table(path) if kind in {".csv", ".xlsx"} else _list(path, kind))
    if len(entries) > MOST_WORKLOADS:
        raise InputError(f"{path.name}: {len(entries):,} workloads; at most {MOST_WORKLOADS} are read")
    made = []
    for place, entry in entries:
        try:
            made.append(from_dict(entry))
        except InputError as error:
            raise InputError(f"{path.name}, {place}: {error}") from None
    return tuple(made)


def write_csv(workloads: Sequence[Workload]) -> str:
    """The workloads as a table that `read_workloads` reads back."""
    return frame(workloads).to_csv(index=False)


def frame(workloads: Sequence[Workload]) -> pd.DataFrame:
    """One row each, a column per field of any of them."""
    rows = [w.to_dict() for w in workloads]
    columns = list(dict.fromkeys(["workload", "name", "start", "end", *(k for r in rows for k in r)]))
    return pd.DataFrame(rows, columns=columns)


def template() -> str:
    """A CSV with one example of each workload."""
    return write_csv([kind(name=f"example-{i}") for i, kind in all_workloads().items()])


def _list(path: Path, kind: str) -> Iterable[tuple[str, Any]]:
    text = read_text_file(path)
    data = parse(text, path.name) if kind == ".json" else _yaml(text, path.name)
    entries = data if isinstance(data, list) else [data]
    return [(f"entry {n}", entry) for n, entry in enumerate(entries, start=1)]


def _yaml(text: str, name: str) -> Any:
    import yaml

    # libyaml refuses what is nested deeper than 1,000; in Python some kilobytes of "[" take minutes
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, safe)):
            # a few lines of them unfold to gigabytes
            raise InputError(f"{name}: aliases (*name) are not read; write each workload in full")
        data = json.dumps(yaml.load(text, safe), default=str)
    except InputError:
        raise
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise InputError(f"{name}: not YAML ({' '.join(str(error).split())[:200]})") from None
    return parse(data, name)


def _table(path: Path) -> Iterable[tuple[str, Any]]:
    if path.stat().st_size > MOST_TABLE_BYTES:
        raise InputError(f"{path.name}: more than {MOST_TABLE_BYTES // 2**20} MiB")
    if path.suffix.lower() == ".xlsx":
        _refuse_swelling(path)
    try:
        table = (
            pd.read_excel(path, dtype=object, nrows=MOST_WORKLOADS + 1)
            if path.suffix.lower() == ".xlsx"
            else pd.read_csv(path, dtype="str", keep_default_na=False, nrows=MOST_WORKLOADS + 1)
        )
    except UNREADABLE as error:
        raise InputError(f"{path.name}: cannot be read as a table ({type(error).__name__})") from None
    if "workload" not in table.columns:
        raise InputError(
            f"{path.name}: expected a column `workload`; it has {', '.join(map(str, table.columns))[:200]}"
        )
    return [
        (f"row {number}", {str(k): v for k, v in row.items() if not _empty(v)})
        for number, row in enumerate(table.to_dict("records"), start=2)
    ]


def _refuse_swelling(path: Path) -> None:
    """A workbook is an archive, and a small one may unpack to gigabytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
    except (*DAMAGED_ZIP, OSError, ValueError):
        raise InputError(f"{path.name}: cannot be read as a workbook") from None
    if unpacked > MOST_UNPACKED_BYTES:
        raise InputError(f"{path.name}: unpacks to more than {MOST_UNPACKED_BYTES // 2**20} MiB")


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value) or value is pd.NaT
