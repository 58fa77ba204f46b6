"""Charts: figures drawn are the figures worked out; specs are valid Vega-Lite; colours can be told apart."""

import re
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from simulator import charts
from simulator.analysis.attribution import waterfall
from simulator.charts.bill import _bar
from simulator.engine.scenario import Scenario, preset
from simulator.engine.simulate import Result, simulate
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from tests.accounts import account_with, prices, traffic

BACKGROUNDS = ("#ffffff", "#12161c")
SPECS = {
    "waterfall": charts.waterfall_spec(5),
    "months": charts.months_spec(),
    "components": charts.components_spec("Where", 4),
    "lines": charts.lines_spec(("one", "other")),
    "band": charts.band_spec(),
    "swings": charts.swings_spec(3),
    "curve": charts.curve_spec(),
    "cumulative": charts.cumulative_spec(),
    "ladder": charts.ladder_spec(),
    "compaction": charts.compaction_spec(),
    "serving": charts.serving_spec(("on demand", "batch")),
}


def idle_endpoint_stopped() -> Result:
    silent = traffic("idle", [0.0] * 720)
    account = account_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=silent)
    return simulate(account, Scenario((StopIdleEndpoints(),)), prices())


@pytest.mark.parametrize("name", SPECS)
def test_spec_is_valid_vega_lite(name: str) -> None:
    alt.Chart.from_dict({"data": {"name": "data"}, **SPECS[name]})


@pytest.mark.parametrize("name", SPECS)
def test_chart_has_a_title_and_names_its_unit(name: str) -> None:
    text = str(SPECS[name])
    assert SPECS[name]["title"]
    assert name == "components" or "USD" in text


def test_waterfall_goes_from_todays_bill_to_the_scenarios() -> None:
    result = idle_endpoint_stopped()
    bars = charts.waterfall_frame(result, waterfall(result))
    # ml.g5.2xlarge hosts at $1.515 an hour: 730 h x 1.515 = 1,105.95
    assert list(bars["label"]) == ["$1,106", "−$1,106", "$0"]
    assert list(bars["kind"]) == ["bill", "saves", "bill"]
    assert bars["start"].iloc[1] - bars["end"].iloc[1] == pytest.approx(1105.95)


def test_waterfall_of_many_levers_draws_the_small_ones_together_and_still_adds_up() -> None:
    from simulator.snapshot.sample import load_sample

    result = simulate(load_sample("team"), preset("ambitious"), prices())
    bars = charts.waterfall_frame(result, waterfall(result))
    levers = bars[bars["kind"] != "bill"]
    assert len(levers) == charts.MOST_BARS + 1
    drawn = (levers["start"] - levers["end"]).sum()
    assert drawn == pytest.approx(result.saving_usd, abs=0.2)
    assert (bars["low"] <= bars[["start", "end"]].min(axis=1)).all()


def test_a_lever_that_costs_more_is_told_by_sign_and_word() -> None:
    bars = pd.DataFrame([_bar("Warm pools", 100.0, 130.0)])
    assert bars["label"][0] == "+$30"
    assert bars["kind"][0] == "costs more"


def test_unexplained_part_is_said_in_words() -> None:
    frame = charts.components_frame({"training": 8.30}, {"training": 2276.70})
    assert frame["words"].iloc[-1] == "$8 and $2,277 unexplained"


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_colour_has_three_to_one_contrast_with_the_background(background: str) -> None:
    colors = {*charts.COMPONENT_COLORS.values(), *charts.KIND_COLORS.values(), *charts.LINE_COLORS}
    assert {c: round(contrast(c, background), 2) for c in colors if contrast(c, background) < 3} == {}


def test_theme_and_charts_use_the_same_component_colours() -> None:
    config = (Path(__file__).parents[1] / ".streamlit/config.toml").read_text()
    for line in re.findall(r"chartCategoricalColors = (\[.*\])", config):
        assert re.findall(r"#\w{6}", line) == list(charts.COMPONENT_COLORS.values())


@pytest.mark.parametrize(("dark", "background"), [(False, BACKGROUNDS[0]), (True, BACKGROUNDS[1])])
def test_words_of_charts_reach_aa(dark: bool, background: str) -> None:
    config = charts.themed(charts.months_spec(), dark=dark)["config"]
    words = [config["axis"]["labelColor"], config["axis"]["titleColor"], config["text"]["color"]]
    assert min(contrast(c, background) for c in words) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """WCAG 2.2 relative luminance of an sRGB colour."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
