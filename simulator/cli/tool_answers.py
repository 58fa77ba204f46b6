"""What the tools of an agent share: the scenario asked for, its answer, short, and as JSON that knows no NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from simulator.engine.simulate import Result


def result_with(
    usage: str,
    scenario: str,
    on: list[str] | None,
    settings: Mapping[str, Any] | None,
    planned: list[dict[str, Any]] | None = None,
) -> Result:
    """The scenario asked for on the account asked for. Raises SimulatorError and ValueError in words."""
    from simulator.cli.options import OnAccount, WithScenario

    laid = tuple(f"{name}={_value(value)}" for name, value in (settings or {}).items())
    chosen = WithScenario(scenario, laid, tuple(on or ())).chosen()
    if planned:
        from simulator.demand import from_dict

        chosen = replace(chosen, workloads=(*chosen.workloads, *(from_dict(w) for w in planned)))
    return OnAccount(usage).result(chosen)


def age_of(result: Result) -> str:
    """The sentence on how old the prices are."""
    from simulator.reports.tables import age_line

    return age_line(result)


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def answer_with(
    usage: str,
    scenario: str,
    on: list[str] | None,
    settings: Mapping[str, Any] | None,
    months: int,
    *,
    planned: list[dict[str, Any]] | None = None,
    **more: int,
) -> dict[str, Any]:
    """The whole answer, as `project --format json` gives it; `more` are draws and seed."""
    from simulator.analysis.answer import answer

    return answer(result_with(usage, scenario, on, settings, planned), months, **more)


def shortened(said: dict[str, Any]) -> dict[str, Any]:
    """An answer without its months, components and lists."""
    return {
        "snapshot": said["snapshot"]["name"],
        "scenario": said["scenario"]["name"],
        "prices_as_of": said["prices_as_of"],
        "prices": said["prices"]["sentence"],
        "baseline": {k: v for k, v in said["baseline"].items() if k != "components"},
        "result": {k: v for k, v in said["result"].items() if k != "components"},
        "levers": shortened_levers(said),
        "payback_month": said["worth"].get("payback_month"),
        "unknown_count": len(said["unknown"]),
        "warnings": said["warnings"],
    }


def shortened_levers(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each lever its verdict and what it saves."""
    wanted = (
        "id",
        "verdict",
        "saving_alone_usd",
        "saving_attributed_usd",
        "leaving_out_usd",
        "acts",
        "confidence",
    )
    return [{k: row[k] for k in wanted if k in row} for row in said["levers"]]


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON data."""
    return [as_json_data({str(k): v for k, v in row.items()}) for row in frame.to_dict("records")]


def as_json_data(value: Any) -> Any:
    """JSON without NaN and infinity: unknown is null."""
    if isinstance(value, Mapping):
        return {(k if isinstance(k, str) else f"{k:g}"): as_json_data(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [as_json_data(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    number = float(value)
    return None if isnan(number) or abs(number) == float("inf") else number
