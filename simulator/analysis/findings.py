"""What the snapshot shows, in sentences with dollars; each points to the lever that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator import words
from simulator.analysis.reconcile import Reconciliation
from simulator.analysis.retirement import Retirement
from simulator.engine.state import State
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.pricing.charges import Charges
from simulator.usage.tables import Usage
from simulator.words import percent


@dataclass(frozen=True)
class Finding:
    """One sentence. `usd_per_month` orders findings; None where no figure can be given."""

    sentence: str
    component: str
    usd_per_month: float | None
    lever_id: str = ""


def findings(
    baseline: State, reconciliation: list[Reconciliation], retiring: Sequence[Retirement] = ()
) -> list[Finding]:
    """Findings of an account, most expensive first, those without a figure last."""
    usage, charges = baseline.usage, baseline.charges
    found = [
        *_idle(usage, charges),
        *_failed_endpoints(usage),
        *_failed_jobs(usage, charges),
        *_idle_compute(usage, charges),
        *(Finding(r.sentence(), "bedrock", r.usd_per_month, "model_upgrade") for r in retiring),
        *_bedrock(usage),
        *_storage(usage, charges),
        *_unknown_endpoints(usage),
        *_unexplained(reconciliation),
    ]
    return sorted(found, key=lambda f: np.inf if f.usd_per_month is None else -f.usd_per_month)


def _idle(usage: Usage, charges: Charges) -> list[Finding]:
    idle = StopIdleEndpoints().verdicts(usage).applies
    if not idle.any():
        return []
    usd = float(charges.by_resource("endpoints", len(usage.endpoints))[idle].sum())
    count = len(set(usage.endpoints.endpoint_name[idle]))
    hours = int(usage.endpoints.silent_hours[idle].min())
    noun = "endpoint had" if count == 1 else "endpoints had"
    return [
        Finding(
            f"{count} {noun} no invocation for at least {hours} hours: {words.usd(usd)} per month.",
            "hosting", usd, "stop_idle_endpoints",
        )
    ]  # fmt: skip


def _failed_endpoints(usage: Usage) -> list[Finding]:
    count = int((usage.endpoints.status == "Failed").sum())
    if not count:
        return []
    endpoints, run, them = (
        ("1 endpoint", "it runs nothing", "it")
        if count == 1
        else (f"{count:,} endpoints", "they run nothing", "them")
    )
    return [
        Finding(
            f"{endpoints} failed at creation: {run}, so removing {them} saves nothing.",
            "hosting",
            0.0,
        )
    ]


def _failed_jobs(usage: Usage, charges: Charges) -> list[Finding]:
    t = usage.training
    failed = t.status == "Failed"
    if not failed.any():
        return []
    usd = float(charges.by_resource("training", len(t))[failed].sum())
    ratio = failed.mean()
    return [
        Finding(
            f"{int(failed.sum())} of {len(t)} training jobs failed ({percent(ratio, 0)}), and were billed "
            "until they did: "
            f"{words.usd(usd)} per month.",
            "training", usd, "failed_jobs",
        )
    ]  # fmt: skip


def _idle_compute(usage: Usage, charges: Charges) -> list[Finding]:
    c = usage.compute
    hours = c.notebook_hours + c.studio_hours
    share = np.divide(np.nan_to_num(c.idle_hours), hours, out=np.zeros(len(c)), where=hours > 0)
    usd = float((charges.by_resource("compute", len(c)) * np.minimum(share, 1)).sum())
    count = int(((share > 0.5) & (hours > 0)).sum())
    if not count:
        return []
    return [
        Finding(
            f"{count} notebooks and Studio apps were idle more than half of the time they ran: idle hours cost "
            f"{words.usd(usd)} per month.", "compute", usd, "notebook_idle_shutdown",
        )
    ]  # fmt: skip


def _bedrock(usage: Usage) -> list[Finding]:
    b = usage.bedrock
    asked = np.nan_to_num(b.requests) > 0
    found = []
    if (billed := asked & (b.billed_units > 0)).any():
        usd = float(b.billed_units[billed].sum())
        found.append(
            Finding(
                f"{b.requests[billed].sum():,.0f} Bedrock requests per month have no token counts: {words.usd(usd)} is "
                "known from the bill only. Cost Explorer's usage quantities hold the tokens.", "bedrock", usd,
            )
        )  # fmt: skip
    if (missing := asked & np.isnan(b.input_tokens)).any():
        found.append(
            Finding(
                f"{b.requests[missing].sum():,.0f} Bedrock requests per month have no token counts: their cost cannot "
                "be explained. Cost Explorer's usage quantities hold the tokens.", "bedrock", None,
            )
        )  # fmt: skip
    return found


def _gib(amount: float) -> str:
    """Whole GiB where there are many: the second decimal of 161,605 tells nobody anything."""
    return f"{amount:,.0f} GiB" if amount >= 1_000 else f"{amount:,.2f} GiB"


def _storage(usage: Usage, charges: Charges) -> list[Finding]:
    s = usage.storage
    plain = (s.lifecycle == 0) & (s.standard_gb > 0)
    if not plain.any():
        return []
    usd = float(charges.by_resource("storage", len(s))[plain].sum())
    noun = "bucket has" if plain.sum() == 1 else "buckets have"
    return [
        Finding(
            f"{int(plain.sum())} {noun} {_gib(s.standard_gb[plain].sum())} in S3 Standard without a lifecycle rule: "
            f"{words.usd(usd)} per month in all.", "storage", usd, "s3_lifecycle",
        )
    ]  # fmt: skip


def _unknown_endpoints(usage: Usage) -> list[Finding]:
    e = usage.endpoints
    unknown = np.isnan(e.instance_hours) | ((e.instance_type < 0) & (np.nan_to_num(e.instance_hours) > 0))
    if not unknown.any():
        return []
    names = ", ".join(e.resource_id[unknown][:4])
    have = "1 endpoint has" if unknown.sum() == 1 else f"{int(unknown.sum()):,} endpoints have"
    return [
        Finding(
            f"{have} an unknown instance type or count ({names}): the cost is unknown.",
            "hosting",
            None,
        )
    ]


def _unexplained(rows: list[Reconciliation]) -> list[Finding]:
    found = []
    for row in rows:
        gap = row.unexplained_usd
        if (
            gap is not None
            and row.billed_usd
            and row.component != "other"
            and abs(gap) > 0.1 * abs(row.billed_usd)
        ):
            found.append(
                Finding(
                    f"{row.component.capitalize()}: usage explains {words.usd(row.explained_usd)} of "
                    f"{words.usd(row.billed_usd)} billed; {words.usd(gap)} is unexplained. Find it before you "
                    "plan on it.",
                    row.component, None,
                )
            )  # fmt: skip
    return found
