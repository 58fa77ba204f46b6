"""Tags of resources from a map, a JSON text or one column a tag."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from simulator.sources.bills.tables.resources import resource_name


def read_tags(frame: pd.DataFrame, columns: Sequence[str]) -> dict[tuple[str, str], dict[str, str]]:
    """(account, resource name) → tags, from `sums.tags`. Text that is no JSON object says nothing."""
    names = resource_name(frame["resource_id"], frame["resource_id"], frame["region"])
    found = {}
    for account, name, *cells in zip(frame["account_id"], names, *(frame[c] for c in columns), strict=True):
        own = _one(cells[0]) if len(columns) == 1 and _is_map(columns[0]) else _many(columns, cells)
        if own:
            found[(account, name)] = own
    return found


def _is_map(column: str) -> bool:
    return column in ("resource_tags", "Tags", "tags")


def _one(cell: Any) -> dict[str, str]:
    if isinstance(cell, str):
        try:
            cell = json.loads(cell) if cell.startswith("{") else {}
        except (ValueError, RecursionError):
            return {}
    pairs = cell.items() if isinstance(cell, dict) else cell if isinstance(cell, list | tuple) else ()
    return {_plain(str(k)): str(v) for k, v in pairs if v is not None and v != ""}


def _many(columns: Sequence[str], cells: Sequence[Any]) -> dict[str, str]:
    names = (c.removeprefix("resourceTags/").removeprefix("resource_tags_") for c in columns)
    return {
        _plain(n): v
        for n, v in zip(names, cells, strict=True)
        if isinstance(v, str) and v not in ("", "NULL")
    }


def _plain(name: str) -> str:
    """Without the mark of a tag set by the user: `user:owner` and `user_owner` are `owner`."""
    return name.removeprefix("user:").removeprefix("user_")
