"""Anomalies: found on their day with their driver; an ordinary year is quiet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.forecast.anomaly import LEARNING, anomalies, unusual
from simulator.cli.main import main
from simulator.errors import InputError
from simulator.sources.bills.daily import daily
from tests.sources.bills.bills import ARN, cur2_parquet, legacy_csv, line

DATA = Path(__file__).parents[4] / "shared" / "data"
HOURLY = {
    "traffic/aws_elb_requests_hourly.csv": "count",
    "traffic/llm_30d_composite_bursty.csv": "invocations",
    "traffic/mentions_amzn_hourly.csv": "count",
    "training/helios_vc3sl_gpu_use_hourly.csv": "running_gpus",
    "training/philly_active_nodes_hourly.part_a.csv": "active",
}
JOB = f"{ARN}training-job/sweep"


def by_day(values: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, np.arange(0, len(values) // 24 * 24, 24))


@pytest.mark.thorough
@pytest.mark.skipif(
    not DATA.exists(), reason=f"the real series of {DATA} are not here: alarms are not counted"
)
@pytest.mark.parametrize("name", HOURLY)
def test_at_most_one_alarm_per_real_series_and_year(name: str) -> None:
    """The series as it is, and years of its own weeks in random order: nobody planted an anomaly in them."""
    days = by_day(pd.read_csv(DATA / name)[HOURLY[name]].to_numpy(float))
    assert len(unusual(days, 0.0)) <= 1
    weeks = [days[i : i + 7] for i in range(0, len(days) - 6, 7)]
    rng = np.random.default_rng(5)
    for _ in range(2):
        year = np.concatenate([weeks[i] for i in rng.integers(0, len(weeks), 53)])[:365]
        assert len(unusual(year, 0.0)) <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(LEARNING, 80), st.floats(2.0, 20.0))
def test_a_day_of_many_times_the_usual_is_found_on_its_day(seed: int, place: int, times: float) -> None:
    """A week's shape with 5 % of noise; one day costs at least twice the dearest."""
    rng = np.random.default_rng(seed)
    week = np.array([100.0, 110, 105, 100, 95, 40, 35])
    values = np.resize(week, 90) * rng.uniform(0.95, 1.05, 90)
    values[place] = times * 120
    found = unusual(values, 10.0)
    assert [(at, length) for at, length, _ in found] == [(place, 1)]


def test_a_launch_is_told_once_and_its_level_is_the_new_usual() -> None:
    values = np.r_[np.full(40, 100.0), np.full(50, 400.0)]
    assert [(at, length) for at, length, _ in unusual(values)] == [(40, 3)]


def test_what_is_cheap_is_not_worth_a_look() -> None:
    values = np.r_[np.full(30, 1.0), 9.0, np.full(10, 1.0)]
    assert unusual(values, 10.0) == []
    assert [at for at, *_ in unusual(values, 5.0)] == [30]


def bill(days: int = 30, odd: int = 24) -> list[dict[str, object]]:
    """An endpoint at $24 a day; training of $48 a day, on one day a second job of $480; tax, which is no usage."""
    lines = []
    for day in range(days):
        own = {"hour": 24 * day, "hours": 24}
        lines.append(
            line("USW2-Host:ml.m5.large", 24.0, quantity=24, resource=f"{ARN}endpoint/chat", **own)  # type: ignore[arg-type]
        )
        lines.append(
            line("USW2-Train:ml.m5.xlarge", 48.0, quantity=24, resource=f"{ARN}training-job/fit", **own)  # type: ignore[arg-type]
        )
    lines.append(line("USW2-Train:ml.p3.2xlarge", 480.0, quantity=24, resource=JOB, hour=24 * odd, hours=24))
    lines.append(line("", 900.0, kind="Tax", unit="", hours=24))
    return lines


@pytest.mark.parametrize("write", [legacy_csv, cur2_parquet])
def test_driver_of_a_bills_odd_day_is_named(write, tmp_path: Path) -> None:
    """2026-10-25 is day 24 of a bill from 2026-10-01: $48 + $480 of training where $48 is usual."""
    path = write(bill(), tmp_path / ("bill.csv" if write is legacy_csv else "bill.parquet"))
    lines, long_usd = daily(path)
    assert lines["usd"].sum() == pytest.approx(30 * 72 + 480)
    assert long_usd == 0
    (found,) = anomalies(lines)
    assert (found.component, f"{found.first_day:%Y-%m-%d}", found.days) == ("training", "2026-10-25", 1)
    assert (found.usd, found.expected_usd) == pytest.approx((528.0, 48.0))
    assert {d.kind: d.name for d in found.drivers} == {
        "usage_type": "USW2-Train:ml.p3.2xlarge",
        "resource_id": JOB,
    }
    assert [d.share_ratio for d in found.drivers] == pytest.approx([1.0, 1.0])


def test_command_names_the_day_and_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*bill(), line("USW2-Notebk:ml.t3.medium", 36.0, hours=720)]
    assert main(["anomalies", str(legacy_csv(lines, tmp_path / "bill.csv"))]) == 0
    told = capsys.readouterr().out
    assert "1 anomaly in 30 days" in told
    assert "training, 2026-10-25: $528.00 where $48.00 was expected" in told
    assert "ml.p3.2xlarge (100.0% of the rise)" in told
    assert "$36.00 is billed in lines longer than a day" in told


def test_a_bill_delivered_twice_counts_once(tmp_path: Path) -> None:
    one, other = legacy_csv(bill(), tmp_path / "a.csv"), cur2_parquet(bill(), tmp_path / "b.parquet")
    assert daily([one, other])[0]["usd"].sum() == pytest.approx(30 * 72 + 480)


def test_too_little_to_judge_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="10 days of history; the first day that can be judged is day 15"):
        anomalies(daily(legacy_csv(bill(10, 5), tmp_path / "bill.csv"))[0])
    monthly = [line("USW2-Notebk:ml.t3.medium", 36.0, hours=720)]
    with pytest.raises(InputError, match="by day or hour"):
        anomalies(daily(legacy_csv(monthly, tmp_path / "monthly.csv"))[0])
