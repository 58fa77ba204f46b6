"""What collecting costs is told before it is spent, and what was spent is what was told, or less."""

import pytest

from simulator.sources.collect import Progress, plan_cost
from simulator.sources.collect.cost import CostEstimate
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import options
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import Standin


def test_price_of_the_plan_by_hand() -> None:
    """3 × $0.01 + 20,000 × $0.01 / 1,000."""
    assert CostEstimate(3, 20_000, 100).usd == pytest.approx(0.03 + 0.2)


def test_plan_spends_nothing(aws: Standin) -> None:
    seed_rich(aws)
    plan_cost(options())
    assert not {"ce", "cloudwatch"} & {service for service, _, _ in aws.calls()}


def test_plan_counts_what_there_is(aws: Standin) -> None:
    """9 jobs × 3, 8 endpoints × 6, 3 buckets × 27, 4 models in all, each perhaps in use: 4 + 4 × 6."""
    seed_rich(aws)
    estimate = plan_cost(options())
    assert estimate.cost_requests == 4
    assert estimate.metrics == 9 * 3 + 8 * 6 + 3 * 27 + 4 + 4 * 6
    assert "$0.04" in str(estimate)


def test_run_spends_no_more_than_planned(aws: Standin) -> None:
    seed_rich(aws)
    estimate = plan_cost(options())
    collected = run(options())
    assert 0 < collected.metrics <= estimate.metrics
    assert collected.usd == pytest.approx(0.03 + collected.metrics * 0.01 / 1000)
    assert collected.usd <= estimate.usd


def test_listings_of_the_plan_are_not_asked_again(aws: Standin) -> None:
    seed_rich(aws)
    plan_cost(options())
    aws.forget()
    run(options())
    assert "ListEndpoints" not in {operation for _, operation, _ in aws.calls()}


def test_without_cost_explorer_nothing_is_asked_of_it(aws: Standin) -> None:
    seed_rich(aws)
    collected = run(options(cost_explorer=False))
    assert "ce" not in {service for service, _, _ in aws.calls()}
    assert collected.snapshot.tables["billed"].empty
    assert any("Cost Explorer was not asked" in s for s in collected.snapshot.manifest.assumptions)
    assert plan_cost(options(cost_explorer=False)).cost_requests == 0


def test_plan_names_what_it_could_not_count(aws: Standin) -> None:
    seed_rich(aws)
    aws.faults({"service": "sagemaker", "operation": "ListEndpoints", "kind": "denied"})
    assert plan_cost(options()).unknown == ("endpoints",)


def test_progress_names_what_is_read_and_ends_at_the_whole(aws: Standin) -> None:
    seed_rich(aws)
    heard: list[Progress] = []
    run(options(), progress=heard.append)
    assert any("sagemaker:training_jobs us-west-2" in p.reading and p.total == 9 for p in heard)
    ratios = [p.ratio for p in heard]
    assert ratios[-1] == 1
    assert all(0 <= r <= 1 for r in ratios)
    assert any(p.seconds_left is not None for p in heard)
