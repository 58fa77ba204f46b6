"""Enum and maximum checks that botocore does not make (rules.md#what-is-generated)."""

import pytest

from simulator.aws.limits import check_instance_type, check_serverless_concurrency, check_serverless_memory_mb


@pytest.mark.parametrize("memory_mb", [1024, 2048, 3072, 4096, 5120, 6144])
def test_the_six_serverless_sizes_pass(memory_mb):
    assert check_serverless_memory_mb(memory_mb) == memory_mb


@pytest.mark.parametrize("memory_mb", [0, 512, 1500, 8192])
def test_other_serverless_sizes_are_refused(memory_mb):
    with pytest.raises(ValueError, match=f"1024 to 6144 MB in steps of 1024, not {memory_mb}"):
        check_serverless_memory_mb(memory_mb)


def test_serverless_concurrency_ends_at_200():
    assert check_serverless_concurrency(200) == 200
    for value in (0, 201):
        with pytest.raises(ValueError, match="1 to 200"):
            check_serverless_concurrency(value)


def test_a_type_that_does_not_exist_is_refused_with_the_closest():
    with pytest.raises(ValueError, match=r"'ml.nope.xlarge' does not exist"):
        check_instance_type("ml.nope.xlarge", "hosting")
    with pytest.raises(ValueError, match=r"did you mean ml\.g5\.2xlarge"):
        check_instance_type("ml.g5.2xlrge", "hosting")


def test_a_type_of_another_use_is_refused():
    assert check_instance_type("ml.c7g.xlarge", "hosting") == "ml.c7g.xlarge"
    with pytest.raises(ValueError, match="does not accept it for training"):
        check_instance_type("ml.c7g.xlarge", "training")
    with pytest.raises(ValueError, match="does not accept it for transform"):
        check_instance_type("ml.p4d.24xlarge", "transform")


def test_an_unknown_use_is_refused():
    with pytest.raises(ValueError, match="expected one of hosting, training"):
        check_instance_type("ml.g5.xlarge", "cooking")
