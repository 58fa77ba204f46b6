"""Confidence of a lever on a resource: a label by rule, with its reasons; never a weighted score.

High: the component's bill is explained within 10 %, what the lever's evidence needs holds, every parameter comes
from a source or the account's own history, prices are published and checked within 30 days. Medium: one of these
is missing. Low: a parameter is assumed, the gap exceeds 10 %, or two are missing. Source: rules.md#confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.reconcile import Reconciliation
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.usage.tables import Usage
from simulator.words import usd

LOW, MEDIUM, HIGH = 1, 2, 3
LEVELS = {HIGH: "high", MEDIUM: "medium", LOW: "low"}
LARGEST_GAP_RATIO = 0.10
FRESH_DAYS = 30
PUBLISHED = ("api", "own")
COMPONENT = {
    "training": "training",
    "endpoints": "hosting",
    "compute": "compute",
    "bedrock": "bedrock",
    "storage": "storage",
    "services": "other",
}


@dataclass(frozen=True, eq=False)
class Confidence:
    """`level[row]` is 3 high, 2 medium, 1 low for resources the lever applies to, 0 elsewhere.

    `reasons` pairs each sentence with the resources it lowers.
    """

    level: NDArray[np.int8]
    reasons: tuple[tuple[str, NDArray[np.bool_]], ...]

    @property
    def label(self) -> str | None:
        """The commonest level among the resources the lever applies to; None when it applies to none."""
        applicable = self.level[self.level > 0]
        if not len(applicable):
            return None
        levels, counts = np.unique(applicable, return_counts=True)
        return LEVELS[int(levels[np.argmax(counts)])]

    def sentences(self) -> list[str]:
        """Why it is not higher, the reason that touches most resources first."""
        touched = [(int((mask & (self.level > 0)).sum()), text) for text, mask in self.reasons]
        return [text for count, text in sorted(touched, key=lambda x: -x[0]) if count]


def confidence(result: Result, lever: Lever, bill: Sequence[Reconciliation]) -> Confidence:
    """Confidence of one lever on every resource of its table (of training, for a Savings Plan)."""
    lever = result.scenario.scoped(lever)
    usage = result.baseline.usage
    name = lever.table or "training"
    everyone = np.ones(len(usage.table(name)), bool)
    gap = _gap_reason(COMPONENT[name], bill)
    assumed = _assumed(lever, result)
    reasons = [(text, everyone) for text in (gap, assumed, _unread(result)) if text]
    reasons += [(e.missing, ~e.holds) for e in lever.evidence(usage)]
    stale = _stale_prices(result.baseline, name, result)
    if stale.any():
        reasons.append(("Its price is not read from AWS's price list within the last 30 days.", stale))
    missing = np.sum([mask for _, mask in reasons], axis=0) if reasons else np.zeros(len(everyone))
    level = np.where(missing == 0, HIGH, np.where(missing == 1, MEDIUM, LOW))
    if gap or assumed:
        level = np.full(len(everyone), LOW)
    applies = lever.verdicts(usage).applies if lever.table else everyone
    return Confidence(np.where(applies, level, 0).astype(np.int8), tuple(reasons))


def _unread(result: Result) -> str:
    """Sources of a collected account that could not be read; empty ones were read and hold nothing."""
    sources = result.account.snapshot.manifest.sources
    names = [s.name for s in sources if s.status not in ("ok", "empty")]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"Not all of the account could be read: {', '.join(names[:5])}{more}." if names else ""


def _gap_reason(component: str, bill: Sequence[Reconciliation]) -> str:
    row = next((r for r in bill if r.component == component), None)
    if row is None or row.billed_usd is None:
        return "There is no bill to compare this component with."
    gap = abs(row.unexplained_usd or 0.0)
    if gap <= LARGEST_GAP_RATIO * abs(row.billed_usd):
        return ""
    return f"Usage leaves {usd(gap)} of {usd(row.billed_usd)} billed for {component} unexplained."


def _assumed(lever: Lever, result: Result) -> str:
    """The assumed parameters that move anything on this account; a Savings Plan's act on dollars alone."""
    usage = result.baseline.usage
    known = lever.history(usage)
    assumed = {
        n: p
        for n, p in lever.acting_params().items()
        if p.grade == "assumed" and p.is_drawn and n not in known
    }
    labels = [p.label for n, p in assumed.items() if not lever.table or _moves(lever, n, p, usage)]
    return f"Assumed rather than known: {', '.join(labels)}." if labels else ""


def _moves(lever: Lever, name: str, declared: Param, usage: Usage) -> bool:
    """Whether the parameter's low and high end leave different usage."""
    ends = [replace(lever, **{name: declared.check(v, name)}).apply(usage) for v in _ends(declared)]
    low, high = ({m.name: q for m, q in end.table(lever.table).meters()} for end in ends)
    return any(not np.array_equal(low[n], high[n], equal_nan=True) for n in low)


def _ends(declared: Param) -> tuple[float, float]:
    low, high = float(declared.low or 0.0), float(declared.high or 0.0)
    return (round(low), round(high)) if declared.integer else (low, high)


def _stale_prices(baseline: State, table: str, result: Result) -> NDArray[np.bool_]:
    """Resources with a charge whose price is assumed, secondary, or checked more than 30 days before the date."""
    ages_days, grades = result.book.ages_days, result.book.grades
    stale = np.zeros(len(baseline.usage.table(table)), bool)
    for block in baseline.charges.blocks:
        if block.table == table:
            row = block.price_row
            good = ~(ages_days[row] > FRESH_DAYS) & np.isin(grades[row], PUBLISHED)
            stale |= (block.quantity != 0) & (row >= 0) & ~good
    return stale
