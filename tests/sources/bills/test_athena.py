"""Athena: the SQL of every sum is valid Athena SQL, and gives what DuckDB gives, over Athena's own calls."""

import ibis
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlglot

from simulator.sources.bills import BillError, import_bill, sums
from simulator.sources.bills.engines.athena import to_sql
from simulator.sources.bills.formats import recognise
from simulator.sources.bills.lines import fixed, lines
from tests.sources.bills.athena_stand_in import AthenaStandIn
from tests.sources.bills.bills import ARN, athena_parquet, cur2_csv, cur2_parquet, line, mixed_bill

FORMS = {"cur2": cur2_parquet, "legacy": athena_parquet}


def questions(table, form):
    yield "money", sums.money(lines(table, form, sums.MONEY_COLUMNS), fixed([form]))
    hours = sums.hours(lines(table, form, sums.HOUR_COLUMNS), ["AmazonSageMaker"])
    yield "hours by resource", sums.hours_by_resource(hours, sums.RESOURCE_KEYS)
    yield "hours by type", sums.hours_by_type(hours, ["region", "usage_type"])
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
    form = recognise(header, "cur")
    query = to_sql(sums.money(lines(table, form, sums.MONEY_COLUMNS), fixed([form])))
    assert "AS TIMESTAMP WITH TIME ZONE" in query
    assert 'TRY_CAST(NULLIF(NULLIF("t0"."line_item_unblended_cost"' in query


@pytest.fixture
def stand_in(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    athena = AthenaStandIn()
    yield athena
    athena.close()


def connection_to(stand_in):
    return f"athena://us-east-1/?staging=s3://staging/out/&endpoint={stand_in.address}"


def with_commas_in_tags(bill):
    return [line | {"resource_tags_user_owner": "search, ads=1"} for line in bill]


@pytest.mark.parametrize("name", [*FORMS, "text"])
def test_a_table_gives_the_snapshot_duckdb_makes_of_its_file(tmp_path, stand_in, name):
    path = FORMS.get(name, cur2_csv)(
        with_commas_in_tags(mixed_bill()), tmp_path / ("a.csv" if name == "text" else "a.parquet")
    )
    stand_in.table("bills.cur", path)
    there = import_bill("bills.cur", engine="athena", connection=connection_to(stand_in))
    here = import_bill(path)
    assert there.report == here.report
    assert there.report.unblended_usd == 81.0
    assert here.snapshot.tables["endpoints"]["owner"].tolist() == ["search, ads=1"]
    for table, frame in here.snapshot.tables.items():
        pd.testing.assert_frame_equal(there.snapshot.tables[table], frame, obj=table)
    assert (
        len(stand_in.queries) == 8
    )  # columns, dollars, repeated lines, hours (2), plans, tags, courses again


def test_more_than_a_page_of_answers_and_bad_lines_are_read_like_duckdb_reads_them(tmp_path, stand_in):
    bill = [
        line("USW2-Host:ml.g5.2xlarge", 1.0, resource=f"{ARN}endpoint/e{i}", hour=i % 48) for i in range(2500)
    ]
    path = cur2_csv(bill, tmp_path / "a.csv")
    path.write_text(path.read_text().replace("endpoint/e7,1.0", "endpoint/e7,x"))
    stand_in.table("bills.cur", path)
    there = import_bill("bills.cur", engine="athena", connection=connection_to(stand_in))
    here = import_bill(path)
    assert (there.report.rows, there.report.rows_rejected) == (2500, 1)
    assert there.report.unblended_usd == here.report.unblended_usd
    pd.testing.assert_frame_equal(there.snapshot.tables["endpoints"], here.snapshot.tables["endpoints"])


def test_what_athena_refuses_is_said_in_its_words(stand_in):
    with pytest.raises(BillError, match=r"bills\.gone: no such table in Athena"):
        import_bill("bills.gone", engine="athena", connection=connection_to(stand_in))
    stand_in.con.execute("CREATE SCHEMA bills; CREATE TABLE bills.odd (a INT)")
    with pytest.raises(BillError, match="odd"):
        import_bill("bills.odd", engine="athena", connection=connection_to(stand_in))


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
            connection=connection_to(stand_in),
        )


def test_an_engine_nobody_knows_is_refused():
    with pytest.raises(BillError, match="expected one of duckdb, spark, athena"):
        import_bill("x", engine="polars")
