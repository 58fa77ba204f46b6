# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Random bills: what an import makes can be kept, read again and simulated; any two formats in one import add up.

The bill of a month is one ml.g5.2xlarge endpoint by day, $36.36 each, or ten hours of training, $15.15 each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engine.scenario import Scenario
from simulator.engine.simulate import simulate
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.sources.bills import BillError, Imported, import_bill
from tests.accounts import prices
from tests.sources.bills.situations import (
    ACCOUNT,
    G5,
    PRICES_AS_OF,
    SEPTEMBER,
    Line,
    cur2_csv,
    cur2_parquet,
    daily,
    endpoint,
    explorer_json,
    focus_csv,
    hosting,
    legacy_csv,
)

OTHER_ACCOUNT, AUGUST = "444455556666", datetime(2026, 8, 1)
FEW = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
Writer = Callable[[list[Line], Path], Path]


def explorer(lines: list[Line], path: Path) -> Path:
    """GetCostAndUsage by linked account and usage type, a period a month."""
    sums: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        own = sums.setdefault((line.account, line.usage_type), [0.0, 0.0])
        own[0], own[1] = own[0] + line.usd, own[1] + (line.quantity or 0.0)
    groups = [(key, usd, hours, "Hrs") for key, (usd, hours) in sums.items()]
    start, end = lines[0].bill, lines[0].bill + pd.offsets.MonthBegin(1)
    keys = ("LINKED_ACCOUNT", "USAGE_TYPE")
    return explorer_json([(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}", groups)], path, keys)


WRITERS: dict[str, tuple[str, Writer]] = {
    "legacy CUR": ("csv", legacy_csv),
    "CUR 2.0": ("csv", cur2_csv),
    "CUR 2.0 as Parquet": ("parquet", cur2_parquet),
    **{f"FOCUS {v}": ("csv", partial(focus_csv, version=v)) for v in ("1.0", "1.1", "1.2", "1.3")},
    "Cost Explorer": ("json", explorer),
}


def bill(month: datetime, account: str, kind: str, usd_ratio: float = 1.0) -> list[Line]:
    days = 31 if month == AUGUST else 30
    if kind == "hosting":
        lines = hosting(days, month, account=account)
        return [replace(x, resource=endpoint(account=account), usd=x.usd * usd_ratio) for x in lines]
    job = f"arn:aws:sagemaker:us-east-1:{account}:training-job/fit"
    line = Line("USE1-Train:ml.g5.2xlarge", 10.0, 15.15 * usd_ratio, resource=job, account=account)
    return daily(line, days, month)


def imported(paths: Path | str) -> tuple[Imported | None, str]:
    """What came of it, or the refusal in words."""
    try:
        return import_bill(paths), ""
    except BillError as error:
        return None, str(error)


def total(lines: list[Line]) -> float:
    return sum(line.usd for line in lines)


@FEW
@given(
    forms=st.tuples(st.sampled_from(list(WRITERS)), st.sampled_from(list(WRITERS))),
    month=st.sampled_from([SEPTEMBER, AUGUST]),
    account=st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
    kind=st.sampled_from(["hosting", "training"]),
    dearer=st.booleans(),
)
def test_two_formats_add_up_or_count_once_and_never_add_what_is_the_same(
    forms: tuple[str, str], month: datetime, account: str, kind: str, dearer: bool
) -> None:
    """The first is September's hosting of one account. Where the other bills the same at twice the price, it is
    refused with both names, or one of the two counts."""
    first, second = bill(SEPTEMBER, ACCOUNT, "hosting"), bill(month, account, kind, 2.0 if dearer else 1.0)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, form, lines in zip("ab", forms, (first, second), strict=True):
            ending, write = WRITERS[form]
            paths.append(write(lines, Path(folder) / f"{name}.{ending}"))
        found, refusal = imported(folder)
    same = (month, account, kind) == (SEPTEMBER, ACCOUNT, "hosting")
    if found is None:
        assert same, refusal
        assert dearer, refusal
        assert all(path.name in refusal for path in paths)
        return
    told = found.report
    if not same:
        assert told.unblended_usd == pytest.approx(total(first) + total(second))
        return
    assert min(abs((told.unblended_usd or 0.0) - total(x)) for x in (first, second)) < 0.005
    identical = forms[0] == forms[1] and not dearer
    assert identical or any("counted once" in w for w in told.warnings)


PRODUCTS = {
    "AmazonSageMaker": (
        G5, "Train:ml.p4d.24xlarge", "TrSpt:ml.g5.xlarge", "Cluster:ml.p5.48xlarge", "Notebk:ml.t3.medium",
        "Host:VolumeUsage.gp3", "ServerlessInf:Mem-4GB", "Canvas:Session-Hrs", "MLflow:Small", "AsyncInf:ml.g9.huge",
        "Processing:ml.m5.xlarge", "DataWrangler:ml.m5.4xlarge", "ReservedCluster:ml.p5.48xlarge", "Sömething-new",
    ),
    "AmazonBedrock": (
        "NovaPro-input-tokens", "NovaPro-output-tokens-flex", "Guardrail-TopicPolicyUnitsConsumed", "NovaReel-T2V",
    ),
    "AmazonS3": ("TimedStorage-ByteHrs", "TimedStorage-GDA-ByteHrs", "Requests-Tier1", "Vectors-TimedStorage-ByteHrs"),
    "AmazonEC2": ("BoxUsage:p4d.24xlarge", "BoxUsage:m5.large", "SpotUsage:g5.xlarge"),
    "AmazonES": ("IndexingOCU",),
    "": ("", "nobody knows"),
}  # fmt: skip
PAIRS = [(p, u) for p, types in PRODUCTS.items() for u in types]
NAMES = st.sampled_from(
    ["", endpoint("chat"), "arn:aws:s3:::data", "ünï \t cøde", "i-0abc", endpoint("x" * 63)]
)


@st.composite
def strange_lines(draw: st.DrawFn) -> list[Line]:
    """Lines of every kind of service, with quantities and dollars that bills have: unknown, zero, negative, huge."""
    found = []
    for _ in range(draw(st.integers(1, 25))):
        product, usage_type = draw(st.sampled_from(PAIRS))
        start = SEPTEMBER + timedelta(hours=draw(st.integers(0, 700)))
        found.append(
            Line(
                draw(st.sampled_from(["USE1-", "EU-", "APE9-", ""])) + usage_type,
                draw(st.sampled_from([None, 0.0, 1.0, 24.0, -3.0, 1e9, 1e-9])),
                draw(st.sampled_from([0.0, 1.515, 36.36, -10.0, 1e7, 1e-7])),
                start,
                start + timedelta(hours=draw(st.sampled_from([1, 24, 744]))),
                product,
                kind=draw(st.sampled_from(["Usage", "Tax", "Credit", "Refund", "EdpDiscount", "Fee"])),
                resource=draw(NAMES),
                region=draw(st.sampled_from(["us-east-1", "eu-west-1", "", "mars-1"])),
                unit=draw(st.sampled_from(["Hrs", "1K tokens", "GB-Mo", "", "N/A"])),
                currency=draw(st.sampled_from(["USD", "USD", "EUR"])),
                account=draw(st.sampled_from([ACCOUNT, OTHER_ACCOUNT, ""])),
            )
        )
    return found


@FEW
@given(lines=strange_lines(), form=st.sampled_from(["legacy CUR", "CUR 2.0 as Parquet", "FOCUS 1.2"]))
def test_what_an_import_makes_can_be_kept_read_again_and_simulated(lines: list[Line], form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ending, write = WRITERS[form]
        path = write(lines, Path(folder) / f"a.{ending}")
        found, refusal = imported(path)
        if found is None:
            assert path.name in refusal or "no line of the export has a time" in refusal
            return
        made = found.snapshot
        save_snapshot(made, Path(folder) / "kept.zip")
        read = load_snapshot(Path(folder) / "kept.zip")
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(
            read.tables[name], table, obj=name, check_index_type=False, check_exact=False
        )
    result = simulate(read, Scenario(name="baseline"), prices(PRICES_AS_OF))
    assert np.isfinite(result.baseline.total_usd)
