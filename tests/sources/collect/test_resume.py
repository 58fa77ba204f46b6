"""A run that was broken off continues: nothing lost, nothing counted twice, nothing paid for twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.sources.collect import Cancelled, Progress, collect, plan_cost
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import NOW, job, options
from tests.sources.collect.comparing import same_tables, statuses
from tests.sources.collect.seeding import seed_rich
from tests.sources.collect.standin import ROOT, Standin

MANY = 150
CHILD = """
from simulator.sources.collect.run import run
from tests.sources.collect.accounts import options
run(options())
"""


def described(aws: Standin) -> Counter[str]:
    return Counter(operation for _, operation, _ in aws.calls())


def test_killed_run_is_resumed_without_asking_twice(aws: Standin, tmp_path: Path) -> None:
    aws.seed({"resources": {"training-job": [job(f"job-{n:03}", seconds=600) for n in range(MANY)]}})
    whole = run(options(store=tmp_path / "other")).snapshot
    aws.forget()
    aws.faults({"service": "sagemaker", "operation": "DescribeTrainingJob", "kind": "slow", "seconds": 0.05})
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    while described(aws)["DescribeTrainingJob"] < MANY / 3:
        assert child.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = described(aws)
    aws.faults()
    aws.forget()
    resumed = run(options(now=NOW + timedelta(hours=2)))
    after = described(aws)
    assert resumed.resumed
    same_tables(whole, resumed.snapshot)
    assert resumed.snapshot.manifest.window_end == whole.manifest.window_end
    in_flight = options().parallel
    assert MANY <= before["DescribeTrainingJob"] + after["DescribeTrainingJob"] <= MANY + in_flight
    assert after["GetCostAndUsage"] == 0
    assert after["ListTrainingJobs"] == 0


def test_cancelled_run_stops_at_once_and_is_resumed(aws: Standin) -> None:
    seed_rich(aws)
    cancel = threading.Event()

    def listen(progress: Progress) -> None:
        if "sagemaker:training_jobs" in progress.reading and progress.done:
            cancel.set()

    with pytest.raises(Cancelled, match="continues from what was read"):
        run(options(), progress=listen, cancel=cancel)
    stopped = described(aws)
    assert stopped["ListEndpoints"] == 0
    assert run(options()).resumed
    assert described(aws)["ListTrainingJobs"] == 2, (
        "one listing of changed jobs, one of running jobs, in both runs"
    )


def test_run_after_a_complete_run_reads_anew_but_does_not_pay_the_bill_again(aws: Standin) -> None:
    seed_rich(aws)
    first = run(options())
    aws.forget()
    second = run(options())
    assert not second.resumed
    assert described(aws)["DescribeTrainingJob"] > 0
    assert described(aws)["GetCostAndUsage"] == 0
    same_tables(first.snapshot, second.snapshot)


def test_fresh_run_does_not_continue(aws: Standin) -> None:
    seed_rich(aws)
    aws.faults({"service": "sagemaker", "operation": "ListEndpoints", "kind": "expired"})
    with pytest.raises(ValueError, match="expired"):
        run(options())
    aws.faults()
    assert not run(options(resume=False)).resumed


def test_page_mark_that_expired_during_the_break_restarts_the_listing(aws: Standin) -> None:
    aws.seed({"resources": {"training-job": [job(f"job-{n:03}", seconds=600) for n in range(MANY)]}})
    aws.faults({"service": "sagemaker", "operation": "ListTrainingJobs", "kind": "expired", "after": 1})
    with pytest.raises(ValueError, match="expired"):
        run(options())
    aws.faults({"service": "sagemaker", "operation": "ListTrainingJobs", "kind": "bad_token", "times": 1})
    snapshot = collect(options())
    assert len(snapshot.tables["training_jobs"]) == MANY
    assert statuses(snapshot)["sagemaker:training_jobs"] == "ok"


def test_store_is_private_and_holds_no_credentials(aws: Standin, tmp_path: Path) -> None:
    seed_rich(aws)
    aws.faults({"service": "sagemaker", "operation": "ListEndpoints", "kind": "expired"})
    with pytest.raises(ValueError, match="expired"):
        run(options(role_arns=("arn:aws:iam::111111111111:role/reader",), store=tmp_path / "store"))
    files = list((tmp_path / "store").iterdir())
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    content = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())
    for secret in (b"not-a-secret", b"SessionToken", b"SecretAccessKey"):
        assert secret not in content


def test_plan_of_an_earlier_hour_does_not_hold_the_window_back(aws: Standin) -> None:
    plan_cost(options())
    later = run(options(now=NOW + timedelta(hours=20)))
    assert not later.resumed
    assert later.snapshot.manifest.window_end == (NOW + timedelta(hours=20)).replace(minute=0)


def test_resumed_run_says_that_it_continues(aws: Standin) -> None:
    aws.faults({"service": "sagemaker", "operation": "ListEndpoints", "kind": "expired"})
    with pytest.raises(ValueError, match="expired"):
        run(options())
    aws.faults()
    heard: list[Progress] = []
    run(options(), progress=heard.append)
    assert any("continuing the run broken off, window to 2026-11-20 10:00" in p.reading for p in heard)
