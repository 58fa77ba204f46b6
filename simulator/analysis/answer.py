"""The answer to a what-if question as plain data: what the command line prints and files carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.analysis.attribution import attribute
from simulator.analysis.cautions import cautions
from simulator.analysis.confidence import Confidence, confidence
from simulator.analysis.plan_sizing import effective_savings_ratio
from simulator.analysis.projection import project, worth
from simulator.analysis.reconcile import Reconciliation, reconcile, unexplained_per_month_usd
from simulator.analysis.retirement import retirements
from simulator.analysis.type_retirement import type_retirements
from simulator.analysis.unknowns import unknowns
from simulator.analysis.verdict import verdict
from simulator.engine.acting import acting_ids
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.levers import all_levers
from simulator.pricing.basis import price_basis, price_shares
from simulator.risk.bills import Percentiles, assess
from simulator.risk.draws import range_of
from simulator.usage.tables import COMPONENTS
from simulator.words import percent, usd


def answer(result: Result, months: int = 12, *, draws: int = 0, seed: int = 0) -> dict[str, Any]:
    """Everything a result says, JSON-ready. Dollars are floats; unknown is null or listed in `unknown`.

    With draws, `range` holds P10, P50 and P90 of the scenario's monthly run rate, `saving_range` of the saving,
    `bill_range` of the whole bill, with what no usage explains.
    """
    account = result.account
    bill = reconcile(account, result.book)
    rows = project(result, months)
    basis = price_basis(result.book, result.baseline.charges, result.outcome.charges)
    data = {
        "snapshot": {
            "name": account.snapshot.manifest.name,
            "window_start": account.snapshot.manifest.window_start.isoformat(),
            "window_end": account.snapshot.manifest.window_end.isoformat(),
            "assumptions": list(account.snapshot.manifest.assumptions),
        },
        "prices_as_of": result.book.as_of.isoformat(),
        "baseline": _baseline(result.baseline, bill),
        "scenario": result.scenario.to_dict(),
        "result": _outcome(result) | _of_the_bill(result, bill),
        "levers": levers(result, bill),
        "months": [vars(m) for m in rows],
        "worth": vars(worth(rows, result.scenario.planning.interest_ratio)),
        "commitments": [_allocation(a) for a in result.outcome.settlement.allocations],
        "serving_modes": result.modes.contests(result.prepared),
        "unknown": unknowns(result.baseline, bill, account.snapshot),
        "retirements": [r.to_dict() for r in retirements(account, result.baseline, result.book, months)],
        "type_retirements": [
            r.to_dict() for r in type_retirements(account, result.baseline, result.book, months)
        ],
        "prices": vars(basis) | _prices(result),
        "warnings": [*basis.warnings(), *cautions(result, months)],
    }
    return data | _ranges(result, bill, months, draws, seed) if draws else data


def _prices(result: Result) -> dict[str, Any]:
    """What the bill rests on, and the account's own discount per service that list prices carry."""
    book = result.book
    return {
        "bill": vars(shares := price_shares(book, result.baseline.charges)),
        "sentence": shares.sentence(),
        "discount_ratio": book.discount_ratio,
        "billed_discounts": dict(book.discounts),
        "use_billed_discount": book.use_billed_discount,
    }


def _ranges(result: Result, bill: list[Reconciliation], months: int, draws: int, seed: int) -> dict[str, Any]:
    gap = unexplained_per_month_usd(bill, result.account.snapshot.window_hours) or 0.0
    risk = assess(result, months, draws=draws, seed=seed, unexplained_usd=gap)
    by_month, unknown = risk.months, sum(1 for _ in result.outcome.charges.unknown())
    return {
        "draws": draws,
        "seed": seed,
        "range": _percentiles(risk.range),
        "saving_range": _percentiles(risk.saving_range),
        "bill_range": _percentiles(risk.whole_range),
        "bill_range_holds": whole_bill_words(result, gap, unknown),
        "month_ranges": [
            {"month": m + 1, **{k: float(v[m]) for k, v in vars(by_month).items()}} for m in range(months)
        ],
    }


def range_sentences(result: Result, months: int, draws: int, seed: int = 0) -> list[str]:
    """The ranges of an answer in words: of the scenario's run rate, of its saving, and of the whole bill."""
    bill = reconcile(result.account, result.book)
    found = _ranges(result, bill, months, draws, seed)
    rate, saving, whole = (
        f"{usd(found[n]['p10_usd'])} to {usd(found[n]['p90_usd'])}"
        for n in ("range", "saving_range", "bill_range")
    )
    return [
        f"P10 to P90 of {draws:,} draws, per month: scenario {rate}, saving {saving}.",
        f"The whole bill: {whole}. {found['bill_range_holds']}",
    ]


def whole_bill_words(result: Result, gap: float, unknown: int) -> str:
    """What the range of the whole bill assumes of dollars that no usage explains, and what it cannot hold."""
    stated = result.scenario.planning.params()["unexplained_ratio"]
    share = result.scenario.planning.unexplained_ratio
    low, _, high = range_of(stated, share)
    said = (
        f"It holds {usd(gap)} per month that no usage explains, of which {percent(low, 0)} to "
        f"{percent(high, 0)} recur (assumed, most "
        f"likely {percent(share, 0)}); levers leave them alone."
        if abs(gap) >= 0.005
        else "Usage explains the bill, or there is none to compare with."
    )
    if not unknown:
        return said
    return f"{said} Charges of unknown cost, {unknown} of them, are in it only as far as the bill has them."


def _percentiles(values: Percentiles) -> dict[str, float]:
    return {name: float(usd) for name, usd in vars(values).items()}


def _baseline(baseline: State, bill: list[Reconciliation]) -> dict[str, Any]:
    by_component = baseline.charges.by_component()
    rows = {r.component: r for r in bill}
    billed = [r.billed_usd for r in bill if r.billed_usd is not None]
    explained = sum(r.explained_usd for r in bill)
    return {
        "run_rate_usd": baseline.total_usd,
        "billed_usd": sum(billed) if billed else None,
        "explained_usd": explained,
        "unexplained_usd": sum(billed) - explained if billed else None,
        "components": {
            c: {
                "run_rate_usd": float(by_component[c]),
                "billed_usd": rows[c].billed_usd if c in rows else None,
                "explained_usd": rows[c].explained_usd if c in rows else 0.0,
                "unexplained_usd": rows[c].unexplained_usd if c in rows else None,
            }
            for c in COMPONENTS
            if c in rows or by_component[c]
        },
    }


def _outcome(result: Result) -> dict[str, Any]:
    before, after = result.baseline.charges.by_component(), result.outcome.charges.by_component()
    return {
        "run_rate_usd": result.outcome.total_usd,
        "saving_usd": result.saving_usd,
        "saving_ratio": None if np.isnan(result.saving_ratio) else result.saving_ratio,
        "once_usd": float(result.outcome.charges.total_usd(once=True)),
        "components": {
            c: {"run_rate_usd": float(after[c]), "saving_usd": float(before[c] - after[c])}
            for c in COMPONENTS
            if before[c] or after[c]
        },
    }


def _of_the_bill(result: Result, bill: list[Reconciliation]) -> dict[str, Any]:
    """The saving over the whole bill of a month: what usage explains plus what it leaves unexplained, at run rate."""
    gap = unexplained_per_month_usd(bill, result.account.snapshot.window_hours)
    whole = result.baseline.total_usd + max(gap or 0.0, 0.0)
    return {
        "bill_run_rate_usd": whole if gap is not None else None,
        "saving_of_bill_ratio": result.saving_usd / whole if gap is not None and whole else None,
    }


def levers(result: Result, bill: list[Reconciliation]) -> list[dict[str, Any]]:
    """One entry per lever that is on: credits, confidence with its reasons, verdicts."""
    usage, core = result.baseline.usage, acting_ids(result)
    rows = []
    for credit in attribute(result):
        setting = result.scenario.setting(credit.lever_id)
        assert setting is not None
        setting, scope = result.scenario.scoped(setting), result.scenario.scopes.get(setting.id)
        verdicts = setting.verdicts(usage)
        sure = confidence(result, setting, bill)
        rows.append(
            {
                "id": credit.lever_id,
                "title": setting.title,
                "only": scope.names() if scope else None,
                "saving_alone_usd": credit.alone_usd,
                "saving_attributed_usd": credit.attributed_usd,
                "attribution_error_usd": credit.error_usd,
                "leaving_out_usd": credit.leaving_out_usd,
                "acts": credit.lever_id in core,
                "verdict": verdict(result, setting).to_dict(),
                "confidence": _confidence(sure, acts=credit.lever_id in core),
                "verdicts": verdicts.counts(),
                "reasons": [{"verdict": v, "sentence": s, "resources": n} for v, s, n in verdicts.summary()],
            }
        )
    return rows


def _confidence(sure: Confidence, *, acts: bool) -> dict[str, Any]:
    """The label and its reasons; none for a lever that changes nothing."""
    return {"level": sure.label if acts else None, "reasons": sure.sentences() if acts else []}


def _allocation(allocation: Any) -> dict[str, Any]:
    return {
        "plan_id": allocation.plan.plan_id,
        "existing": allocation.plan.existing,
        "offer": allocation.plan.offer,
        "discount_ratio": allocation.discount_ratio,
        "commitment_usd_per_hour": allocation.plan.commitment_usd_per_hour,
        "utilization_ratio": _known(allocation.utilization_ratio),
        "coverage_ratio": _known(allocation.coverage_ratio),
        "effective_savings_ratio": _effective(allocation),
        "net_saving_usd": allocation.net_saving_usd,
        "unused_usd": allocation.unused_usd,
    }


def _effective(allocation: Any) -> float | None:
    """Net saving over the value of all eligible usage; null where nothing is used, or nothing may be covered."""
    coverage, utilization = allocation.coverage_ratio, allocation.utilization_ratio
    if not utilization > 0:
        return None
    return _known(effective_savings_ratio(coverage, utilization, allocation.discount_ratio))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def lever_catalogue() -> list[dict[str, Any]]:
    """Every lever with its parameters, JSON-ready."""
    return [
        {
            "id": x.id,
            "title": x.title,
            "family": x.family,
            "stage": x.stage,
            "phase": x.phase,
            "effort_hours": x.effort_hours,
            "reversible": x.reversible,
            "excludes": list(x.excludes),
            "source": x.source,
            "description": (x.__doc__ or "").strip(),
            "parameters": [p.to_dict() for p in x.params().values()],
        }
        for x in all_levers().values()
    ]
