"""Exports in a store: S3 from moto's server, others by fsspec's memory; a bucket is found by its manifests."""

from __future__ import annotations

import json
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.situations import cur2_parquet, focus_csv, hosting, legacy_csv


@pytest.fixture(scope="module")
def store():
    server = ThreadedMotoServer(port=0)
    server.start()
    _, port = server.get_host_and_port()
    yield f"127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def s3(store, monkeypatch):
    """A client, and how an address ends so that Arrow asks the stand-in."""
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=f"http://{store}", region_name="us-east-1")
    client.create_bucket(Bucket="bills")
    yield client, f"?endpoint_override={store}&scheme=http&region=us-east-1"
    for found in client.list_objects_v2(Bucket="bills").get("Contents", []):
        client.delete_object(Bucket="bills", Key=found["Key"])
    client.delete_bucket(Bucket="bills")


def exported(folder: Path) -> Path:
    """A Data Exports folder: 9 days of September, then 20, and a file nobody names; with manifests."""
    for i, (stamp, days) in enumerate((("2026-09-10T00:00:00Z", 9), ("2026-09-21T00:00:00Z", 20))):
        period = f"BILLING_PERIOD=2026-09/{stamp}-exec{i}"
        data = folder / "exp" / "data" / period
        data.mkdir(parents=True)
        cur2_parquet(hosting(days), data / "exp-00001.snappy.parquet")
    manifest = {
        "executionId": "exec1",
        "dataFiles": [f"s3://bills/exp/data/{period}/exp-00001.snappy.parquet"],
    }
    about = folder / "exp" / "metadata" / "BILLING_PERIOD=2026-09"
    about.mkdir(parents=True)
    (about / "exp-Manifest.json").write_text(json.dumps(manifest))
    legacy_csv(hosting(30), folder / "exp" / "copy-of-last-year.csv")
    return folder


def test_a_bucket_of_data_exports_is_found_by_its_manifest(tmp_path, s3):
    """20 × 36.36 = $727.20: neither the older delivery nor the stray file."""
    client, options = s3
    for file in exported(tmp_path / "here").rglob("*"):
        if file.is_file():
            client.upload_file(str(file), "bills", file.relative_to(tmp_path / "here").as_posix())
    report = import_bill(f"s3://bills/exp{options}").report
    assert report.unblended_usd == pytest.approx(727.20)
    assert any("older delivery" in w and "exec0" in w for w in report.warnings)
    assert any("no manifest names" in w and "copy-of-last-year.csv" in w for w in report.warnings)


@pytest.mark.parametrize("place", ["s3://bills/x/a.csv", "s3://bills/x", "s3://bills/x/*.csv"])
def test_a_file_a_prefix_and_a_pattern(tmp_path, s3, place):
    client, options = s3
    client.upload_file(str(legacy_csv(hosting(), tmp_path / "a.csv")), "bills", "x/a.csv")
    client.upload_file(str(focus_csv(hosting(31), tmp_path / "b.txt")), "bills", "x/notes.txt")
    assert import_bill(place + options).report.unblended_usd == pytest.approx(1090.80)


@pytest.mark.parametrize("place", ["s3://nowhere/x", "s3://bills/nothing"])
def test_what_is_not_there_is_said_with_its_address(s3, place):
    _, options = s3
    with pytest.raises(BillError, match=place.replace("/", r"\/")):
        import_bill(place + options)


def test_other_stores_by_fsspec(tmp_path):
    memory = fsspec.filesystem("memory")
    memory.pipe("/bills/2026-09/a.csv", legacy_csv(hosting(), tmp_path / "a.csv").read_bytes())
    assert import_bill("memory://bills/2026-09").report.unblended_usd == pytest.approx(1090.80)


def test_a_store_nobody_knows_is_refused():
    with pytest.raises(BillError, match="nosuchstore://x"):
        import_bill("nosuchstore://x/y")


def test_the_web(tmp_path):
    legacy_csv(hosting(), tmp_path / "a.csv")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        report = import_bill(f"http://127.0.0.1:{server.server_port}/a.csv").report
    finally:
        server.shutdown()
        server.server_close()
    assert report.unblended_usd == pytest.approx(1090.80)
