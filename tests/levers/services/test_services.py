"""Services beside the models: what each lever takes off a bill worked out by hand, and what it leaves alone.

Prices of us-east-1: an OCU-hour 0.24, OpenSearch storage 0.024 a GB-month; S3 Vectors 0.06 a GB-month, 0.20 a GB put,
2.50 a million queries, 0.004 a TB gone through; EFS 0.30, Infrequent Access 0.025 (elastic 0.016), 0.01 a GB read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, Scenario, simulate
from simulator.levers import all_levers, lever
from simulator.usage.services import processed_gib
from tests.accounts import account_with, prices

HOURS = 720.0
MONTH = 730.0
LEVERS = [i for i, kind in all_levers().items() if kind.table == "services"]


def service(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "name": f"{kind}-1", "region": "us-east-1", **more}


def floor(**more: Any) -> dict[str, Any]:
    """A vector store at the floor with replicas: 2 OCUs for 720 hours, 10 GiB."""
    return service("opensearch_serverless", unit_hours=2 * HOURS, gib=10.0, **more)


def saving(lever_id: str, *rows: dict[str, Any], **values: Any) -> tuple[float, float]:
    """Baseline and saving a month of one lever on these services."""
    result = simulate(account_with(services=rows), Scenario((lever(lever_id).create(values),)), prices())
    return result.baseline.total_usd, result.saving_usd


def said(lever_id: str, row: dict[str, Any]) -> tuple[int, str]:
    found = lever(lever_id)().verdicts(account_with(services=[row]).usage)
    return int(found.state[0]), found.sentence(0)


def test_the_floor_of_a_vector_store_is_two_ocus_day_and_night() -> None:
    """2 × 730 × 0.24 + 10 × 0.024 = 350.40 + 0.24: the "345 to 700 a month idle" that users report."""
    baseline, _ = saving("vector_store_to_s3", floor())
    assert baseline == pytest.approx(2 * MONTH * 0.24 + 10 * 0.024)


def test_vectors_in_s3_cost_what_is_stored_put_asked_and_gone_through() -> None:
    """10 × 0.06 + 2 × 0.20 + 50,000 × 2.50 / 1 M + 50,000 × 10 / 1,024 × 0.004 = 0.60 + 0.40 + 0.125 + 1.953125."""
    row = floor(hybrid_search=False, requests=50_000, written_gib=2.0)
    baseline, saved = saving("vector_store_to_s3", row)
    assert baseline - saved == pytest.approx(0.60 + 0.40 + 0.125 + 1.953125)


def test_awss_own_example_of_s3_vectors_comes_out() -> None:
    """10 million vectors of 6.17 KB in 40 indexes, a sixth put anew, a million queries on one index of 250,000 vectors
    that go through 5.17 KB each: AWS says 11.38 a month.
    """
    stored, put = 10e6 * 6.17 / 2**20, 10e6 / 6 * 6.17 / 2**20
    first, more = processed_gib(1e6, 250_000 * 5.17 / 2**20, 250_000)
    usd = stored * 0.06 + put * 0.20 + 2.50 + first / 1024 * 0.004 + more / 1024 * 0.002
    assert usd == pytest.approx(11.38, abs=0.02)


def test_many_queries_on_a_large_index_cost_more_in_s3() -> None:
    """100 GiB asked 10 million times a month: 25.00 + 10 M × 100 / 1,024 × 0.004 = 3,906.25, more than 350.40."""
    row = floor(hybrid_search=False, requests=10_000_000) | {"gib": 100.0}
    _, saved = saving("vector_store_to_s3", row)
    assert saved < -3_000


@pytest.mark.parametrize("missing", ["hybrid_search", "gib", "unit_hours"])
def test_a_vector_store_of_which_a_fact_is_missing_is_asked_for_and_saves_nothing(missing: str) -> None:
    row = floor(hybrid_search=False) | {missing: None}
    state, sentence = said("vector_store_to_s3", row)
    assert state == -1
    assert sentence.endswith(("not known.", "unknown.", "would bill."))
    assert saving("vector_store_to_s3", row)[1] == 0


def test_hybrid_search_stays_in_opensearch() -> None:
    state, sentence = said("vector_store_to_s3", floor(hybrid_search=True))
    assert state == 0
    assert "hybrid" in sentence


def test_a_store_nobody_depends_on_runs_without_replicas_at_half_the_hours() -> None:
    row = floor(standby_replicas=True, production=False)
    assert saving("vector_store_without_standby", row)[1] == pytest.approx(MONTH * 0.24)
    assert said("vector_store_without_standby", floor(standby_replicas=True, production=True))[0] == 0
    assert said("vector_store_without_standby", floor(standby_replicas=True))[0] == -1


def test_a_store_nobody_asked_ends_whole() -> None:
    baseline, saved = saving("unused_services", floor(requests=0))
    assert saved == pytest.approx(baseline)
    assert saving("unused_services", floor(requests=1))[1] == 0
    assert said("unused_services", floor())[0] == -1


def test_cold_files_of_efs_move_at_a_cent_a_gigabyte() -> None:
    """800 of 1,000 GiB: 800 × (0.30 - 0.025) - 800 × 5 % × 0.01 = 220.00 - 0.40; the move once 8.00."""
    row = service("efs", gib=1000.0, gib_not_accessed_30d=800.0)
    result = simulate(account_with(services=[row]), Scenario((lever("file_system_lifecycle")(),)), prices())
    assert result.saving_usd == pytest.approx(800 * 0.275 - 0.40)
    assert float(result.outcome.charges.total_usd(once=True)) == pytest.approx(8.00)


def test_elastic_file_systems_have_a_lower_price_and_never_read_more_than_measured() -> None:
    """800 × (0.30 - 0.016) less 3 GiB read at 0.01: measured reads bound the assumed 40 GiB."""
    row = service("efs", size="elastic", gib=1000.0, gib_not_accessed_30d=800.0, read_gib=3.0)
    assert saving("file_system_lifecycle", row)[1] == pytest.approx(800 * 0.284 - 0.03)


def test_what_lies_in_infrequent_access_already_is_not_moved_again() -> None:
    row = service("efs", gib=1000.0, cold_gib=800.0, gib_not_accessed_30d=800.0)
    assert said("file_system_lifecycle", row)[0] == 0


def test_an_idle_training_file_system_ends_between_jobs_only_when_its_files_are_in_s3() -> None:
    """1,200 GiB at 0.145 = 174.00 a month; idle 80 % of the time, 70 % of that reached: 97.44."""
    row = service(
        "fsx_lustre", size="PERSISTENT_2-125", gib=1200.0, unit_hours=720, idle_hours=576, in_s3=True
    )
    baseline, saved = saving("idle_services", row)
    assert baseline == pytest.approx(174.0)
    assert saved == pytest.approx(174.0 * 0.8 * 0.7)
    assert said("idle_services", row | {"in_s3": False})[0] == 0
    assert said("idle_services", row | {"in_s3": None})[0] == -1


def test_an_idle_canvas_session_ends() -> None:
    """1.90 an hour day and night is 1,387.00; idle 90 %, 70 % of that reached: 873.81."""
    row = service("canvas", unit_hours=720, idle_hours=648)
    baseline, saved = saving("idle_services", row)
    assert [baseline, saved] == pytest.approx([1387.0, 873.81])


def test_an_mlflow_server_without_a_price_is_unknown_never_free() -> None:
    result = simulate(
        account_with(services=[service("mlflow", size="Small", unit_hours=720)]), Scenario(), prices()
    )
    unknown = [(b.meter.name, row) for b, row in result.baseline.charges.unknown()]
    assert unknown == [("mlflow_small_hours", 0)]


def test_a_service_known_by_its_dollars_alone_costs_those_dollars() -> None:
    """100.00 billed in 720 hours are 101.39 in 730."""
    account = account_with(services=[service("feature_store", billed_usd=100.0)])
    assert simulate(account, Scenario(), prices()).baseline.total_usd == pytest.approx(100 * MONTH / HOURS)


def test_logs_older_than_the_retention_go() -> None:
    """500 GiB × 0.03 filled for 400 days: 90 days of them stay."""
    row = service("logs", gib=500.0, retention_days=0, created_at="2025-09-26T00:00:00Z")
    age = 370 + 30  # 26 September 2025 to 1 October 2026, and the window's 30 days
    baseline, saved = saving("log_retention", row)
    assert baseline == pytest.approx(15.0)
    assert saved == pytest.approx(15.0 * (1 - 90 / age))
    assert said("log_retention", row | {"retention_days": 30})[0] == 0
    assert said("log_retention", row | {"retention_days": None})[0] == -1


NUMBER = st.none() | st.floats(0, 1e4)
FLAG = st.none() | st.booleans()


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(
            st.sampled_from(
                ["opensearch_serverless", "s3_vectors", "efs", "fsx_lustre", "logs", "mlflow", "canvas"]
            )
        )
        hours, gib = draw(st.none() | st.floats(0, 720)), draw(NUMBER)
        part = {
            n: draw(st.none() | st.floats(0, 1)) for n in ("idle_hours", "cold_gib", "gib_not_accessed_30d")
        }
        whole = {"idle_hours": hours, "cold_gib": gib, "gib_not_accessed_30d": gib}
        made.append(
            service(
                kind,
                size=draw(st.sampled_from(["", "elastic", "SCRATCH_2", "Small"])),
                unit_hours=hours,
                gib=gib,
                **{n: None if v is None or (w := whole[n]) is None else v * w for n, v in part.items()},
                **{n: draw(NUMBER) for n in ("read_gib", "written_gib", "requests")},
                **{n: draw(FLAG) for n in ("standby_replicas", "production", "hybrid_search", "in_s3")},
                retention_days=draw(st.none() | st.integers(0, 400)),
                created_at=draw(st.sampled_from([None, "2026-01-01T00:00:00Z"])),
            )
            | {"name": f"s-{number}"}
        )
    return made


@settings(max_examples=25, deadline=None)
@given(rows(), st.sampled_from(LEVERS))
def test_whatever_the_services_only_those_a_lever_applies_to_move_and_nothing_turns_negative(
    services: list[dict[str, Any]], lever_id: str
) -> None:
    usage = account_with(services=services).usage
    setting = lever(lever_id)()
    after, untouched = setting.apply(usage).services, ~setting.verdicts(usage).applies
    for (meter, old), (_, new) in zip(usage.services.meters(), after.meters(), strict=True):
        assert not (new < -1e-9).any(), meter.name
        np.testing.assert_array_equal(old[untouched], new[untouched], err_msg=meter.name)
        assert not (np.isnan(new) & ~np.isnan(old)).any(), meter.name


@settings(max_examples=15, deadline=None)
@given(rows(), st.sampled_from(LEVERS))
def test_draws_equal_runs_whatever_the_services(services: list[dict[str, Any]], lever_id: str) -> None:
    usage, setting = account_with(services=services).usage, lever(lever_id)()
    drawn = {n: p for n, p in setting.params().items() if p.is_drawn and n != "keep_days"}
    column: dict[str, Any] = {n: np.array([[p.default], [p.low], [p.high]], float) for n, p in drawn.items()}
    many = replace(setting, **column).apply(usage).services
    for k in range(3):
        one = replace(setting, **{n: float(v[k, 0]) for n, v in column.items()}).apply(usage).services
        for (meter, quantity), (_, whole) in zip(one.meters(), many.meters(), strict=True):
            got = np.broadcast_to(whole, (3, len(quantity)))[k]
            np.testing.assert_allclose(got, quantity, rtol=1e-9, atol=1e-12, err_msg=meter.name)


@settings(max_examples=15, deadline=None)
@given(rows())
def test_all_levers_together_never_leave_less_than_nothing(services: list[dict[str, Any]]) -> None:
    account: Account = account_with(services=services)
    result = simulate(account, Scenario(tuple(lever(i)() for i in LEVERS)), prices())
    assert result.outcome.total_usd >= -1e-9
    assert simulate(account, Scenario(), prices()).saving_usd == 0
