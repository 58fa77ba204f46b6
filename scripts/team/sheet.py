"""The invented part of the account, kept in CSV sheets beside this file: fleet, buckets, uses of models."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

TEXT_COLUMNS = frozenset({"model_id"})


def read_sheet(name: str) -> list[dict[str, Any]]:
    """Rows of `<name>.csv`: numbers as floats, true and false as booleans, empty cells left out."""
    with (Path(__file__).parent / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return [{c: _value(c, v) for c, v in row.items() if v != ""} for row in csv.DictReader(stream)]


def _value(column: str, cell: str) -> Any:
    if column in TEXT_COLUMNS or cell in ("true", "false"):
        return cell == "true" if cell in ("true", "false") else cell
    try:
        return float(cell)
    except ValueError:
        return cell
