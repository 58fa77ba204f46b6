"""The form of a kept plan, as `ledger keep` writes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Usd = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SnapshotPart(_Part):
    """Which snapshot the plan was made on."""

    name: str
    fingerprint: str
    window_end: datetime
    account_ids: list[str] = []


class PricesPart(_Part):
    """Which prices the plan was made with."""

    as_of: date
    discount_ratio: Annotated[float, Field(ge=0, lt=1)]
    own: list[dict[str, str | float | None]]
    billed_rates: list[dict[str, str | float | None]] | None = None


class MonthPart(_Part):
    """One projected month."""

    month: Annotated[int, Field(ge=1, le=60)]
    baseline_usd: Usd
    scenario_usd: Usd
    once_usd: Usd
    components: dict[str, Usd]
    pools: list[tuple[str, str, Usd, Usd]] = []


class PlanDocument(_Part):
    """A kept plan."""

    format: Annotated[int, Field(description="the whole number 1")]
    kept_on: Annotated[date, Field(description="a date such as 2026-11-24")]
    scenario: Annotated[dict[str, Any], Field(description="a scenario")]
    snapshot: Annotated[SnapshotPart, Field(description="name, fingerprint and window_end of the snapshot")]
    prices: Annotated[PricesPart, Field(description="as_of, discount_ratio and own prices")]
    months: Annotated[
        list[MonthPart], Field(min_length=1, max_length=60, description="1 to 60 months with their dollars")
    ]
    credited_usd: Annotated[dict[str, Usd], Field(description="dollars by lever")]
    billed_usd: Annotated[Usd | None, Field(description="dollars or null")]
    starts: dict[str, Annotated[int, Field(ge=1)]] | None = None
    resources: list[str] | None = None
    unexplained_usd: dict[str, Usd] | None = None
