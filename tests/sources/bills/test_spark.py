"""A real local Spark gives the same snapshot as DuckDB, from the same files."""

import shutil
import warnings
from pathlib import Path

import pandas as pd
import pytest

from simulator import load_sample
from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.bills import (
    ARN,
    athena_parquet,
    cur2_csv,
    cur2_parquet,
    legacy_csv,
    line,
    mixed_bill,
)
from tests.sources.bills.export import export_focus
from tests.sources.bills.test_cost_explorer import CSV

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "billing"
REJECTED = {"bad.csv": 3, "nan.parquet": 2}
WAYS = ("legacy.csv", "athena.parquet", "cur2.csv.gz", "cur2.parquet", "focus.csv", "costs.csv", *REJECTED)
MASTER = "local[1]"
SMALL = {
    "spark.ui.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.default.parallelism": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.shuffle.compress": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
}
"""A hundred lines are read sooner than code for them is written and compiled."""
REAL = ("cur_optscale_marketing.cur2.parquet", "focus_1_0_sample.part_a.csv")

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, which is not here"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module", autouse=True)
def pyspark():
    """Spark warns about itself while it is imported; the session ends with the module.

    Java compiles no further than its first tier, and nothing beside: these files are small.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto")
        builder = sql.SparkSession.builder.master(MASTER)
        for name, value in SMALL.items():
            builder = builder.config(name, value)
        builder.getOrCreate()
    yield
    if session := sql.SparkSession.getActiveSession():
        session.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bills")
    legacy_csv(mixed_bill(), folder / "legacy.csv")
    athena_parquet(mixed_bill(), folder / "athena.parquet")
    cur2_csv(mixed_bill(), folder / "cur2.csv.gz")
    cur2_parquet(mixed_bill(), folder / "cur2.parquet")
    not_numbers = mixed_bill()
    not_numbers[3]["line_item_unblended_cost"] = not_numbers[5]["line_item_usage_amount"] = float("nan")
    cur2_parquet(not_numbers, folder / "nan.parquet")
    export_focus(load_sample("report"), folder / "focus.csv")
    (folder / "costs.csv").write_text(CSV)
    lines = (folder / "legacy.csv").read_text().split("\n")
    lines[2], lines[4], lines[6] = (
        lines[2] + ",more",
        lines[4].replace("0.75", "x"),
        lines[6].replace("2026-10", "20x6-10"),
    )
    (folder / "bad.csv").write_text("\n".join(lines))
    return folder


def same(path):
    one, other = import_bill(path), import_bill(path, engine="spark", connection=MASTER)
    for name, table in one.snapshot.tables.items():
        pd.testing.assert_frame_equal(table, other.snapshot.tables[name], obj=name)
    assert one.snapshot.fingerprint() == other.snapshot.fingerprint()
    return one.report, other.report


@pytest.mark.parametrize("name", WAYS)
def test_the_same_files_give_the_same_snapshot(files, name):
    one, other = same(files / name)
    assert (one.rows, one.rows_rejected, one.unblended_usd, one.amortized_usd) == (
        other.rows,
        other.rows_rejected,
        other.unblended_usd,
        other.amortized_usd,
    )
    assert one.classified_usd == other.classified_usd
    assert one.rows_rejected == REJECTED.get(name, 0)
    assert [(r.line, r.column) for r in one.rejected] == [(r.line, r.column) for r in other.rejected]


@pytest.mark.parametrize("name", REAL)
def test_real_files_give_the_same_snapshot(name):
    if not FOLDER.exists():
        pytest.skip(f"no real billing files: {FOLDER.name} is not beside the repository")
    same(FOLDER / name)


def test_a_place_of_the_data_lake_is_read_by_spark_itself(files):
    told = import_bill(
        f"file:{files}/cur2.parquet".replace("file:", "file://"), engine="spark", connection=MASTER
    ).report
    assert told.rows == 110
    assert_settings_are_kept()


def assert_settings_are_kept():
    """A session that was there before keeps its own; only what the questions rest on is set."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    assert {name: session.conf.get(name) for name in SMALL} == SMALL
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"


def test_a_place_that_is_not_there_is_said():
    with pytest.raises(BillError, match="Spark cannot read it"):
        import_bill("hdfs://127.0.0.1:1/nothing", engine="spark", connection=MASTER)


def _hours(hours):
    """An endpoint at $0.75 an hour, each line with its identity."""
    return [
        line("USW2-Host:ml.g5.2xlarge", 0.75, hour=h, resource=f"{ARN}endpoint/chat")
        | {"identity_line_item_id": f"id{h}", "identity_time_interval": f"2026-10-01T{h:02d}"}
        for h in hours
    ]


@pytest.mark.parametrize(
    ("names", "hours"), [(("a.csv", "b.csv"), 48), (("a.csv", "a.csv", "c.parquet"), 28)]
)
def test_spark_counts_once_what_comes_twice(tmp_path, names, hours):
    """Hours 0-28 with 8 of them twice, hours 20-48, and the whole again as another format: 48 h, $36.00."""
    cur2_csv([*_hours(range(28)), *_hours(range(8))], tmp_path / "a.csv")
    cur2_csv(_hours(range(20, 48)), tmp_path / "b.csv")
    cur2_parquet(_hours(range(28)), tmp_path / "c.parquet")
    given = [tmp_path / name for name in names]
    one, other = import_bill(given), import_bill(given, engine="spark", connection=MASTER)
    assert one.report.unblended_usd == pytest.approx(0.75 * hours)
    assert other.report == one.report
    pd.testing.assert_frame_equal(other.snapshot.tables["endpoints"], one.snapshot.tables["endpoints"])
