"""`workloads`: what can be planned, and a file to start from."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from simulator.cli.main import deliver
from simulator.cli.options import Out, TableOrJson, as_json
from simulator.demand import Workload, all_workloads


def workloads(*, format: TableOrJson = "table", out: Out = None) -> str | None:
    """Every workload that can be planned, with its fields; `--add FILE` lays them over an account."""
    kinds = all_workloads()
    if format == "json":
        return deliver(as_json({i: described(kind) for i, kind in kinds.items()}), out)
    lines = []
    for i, kind in kinds.items():
        lines.append(f"{i}: {kind.title}")
        lines += [
            f"    {f['name']} = {f['default']} {f['unit']}: {f['label']}".rstrip()
            for f in described(kind)["fields"]
        ]
    return deliver("\n".join(lines), out)


def template(*, out: Out = None) -> str | None:
    """A CSV with one example of each workload, to fill."""
    from simulator.demand import files

    return deliver(files.template().rstrip("\n"), out)


def described(kind: type[Workload]) -> dict[str, Any]:
    """Title and fields of a workload, as data."""
    numbers = kind.params()
    described = []
    for field in fields(kind):
        label = field.metadata.get("words") or field.metadata.get("day") or numbers[field.name].label
        unit = numbers[field.name].unit if field.name in numbers else ""
        default = field.default.isoformat() if isinstance(field.default, date) else field.default
        described.append(
            {
                "name": field.name,
                "label": label,
                "unit": unit,
                "default": default,
                "choices": list(field.metadata.get("choices", ())),
            }
        )
    return {"title": kind.title, "fields": described}
