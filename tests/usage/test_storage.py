"""Buckets: classes to meters, deletable bytes by class, what a window bills."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.pricing.charges import price_usage
from simulator.usage.gb_months import window_months
from simulator.usage.tables import STORAGE_CLASSES
from tests.accounts import account_with, prices


def test_a_calendar_month_of_any_length_bills_one_gb_month() -> None:
    for month in (1, 2, 6):
        assert window_months(
            datetime(2025, month, 1, tzinfo=UTC), datetime(2025, month + 1, 1, tzinfo=UTC)
        ) == pytest.approx(1)


def test_a_window_bills_its_days_share_of_each_month() -> None:
    # 16 of January's 31 days and 14 of February's 28.
    months = window_months(datetime(2025, 1, 16, tzinfo=UTC), datetime(2025, 2, 15, tzinfo=UTC))
    assert months == pytest.approx(16 / 31 + 14 / 28)


def test_a_month_at_run_rate_bills_what_is_stored() -> None:
    s = account_with(storage=[{"gib": 100.0}]).usage.storage
    assert s.standard_gb[0] == 100.0


def test_classes_of_a_bucket_are_one_row_and_reads_are_billed_per_class() -> None:
    rows = [
        {"bucket": "a", "gib": 10.0, "retrieved_gib": 5.0},
        {
            "bucket": "a",
            "gib": 20.0,
            "storage_class": "STANDARD_IA",
            "retrieved_gib": 2.0,
            "noncurrent_gib": 3.0,
        },
    ]
    s = account_with(storage=rows).usage.storage
    assert len(s) == 1
    assert (s.standard_gb[0], s.standard_ia_gb[0], s.retrieval_ia_gb[0]) == (10, 20, 2)
    assert s.retrieved_gib[0] == 5
    assert s.noncurrent_gib[0, STORAGE_CLASSES.index("STANDARD_IA")] == 3
    assert np.isnan(s.noncurrent_gib[0, STORAGE_CLASSES.index("STANDARD")])


def test_unknown_object_counts_in_intelligent_tiering_make_the_fee_unknown() -> None:
    tiered = {"gib": 10.0, "storage_class": "INTELLIGENT_TIERING_FA"}
    assert np.isnan(account_with(storage=[tiered]).usage.storage.monitored_objects[0])
    assert (
        account_with(storage=[tiered | {"objects": 9, "small_objects": 4}]).usage.storage.monitored_objects[0]
        == 5
    )


def test_requests_are_billed_at_the_price_of_their_class() -> None:
    rows = [
        {"bucket": "a", "gib": 1.0, "get_requests": 7.0},
        {"bucket": "a", "gib": 1.0, "storage_class": "GLACIER_IR", "get_requests": 1_000_000.0},
    ]
    account = account_with(storage=rows)
    s = account.usage.storage
    assert (s.get_requests[0], s.get_glacier_ir[0]) == (7, 1_000_000)
    cost = {b.meter.name: float(b.cost_usd.sum()) for b in price_usage(account.usage, prices()).blocks}
    assert cost["get_glacier_ir"] == pytest.approx(10.00)  # 0.01 a thousand, us-east-1


def test_small_objects_in_infrequent_access_pay_their_minimum() -> None:
    ia = {"gib": 10.0, "storage_class": "STANDARD_IA", "objects": 8192 * 20}
    known = account_with(storage=[ia | {"small_objects": 8192 * 4, "small_gib": 1.0}]).usage.storage
    assert known.standard_ia_gb[0] == pytest.approx(9 + 4)  # 8,192 objects of 128 KB are 1 GiB
    by_mean = account_with(storage=[ia]).usage.storage
    assert by_mean.standard_ia_gb[0] == pytest.approx(20)  # 64 KB on average: all are billed as 128 KB
    assert account_with(storage=[ia | {"objects": None}]).usage.storage.standard_ia_gb[0] == 10


def test_each_archived_object_adds_32_kb_there_and_8_kb_in_standard() -> None:
    row = {"gib": 10.0, "storage_class": "GLACIER", "objects": 32768 * 4}
    s = account_with(storage=[row]).usage.storage
    assert (s.glacier_gb[0], s.archive_standard_gb[0]) == pytest.approx((10 + 4, 1))


def test_monitoring_goes_by_the_mean_size_where_small_objects_are_not_counted() -> None:
    tiered = {"gib": 1.0, "storage_class": "INTELLIGENT_TIERING_FA"}
    small, large = ({"objects": n} for n in (8193, 8191))
    assert account_with(storage=[tiered | small]).usage.storage.monitored_objects[0] == 0
    assert account_with(storage=[tiered | large]).usage.storage.monitored_objects[0] == 8191


@pytest.mark.parametrize(
    ("row", "usd"),
    [
        # 1,000 GB at 0.0036; of 100 GB read 60 in bulk (free), 10 expedited at 0.03, 30 at 0.01.
        ({"storage_class": "GLACIER", "bulk_retrieved_gib": 60, "expedited_retrieved_gib": 10}, 4.20),
        # 1,000 GB at 0.00099; 60 GB in bulk at 0.0025, 40 at 0.02.
        ({"storage_class": "DEEP_ARCHIVE", "bulk_retrieved_gib": 60}, 1.94),
        # 1,000 GB at 0.0036; 60 GB expedited at 0.03, the rest is free.
        ({"storage_class": "INTELLIGENT_TIERING_AA", "expedited_retrieved_gib": 60}, 5.40),
        # 1,000 GB at 0.0036; restores of which nothing is said are standard ones: 100 GB at 0.01.
        ({"storage_class": "GLACIER"}, 4.60),
    ],
)
def test_restores_cost_what_their_speed_costs(row: dict[str, object], usd: float) -> None:
    usage = account_with(storage=[{"gib": 1000, "retrieved_gib": 100} | row]).usage
    assert float(price_usage(usage, prices()).total_usd()) == pytest.approx(usd)
