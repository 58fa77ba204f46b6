"""Projected-savings tables: per area and lever, and scenarios side by side. Figures add up to the cent."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pandas as pd

from simulator.analysis.answer import levers, range_sentences
from simulator.analysis.cautions import cautions
from simulator.analysis.reconcile import reconcile
from simulator.analysis.unknowns import unknown_costs
from simulator.engine.simulate import Result
from simulator.pricing.basis import price_basis, price_shares
from simulator.usage.tables import COMPONENTS
from simulator.words import cell, lines, percent, plain, usd

CENT = Decimal("0.01")
TEXT_DRAWS = 1_000
"""Draws behind the range of the text form, where none are asked for."""

BESIDE = "What each changes beside the others that are on:"


def rounded_to_total(values: Sequence[float], total: float) -> list[float]:
    """Values in cents that add up to the total in cents: the largest remainders get the missing cents."""
    cents = [Decimal(repr(float(v))) * 100 for v in values]
    floors = [c.to_integral_value(ROUND_FLOOR) for c in cents]
    missing = int(Decimal(repr(round(float(total), 2))) * 100 - sum(floors))
    order = sorted(range(len(values)), key=lambda i: floors[i] - cents[i])
    for i in order[: max(missing, 0)]:
        floors[i] += 1
    return [float(f * CENT) for f in floors]


def savings_table(result: Result) -> pd.DataFrame:
    """One row per component with money, then a total: current, saving, projected, in dollars per month."""
    before, after = result.baseline.charges.by_component(), result.outcome.charges.by_component()
    areas = [c for c in COMPONENTS if before[c] or after[c]]
    current = rounded_to_total([float(before[c]) for c in areas], result.baseline.total_usd)
    projected = rounded_to_total([float(after[c]) for c in areas], result.outcome.total_usd)
    table = pd.DataFrame({"area": areas, "current_usd": current, "projected_usd": projected})
    total = {"area": "total", "current_usd": sum(current), "projected_usd": sum(projected)}
    table = pd.concat([table, pd.DataFrame([total])], ignore_index=True).round(2)
    table["saving_usd"] = (table["current_usd"] - table["projected_usd"]).round(2)
    table["saving_ratio"] = (
        (table["saving_usd"] / table["current_usd"]).where(table["current_usd"] != 0).round(4)
    )
    return table


def lever_table(result: Result) -> pd.DataFrame:
    """One row per lever that is on: saving alone (never to be added up) and attributed (adds up to the saving), how
    sure it is, and why not more."""
    return _lever_table(result, levers(result, reconcile(result.account, result.book)))


def _lever_table(result: Result, said: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return lever_rows(said, result.baseline.total_usd, result.outcome.total_usd)


def lever_rows(said: Sequence[Mapping[str, Any]], before_usd: float, after_usd: float) -> pd.DataFrame:
    """`lever_table` of an answer's `levers`, between its two bills."""
    saving = round(before_usd, 2) - round(after_usd, 2)
    return pd.DataFrame(
        {
            "lever": [x["id"] for x in said],
            "title": [x["title"] for x in said],
            "saving_alone_usd": [round(x["saving_alone_usd"], 2) for x in said],
            "saving_attributed_usd": rounded_to_total([x["saving_attributed_usd"] for x in said], saving),
            "confidence": [x["confidence"]["level"] or "none applies" for x in said],
            "confidence_reasons": [" ".join(x["confidence"]["reasons"]) for x in said],
        }
    )


def compared(results: Sequence[Result]) -> pd.DataFrame:
    """Scenarios side by side: one row per component and one for the total, dollars per month at run rate."""
    columns: dict[str, dict[str, float]] = {
        "baseline": _components(results[0].baseline.charges.by_component())
    }
    for number, result in enumerate(results, start=1):
        name = (
            result.scenario.name
            if result.scenario.name not in columns
            else f"{result.scenario.name} ({number})"
        )
        columns[name] = _components(result.outcome.charges.by_component())
    table = pd.DataFrame(columns)
    table.loc["total"] = table.sum()
    return table.round(2).rename_axis("area").reset_index()


def _components(values: Mapping[str, Any]) -> dict[str, float]:
    return {c: float(values[c]) for c in COMPONENTS}


def as_csv(table: pd.DataFrame) -> str:
    """CSV text; text that a spreadsheet would run as a formula is quoted with an apostrophe."""
    out = io.StringIO()
    safe = table.map(lambda v: cell(v) if isinstance(v, str) else v)
    safe.to_csv(out, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    return out.getvalue().rstrip("\n")


def as_text(
    result: Result, table: pd.DataFrame, months: int = 12, draws: int = TEXT_DRAWS, seed: int = 0
) -> str:
    """The headline with its range, the table by area, the table by lever with its verdicts, and what to know before it
    is believed."""
    name = plain(result.account.snapshot.manifest.name, "line")
    told = [
        f"{name}, monthly run rate (730 h), prices as of {result.book.as_of}: "
        f"{usd(result.baseline.total_usd)} → {usd(result.outcome.total_usd)}, "
        f"saving {usd(result.saving_usd)} ({percent(result.saving_ratio)})",
        *(range_sentences(result, months, draws, seed) if draws and result.scenario.levers else ()),
        "",
        table.to_string(index=False),
    ]
    if result.scenario.levers:
        said = levers(result, reconcile(result.account, result.book))
        short = _lever_table(result, said).drop(columns=["title", "confidence_reasons"])
        told += ["", short.to_string(index=False), "", BESIDE, lines(map(_verdict_line, said))]
    warnings = price_basis(result.book, result.baseline.charges, result.outcome.charges).warnings()
    missing = unknown_costs(result.baseline, result.account.snapshot)
    notes = lines([age_line(result), *warnings, *missing, *cautions(result, months)])
    return "\n".join([*told, "", notes])


def _verdict_line(said: Mapping[str, Any]) -> str:
    """One of the four words of a lever, and why."""
    return f"{said['id']}: {said['verdict']['status']}. {said['verdict']['sentence']}"


def age_line(result: Result) -> str:
    """What share of the bill rests on billed rates, on rules and on old prices: part of every answer."""
    return price_shares(result.book, result.baseline.charges).sentence()
