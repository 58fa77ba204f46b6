"""`levers`: what can be turned."""

from __future__ import annotations

from simulator.analysis.answer import lever_catalogue
from simulator.cli.options import TableOrJson, as_json


def levers(*, format: TableOrJson = "table") -> str:
    """Every lever with its parameters."""
    catalogue = lever_catalogue()
    if format == "json":
        return as_json(catalogue)
    lines = []
    for item in catalogue:
        lines.append(f"{item['id']} ({item['family']}): {item['title']}")
        lines += [f"    {p['name']} = {p['default']} {p['unit']}: {p['label']}" for p in item["parameters"]]
    return "\n".join(lines)
