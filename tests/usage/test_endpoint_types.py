"""Where an endpoint could move: sizes and accelerators by the catalogue."""

import numpy as np
import pytest

from simulator.catalog import load_catalog
from simulator.usage.endpoint_types import (
    groups,
    inferentia_types,
    multi_gpu_types,
    same_on_bedrock,
    smaller_hosting_types,
)

CATALOG = load_catalog()
NAMES = (*CATALOG.instance_types, "none")


def target(codes: np.ndarray, name: str) -> str:
    return NAMES[codes[NAMES.index(name)]]


@pytest.mark.parametrize(
    ("name", "smaller"),
    [
        ("ml.g5.2xlarge", "ml.g5.xlarge"),
        (
            "ml.g5.12xlarge",
            "ml.g5.8xlarge",
        ),  # not 16xlarge: 64 vCPU are more than 48
        ("ml.m5.xlarge", "ml.m5.large"),
        ("ml.m5.large", "none"),
        ("ml.g5.xlarge", "none"),
    ],
)
def test_next_size_down_has_fewer_vcpus_and_no_more_gpus(name, smaller):
    assert target(smaller_hosting_types(CATALOG), name) == smaller


def test_components_share_the_first_type_with_several_gpus():
    assert target(multi_gpu_types(CATALOG), "ml.g5.2xlarge") == "ml.g5.12xlarge"
    assert target(multi_gpu_types(CATALOG), "ml.g5.48xlarge") == "ml.g5.48xlarge"
    assert target(multi_gpu_types(CATALOG), "ml.m5.large") == "none"


def test_inferentia_has_at_least_the_accelerator_memory():
    assert target(inferentia_types(CATALOG), "ml.g5.2xlarge") == "ml.inf2.xlarge"  # 24 -> 32 GiB
    assert target(inferentia_types(CATALOG), "ml.g5.12xlarge") == "ml.inf2.24xlarge"  # 96 -> 192 GiB


def test_an_unknown_type_leads_nowhere():
    for codes in (smaller_hosting_types(CATALOG), multi_gpu_types(CATALOG), inferentia_types(CATALOG)):
        assert codes[-1] == -1


def test_the_same_model_is_found_on_bedrock_by_its_name():
    names = np.array(["Llama-3.1-8B-Instruct", "meta-llama/Meta-Llama-9", ""], object)
    found = same_on_bedrock(names, CATALOG)
    assert CATALOG.models[found[0]] == "meta.llama3-1-8b-instruct-v1:0"
    assert list(found[1:]) == [-1, -1]


def test_groups_are_equal_rows_and_unknown_ones_have_none():
    a, b = np.array(["x", "x", "y", "x"], object), np.array(["1", "2", "1", "1"], object)
    code = groups(a, b, known=np.array([True, True, False, True]))
    assert code[0] == code[3] != code[1]
    assert code[2] == -1
