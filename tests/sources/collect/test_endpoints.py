"""Endpoints and their traffic in the account RICH, expected values worked out by hand from its seed."""

from typing import Any

import pandas as pd
import pytest

from simulator.sources.collect import Collected
from tests.sources.collect.accounts import END, at


@pytest.fixture
def endpoints(rich: Collected) -> Any:
    return rich.snapshot.tables["endpoints"].set_index(["endpoint_name", "variant_name"]).sort_index()


@pytest.fixture
def traffic(rich: Collected) -> Any:
    return rich.snapshot.tables["endpoint_traffic"].set_index("endpoint_name")


def of(endpoints: Any, name: str, variant: str = "AllTraffic") -> Any:
    return endpoints.loc[(name, variant)]


def calls_at(traffic: Any, name: str, hours_before_end: float) -> float:
    rows = traffic.loc[[name]].set_index("hour")["invocations"]
    return float(rows.at[pd.Timestamp(at(hours_before_end))])


def test_instance_type_comes_from_the_config_and_count_from_what_runs(endpoints: Any) -> None:
    assert of(endpoints, "busy")[["instance_type", "instance_count"]].tolist() == ["ml.g5.2xlarge", 2]


def test_modes_are_told_apart(endpoints: Any) -> None:
    modes = {name: of(endpoints, name)["mode"] for name in ("busy", "queue", "light", "shelf")}
    assert modes == {"busy": "realtime", "queue": "async", "light": "serverless", "shelf": "components"}


def test_endpoint_that_failed_at_creation_holds_no_instance(endpoints: Any, traffic: Any) -> None:
    failed = of(endpoints, "failed")
    assert (failed["status"], failed["instance_count"]) == ("Failed", 0)
    assert "failed" not in traffic.index


def test_shadow_variant_is_a_row_of_its_own(endpoints: Any) -> None:
    shadow = of(endpoints, "doubled", "next")
    assert bool(shadow["shadow"])
    assert shadow["instance_type"] == "ml.c5.xlarge"


def test_components_give_copies_and_devices_per_copy(endpoints: Any) -> None:
    """part-a: 2 copies of 1 device, part-b: 1 copy of 1 device."""
    assert of(endpoints, "shelf")[["copies", "accelerators_per_copy"]].tolist() == [3, 1]


def test_scaling_limits_and_serverless_settings(endpoints: Any) -> None:
    assert of(endpoints, "busy")[["scaling_min", "scaling_max"]].tolist() == [1, 4]
    assert of(endpoints, "idle")[["scaling_min", "scaling_max"]].isna().all()
    assert of(endpoints, "light")[["serverless_memory_mb", "max_concurrency"]].tolist() == [2048, 5]


def test_veto_tag_and_owner(endpoints: Any) -> None:
    busy = of(endpoints, "busy")
    assert bool(busy["keep"])
    assert busy["owner"] == "search"
    assert not of(endpoints, "idle")["keep"]


def test_container_and_gpu_need_are_read_from_the_image(endpoints: Any) -> None:
    assert of(endpoints, "busy")["container"] == "djl-inference"
    assert bool(of(endpoints, "busy")["needs_gpu"])


def test_utilisation_is_divided_by_devices_and_latency_is_in_ms(endpoints: Any) -> None:
    """ml.g5.2xlarge: 8 vCPUs, 1 GPU. CPU mean of two days (400 + 80) / 2; memory peak 35 %; latency 250,000 µs."""
    busy = of(endpoints, "busy")
    assert busy["cpu_utilization_ratio"] == pytest.approx(240 / 100 / 8)
    assert busy["gpu_utilization_ratio"] == pytest.approx(0.5)
    assert busy["memory_utilization_ratio"] == pytest.approx(0.35)
    assert busy["latency_ms"] == pytest.approx(250)


def test_gpu_memory_of_four_gpus_is_divided_by_four(endpoints: Any) -> None:
    assert of(endpoints, "shelf")["gpu_memory_ratio"] == pytest.approx(240 / 100 / 4)


def test_calls_are_summed_by_hour(traffic: Any) -> None:
    """30 calls 5.5 h and 12 calls 5.25 h before the end fall in the hour that begins 6 h before it."""
    assert calls_at(traffic, "busy", 6) == 42
    assert calls_at(traffic, "busy", 700) == 7


def test_hours_without_a_datapoint_are_written_as_zero(traffic: Any) -> None:
    idle = traffic.loc["idle", "invocations"]
    assert len(idle) == 720
    assert (idle == 0).all()


def test_hours_before_creation_are_absent(traffic: Any) -> None:
    """Created 10.5 h before the end: ten whole hours are left."""
    hours = traffic.loc["young", "hour"]
    assert len(hours) == 10
    assert hours.min() == pd.Timestamp(at(10))
    assert hours.max() == pd.Timestamp(END) - pd.Timedelta(hours=1)


def test_async_hour_with_a_backlog_and_no_call_is_unknown(traffic: Any) -> None:
    hours = set(traffic.loc["queue", "hour"])
    assert pd.Timestamp(at(4)) not in hours
    assert len(hours) == 719


def test_calls_of_components_count_for_their_endpoint(traffic: Any) -> None:
    assert calls_at(traffic, "shelf", 9) == 11 + 5
