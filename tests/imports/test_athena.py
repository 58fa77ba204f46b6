"""Athena: the SQL of every sum is valid Athena SQL, and the calls run against the stand-in as far as it goes."""

import boto3
import ibis
import pandas as pd
import pyarrow.parquet as pq
import pytest
import requests
import sqlglot
from moto.server import ThreadedMotoServer

from simulator.usage.imports import BillError, import_bill, sums
from simulator.usage.imports.athena_engine import to_sql
from simulator.usage.imports.formats import recognise
from simulator.usage.imports.lines import lines
from tests.imports.bills import athena_parquet, cur2_csv, cur2_parquet, mixed_bill

FORMS = {"cur2": cur2_parquet, "legacy": athena_parquet}
TRINO = {"string": "varchar", "double": "double", "timestamp[us]": "timestamp(3)"}


def questions(table, form):
    yield "money", sums.money(lines(table, form, sums.MONEY_COLUMNS))
    hours = sums.hours(lines(table, form, sums.HOUR_COLUMNS))
    yield "hours by resource", sums.hours_by_resource(hours)
    yield "hours by type", sums.hours_by_type(hours)
    yield "hours of mixed", sums.hours_of_mixed(hours, ["a"])
    yield "plans", sums.plans(lines(table, form, sums.PLAN_COLUMNS))
    yield "tags", sums.tags(lines(table, form, sums.TAG_COLUMNS, tags=True), form.tags)


@pytest.mark.parametrize("name", FORMS)
def test_every_question_is_valid_athena_sql_over_the_table(tmp_path, name):
    schema = pq.read_schema(FORMS[name](mixed_bill(), tmp_path / "a.parquet"))
    table = ibis.table(ibis.Schema.from_pyarrow(schema), name="cur", database="bills")
    for what, expression in questions(table, recognise(schema.names, "cur")):
        query = sqlglot.parse_one(to_sql(expression), read="athena")
        tables = {f"{t.db}.{t.name}" for t in query.find_all(sqlglot.exp.Table) if t.name == "cur"}
        assert tables == {"bills.cur"}, what
        named = [e.alias_or_name for e in query.expressions]
        assert named == list(expression.schema().names), what


def test_times_and_numbers_kept_as_text_are_cast_as_athena_casts_them(tmp_path):
    header = cur2_csv(mixed_bill(), tmp_path / "a.csv").read_text().split("\n", 1)[0].split(",")
    table = ibis.table(dict.fromkeys(header, "string"), name="cur", database="bills")
    query = to_sql(sums.money(lines(table, recognise(header, "cur"), sums.MONEY_COLUMNS)))
    assert "AS TIMESTAMP WITH TIME ZONE" in query
    assert 'TRY_CAST(NULLIF(NULLIF("t0"."line_item_unblended_cost"' in query


@pytest.fixture
def stand_in(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    boto3.client("s3", region_name="us-east-1", endpoint_url=address).create_bucket(Bucket="staging")
    yield address
    server.stop()


def rows_of(frame, schema):
    """A frame as the stand-in returns it: text, and the type of each column."""
    kinds = {"float64": "double", "int64": "bigint", "boolean": "boolean", "date": "date"}
    info = [
        {
            "CatalogName": "c",
            "SchemaName": "s",
            "TableName": "t",
            "Name": n,
            "Label": n,
            "Type": kinds.get(str(k), "timestamp" if k.is_timestamp() else "varchar"),
            "Precision": 0,
            "Scale": 0,
            "Nullable": "UNKNOWN",
            "CaseSensitive": False,
        }
        for n, k in schema.items()
    ]
    data = [{"Data": [{"VarCharValue": n} for n in schema.names]}]
    data += [
        {"Data": [{} if pd.isna(v) else {"VarCharValue": _text(v)} for v in row]}
        for row in frame.itertuples(index=False)
    ]
    return {"rows": data, "column_info": info}


def _text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%d %H:%M:%S.000") if isinstance(value, pd.Timestamp) else str(value)


def test_the_calls_run_against_the_stand_in_and_give_the_snapshot_of_duckdb(tmp_path, stand_in):
    """The stand-in cannot compute: DuckDB answers each question beforehand, in the order in which they are asked."""
    path = cur2_parquet(
        [line for line in mixed_bill() if line["line_item_line_item_type"] != "SavingsPlanCoveredUsage"],
        tmp_path / "a.parquet",
    )
    schema = pq.read_schema(path)
    form = recognise(schema.names, "cur")
    con = ibis.duckdb.connect()
    asked = dict(questions(con.read_parquet(path), form))
    columns = pd.DataFrame(
        [
            (f.name, "map(varchar, varchar)" if str(f.type).startswith("map") else TRINO[str(f.type)])
            for f in schema
        ],
        columns=["column_name", "data_type"],
    )
    results = [rows_of(columns, ibis.schema({"column_name": "string", "data_type": "string"}))]
    for what in ("money", "tags", "hours by resource", "hours by type", "plans"):
        frame = asked[what].to_pyarrow().to_pandas()
        if what == "tags":
            frame["resource_tags"] = None
        results.append(rows_of(frame, asked[what].schema()))
    answer = requests.post(
        f"{stand_in}/moto-api/static/athena/query-results", json={"results": results}, timeout=10
    )
    assert answer.status_code == 201
    connection = f"athena://us-east-1/?staging=s3://staging/out/&endpoint={stand_in}"
    imported = import_bill("bills.cur", engine="athena", connection=connection)
    here = import_bill(path)
    assert imported.report.unblended_usd == here.report.unblended_usd
    assert imported.report.classified_usd == here.report.classified_usd
    pd.testing.assert_frame_equal(
        imported.snapshot.tables["endpoints"].drop(columns=["tags", "owner"]),
        here.snapshot.tables["endpoints"].drop(columns=["tags", "owner"]),
    )
    client = boto3.client("athena", region_name="us-east-1", endpoint_url=stand_in)
    assert len(client.list_query_executions()["QueryExecutionIds"]) == 6


@pytest.mark.parametrize(
    "connection", [None, "athena://us-east-1/", "spark://x:1", "athena:///?staging=s3://b/p"]
)
def test_a_connection_without_region_or_staging_is_refused_in_words(connection):
    with pytest.raises(BillError, match="expected athena://REGION"):
        import_bill("a.b", engine="athena", connection=connection)


@pytest.mark.parametrize("table", ["cur", "bills.cur; DROP TABLE x", "bills.'cur"])
def test_what_is_no_table_name_is_refused(stand_in, table):
    with pytest.raises(BillError, match="expected a table of Athena"):
        import_bill(
            table,
            engine="athena",
            connection=f"athena://us-east-1/?staging=s3://staging/out/&endpoint={stand_in}",
        )


def test_an_engine_nobody_knows_is_refused():
    with pytest.raises(BillError, match="expected one of duckdb, spark, athena"):
        import_bill("x", engine="polars")
