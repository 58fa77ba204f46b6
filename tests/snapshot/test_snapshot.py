"""Loading and saving: nothing is lost, nothing is added, the same content gives the same bytes."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.docs_snapshot import PAGE, snapshot_page
from simulator.snapshot.columns import NUMERIC, TIMES, Column
from simulator.snapshot.manifest import SOURCE_STATUS, Manifest, Source
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Snapshot, SnapshotError, load_snapshot, make_snapshot, save_snapshot
from simulator.snapshot.typed import typed

START = datetime(2026, 10, 1, tzinfo=UTC)
WINDOW_HOURS = 72
MANIFEST = Manifest("tiny", START, START + timedelta(hours=WINDOW_HOURS))
BUCKET = {"bucket": "data", "region": "us-east-1", "storage_class": "STANDARD", "gib": 10.0}


def one_bucket(**more: Any) -> Snapshot:
    """A snapshot of one bucket."""
    return make_snapshot(MANIFEST, {"storage": pd.DataFrame([BUCKET | more])})


def same(one: Snapshot, other: Snapshot) -> None:
    """Fails unless both hold the same, types included."""
    assert one.manifest == other.manifest
    for name in TABLES:
        pd.testing.assert_frame_equal(one.tables[name], other.tables[name])
    assert one.fingerprint() == other.fingerprint()


def test_every_table_and_column_of_the_schema_is_always_there() -> None:
    snapshot = one_bucket()
    assert list(snapshot.tables) == list(TABLES)
    for name, table in TABLES.items():
        assert list(snapshot.tables[name].columns) == [c.name for c in table.columns]


def test_what_is_not_given_is_unknown_and_not_zero() -> None:
    row = one_bucket().tables["storage"].iloc[0]
    assert np.isnan(row["small_gib"])
    assert row["lifecycle"] is pd.NA
    assert row["owner"] == ""


def test_columns_have_the_type_of_their_kind_even_without_rows() -> None:
    for name, table in TABLES.items():
        frame = one_bucket().tables[name]
        for column in table.columns:
            dtype = str(frame[column.name].dtype)
            if column.kind in NUMERIC:
                assert dtype == "float64", (name, column.name)
            elif column.kind in TIMES:
                assert dtype == "datetime64[us, UTC]", (name, column.name)
            else:
                assert dtype == ("boolean" if column.kind == "flag" else "str"), (name, column.name)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_column_that_a_file_lacks_is_as_one_of_blanks(rows: int) -> None:
    for table in TABLES.values():
        blanks = pd.DataFrame({c.name: pd.Series("", range(rows), "str") for c in table.columns})
        lacks = typed(table, pd.DataFrame(index=range(rows)))
        pd.testing.assert_frame_equal(lacks, typed(table, blanks), check_index_type=False)


def test_window_hours_is_the_length_of_the_window() -> None:
    assert one_bucket().window_hours == 72.0


def test_name_given_at_loading_replaces_the_manifests(tmp_path: Path) -> None:
    save_snapshot(one_bucket(), tmp_path / "a.zip")
    assert load_snapshot(tmp_path / "a.zip", name="renamed").manifest.name == "renamed"


def test_byte_order_mark_and_blanks_and_column_order_do_not_matter(tmp_path: Path) -> None:
    save_snapshot(one_bucket(), tmp_path / "a")
    text = "gib, storage_class ,region,bucket\n 10.0 ,STANDARD, us-east-1,data\n"
    (tmp_path / "a" / "storage.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    same(load_snapshot(tmp_path / "a"), one_bucket())


def test_times_of_other_zones_become_utc(tmp_path: Path) -> None:
    save_snapshot(one_bucket(), tmp_path / "a")
    bill = "service,period_start,period_end,cost_usd\nS3,2026-10-01T02:00:00+02:00,2026-10-02,-1.5\n"
    (tmp_path / "a" / "billed.csv").write_text(bill, encoding="utf-8")
    row = load_snapshot(tmp_path / "a").tables["billed"].iloc[0]
    assert row["period_start"] == pd.Timestamp("2026-10-01T00:00:00Z")
    assert row["cost_usd"] == -1.5


def test_files_in_one_common_folder_of_a_zip_are_found() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "account/manifest.json",
            json.dumps({"name": "n", "window_start": "2026-10-01", "window_end": "2026-10-02"}),
        )
        archive.writestr("account/storage.csv", "bucket,region,storage_class,gib\nd,us-east-1,STANDARD,1\n")
        archive.writestr("__MACOSX/._storage.csv", "rubbish")
        archive.writestr("account/.DS_Store", "rubbish")
    assert len(load_snapshot(stream).tables["storage"]) == 1


def test_account_keeps_its_leading_zero(tmp_path: Path) -> None:
    save_snapshot(one_bucket(account_id="011122220001"), tmp_path / "a.zip")
    assert load_snapshot(tmp_path / "a.zip").tables["storage"]["account_id"].iloc[0] == "011122220001"


def test_embedding_model_may_have_no_output_tokens() -> None:
    row = {
        "model_id": "e",
        "region": "us-east-1",
        "date": "2026-10-01",
        "requests": 5,
        "input_tokens": 9,
        "output_tokens": 0,
    }
    assert (
        make_snapshot(MANIFEST, {"bedrock": pd.DataFrame([row])}).tables["bedrock"]["output_tokens"].iloc[0]
        == 0
    )


def test_table_that_is_not_in_the_schema_is_refused_in_memory_too() -> None:
    with pytest.raises(SnapshotError, match="buckets: no such table"):
        make_snapshot(MANIFEST, {"buckets": pd.DataFrame([BUCKET])})


def test_infinite_number_is_refused_in_memory_too() -> None:
    with pytest.raises(SnapshotError, match=r"storage, row 2, column gib: 'inf'"):
        one_bucket(gib=float("inf"))


def test_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        save_snapshot(one_bucket(owner="nlp"), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_fingerprint_follows_every_cell_and_the_manifest() -> None:
    renamed = Manifest("other", MANIFEST.window_start, MANIFEST.window_end)
    frame = pd.DataFrame([BUCKET])
    prints = {
        one_bucket().fingerprint(),
        one_bucket(lifecycle=False).fingerprint(),
        one_bucket(small_gib=0.0).fingerprint(),
        make_snapshot(renamed, {"storage": frame}).fingerprint(),
    }
    assert len(prints) == 4


def test_failed_save_leaves_the_old_snapshot_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for target in (tmp_path / "a.zip", tmp_path / "a"):
        save_snapshot(one_bucket(), target)
    before = sorted(os.listdir(tmp_path))
    monkeypatch.setattr("simulator.snapshot.files.os.replace", _full_disk)
    for target in (tmp_path / "a.zip", tmp_path / "a"):
        with pytest.raises(OSError, match="disk full"):
            save_snapshot(one_bucket(gib=20.0), target)
        assert load_snapshot(target).tables["storage"]["gib"].iloc[0] == 10.0
    assert sorted(os.listdir(tmp_path)) == before


def _full_disk(*_: object) -> None:
    raise OSError("disk full")


def test_folder_that_cannot_be_replaced_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_snapshot(one_bucket(), tmp_path / "a")
    moves: list[object] = []
    really = os.replace

    def second_fails(source: Path, target: Path) -> None:
        moves.append(source)
        if len(moves) == 2:
            raise OSError("disk full")
        really(source, target)

    monkeypatch.setattr("simulator.snapshot.files.os.replace", second_fails)
    with pytest.raises(OSError, match="disk full"):
        save_snapshot(one_bucket(gib=20.0), tmp_path / "a")
    assert load_snapshot(tmp_path / "a").tables["storage"]["gib"].iloc[0] == 10.0
    assert os.listdir(tmp_path) == ["a"]


def test_saving_over_a_snapshot_replaces_it_whole(tmp_path: Path) -> None:
    save_snapshot(one_bucket(), tmp_path / "a")
    save_snapshot(one_bucket(gib=20.0), tmp_path / "a")
    assert load_snapshot(tmp_path / "a").tables["storage"]["gib"].iloc[0] == 20.0
    assert os.listdir(tmp_path) == ["a"]


def test_saving_never_replaces_a_folder_that_is_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not a snapshot"):
        save_snapshot(one_bucket(), tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "precious"


def test_docs_snapshot_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == snapshot_page(), "run: make docs"


def test_every_column_is_told_what_unknown_does() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert column.meaning
            assert column.unknown
            assert f"| `{column.name}` |" in PAGE.read_text(encoding="utf-8")


# ---- round trip of any content

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(str.strip)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda t: pd.Timestamp(t, tz="UTC"))  # noqa: DTZ001
HOURS_IN_WINDOW = st.integers(0, WINDOW_HOURS - 1).map(lambda h: pd.Timestamp(START) + pd.Timedelta(hours=h))
TAGS = st.dictionaries(TEXTS, TEXTS, max_size=2).map(json.dumps)


def cells(column: Column) -> st.SearchStrategy[Any]:
    """Any allowed value of a column, unknown included where it may be."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": TEXTS.filter(bool),
        "choice": st.sampled_from(column.choices or ("",)),
        "instance_type": st.sampled_from(["ml.g5.2xlarge", "ml.m5.large"]),
        "region": st.sampled_from(["us-east-1", "us-gov-west-1", "ap-southeast-2"]),
        "number": st.floats(0 if column.low == 0 else -1e12, 1e290, allow_nan=False),
        "count": st.integers(int(column.low or 0), 10**15).map(float),
        "ratio": st.floats(0, 1),
        "flag": st.booleans(),
        "time": MOMENTS,
        "hour": HOURS_IN_WINDOW,
        "date": HOURS_IN_WINDOW.map(lambda t: t.floor("D")),
        "json": TAGS,
    }
    value = kinds[column.kind]
    if column.kind == "count" and column.choices:
        value = st.sampled_from([float(c) for c in column.choices])
    return value if column.required else st.one_of(st.none(), value)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any valid snapshot: a few rows in some tables, what contradicts another cell left unknown."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for name in draw(st.sets(st.sampled_from(sorted(TABLES)), min_size=1, max_size=3)):
        table = TABLES[name]
        tied = {column for pair in table.ordered for column in pair}
        tied -= {c.name for c in table.columns if c.required}
        columns = [c for c in table.columns if c.name not in tied]
        given_ones = {c.name: cells(c) for c in columns if c.required}
        others = {c.name: cells(c) for c in columns if not c.required}
        rows = draw(st.lists(st.fixed_dictionaries(given_ones, optional=others), max_size=3))
        for number, row in enumerate(rows):
            row[table.columns[1].name if name in ("compute", "services") else table.columns[0].name] = (
                f"row-{number}"
            )
        tables[name] = _consistent(name, rows)
    if "endpoint_traffic" in tables:
        tables["endpoint_traffic"] = _with_owners(tables["endpoint_traffic"], tables.get("endpoints", []))
    manifest = Manifest(
        name=draw(TEXTS.filter(bool)),
        window_start=START,
        window_end=START + timedelta(hours=WINDOW_HOURS),
        sources=tuple(draw(st.lists(st.builds(Source, TEXTS, st.sampled_from(SOURCE_STATUS)), max_size=2))),
        assumptions=tuple(draw(st.lists(TEXTS, max_size=2))),
    )
    return make_snapshot(manifest, {n: pd.DataFrame(rows) for n, rows in tables.items() if rows})


def _consistent(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for number, row in enumerate(rows):
        if name in ("billed", "billed_rates", "commitments"):
            first, second = ("start", "end") if name == "commitments" else ("period_start", "period_end")
            row[first], row[second] = sorted((row[first], row[second]))
        if name == "hourly_usage":
            row["component"], row["hour"] = "training", pd.Timestamp(START) + pd.Timedelta(hours=number)
        if name == "bedrock" and row.get("input_tokens") == 0:
            row["input_tokens"] = None
    return rows


def _with_owners(traffic: list[dict[str, Any]], endpoints: list[dict[str, Any]]) -> list[dict[str, Any]]:
    owned = list(zip(traffic, endpoints, strict=False))
    same_as = ("endpoint_name", "variant_name", "region", "account_id")
    return [row | {k: endpoint.get(k) for k in same_as} for row, endpoint in owned]


@given(snapshot=snapshots(), suffix=st.sampled_from(["", ".zip"]))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_snapshot_survives_saving_and_loading(tmp_path: Path, snapshot: Snapshot, suffix: str) -> None:
    path = tmp_path / f"any{suffix}"
    save_snapshot(snapshot, path)
    same(load_snapshot(path), snapshot)
