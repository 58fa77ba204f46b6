"""An Athena of one machine: the calls over HTTP, the SQL translated by sqlglot and run by DuckDB."""

import json
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import duckdb
import sqlglot

TYPES = {
    "TIMESTAMP": "timestamp",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",
    "DOUBLE": "double",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "MAP": "map",
    "JSON": "json",
}
PAGE = 1000


class AthenaStandIn:
    """Answers StartQueryExecution, GetQueryExecution and GetQueryResults over tables given as Parquet files."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        self.queries: list[str] = []
        self.results: dict[str, dict] = {}
        self.lock = Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                call = self.headers["X-Amz-Target"].partition(".")[2]
                answer = json.dumps(getattr(stand_in, call)(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def table(self, name, path) -> None:
        """Make a Parquet file, or a CSV with all its columns as text, a table: `database.table`."""
        read = "read_parquet('{}')" if path.suffix == ".parquet" else "read_csv('{}', all_varchar = true)"
        self.con.execute(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
        self.con.execute(f"CREATE TABLE {name} AS FROM {read.format(path)}")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def StartQueryExecution(self, body):
        query, name = body["QueryString"], str(uuid.uuid4())
        self.queries.append(query)
        with self.lock:
            try:
                self.results[name] = self._run(query)
            except duckdb.Error as error:
                self.results[name] = {"error": str(error), "query": query}
        return {"QueryExecutionId": name}

    def _run(self, query):
        here = sqlglot.transpile(query, read="athena", write="duckdb")[0]
        found = self.con.execute(here)
        columns = [(c[0], TYPES.get(str(c[1]).partition("(")[0], "varchar")) for c in found.description]
        return {"columns": columns, "rows": found.fetchall(), "query": query}

    def GetQueryExecution(self, body):
        name = body["QueryExecutionId"]
        error = self.results[name].get("error")
        state = {"State": "FAILED", "StateChangeReason": error} if error else {"State": "SUCCEEDED"}
        status = {**state, "SubmissionDateTime": 1.8e9, "CompletionDateTime": 1.8e9}
        place = {"OutputLocation": f"s3://staging/{name}.csv"}
        execution = {
            "QueryExecutionId": name,
            "Query": self.results[name]["query"],
            "Status": status,
            "ResultConfiguration": place,
            "StatementType": "DML",
        }
        return {"QueryExecution": execution}

    def GetQueryResults(self, body):
        result = self.results[body["QueryExecutionId"]]
        start = int(body.get("NextToken", 0))
        info = [
            {
                "Name": n,
                "Label": n,
                "Type": t,
                "CatalogName": "hive",
                "SchemaName": "",
                "TableName": "",
                "Precision": 0,
                "Scale": 0,
                "Nullable": "UNKNOWN",
                "CaseSensitive": False,
            }
            for n, t in result["columns"]
        ]
        head = [{"Data": [{"VarCharValue": n} for n, _ in result["columns"]]}] if start == 0 else []
        page = result["rows"][start : start + PAGE - len(head)]
        rows = [{"Data": [{} if v is None else {"VarCharValue": _text(v)} for v in row]} for row in page]
        answer = {
            "ResultSet": {"Rows": head + rows, "ResultSetMetadata": {"ColumnInfo": info}},
            "UpdateCount": 0,
        }
        following = start + len(page)
        return answer | ({"NextToken": str(following)} if following < len(result["rows"]) else {})


def _text(value):
    """A value as Athena writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}={v}" for k, v in value.items()) + "}"
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if hasattr(value, "hour") else str(value)
