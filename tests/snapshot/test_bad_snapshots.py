"""A malformed snapshot is refused whole, and the message says where and why."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.snapshot import checks
from simulator.snapshot.problems import SHOWN
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Problem, SnapshotError, load_snapshot
from simulator.snapshot.text_table import FEW_ROWS

MANIFEST = {"name": "tiny", "window_start": "2026-10-01T00:00:00Z", "window_end": "2026-10-02T00:00:00Z"}
ENDPOINTS = (
    "endpoint_name,variant_name,region,status,instance_type,instance_count,gpu_utilization_ratio,created_at\n"
    "chat,AllTraffic,us-west-2,InService,ml.g5.2xlarge,1,0.4,2026-09-01T00:00:00Z\n"
)
TRAFFIC = "endpoint_name,variant_name,hour,invocations\nchat,AllTraffic,2026-10-01T05:00:00Z,12\n"
JOBS = (
    "job_name,region,instance_type,instance_count,status,started_at,ended_at,billable_seconds,spot_enabled\n"
    "job-1,us-west-2,ml.g5.2xlarge,1,Completed,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,3600,false\n"
)
BEDROCK = "model_id,region,date,requests,input_tokens,output_tokens\nm,us-east-1,2026-10-01,10,5,5\n"
STORAGE = "bucket,region,storage_class,gib,small_gib\ndata,us-east-1,STANDARD,10,1\n"
GOOD = {
    "manifest.json": json.dumps(MANIFEST),
    "endpoints.csv": ENDPOINTS,
    "endpoint_traffic.csv": TRAFFIC,
    "training_jobs.csv": JOBS,
    "bedrock.csv": BEDROCK,
    "storage.csv": STORAGE,
}


def zipped(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """The files as a zip in memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def problems_of(files: Mapping[str, str | bytes]) -> tuple[Problem, ...]:
    """What is wrong with a snapshot of these files."""
    with pytest.raises(SnapshotError) as caught:
        load_snapshot(zipped(files))
    return caught.value.problems


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The good snapshot with one text replaced in one file."""
    assert old in GOOD[file]
    return GOOD | {file: GOOD[file].replace(old, new)}


def test_the_snapshot_the_bad_ones_are_made_from_is_good() -> None:
    assert len(load_snapshot(zipped(GOOD)).tables["endpoints"]) == 1


# file, text to replace, replacement, and the problem: table, row, column, value, words in the expectation
WRONG_CELLS: tuple[tuple[str, str, str, tuple[str, int, str, str, str]], ...] = (
    ("training_jobs.csv", ",3600,", ",one hour,", ("training_jobs", 2, "billable_seconds", "one hour", "number")),
    ("training_jobs.csv", ",3600,", ",-3600,", ("training_jobs", 2, "billable_seconds", "-3600", "at least 0")),
    ("training_jobs.csv", ",3600,", ",NaN,", ("training_jobs", 2, "billable_seconds", "NaN", "number")),
    ("training_jobs.csv", ",3600,", ",inf,", ("training_jobs", 2, "billable_seconds", "inf", "number")),
    ("training_jobs.csv", ",3600,", ",1e999,", ("training_jobs", 2, "billable_seconds", "1e999", "number")),
    ("training_jobs.csv", "xlarge,1,", "xlarge,0,", ("training_jobs", 2, "instance_count", "0", "at least 1")),
    ("training_jobs.csv", "xlarge,1,", "xlarge,1.5,", ("training_jobs", 2, "instance_count", "1.5", "whole number")),
    ("training_jobs.csv", "xlarge,1,", "xlarge,,", ("training_jobs", 2, "instance_count", "", "whole number")),
    ("training_jobs.csv", "Completed", "Done", ("training_jobs", 2, "status", "Done", "Failed")),
    ("training_jobs.csv", ",false", ",nein", ("training_jobs", 2, "spot_enabled", "nein", "true or false")),
    ("training_jobs.csv", "us-west-2", "Oregon", ("training_jobs", 2, "region", "Oregon", "region")),
    ("training_jobs.csv", "2026-10-01T01", "2026-09-01T01",
     ("training_jobs", 2, "started_at", "2026-10-01", "not later than ended")),
    ("training_jobs.csv", "2026-10-01T01:00:00Z", "1.10.2026",
     ("training_jobs", 2, "ended_at", "1.10.2026", "time such as")),
    ("training_jobs.csv", "2026-10-01T01:00:00Z", "2026-13-01",
     ("training_jobs", 2, "ended_at", "2026-13-01", "time such as")),
    ("endpoints.csv", ",0.4,", ",40,", ("endpoints", 2, "gpu_utilization_ratio", "40", "0 to 1")),
    ("endpoints.csv", "InService", "Running", ("endpoints", 2, "status", "Running", "InService")),
    ("endpoint_traffic.csv", "T05:00", "T05:30",
     ("endpoint_traffic", 2, "hour", "2026-10-01T05:30:00Z", "start of an hour")),
    ("endpoint_traffic.csv", "10-01T05", "10-02T00", ("endpoint_traffic", 2, "hour", "2026-10-02", "in the window")),
    ("endpoint_traffic.csv", "chat", "chatt", ("endpoint_traffic", 2, "endpoint_name", "chatt", "listed in endpoints")),
    ("bedrock.csv", "2026-10-01", "2026-09-30", ("bedrock", 2, "date", "2026-09-30", "in the window")),
    ("bedrock.csv", ",10,5,5", ",10,0,0", ("bedrock", 2, "input_tokens", "0", "unknown tokens are left empty")),
    ("endpoints.csv", ",1,0.4", ",1e999,0.4", ("endpoints", 2, "instance_count", "1e999", "whole number")),
    ("storage.csv", "STANDARD", "COLD", ("storage", 2, "storage_class", "COLD", "GLACIER")),
    ("storage.csv", ",10,1", ",10,11", ("storage", 2, "small_gib", "11", "not more than gib")),
)  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), WRONG_CELLS)
def test_wrong_cell_is_named_with_its_place_value_and_expectation(
    file: str, old: str, new: str, expected: tuple[str, int, str, str, str]
) -> None:
    (problem,) = problems_of(changed(file, old, new))
    table, row, column, value, words = expected
    assert (problem.table, problem.row, problem.column) == (table, row, column)
    assert problem.value.startswith(value)
    assert words in problem.expected


def test_an_instance_type_of_a_wrong_form_names_the_closest_known_one() -> None:
    (problem,) = problems_of(changed("endpoints.csv", "ml.g5.2xlarge", "g5.2xlarge"))
    assert (problem.row, problem.column, problem.value) == (2, "instance_type", "g5.2xlarge")
    assert "ml.g5.2xlarge" in problem.expected


def test_an_instance_type_that_the_catalogue_lacks_refuses_nothing() -> None:
    load_snapshot(zipped(changed("endpoints.csv", "ml.g5.2xlarge", "ml.x9.huge")))


def test_without_a_catalogue_a_wrong_form_is_named_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "known_types", frozenset)
    (problem,) = problems_of(changed("endpoints.csv", "ml.g5.2xlarge", "g5.2xlarge"))
    assert "ml.<family>.<size>" in problem.expected


def test_missing_required_column_is_named() -> None:
    (problem,) = problems_of(GOOD | {"storage.csv": "bucket,region,storage_class\ndata,us-east-1,STANDARD\n"})
    assert (problem.table, problem.row, problem.column) == ("storage", 1, "gib")
    assert "missing" in problem.expected


def test_misspelt_column_is_not_silently_lost() -> None:
    (problem,) = problems_of(changed("storage.csv", "small_gib", "smal_gib"))
    assert (problem.row, problem.column) == (1, "smal_gib")
    assert "did you mean small_gib?" in problem.expected


def test_misspelt_table_is_not_silently_lost() -> None:
    (problem,) = problems_of(GOOD | {"endpoint.csv": ENDPOINTS})
    assert problem.table == "endpoint.csv"
    assert "endpoints.csv" in problem.expected


def test_column_that_stands_twice_is_refused() -> None:
    (problem,) = problems_of(
        GOOD | {"storage.csv": "bucket,region,storage_class,gib,gib\nd,us-east-1,STANDARD,1,2\n"}
    )
    assert (problem.row, problem.column) == (1, "gib")


def test_second_row_with_the_same_key_is_named_with_the_first() -> None:
    repeated = ENDPOINTS + "chat,AllTraffic,us-west-2,Failed,,0,,\n"
    (problem,) = problems_of(
        GOOD | {"endpoints.csv": repeated, "endpoint_traffic.csv": TRAFFIC.splitlines()[0]}
    )
    assert problem.row == 3
    assert "row 2 is the same" in problem.expected


def test_same_hour_written_in_two_ways_is_a_repeated_key() -> None:
    (problem,) = problems_of(
        GOOD | {"endpoint_traffic.csv": TRAFFIC + "chat,AllTraffic,2026-10-01 07:00+02:00,3\n"}
    )
    assert (problem.table, problem.row) == ("endpoint_traffic", 3)


BILLED = """service,period_start,period_end,cost_usd,usage_type,line_type,tags
Amazon SageMaker,2026-09-01,2026-09-02,36.36,USW2-Host:ml.g5.2xlarge,Usage,"{""team"": ""a""}"
Amazon SageMaker,2026-09-01,2026-09-02,36.36,USW2-Host:ml.g5.2xlarge,{kind},"{""team"": ""a""}"
"""


def test_bill_line_put_in_twice_is_refused_and_a_line_that_differs_anywhere_is_not() -> None:
    twice = problems_of({**GOOD, "billed.csv": BILLED.replace("{kind}", "Usage")})
    assert [(p.table, p.row, p.expected) for p in twice] == [
        ("billed", 3, "expected each line once; row 2 is the same")
    ]
    assert load_snapshot(zipped({**GOOD, "billed.csv": BILLED.replace("{kind}", "Credit")}))


def test_traffic_that_could_belong_to_two_endpoints_is_refused() -> None:
    twins = ENDPOINTS + "chat,AllTraffic,eu-west-1,InService,ml.g5.2xlarge,1,,\n"
    (problem,) = problems_of(GOOD | {"endpoints.csv": twins})
    assert "several match" in problem.expected


def test_all_problems_of_all_tables_are_listed_at_once() -> None:
    files = changed("training_jobs.csv", ",3600,", ",x,")
    files["storage.csv"] = STORAGE.replace(",10,1", ",ten,-1")
    files["bedrock.csv"] = BEDROCK.replace(",10,5,5", ",10,0,0")
    files["endpoints.csv"] = ENDPOINTS.replace("0.4", "4") + "chat,AllTraffic,us-west-2,Failed,,0,,\n"
    places = {(p.table, p.row, p.column) for p in problems_of(files)}
    assert places == {
        ("training_jobs", 2, "billable_seconds"),
        ("storage", 2, "gib"),
        ("storage", 2, "small_gib"),
        ("bedrock", 2, "input_tokens"),
        ("endpoints", 2, "gpu_utilization_ratio"),
        ("endpoints", 3, "endpoint_name"),
        ("endpoint_traffic", 2, "endpoint_name"),
    }


def test_unreadable_endpoints_do_not_make_their_traffic_wrong_too() -> None:
    assert {p.table for p in problems_of(GOOD | {"endpoints.csv": ""})} == {"endpoints"}


def test_message_shows_the_first_twenty_and_counts_the_rest() -> None:
    rows = "".join(f"b{i},us-east-1,STANDARD,x,\n" for i in range(SHOWN + 5))
    with pytest.raises(SnapshotError) as caught:
        load_snapshot(zipped(GOOD | {"storage.csv": STORAGE.splitlines()[0] + "\n" + rows}))
    lines = str(caught.value).splitlines()
    assert len(lines) == SHOWN + 1
    assert lines[0] == "storage, row 2, column gib: 'x': expected a number of at least 0"
    assert lines[-1] == "and 5 more"


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\n   \n"])
def test_row_is_the_line_in_the_file_despite_blank_lines(blank: str) -> None:
    content = STORAGE + blank + "logs,us-east-1,STANDARD,ten,\n"
    (problem,) = problems_of(GOOD | {"storage.csv": content})
    assert problem.row == 1 + len(content.splitlines()) - 1


def test_row_is_the_line_in_the_file_despite_line_breaks_in_quotes() -> None:
    content = STORAGE + '"two\nlines",us-east-1,STANDARD,1,\nlogs,us-east-1,STANDARD,ten,\n'
    (problem,) = problems_of(GOOD | {"storage.csv": content})
    assert problem.row == 5


@pytest.mark.parametrize(
    ("row", "found"), [("logs,us-east-1,STANDARD", 3), ("logs,us-east-1,STANDARD,1,1,1", 6)]
)
@pytest.mark.parametrize("quote", ["", '"q",us-east-1,GLACIER,1,\n'])
def test_row_with_too_few_or_too_many_values_is_named(row: str, found: int, quote: str) -> None:
    (problem,) = problems_of(GOOD | {"storage.csv": STORAGE + quote + row + "\n"})
    assert problem.row == (4 if quote else 3)
    assert problem.expected == f"expected 5 values as in the header, found {found}"


UNREADABLE: tuple[tuple[bytes, int | None, str], ...] = (
    (b"", None, "empty"),
    (b" \n\n", None, "empty"),
    (ENDPOINTS.replace("chat", "caf\xe9").encode("latin-1"), 2, "not UTF-8"),
    (ENDPOINTS.encode("utf-16"), 1, "UTF-8"),
    (ENDPOINTS.replace("chat", "ch\0at").encode(), 2, "NUL"),
    (ENDPOINTS.replace(",", ";").encode(), 1, "header"),
    (b"\x89PNG\r\n\x1a\n", 1, "UTF-8"),
)


@pytest.mark.parametrize(("content", "row", "words"), UNREADABLE)
def test_file_that_is_no_csv_in_utf8_is_refused_in_words(content: bytes, row: int | None, words: str) -> None:
    (problem,) = problems_of(
        GOOD | {"endpoints.csv": content, "endpoint_traffic.csv": TRAFFIC.splitlines()[0]}
    )
    assert (problem.table, problem.row) == ("endpoints", row)
    assert words in problem.expected


BAD_MANIFESTS: tuple[tuple[Callable[[dict[str, object]], object], str, str], ...] = (
    (lambda m: m.pop("name"), "name", "missing"),
    (lambda m: m.update(window_start="yesterday"), "window_start", "full hour"),
    (lambda m: m.update(window_end="2026-10-01T10:30:00Z"), "window_end", "full hour"),
    (lambda m: m.update(window_end="2026-09-01"), "window_end", "after window_start"),
    (lambda m: m.update(window_ende="2026-10-02"), "window_ende", "unknown field"),
    (lambda m: m.update(sources=[{"name": "ce", "status": "fine"}]), "sources", "denied"),
    (lambda m: m.update(format=9), "format", "expected 1"),
)


@pytest.mark.parametrize(("spoil", "field", "words"), BAD_MANIFESTS)
def test_wrong_field_of_the_manifest_is_named(
    spoil: Callable[[dict[str, object]], object], field: str, words: str
) -> None:
    manifest: dict[str, object] = dict(MANIFEST)
    spoil(manifest)
    (problem,) = problems_of(GOOD | {"manifest.json": json.dumps(manifest)})
    assert (problem.table, problem.column) == ("manifest.json", field)
    assert words in problem.expected


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, b"\xff\xfe"])
def test_manifest_that_is_no_json_object_is_refused(content: str | bytes) -> None:
    assert {p.table for p in problems_of(GOOD | {"manifest.json": content})} == {"manifest.json"}


def test_missing_manifest_is_named() -> None:
    (problem,) = problems_of({"endpoints.csv": ENDPOINTS})
    assert (problem.table, problem.expected.split(";")[0]) == ("manifest.json", "missing")


@pytest.mark.parametrize(
    "name", ["../endpoints.csv", "/etc/endpoints.csv", "a/../../x.csv", "a\\..\\x.csv", "C:/x.csv"]
)
def test_zip_with_a_path_outside_is_refused(name: str) -> None:
    assert any("outside" in p.expected for p in problems_of(GOOD | {name: ENDPOINTS}))


def test_zip_with_folders_besides_one_common_folder_is_refused() -> None:
    assert any("lies in a folder" in p.expected for p in problems_of(GOOD | {"more/compute.csv": ""}))


def test_folder_inside_a_snapshot_folder_is_refused(tmp_path: Path) -> None:
    for name, content in GOOD.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "more").mkdir()
    with pytest.raises(SnapshotError, match=r"more: a folder inside"):
        load_snapshot(tmp_path)


def test_zip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = zipped(GOOD | {"compute.csv": b"0" * 30_000_000}, zipfile.ZIP_DEFLATED)
    with pytest.raises(SnapshotError, match="fold when unpacked"):
        load_snapshot(bomb)


def test_zip_that_understates_the_size_of_a_bomb_is_refused() -> None:
    content = zipped(GOOD | {"compute.csv": b"0" * 3_000_000}, zipfile.ZIP_DEFLATED).getvalue()
    lying = content.replace((3_000_000).to_bytes(4, "little"), (90_000).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(SnapshotError, match="not a readable zip"):
        load_snapshot(io.BytesIO(lying))


def test_file_that_says_to_be_larger_than_allowed_is_refused_before_it_is_read() -> None:
    content = zipped(GOOD | {"compute.csv": b"0" * 3_000_000}).getvalue()
    huge = content.replace((3_000_000).to_bytes(4, "little"), (600 * 2**20).to_bytes(4, "little"))
    with pytest.raises(SnapshotError, match="expected at most 500 MiB a file"):
        load_snapshot(io.BytesIO(huge))


def test_zip_with_too_many_files_is_refused() -> None:
    with pytest.raises(SnapshotError, match="expected at most 50"):
        load_snapshot(zipped({f"{i}.csv": "" for i in range(51)}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zip_with_a_file_twice_is_refused() -> None:
    stream = zipped(GOOD)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("storage.csv", STORAGE)
    stream.seek(0)
    with pytest.raises(SnapshotError, match=r"storage.csv: appears twice"):
        load_snapshot(stream)


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_truncated_zip_is_refused_in_words(cut: int) -> None:
    with pytest.raises(SnapshotError, match=r"not a readable zip|damaged"):
        load_snapshot(io.BytesIO(zipped(GOOD).getvalue()[:cut]))


def test_damaged_zip_content_is_refused_in_words() -> None:
    content = bytearray(zipped(GOOD, zipfile.ZIP_DEFLATED).getvalue())
    content[60:90] = bytes(30)
    with pytest.raises(SnapshotError, match=r"not a readable zip|damaged"):
        load_snapshot(io.BytesIO(bytes(content)))


def test_path_that_does_not_exist_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"nowhere: no such file or folder"):
        load_snapshot(tmp_path / "nowhere")


def test_single_csv_file_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.csv"
    file.write_text(ENDPOINTS, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"expected a folder or a \.zip"):
        load_snapshot(file)


GARBAGE = {
    "noise": lambda size: b"\x8f\xf3\x11\x00" * (size // 4),
    "one line": lambda size: b"word " * (size // 5),
    "short lines": lambda size: ENDPOINTS.splitlines()[0].encode() + b"\n" + b"foo bar\n" * (size // 8),
    "wrong rows": lambda size: TRAFFIC.splitlines()[0].encode() + b"\n" + b"foo,bar,baz,qux\n" * (size // 16),
    "open quote": lambda size: ENDPOINTS.splitlines()[0].encode() + b'\n"' + b"a\n" * (size // 2),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_hundred_megabytes_of_garbage_are_refused_quickly(kind: str) -> None:
    file = "endpoint_traffic.csv" if kind == "wrong rows" else "endpoints.csv"
    stream = zipped({"manifest.json": json.dumps(MANIFEST), file: GARBAGE[kind](100_000_000)})
    start = time.perf_counter()
    with pytest.raises(SnapshotError):
        load_snapshot(stream)
    assert time.perf_counter() - start < 5  # measured 0.1 to 0.7 s; the margin is for a busy machine


CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "-1", "0.5", "1e400", "ml.g5.2xlarge", "us-east-1", "true", "True", "{}", "2026-10-01"]
    ),
    st.sampled_from(["2026-10-01T00:00:00Z", "2026-10-01T00:30:00Z", "Completed", "STANDARD", " ", "nan"]),
    st.text(max_size=4),
    st.just("9" * 200),
)


@given(table=st.sampled_from(sorted(TABLES)), data=st.data())
def test_judgements_that_are_kept_are_those_of_the_whole_column(table: str, data: st.DataObject) -> None:
    """Few cells are judged by what was said of the same cells before; many are judged together, anew."""
    declared = TABLES[table]
    column = data.draw(st.sampled_from(declared.columns))
    cells = data.draw(st.lists(CELLS, min_size=1, max_size=5))
    few = pd.DataFrame({column.name: cells}, dtype="str")
    many = pd.concat([few] * (FEW_ROWS // len(few) + 1), ignore_index=True)
    assert len(many) > FEW_ROWS
    said, wanted = (
        {(p.column, p.value, p.expected) for p in checks.column_problems(declared, frame)}
        for frame in (few, many)
    )
    assert said == wanted
