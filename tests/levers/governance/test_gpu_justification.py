"""Governance: GPU training jobs need a reason."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.governance.gpu_justification import GpuJustification
from simulator.levers.lever import STATES
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
JOB = {"training_seconds": 3600, "gpu_utilization_ratio": 0.1}


def usage_of(job: dict[str, Any]) -> Usage:
    return account_with(training_jobs=[job]).usage


def test_five_percent_of_hardly_used_gpu_hours_do_not_run() -> None:
    after = GpuJustification().apply(usage_of(JOB)).training
    assert after.billable_hours == pytest.approx([0.95 * MONTH])


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"gpu_utilization_ratio": 0.2}, "not_applicable", "20% or more"),
        ({"gpu_utilization_ratio": None}, "unknown", "not measured"),
        ({"instance_type": "ml.m5.xlarge"}, "not_applicable", "without GPUs"),
        ({"status": "Failed"}, "not_applicable", "preventing failures"),
        ({}, "applies", "below 20%"),
    ],
)
def test_verdict(change: dict[str, Any], state: str, words: str) -> None:
    found = GpuJustification().verdicts(usage_of(JOB | change))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


def test_no_evidence_can_raise_the_confidence_of_a_habit() -> None:
    assert not GpuJustification().evidence(usage_of(JOB))[0].holds.any()
