"""The gate passes and fails by its exit code, and says why in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.cli.main import main


def test_a_bill_below_the_budget_passes_and_above_it_fails_with_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The report account's idle pair alone costs 2 × 1.515 × 730 = $2,211.90 a month."""
    summary = tmp_path / "summary.md"
    assert main(["gate", "--usage", "report", "--budget", "2000", "--out", str(summary)]) == 3
    assert "failed" in summary.read_text(encoding="utf-8")
    assert "$2,000.00" in summary.read_text(encoding="utf-8")
    assert main(["gate", "--usage", "report", "--budget", "2000", "--on", "stop_idle_endpoints"]) == 0
    assert "passed" in capsys.readouterr().out


def test_a_plan_kept_on_the_same_account_is_on_plan(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert main(["ledger", "keep", "--usage", "report", "--out", str(plan)]) == 0
    assert main(["gate", "--usage", "report", "--plan", str(plan)]) == 0
    saving = tmp_path / "saving.json"
    assert (
        main(["ledger", "keep", "--usage", "report", "--on", "stop_idle_endpoints", "--out", str(saving)])
        == 0
    )
    assert main(["gate", "--usage", "report", "--plan", str(saving)]) == 3
    assert "realised" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [[], ["--budget", "1", "--plan", "x.json"], ["--budget", "-1"], ["--plan", "none.json"]]
)
def test_what_cannot_be_told_exits_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "--usage", "report", *options]) == 2
    assert "simulator:" in capsys.readouterr().err
