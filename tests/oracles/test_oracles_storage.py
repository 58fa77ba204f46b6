"""S3: tiers, requests, retrieval, overhead, minimums, transitions and tiering, against worked examples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simulator.levers.storage.deletion import months_owed
from simulator.levers.storage.glacier_archive import GlacierArchive, archive_overhead_gib
from simulator.levers.storage.intelligent_tiering import IntelligentTiering, break_even_gib
from simulator.levers.storage.s3_lifecycle import billed_gib
from simulator.units import KIB_PER_GIB
from simulator.usage.gb_months import gb_months
from simulator.usage.tables import Usage
from tests.accounts import account_with
from tests.oracles.published import book_of, cost_usd, costs_usd, meets, oracle


def month(**row: Any) -> Usage:
    """A month of one bucket."""
    return account_with(storage=[{"bucket": "data", "gib": 0.0} | row]).usage


def with_meters(**quantities: float) -> Usage:
    """A month of an empty bucket with these billed quantities."""
    usage = month()
    meters: dict[str, Any] = {
        name: usage.storage.standard_gb + quantity for name, quantity in quantities.items()
    }
    return replace(usage, storage=replace(usage.storage, **meters))


def tiers_of(storage_class: str, steps: list[list[Any]]) -> Any:
    """Price rows of a class from (size of the tier, USD per GB) steps."""
    start = 0.0
    for size, usd in steps:
        yield "storage", storage_class, usd, 1, start
        start += float(size) if size != "rest" else 0.0


def test_volume_is_the_average_of_the_month_and_tiers_apply_to_it() -> None:
    example = oracle("s3-bytehours-march")
    i = example["inputs"]
    stored = sum(gb_months(gib, days * 24, i["days_in_month"] * 24) for gib, days in i["gib_days"])
    book = book_of(*tiers_of("STANDARD", i["tiers_gib"]))
    first = cost_usd(month(gib=i["tiers_gib"][0][0]), book)
    total = cost_usd(month(gib=stored), book)
    meets({"gb_months": stored, "tier1": first, "tier2": total - first, "total": total}, example)


def test_tiers_apply_once_to_the_total_of_all_buckets() -> None:
    example = oracle("s3-consolidated-95TB")
    i = example["inputs"]
    steps = [[tb * 1000, usd / 1000] for tb, usd in i["tiers_tb_decimal"]]
    total_gb = i["total_tb"] * 1000.0
    rows = [{"bucket": "one", "gib": 0.25 * total_gb}, {"bucket": "two", "gib": 0.75 * total_gb}]
    total = cost_usd(account_with(storage=rows).usage, book_of(*tiers_of("STANDARD", steps)))
    meets({"total": total, "blended_per_gb": total / total_gb}, example)


def test_one_pebibyte_in_four_classes() -> None:
    example = oracle("s3-1PB-classes")
    i = example["inputs"]
    book = book_of(
        *tiers_of("STANDARD", i["std_tiers"]),
        ("storage", "GLACIER_IR", i["glacier_ir"]),
        ("storage", "GLACIER", i["glacier_flexible"]),
        ("storage", "DEEP_ARCHIVE", i["deep_archive"]),
    )
    classes = {
        "standard": "STANDARD", "glacier_ir": "GLACIER_IR", "glacier_flexible": "GLACIER",
        "deep_archive": "DEEP_ARCHIVE",
    }  # fmt: skip
    found = {name: cost_usd(month(gib=i["gib"], storage_class=c), book) for name, c in classes.items()}
    meets(found, example)


def test_requests_are_priced_per_thousand_and_deletes_are_free() -> None:
    example = oracle("s3-requests-march")
    i = example["inputs"]
    book = book_of(("storage_put", "STANDARD", 0.005, 1000), ("storage_get", "STANDARD", 0.0004, 1000))
    usage = month(put_requests=i["put_per_day"] * i["days"], get_requests=i["get_per_day"] * i["days"])
    cost = costs_usd(usage, book)
    deletes = cost_usd(usage, book) - cost["put_requests"] - cost["get_requests"]
    meets({"put": cost["put_requests"], "get": cost["get_requests"], "delete": deletes}, example)


def test_every_gb_read_from_infrequent_access_is_charged() -> None:
    example = oracle("s3-ia-retrieval")
    i = example["inputs"]
    usage = month(storage_class="STANDARD_IA", retrieved_gib=i["gb"])
    book = book_of(("storage_retrieval", "STANDARD_IA", i["rate"]))
    meets({"retrieval": cost_usd(usage, book)}, example)


def test_a_restore_costs_requests_and_gb() -> None:
    example = oracle("s3-gfr-standard-100TB")
    i = example["inputs"]
    book = book_of(
        ("storage_retrieval_request", "GLACIER", i["request_per_1000"], 1000),
        ("storage_retrieval", "GLACIER", i["per_gb"]),
    )
    usage = with_meters(restore_glacier=i["objects"], retrieval_glacier_gb=i["gib"])
    cost = costs_usd(usage, book)
    found = {"requests": cost["restore_glacier"], "data": cost["retrieval_glacier_gb"]}
    meets(found | {"total": cost_usd(usage, book)}, example)


def test_overhead_of_small_archived_objects_is_most_of_their_bill() -> None:
    example = oracle("s3-da-10KB-overhead")
    i = example["inputs"]
    objects = i["total_gib"] * KIB_PER_GIB / i["object_kib"]
    archive_gib, standard_gib = archive_overhead_gib(objects)
    book = book_of(("storage", "DEEP_ARCHIVE", i["da_rate"]), ("storage", "STANDARD", i["std_rate"]))
    data = with_meters(deep_archive_gb=i["total_gib"])
    both = with_meters(deep_archive_gb=i["total_gib"] + archive_gib, archive_standard_gb=standard_gib)
    cost = costs_usd(both, book)
    found = {
        "objects": objects, "overhead_da_gib": archive_gib, "overhead_std_gib": standard_gib,
        "overhead_da": cost["deep_archive_gb"] - cost_usd(data, book), "overhead_std": cost["archive_standard_gb"],
        "data": cost_usd(data, book), "total": cost_usd(both, book),
    }  # fmt: skip
    meets(found, example)


def test_infrequent_access_bills_128_kb_for_an_object_of_4() -> None:
    example = oracle("s3-ia-4KB-1M")
    i = example["inputs"]
    gib = i["objects"] * i["object_kib"] / KIB_PER_GIB
    book = book_of(("storage", "STANDARD", i["std"]), ("storage", "STANDARD_IA", i["ia"]))
    infrequent = with_meters(standard_ia_gb=float(billed_gib(i["objects"], gib)))
    meets({"standard": cost_usd(month(gib=gib), book), "ia": cost_usd(infrequent, book)}, example)


def test_leaving_glacier_before_three_months_pays_the_rest() -> None:
    example = oracle("s3-glacier-early-faq")
    i = example["inputs"]
    owed = [float(months_owed(i["minimum_months"], held)) for held in i["deleted_after_months"]]
    meets({"months_charged": owed}, example)


def test_each_object_moved_is_one_transition() -> None:
    example = oracle("s3-glacier-transition-realbill")
    i = example["inputs"]
    book = book_of(
        ("storage_put", "STANDARD", i["put_per_1000"], 1000),
        ("storage_transition", "GLACIER", i["transition_per_1000"], 1000),
    )
    usage = with_meters(put_requests=i["put_requests"], to_glacier=i["transitions"])
    put, transition = cost_usd(usage, book), cost_usd(usage, book, once=True)
    meets({"put": put, "transition": transition, "total": put + transition}, example)


def test_moving_ten_million_objects_costs_the_same_whatever_their_size() -> None:
    example = oracle("s3-da-transition-10M-10KB")
    i = example["inputs"]
    book = book_of(("storage_transition", "DEEP_ARCHIVE", i["per_1000"], 1000))
    lever = GlacierArchive(storage_class="DEEP_ARCHIVE", archived_ratio=1.0)
    # Objects of 200 KB: those of 10 KB, as in the example, would not be moved at all today.
    gib = i["objects"] * 200 / KIB_PER_GIB
    row = {
        "gib": gib,
        "objects": i["objects"],
        "small_objects": 0,
        "small_gib": 0,
        "gib_not_accessed_180d": gib,
    }
    moved = lever.apply(month(**row, gib_not_accessed_90d=gib, gib_not_accessed_30d=gib))
    meets({"transition": cost_usd(moved, book, once=True)}, example)


def test_idle_objects_of_1_mb_in_intelligent_tiering() -> None:
    example = oracle("s3-int-1M-1MB")
    i = example["inputs"]
    book = book_of(
        ("storage", "STANDARD", i["std"]),
        ("storage", "INTELLIGENT_TIERING_IA", i["ia"]),
        ("storage_monitoring", "INTELLIGENT_TIERING", i["monitor_per_1000"], 1000),
    )
    row = {"gib": i["gb"], "objects": i["objects"], "small_objects": 0, "small_gib": 0}
    before = month(**row, gib_not_accessed_30d=i["gb"], gib_not_accessed_90d=0)
    after = IntelligentTiering().apply(before)
    cost, standard, total = costs_usd(after, book), cost_usd(before, book), cost_usd(after, book)
    found = {
        "standard": standard, "int_storage": cost["intelligent_tiering_ia_gb"],
        "monitoring": cost["monitored_objects"], "int_total": total, "saving": standard - total,
    }  # fmt: skip
    meets(found, example)


def test_break_even_size_of_intelligent_tiering() -> None:
    example = oracle("s3-int-breakeven-size")
    i = example["inputs"]
    size_gb = break_even_gib(i["monitor_per_object"], i["std"], i["ia"])
    meets({"size_gb": size_gb, "size_kb": size_gb * 1e6}, example)  # decimal KB, as in the source


def test_small_objects_in_intelligent_tiering_pay_no_monitoring() -> None:
    example = oracle("s3-int-under-128KB")
    i = example["inputs"]
    book = book_of(
        ("storage", "INTELLIGENT_TIERING_FA", i["std"]),
        ("storage_monitoring", "INTELLIGENT_TIERING", 0.0025, 1000),
        ("storage_get", "STANDARD", i["get_per_1000"], 1000),
    )
    usage = month(
        storage_class="INTELLIGENT_TIERING_FA", gib=i["gib"], objects=i["objects"], small_objects=i["objects"],
        get_requests=i["gets_per_month"],
    )  # fmt: skip
    cost = costs_usd(usage, book)
    found = {"monitoring": cost.get("monitored_objects", 0.0), "storage": cost["intelligent_tiering_fa_gb"]}
    meets(found | {"gets": cost["get_requests"], "total": cost_usd(usage, book)}, example)


def test_watching_larger_objects_is_charged() -> None:
    usage = month(storage_class="INTELLIGENT_TIERING_IA", gib=10.0, objects=1_000_000, small_objects=200_000)
    book = book_of(("storage_monitoring", "INTELLIGENT_TIERING", 0.0025, 1000))
    assert cost_usd(usage, book) == pytest.approx(800 * 0.0025)
