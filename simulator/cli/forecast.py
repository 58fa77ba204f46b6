"""`forecast` and `backtest`: what a bill's history says about the months to come, and how it would have done."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from cyclopts import Parameter

from simulator.analysis.forecast.forecast import backtest as tried
from simulator.analysis.forecast.forecast import forecast as made
from simulator.analysis.forecast.growth import growth_of, planned
from simulator.analysis.forecast.history import History, from_csv, histories
from simulator.cli.main import deliver
from simulator.cli.options import Out, TableOrJson, as_json, open_usage
from simulator.cli.terminal import as_table
from simulator.documents import read_text_file, write_beside
from simulator.engine.scenario import load_scenario
from simulator.errors import InputError
from simulator.words import lines

Usage = Annotated[
    str, Parameter(help="a sample (team, report) or the path of a snapshot; its bill is the history")
]
File = Annotated[
    Path | None, Parameter(help="CSV instead: date (2026-12 or a day), usd, and maybe component")
]
Periods = Annotated[
    int, Parameter(help="periods to look ahead, 1 to 60: months, or days where the history is short")
]


def forecast(
    *,
    usage: Usage = "team",
    history: File = None,
    periods: Periods = 12,
    use: Annotated[
        Path | None,
        Parameter(
            help="write a scenario with the growth of this history, and its range for the draws, to this file"
        ),
    ] = None,
    scenario: Annotated[
        str, Parameter(help="the scenario that --use adds the growth to: a file or a preset")
    ] = "none",
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """Per component the months to come: P10, P50, P90, from the history alone. Few values make a wide fan.

    With --use the projection of that scenario grows as the history says: training, traffic and stored data.
    """
    known, rows, notes = _series(usage, history), list[dict[str, Any]](), list[str]()
    if use is not None:
        notes += _used(known, scenario, use)
    for series in known:
        fan = made(series.usd, periods, series.season)
        notes.append(f"{series.component}: {fan.sentence()}")
        for n in range(periods):
            label = series.label(len(series.usd) + n)
            rows.append(
                {"component": series.component, series.per: label, "p10_usd": float(fan.p10[n]),
                 "p50_usd": float(fan.p50[n]), "p90_usd": float(fan.p90[n])}
            )  # fmt: skip
    if format == "json":
        return deliver(as_json({"forecast": rows, "notes": notes}), out)
    return deliver("\n".join([as_table(pd.DataFrame(rows)), "", lines(notes)]), out)


def _used(known: list[History], scenario: str, file: Path) -> list[str]:
    """Write the scenario with its growth; what was set, in words."""
    found = growth_of(known)
    chosen = load_scenario(scenario)
    planning, ranges = planned(chosen.planning, found)
    grown = replace(chosen, planning=planning, growth_range=ranges)
    write_beside(file, (as_json(grown.to_dict()) + "\n").encode())
    return [f"Growth in {file}:", *(g.sentence() for g in found), ""]


def backtest(
    *,
    usage: Usage = "team",
    history: File = None,
    periods: Periods = 3,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """How the forecast would have done: error beside naive and seasonal-naive, share inside P10 to P90."""
    rows = []
    for series in _series(usage, history):
        if len(series.usd) < 4:
            continue
        seen = tried(series.usd, periods, series.season)
        rows.append(
            {"component": series.component, "per": series.per, "values": len(series.usd), "held_out": seen.held_out,
             "error_usd": seen.error, "naive_error_usd": seen.naive_error,
             "seasonal_naive_error_usd": seen.seasonal_error if seen.seasonal_error == seen.seasonal_error else None,
             "inside_p10_p90_ratio": seen.coverage_ratio, "model": seen.model, "beats_naive": seen.beats_naive}
        )  # fmt: skip
    if not rows:
        raise InputError("backtest: the history is too short; at least 4 months or days are needed")
    if format == "json":
        return deliver(as_json({"backtest": rows}), out)
    worse = [r["component"] for r in rows if not r["beats_naive"]]
    said = (
        [f"Repeating the last value or season would have been better: {', '.join(map(str, worse))}."]
        if worse
        else []
    )
    return deliver("\n".join([as_table(pd.DataFrame(rows)), "", lines(said)]), out)


def _series(usage: str, history: Path | None) -> list[History]:
    if history is None:
        return histories(open_usage(usage))
    try:
        return from_csv(pd.read_csv(StringIO(read_text_file(history)), dtype=str))
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{history.name}: not a CSV that can be read ({error})") from None
