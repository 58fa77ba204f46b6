"""T8: volumes of training jobs."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.lever import STATES
from simulator.levers.training.training_volumes import TrainingVolumes
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
JOB = {"instance_type": "ml.m5.xlarge", "instance_count": 2, "training_seconds": 7.3 * 3600, "volume_gb": 500}


def usage_of(job: dict[str, Any]) -> Usage:
    return account_with(training_jobs=[job]).usage


def test_gb_months_shrink_by_the_share_not_needed() -> None:
    after = TrainingVolumes(cut_ratio=0.3).apply(usage_of(JOB)).training
    # 500 GB × 2 instances × 7.3 h ÷ 730 h = 10 GB-months, 70 % left.
    assert after.volume_gb_month == pytest.approx([7.0 * MONTH])
    assert after.billable_hours == pytest.approx([14.6 * MONTH])


@pytest.mark.parametrize("name", ["ml.g5.12xlarge", "ml.g4dn.xlarge", "ml.p4d.24xlarge"])
def test_types_with_nvme_save_nothing(name: str) -> None:
    usage = usage_of(JOB | {"instance_type": name})
    verdicts = TrainingVolumes().verdicts(usage)
    assert "NVMe" in verdicts.sentence(0)
    assert not verdicts.applies.any()
    assert usage.training.volume_gb_month == pytest.approx([0.0])


def test_an_unknown_volume_is_a_question() -> None:
    verdicts = TrainingVolumes().verdicts(usage_of(JOB | {"volume_gb": None}))
    assert STATES[int(verdicts.state[0])] == "unknown"
