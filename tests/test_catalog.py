"""The catalogue: codes, unknowns, specifications."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.catalog import SPOT_BANDS, Catalog, load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_a_code_leads_back_to_its_name(catalog: Catalog) -> None:
    names = np.array(["ml.g5.2xlarge", "ml.m5.large"], object)
    assert [catalog.instance_types[c] for c in catalog.type_code(names)] == list(names)
    assert catalog.regions[catalog.region_code(["us-west-2"])[0]] == "us-west-2"
    assert catalog.models[catalog.model_code(["amazon.nova-lite-v1:0"])[0]] == "amazon.nova-lite-v1:0"


def test_an_unknown_or_empty_name_has_the_code_minus_one(catalog: Catalog) -> None:
    assert catalog.type_code(["ml.nope.xlarge", "", None, np.nan]).tolist() == [-1, -1, -1, -1]
    assert catalog.type_code([]).tolist() == []


def test_the_unknown_code_answers_unknown_everywhere(catalog: Catalog) -> None:
    assert np.isnan([catalog.vcpu[-1], catalog.gpu_memory_gib[-1], catalog.cache_min_tokens[-1]]).all()
    assert not catalog.nvme[-1]
    assert not catalog.training_ok[-1]
    assert catalog.accelerator[-1] == ""
    assert np.isnan(catalog.spot_saving[-1]).all()
    assert np.isnan(catalog.spot_saving[:, -1]).all()
    assert (catalog.spot_band[:, -1] == -1).all()


def test_names_are_sorted_and_unique(catalog: Catalog) -> None:
    for names in (catalog.instance_types, catalog.regions, catalog.models):
        assert list(names) == sorted(set(names))


def test_a_misspelt_type_gets_a_near_suggestion(catalog: Catalog) -> None:
    assert catalog.closest_type("ml.g5.2xlage") == "ml.g5.2xlarge"
    assert catalog.closest_type("lorem ipsum") == ""


# AWS's instance type pages: vCPU, GiB, GPUs or chips, total GPU GiB.
SPECIFIED = [
    ("ml.g5.2xlarge", 8, 32, 1, 24, "gpu"),
    ("ml.g5.12xlarge", 48, 192, 4, 96, "gpu"),
    ("ml.p4d.24xlarge", 96, 1152, 8, 320, "gpu"),
    ("ml.inf2.xlarge", 4, 16, 1, 32, "inferentia"),
    ("ml.trn1.32xlarge", 128, 512, 16, 512, "trainium"),
    ("ml.m5.xlarge", 4, 16, 0, 0, "none"),
    ("ml.c7g.2xlarge", 8, 16, 0, 0, "none"),
    ("ml.r6gd.large", 2, 16, 0, 0, "none"),
]


@pytest.mark.parametrize(("name", "vcpu", "memory", "gpus", "gpu_memory", "accelerator"), SPECIFIED)
def test_specification(
    catalog: Catalog, name: str, vcpu: float, memory: float, gpus: float, gpu_memory: float, accelerator: str
) -> None:
    code = catalog.type_code([name])[0]
    found = [a[code] for a in (catalog.vcpu, catalog.memory_gib, catalog.gpu_count, catalog.gpu_memory_gib)]
    assert found == [vcpu, memory, gpus, gpu_memory]
    assert catalog.accelerator[code] == accelerator


def test_a_specification_nobody_lists_is_unknown(catalog: Catalog) -> None:
    code = catalog.type_code(["ml.p2.xlarge"])[0]
    assert np.isnan(catalog.vcpu[code])
    assert np.isnan(catalog.gpu_memory_gib[code])


@pytest.mark.parametrize(
    ("name", "nvme", "arm"),
    [
        ("ml.g5.xlarge", True, False),
        ("ml.g4dn.xlarge", True, False),
        ("ml.p4d.24xlarge", True, False),
        ("ml.m5d.large", True, False),
        ("ml.p3.2xlarge", False, False),
        ("ml.p3dn.24xlarge", True, False),
        ("ml.inf2.xlarge", False, False),
        ("ml.m5.large", False, False),
        ("ml.c6g.large", False, True),
        ("ml.c6gd.large", True, True),
        ("ml.c6gn.large", False, True),
        ("ml.m7i-flex.large", False, False),
    ],
)
def test_own_disks_and_processor(catalog: Catalog, name: str, nvme: bool, arm: bool) -> None:
    code = catalog.type_code([name])[0]
    assert (catalog.nvme[code], catalog.arm[code]) == (nvme, arm)


def test_graviton_types_host_models_and_do_not_train(catalog: Catalog) -> None:
    graviton = catalog.arm & np.array([*(t.split(".")[1][0] in "cmr" for t in catalog.instance_types), False])
    assert catalog.hosting_ok[graviton].sum() >= 80
    assert not catalog.training_ok[graviton].any()


def test_multi_model_endpoints_on_gpu_need_a_single_gpu_type(catalog: Catalog) -> None:
    ok = catalog.multi_model_gpu_ok
    assert ok.sum() == 12
    known = ok & ~np.isnan(catalog.gpu_count)
    assert (catalog.gpu_count[known] == 1).all()
    assert not ok[catalog.type_code(["ml.g5.12xlarge"])[0]]


def test_spot_savings_are_ratios_with_a_band(catalog: Catalog) -> None:
    at = catalog.type_code(["ml.g5.2xlarge"])[0], catalog.region_code(["us-west-2"])[0]
    assert 0 < catalog.spot_saving[at] < 1
    assert 0 <= catalog.spot_band[at] < len(SPOT_BANDS)
    known = catalog.spot_saving[~np.isnan(catalog.spot_saving)]
    assert len(known) > 3000
    assert known.min() >= 0
    assert known.max() <= 0.95


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("anthropic.claude-sonnet-4-6", 2048),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
        ("anthropic.claude-opus-4-5-20251101-v1:0", 4096),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", 1024),
        ("anthropic.claude-sonnet-4-20250514-v1:0", 1024),
        ("anthropic.claude-opus-4-1-20250805-v1:0", 1024),
        ("anthropic.claude-3-5-haiku-20241022-v1:0", 2048),
        ("us.amazon.nova-pro-v1:0", 1024),
        ("amazon.nova-micro-v1:0", 1536),
        ("meta.llama3-3-70b-instruct-v1:0", None),
    ],
)
def test_shortest_prefix_that_a_model_caches(catalog: Catalog, model: str, tokens: int | None) -> None:
    found = catalog.cache_min_tokens[catalog.model_code([model])[0]]
    assert np.isnan(found) if tokens is None else found == tokens


def test_cache_factors_are_prices_over_the_input_price(catalog: Catalog) -> None:
    claude = catalog.model_code(["anthropic.claude-sonnet-4-5-20250929-v1:0"])[0]
    assert catalog.cache_write_factor[claude] == 1.25
    assert catalog.cache_read_factor[claude] == 0.1
    nova = catalog.model_code(["amazon.nova-lite-v1:0"])[0]
    assert catalog.cache_read_factor[nova] == 0.25
    assert catalog.cache_write_factor[nova] == 0  # a 0 USD SKU
