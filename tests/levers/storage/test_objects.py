"""Estimates never exceed a bound that the snapshot states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.levers.storage.glacier_archive import GlacierArchive
from simulator.levers.storage.s3_lifecycle import S3Lifecycle
from tests.accounts import account_with


@settings(max_examples=60, deadline=None)
@given(
    gib=st.floats(1, 1e6), cold=st.floats(0, 1), archived=st.floats(0, 1), reads=st.floats(0, 1e6),
    gets=st.floats(0, 1e9), back=st.floats(0, 5), restored=st.floats(0, 1), known=st.booleans(),
)  # fmt: skip
def test_retrieval_is_never_above_the_measured_reads_nor_requests_above_those_made(
    gib: float,
    cold: float,
    archived: float,
    reads: float,
    gets: float,
    back: float,
    restored: float,
    known: bool,
) -> None:
    ages = {"gib_not_accessed_30d": gib * cold, "gib_not_accessed_180d": gib * cold * archived}
    row = {"gib": gib, "objects": 1000, "retrieved_gib": reads, "get_requests": gets} | (
        ages if known else {}
    )
    before = account_with(storage=[row]).usage
    after = (
        S3Lifecycle(retrieved_ratio=back).apply(GlacierArchive(restored_ratio=restored).apply(before)).storage
    )
    retrieved = after.retrieval_ia_gb + after.retrieval_glacier_ir_gb + after.retrieval_glacier_gb
    assert retrieved[0] <= reads * (1 + 1e-9)
    asked = after.get_requests + after.get_standard_ia + after.get_glacier_ir + after.get_glacier
    assert asked[0] == pytest.approx(gets)
    assert after.get_requests[0] >= -1e-6


def test_gets_follow_the_bytes_they_read() -> None:
    """1,000 GiB, 400 cold; of 100 GiB read a month 5 % of the moved come back: 20 GiB, a fifth of the requests."""
    row = {
        "gib": 1000, "objects": 1000, "gib_not_accessed_30d": 400, "gib_not_accessed_90d": 0,
        "retrieved_gib": 100, "get_requests": 5000,
    }  # fmt: skip
    after = S3Lifecycle().apply(account_with(storage=[row]).usage).storage
    assert (after.retrieval_ia_gb[0], after.get_standard_ia[0], after.get_requests[0]) == pytest.approx(
        (20, 1000, 4000)
    )
