"""The text that reproduces a scenario gives the figures of the app when it is run."""

import contextlib
import io
import json
import shlex

import pytest

from simulator.cli.main import main
from simulator.engine.scenario import Scenario, preset
from simulator.engine.simulate import simulate
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.reports.bundle import images, whole_spec
from simulator.reports.comparison import by_component, inputs_that_differ
from simulator.reports.reproduce import as_command, as_python
from tests.accounts import PRICES, prices, sample_account

REPORT = sample_account("report")


def test_command_line_gives_the_apps_saving() -> None:
    scenario = preset("no_regret")
    scenario = scenario.with_lever(StopIdleEndpoints(quiet_days=7))
    ours = simulate(REPORT, scenario, prices()).saving_usd
    words = shlex.split(as_command(scenario, "report", PRICES).replace("\\\n", " "))
    assert words[:3] == ["python", "-m", "simulator"]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*words[3:], "--format", "json"]) == 0
    assert json.loads(out.getvalue())["result"]["saving_usd"] == pytest.approx(ours)


def test_python_text_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.json").write_text(json.dumps(preset("no_regret").to_dict()))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(as_python("report", PRICES, sample=True), "text", "exec"), {})  # noqa: S102
    saving = float(out.getvalue().split()[2])
    assert saving == pytest.approx(simulate(REPORT, preset("no_regret"), prices()).saving_usd)


def test_scenario_with_kept_resources_points_to_its_file() -> None:
    assert "--scenario scenario.json" in as_command(Scenario(keep=frozenset({"x"})), "team", PRICES)


def test_inputs_that_differ_leave_out_what_is_the_same() -> None:
    one = simulate(REPORT, preset("no_regret"), prices())
    other = simulate(REPORT, preset("no_regret"), prices())
    assert inputs_that_differ({"one": one, "other": other}).empty


def test_components_of_scenarios_add_up() -> None:
    state = simulate(REPORT, Scenario(), prices()).baseline
    table = by_component({"today": state.charges}).set_index("area")["today"]
    assert table["total"] == pytest.approx(state.total_usd, abs=0.01)


def test_chart_leaves_as_svg_and_png() -> None:
    import pandas as pd

    from simulator.charts import months_spec

    frame = pd.DataFrame({"month": [1, 2], "usd": [1.0, 2.0], "bill": ["Scenario"] * 2})
    made = images(whole_spec(frame, months_spec()))
    assert made["svg"].startswith(b"<svg")
    assert made["png"].startswith(b"\x89PNG")
