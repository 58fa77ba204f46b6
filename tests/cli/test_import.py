"""The command: options, report, progress, and the snapshot it writes."""

import json

import pytest

from simulator.cli.imports import rates
from simulator.cli.main import command_line
from simulator.snapshot.snapshot import load_snapshot
from simulator.sources.bills import BillError
from tests.sources.bills.bills import MIXED_OTHER_USD, MIXED_PARTS, cur2_csv, legacy_csv, mixed_bill


def run(*arguments, form="text"):
    tokens = ["import", *(str(a) for a in arguments), "--format", form]
    return command_line()(tokens, exit_on_error=False, print_error=False)


def test_json_has_the_fields_of_the_report(tmp_path):
    told = json.loads(run(cur2_csv(mixed_bill(), tmp_path / "a.csv.gz"), "--quiet", form="json"))
    assert (told["format"], told["rows"], told["rows_rejected"]) == ("CUR 2.0", 110, 0)
    assert (told["unblended_usd"], told["amortized_usd"]) == (81.0, 81.0)
    assert told["classified_usd"] == MIXED_PARTS
    assert told["other_usd"] == MIXED_OTHER_USD
    assert told["warnings"] == []


def test_the_snapshot_is_written_and_the_dollars_are_shown_to_add_up(tmp_path):
    text = run(
        legacy_csv(mixed_bill(), tmp_path / "a.csv"), "--out", tmp_path / "account.zip", "--name", "October"
    )
    assert load_snapshot(tmp_path / "account.zip").manifest.name == "October"
    assert "unblended $81.00, amortized $81.00" in text
    assert "sum                     $81.00" in text
    assert f"wrote {tmp_path / 'account.zip'}" in text


def test_a_live_snapshot_is_merged_in(tmp_path):
    path = legacy_csv(mixed_bill(), tmp_path / "a.csv")
    run(path, "--out", tmp_path / "live.zip", "--name", "live")
    run(path, "--out", tmp_path / "both.zip", "--live", tmp_path / "live.zip", "--quiet")
    merged = load_snapshot(tmp_path / "both.zip")
    assert merged.manifest.name == "live"
    assert merged.tables["endpoints"]["instance_hours"].tolist() == [48.0]


def test_progress_goes_to_stderr_unless_quiet(tmp_path, capsys):
    path = legacy_csv(mixed_bill(), tmp_path / "a.csv")
    run(path)
    assert "looking at the files" in capsys.readouterr().err
    run(path, "--quiet")
    assert capsys.readouterr().err == ""


def test_exchange_rates_are_read_and_refused_in_words():
    assert rates(["eur=1.08", "CNY=0.14"]) == {"EUR": 1.08, "CNY": 0.14}
    for text in ("EUR", "EUR=x", "EURO=1", "EUR=-1", "EUR=0"):
        with pytest.raises(BillError, match="expected CODE=USD"):
            rates([text])


def test_a_save_over_what_is_no_snapshot_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter.txt").write_text("dear")
    with pytest.raises(FileExistsError):
        run(legacy_csv(mixed_bill(), tmp_path / "a.csv"), "--out", tmp_path / "folder", "--quiet")
