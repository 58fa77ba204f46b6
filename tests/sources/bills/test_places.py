"""Archives, links and devices that are not what they seem are refused in words, quickly."""

import gzip
import os
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.bills import MIXED_USD, cur2_csv, cur2_parquet, legacy_csv, mixed_bill

MIB = 2**20


def zipped(tmp_path, members, name="a.zip"):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return tmp_path / name


@pytest.mark.parametrize(
    "member", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:/evil.csv"]
)
def test_a_path_that_leads_out_of_the_zip_is_refused(tmp_path, member):
    content = legacy_csv(mixed_bill(), tmp_path / "x.csv").read_bytes()
    with pytest.raises(BillError, match="leads outside the zip"):
        import_bill(zipped(tmp_path, {member: content}))
    assert not (tmp_path.parent / "evil.csv").exists()


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("bill.csv")
    link.external_attr = 0o120777 << 16
    with pytest.raises(BillError, match="link that leads outside"):
        import_bill(zipped(tmp_path, {link: "/etc/passwd"}))


def test_compression_bombs_are_refused_while_they_unpack(tmp_path):
    zeros = b"0" * (64 * MIB)
    with pytest.raises(BillError, match="compression bomb"):
        import_bill(zipped(tmp_path, {"bill.csv": zeros}))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(zeros))
    with pytest.raises(BillError, match="compression bomb"):
        import_bill(tmp_path / "b.csv.gz")


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = zipped(tmp_path, {"bill.csv": "x"}, "inner.zip").read_bytes()
    with pytest.raises(BillError, match="archive inside an archive"):
        import_bill(zipped(tmp_path, {"inner.zip": inner}))


def test_a_zip_of_packed_files_is_fine(tmp_path):
    packed = cur2_csv(mixed_bill(), tmp_path / "p.csv.gz").read_bytes()
    assert (
        import_bill(zipped(tmp_path, {"month/p.csv.gz": packed, "month/manifest.json": "{}"})).report.rows
        == MIXED_USD["rows"]
    )


def test_a_cut_off_archive_is_refused(tmp_path):
    path = cur2_csv(mixed_bill(), tmp_path / "p.csv.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BillError, match="damaged or cut off"):
        import_bill(path)
    whole = zipped(tmp_path, {"bill.csv": "x" * 1000})
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(BillError, match="damaged, encrypted or cut off"):
        import_bill(whole)


def test_a_cut_off_parquet_file_is_refused(tmp_path):
    path = cur2_parquet(mixed_bill(), tmp_path / "p.parquet")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(BillError, match=r"p\.parquet: the Parquet file is damaged or cut off"):
        import_bill(path)


def test_pipes_and_devices_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BillError, match="not a regular file"):
        import_bill(tmp_path / "pipe")
    with pytest.raises(BillError, match="not a regular file"):
        import_bill("/dev/zero")


def test_a_link_out_of_a_folder_is_not_followed(tmp_path):
    secret = tmp_path / "outside.csv"
    legacy_csv(mixed_bill(), secret)
    folder = tmp_path / "folder"
    folder.mkdir()
    cur2_parquet(mixed_bill(), folder / "bill.parquet")
    (folder / "link.csv").symlink_to(secret)
    told = import_bill(folder).report
    assert told.rows == MIXED_USD["rows"]
    assert any("link that leads outside" in w for w in told.warnings)


def test_what_is_no_bill_in_a_folder_is_left_out_and_said(tmp_path):
    cur2_parquet(mixed_bill(), tmp_path / "bill.parquet")
    (tmp_path / "people.csv").write_text("name,age\nx,1\n")
    (tmp_path / "notes.md").write_text("# notes")
    told = import_bill(tmp_path).report
    assert told.unblended_usd == pytest.approx(MIXED_USD["unblended"])
    assert next(w for w in told.warnings if "left out" in w).startswith(
        "left out: people.csv: not a billing export"
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfea\0b\0", b"\0\1\2\3" * 50, b"PK\x03\x04junk", b"PAR1junk", b"\x1f\x8bjunk", b"{"],
)
def test_garbage_is_refused_in_words(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(BillError, match=r"x\.csv: "):
        import_bill(tmp_path / "x.csv")


def test_nothing_there_is_said(tmp_path):
    with pytest.raises(BillError, match=r"no\.csv: no such file or folder"):
        import_bill(tmp_path / "no.csv")
    with pytest.raises(BillError, match="no file matches"):
        import_bill(tmp_path / "*.csv")
    with pytest.raises(BillError, match="no billing export in"):
        import_bill(tmp_path)
    with pytest.raises(BillError, match="no path given"):
        import_bill([])


def test_a_bill_is_fetched_by_its_address(tmp_path):
    content = cur2_csv(mixed_bill(), tmp_path / "p.csv.gz").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/p.csv.gz" else 404)
            self.end_headers()
            self.wfile.write(content if self.path == "/p.csv.gz" else b"")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert import_bill(f"{address}/p.csv.gz").report.rows == MIXED_USD["rows"]
        with pytest.raises(BillError, match="cannot be fetched"):
            import_bill(f"{address}/other.csv")
        server.shutdown()
