"""What collecting itself costs, reported before it is spent."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.sources.collect.client.session import Calls
from simulator.sources.collect.services.bills import PLANNED_REQUESTS
from simulator.words import usd

USD_PER_COST_REQUEST = 0.01
"""Per Cost Explorer request and page: aws.amazon.com/aws-cost-management/aws-cost-explorer/faqs (rules.md)."""
USD_PER_METRIC = 0.01 / 1000
"""Per metric asked for by GetMetricData; outside the free tier. Unconfirmed figure (rules.md)."""
METRICS_PER_VARIANT = 6
METRICS_PER_JOB = 3
BEDROCK_TOKEN_METRICS = 6


@dataclass(frozen=True)
class CostEstimate:
    """An upper estimate: Cost Explorer requests, metrics and free calls, and the price of the first two.

    `unknown` names what could not be counted beforehand; its share is not in the figures.
    """

    cost_requests: int
    metrics: int
    free_calls: int
    unknown: tuple[str, ...] = ()

    @property
    def usd(self) -> float:
        """Price in USD."""
        return self.cost_requests * USD_PER_COST_REQUEST + self.metrics * USD_PER_METRIC

    def __str__(self) -> str:
        text = (
            f"Reading the account costs about {usd(self.usd)}: {self.cost_requests:,} Cost Explorer requests at "
            f"${USD_PER_COST_REQUEST} and up to {self.metrics:,} CloudWatch metrics at $0.01 per 1,000; "
            f"about {self.free_calls:,} further calls are free."
        )
        return text + (
            f" Not counted, as it could not be listed: {', '.join(self.unknown)}." if self.unknown else ""
        )


@dataclass(frozen=True)
class Inventory:
    """How much there is to read in one place, by listing only; None where listing failed."""

    jobs: int | None
    endpoints: int | None
    buckets: int | None
    models: int | None


def metrics_of(inventory: Inventory, metrics_per_bucket: int) -> int:
    """Most metrics a place can need: every endpoint with one GPU variant, every job on GPUs, ten models in use."""
    models = inventory.models or 0
    return (
        METRICS_PER_VARIANT * (inventory.endpoints or 0)
        + METRICS_PER_JOB * (inventory.jobs or 0)
        + metrics_per_bucket * (inventory.buckets or 0)
        + models
        + BEDROCK_TOKEN_METRICS * min(models, 10)
    )


def free_calls_of(inventory: Inventory) -> int:
    """Describe and list calls of a place, roughly."""
    jobs, endpoints, buckets = inventory.jobs or 0, inventory.endpoints or 0, inventory.buckets or 0
    return 30 + jobs + jobs // 100 + 3 * endpoints + endpoints // 100 + 5 * buckets


def planned_cost_requests(accounts: int, asked: bool) -> int:
    """Cost Explorer requests as a rule; more only when the bill has several pages."""
    return PLANNED_REQUESTS * accounts if asked else 0


def spent_usd(calls: Calls) -> float:
    """Price of the calls really sent."""
    requests = sum(n for (service, _), n in calls.count.items() if service == "ce")
    return requests * USD_PER_COST_REQUEST + calls.metrics * USD_PER_METRIC
