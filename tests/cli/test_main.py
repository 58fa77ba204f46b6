"""The command line: names, keys and exit codes are a contract."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from simulator.cli.main import COMMANDS, main
from simulator.snapshot.snapshot import save_snapshot
from tests.accounts import snapshot_with

ROOT = Path(__file__).parents[2]


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out = capsys.readouterr()
    return code, out.out, out.err


def test_project_answers_with_the_keys_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(
        capsys, "project", "--usage", "team", "--on", "stop_idle_endpoints", "--set", "managed_spot.discount=0.5",
        "--set", "savings_plan.term_years=3", "--months", "6", "--format", "json",
    )  # fmt: skip
    said = json.loads(out)
    assert code == 0
    assert {"name", "window_start", "window_end"} <= said["snapshot"].keys()
    assert said["prices_as_of"]
    assert {"run_rate_usd", "billed_usd", "explained_usd", "unexplained_usd", "components"} <= said[
        "baseline"
    ].keys()
    assert said["scenario"]["levers"]["managed_spot"]["discount"] == 0.5
    assert said["scenario"]["levers"]["savings_plan"]["term_years"] == 3
    assert {"run_rate_usd", "saving_usd", "saving_ratio", "components"} <= said["result"].keys()
    assert {lever["id"] for lever in said["levers"]} == {
        "managed_spot",
        "stop_idle_endpoints",
        "savings_plan",
    }
    for lever in said["levers"]:
        assert {"saving_alone_usd", "saving_attributed_usd"} <= lever.keys()
        assert lever["verdicts"].keys() == {"applies", "not_applicable", "unknown"}
    assert [m["month"] for m in said["months"]] == [1, 2, 3, 4, 5, 6]
    assert {"baseline_usd", "scenario_usd", "cumulative_saving_usd"} <= said["months"][0].keys()
    assert isinstance(said["unknown"], list)
    attributed = sum(lever["saving_attributed_usd"] for lever in said["levers"])
    assert attributed == pytest.approx(said["result"]["saving_usd"], abs=0.005)


def test_csv_rows_add_up_to_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "project", "--usage", "team", "--scenario", "ambitious", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert rows[-1]["area"] == "total"
    for column in ("current_usd", "projected_usd", "saving_usd"):
        assert sum(float(r[column]) for r in rows[:-1]) == pytest.approx(float(rows[-1][column]), abs=0.001)


def test_levers_lists_every_lever_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "levers", "--format", "json")
    levers = {x["id"]: x for x in json.loads(out)}
    assert code == 0
    assert {
        "managed_spot",
        "stop_idle_endpoints",
        "prompt_caching",
        "s3_lifecycle",
        "savings_plan",
    } <= levers.keys()
    discount = next(p for p in levers["managed_spot"]["parameters"] if p["name"] == "discount")
    assert (discount["low"], discount["default"], discount["high"]) == (0.5, 0.6, 0.75)


def test_sample_can_be_written_checked_and_projected(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "report.zip"
    assert ask(capsys, "sample", "report", "--out", str(path))[0] == 0
    assert "valid" in ask(capsys, "validate", str(path))[1]
    answers = [
        json.loads(ask(capsys, "project", "--usage", usage, "--format", "json")[1])
        for usage in ("report", str(path))
    ]
    assert answers[0]["baseline"] == answers[1]["baseline"]


def test_compare_puts_scenarios_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "compare", "none", "no_regret", "--usage", "report", "--format", "json")
    bills = [s["result"]["run_rate_usd"] for s in json.loads(out)["scenarios"]]
    assert code == 0
    assert bills[0] > bills[1]


def test_scenario_file_gives_the_same_as_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"format": 1, "levers": {"managed_spot": {"discount": 0.5}}}))
    one = ask(capsys, "project", "--scenario", str(path), "--format", "json")[1]
    other = ask(capsys, "project", "--set", "managed_spot.discount=0.5", "--format", "json")[1]
    assert json.loads(one)["result"] == json.loads(other)["result"]


def test_a_lever_is_limited_by_only(capsys: pytest.CaptureFixture[str]) -> None:
    """An owner nobody is: nothing is saved; two names are one scope."""
    asked = ("project", "--on", "managed_spot", "--only", "managed_spot=owner:nobody", "--format", "json")
    said = json.loads(ask(capsys, *asked, "--only", "managed_spot=tag:team=gone")[1])
    assert said["scenario"]["scopes"] == {"managed_spot": {"owners": ["nobody"], "tags": ["team=gone"]}}
    assert said["result"]["saving_usd"] == pytest.approx(0, abs=0.005)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["project", "--usage", "nowhere"], "no such file"),
        (["project", "--scenario", "nowhere.json"], "no such preset"),
        (["project", "--set", "managed_spot.discount=2"], "expected 0 to 0.95"),
        (["project", "--set", "managed_spot.nothing=1"], "no such parameter"),
        (["project", "--set", "nonsense"], "LEVER.PARAM=VALUE"),
        (["project", "--only", "managed_spot=nlp"], "owner:NAME"),
        (["project", "--on", "magic"], "no lever"),
        (["project", "--on", "managed_spt"], "no lever 'managed_spt'; did you mean managed_spot?"),
        (["project", "team"], "'team'] was not expected: every value of `project` comes after its option"),
        (["project", "--months", "0"], "months"),
        (["project", "--discount", "1.5"], "discount"),
        (["validate", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_exits_2_with_the_reason(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ask(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_the_process_exits_2_with_the_reason_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "project", "--usage", "nowhere"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_negotiated_discount_lowers_every_charge(capsys: pytest.CaptureFixture[str]) -> None:
    full, less = (
        json.loads(ask(capsys, "project", "--usage", "report", "--discount", d, "--format", "json")[1])[
            "baseline"
        ]
        for d in ("0", "0.1")
    )
    hosting = [b["components"]["hosting"]["run_rate_usd"] for b in (full, less)]
    assert hosting[1] == pytest.approx(hosting[0] * 0.9)


def test_spot_tells_the_chance_and_refuses_the_impossible(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "spot", "--work-hours", "20", "--deadline-hours", "30", "--format", "json")
    assert code == 0
    assert 0 < json.loads(out)["finish_ratio"] <= 1
    code, _, err = ask(capsys, "spot", "--work-hours", "20", "--deadline-hours", "10")
    assert code == 2
    assert "cannot finish" in err


def test_goal_and_commitment_answer_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ask(capsys, "seek", "--usage", "report", "--target-saving", "0.4", "--format", "json")
    found = json.loads(out)
    assert found["reached"]
    assert found["choice"]["levers"]
    _, out, _ = ask(
        capsys, "commitment", "--usage", "report", "--on", "stop_idle_endpoints", "--target-coverage", "0.5",
        "--format", "json",
    )  # fmt: skip
    said = json.loads(out)
    assert len(said["offers"]) == 6
    assert "falls from" in said["history_against_residual"]["sentence"]
    assert said["targets"]["for_coverage_usd_per_hour"] > 0


def test_draws_add_a_range(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ask(
        capsys, "project", "--on", "managed_spot", "--draws", "200", "--seed", "3", "--format", "json"
    )
    spread = json.loads(out)["range"]
    assert spread["p10_usd"] < spread["p50_usd"] < spread["p90_usd"]


def test_unit_costs_by_month_add_up_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("units", "--usage", "report", "--on", "managed_spot", "--per", "month", "--months", "2")
    said = json.loads(ask(capsys, *asked, "--format", "json")[1])["units_by_month"]
    for month in ("2026-12-01", "2027-01-01"):
        rows = [r for r in said if r["month_start"] == month]
        total = sum(
            (r["volume"] or 0) * (r["after_unit_billed_usd"] or 0) + r["after_outside_usd"] for r in rows
        )
        assert total == pytest.approx(sum(r["after_cost_usd"] for r in rows), abs=0.02)
    out = tmp_path / "units.parquet"
    assert ask(capsys, *asked, "--format", "parquet", "--out", str(out))[0] == 0
    assert len(pd.read_parquet(out)) == len(said)
    code, _, err = ask(capsys, "savings", "--usage", "report", "--format", "parquet")
    assert (code, "needs --out" in err) == (2, True)


def test_a_reader_that_leaves_early_sees_no_error() -> None:
    command = [sys.executable, "-m", "simulator", "levers"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        assert started.stderr.read() == b""
    assert started.returncode == 0


def test_every_module_of_commands_is_a_command() -> None:
    shared = {
        "__init__",
        "limits",
        "main",
        "notify",
        "options",
        "terminal",
        "tools",
        "tool_answers",
        "tool_arguments",
    }
    modules = {path.stem for path in (ROOT / "simulator" / "cli").glob("*.py")} - shared
    assert modules - {place.partition(":")[0] for place, _ in COMMANDS.values()} == set()


def test_budgets_stand_beside_the_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "budgets.csv"
    file.write_text("name,usd,month\nall,1000,\n")
    code, out, _ = ask(capsys, "budget", str(file), "--usage", "team", "--draws", "0", "--format", "json")
    said = json.loads(out)
    first = said["months"][0]
    assert code == 0
    assert len(said["months"]) == 12
    assert first["over_usd"] == pytest.approx(first["scenario_usd"] - 1000)
    assert said["first_month_over"]["all"] == first["month_start"]


def test_a_history_becomes_the_growth_of_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """36 months of the same dollars: no growth, and a range that the scenario's file holds."""
    lines = [f"{2023 + n // 12}-{n % 12 + 1:02d},100,training" for n in range(36)]
    (tmp_path / "bill.csv").write_text("\n".join(["date,usd,component", *lines]) + "\n")
    made = tmp_path / "grown.json"
    asked = (
        "forecast",
        "--history",
        str(tmp_path / "bill.csv"),
        "--scenario",
        "balanced",
        "--use",
        str(made),
    )
    assert ask(capsys, *asked)[0] == 0
    scenario = json.loads(made.read_text())
    assert scenario["planning"]["training_growth"] == 0
    assert list(scenario["growth_range"]) == ["training_growth"]
    code, out, _ = ask(capsys, "project", "--usage", "report", "--scenario", str(made), "--format", "json")
    assert (code, json.loads(out)["scenario"]["growth_range"]) == (0, scenario["growth_range"])


def test_help_shows_the_value_of_each_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Not that there is one: the discount is 0.6, the seed 0, and a switch has none to show."""
    main(["spot", "--help"])
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Instance Advisor [default: 0.6]" in words
    assert "figures [default: 0]" in words
    assert "True" not in words
    assert "anew after an interruption --checkpoint" in words


def test_the_table_says_of_each_lever_what_it_changes_or_why_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("project", "--usage", "report", "--on", "managed_spot", "--on", "vector_store_to_s3")
    text = ask(capsys, *asked)[1]
    said = {x["id"]: x["verdict"] for x in json.loads(ask(capsys, *asked, "--format", "json")[1])["levers"]}
    assert {v["status"] for v in said.values()} == {"saves", "not applicable"}
    for lever_id, v in said.items():
        assert f"\n{lever_id}: {v['status']}. {v['sentence']}\n" in text


def test_the_table_of_a_scenario_states_its_range_as_the_json_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("project", "--usage", "report", "--on", "managed_spot", "--prices-as-of", "2026-11-28")
    text = ask(capsys, *asked, "--draws", "200")[1]
    made = json.loads(ask(capsys, *asked, "--draws", "200", "--format", "json")[1])
    for name in ("range", "saving_range", "bill_range"):
        assert f"${made[name]['p10_usd']:,.2f} to ${made[name]['p90_usd']:,.2f}" in text
    assert "P10 to P90 of 1,000 draws" in ask(capsys, *asked)[1]
    assert "P10" not in ask(capsys, "project", "--usage", "report")[1]


def test_the_table_names_what_costs_nobody_knows_how_much(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [{"model_id": f"acme.m{n}-v1:0", "input_tokens": 1e6, "output_tokens": 0.0} for n in range(7)]
    save_snapshot(snapshot_with(bedrock=rows), tmp_path / "a")
    text = ask(capsys, "project", "--usage", str(tmp_path / "a"))[1]
    assert "no price for bedrock_input acme.m0-v1:0 in us-east-1; a price of your own settles it" in text
    assert text.count("cost unknown") == 5
    assert "2 more charges of unknown cost" in text


def test_a_report_that_cannot_be_made_leaves_no_empty_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for out in (tmp_path / "new", old):
        assert ask(capsys, "report", "--scenario", str(tmp_path / "none.json"), "--out", str(out))[0] == 2
    assert list(tmp_path.iterdir()) == [old]
