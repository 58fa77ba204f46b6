"""Serve or buy: the curve against measured runs it has not seen, the crossover by hand, load tests of one's own."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import PriceBook, simulate
from simulator.analysis.serve_or_buy import Ask, serve_or_buy
from simulator.analysis.serving_costs import Prices, crossover_per_hour, serving_usd_per_million
from simulator.analysis.serving_curves import (
    Curve,
    curve_for,
    elsewhere,
    fit,
    held_back,
    leave_one_out,
    own_curve,
    runs,
    unlike_band,
    unmeasured_band,
)
from simulator.analysis.serving_units import imported, needs_unit_price, provisioned_ways, units_at
from simulator.cli import tools
from simulator.cli.main import main
from simulator.engine.scenario import preset
from simulator.errors import InputError
from simulator.pricing.files import OwnText
from simulator.sources.load_tests import Run, read_load_tests
from tests.accounts import PRICES, account_with, prices, sample_account

SHARP = Curve("", 1_000.0, 1e3, 1, True, 1.0, "")


def test_leave_one_run_out_keeps_to_its_bars() -> None:
    scored = leave_one_out()
    assert len(scored) == 140
    assert scored["error"].median() <= 0.05
    assert scored["error"].quantile(0.9) <= 0.25
    assert scored[scored["requests_per_second"].between(10, 25)]["error"].median() <= 0.10


def test_the_32_runs_held_back_are_scored_and_took_no_part_in_fitting() -> None:
    kept = held_back()
    assert len(kept) == 32
    assert int((~runs()["held_back"]).sum()) == 140
    # same lengths: within a quarter; long prompts or answers below saturation: within 6 %
    assert kept[kept["shape"] == "chat"]["error"].max() <= 0.25
    assert kept[(kept["shape"] != "chat") & (kept["requests_per_second"] == 1)]["error"].max() <= 0.06


def test_figures_of_others_are_within_the_band_of_unmeasured_hardware() -> None:
    told = elsewhere()
    assert told["dated"].notna().all()
    assert told["source"].notna().all()
    # an A10G with vLLM 0.4.3 wrote 301.19 a second; 2,892 of the A100 x 600 / 1,935 = 897 is predicted: 2.98 times it
    a10g = told[(told["accelerator"] == "A10G-24GB") & (told["engine"] == "vllm")]["ratio"].iloc[0]
    assert a10g == pytest.approx(2_892 * 600 / 1_935 / 301.19, rel=1e-3)
    assert unmeasured_band() == pytest.approx(a10g)
    unseen = told[~told["fitted"]]["ratio"]
    assert unseen.between(1 / unmeasured_band() * 0.999, unmeasured_band() * 1.001).all()
    # one H100 in MLPerf 5.1: longer prompts than the fitted runs, so within the band of other lengths
    seen = told[told["fitted"]]["ratio"]
    assert seen.between(1 / unlike_band(), unlike_band()).all()


def test_published_figures_by_hand() -> None:
    # C2 wrote 8,155.1 tokens a second at $6.98 an hour: 6.98 / (8155.1 x 3600 / 1e6) = $0.2378 per million written
    curve = curve_for("ml.p5.4xlarge", "Llama-3.1-8B", "fp8")
    assert curve is not None
    assert curve.measured
    full = serving_usd_per_million(6.98, 200 * 3600, curve, 0.0, 256.0)
    assert full == pytest.approx(0.2378, rel=0.05)
    # at one request a second: 6.98 / (255.4 x 3600 / 1e6) = $7.59
    assert serving_usd_per_million(6.98, 3600, curve, 0.0, 256.0) == pytest.approx(7.59, rel=0.01)


def test_crossover_by_hand() -> None:
    # $1.515 an hour and $0.00918 a request cross at 165 requests an hour, far below the ceiling
    low, best, high = crossover_per_hour(1.515, 0.00918, SHARP, 256.0)
    assert best == pytest.approx(1.515 / 0.00918, rel=1e-6)
    assert low == pytest.approx(best)
    assert high == pytest.approx(best)
    # 1,000 tokens a second are 14,062.5 requests of 256 an hour: at $0.0001 a request 15,150 would be needed
    assert crossover_per_hour(1.515, 0.0001, SHARP, 256.0)[1] is None


@given(
    usd=st.floats(0.1, 100), request=st.floats(1e-5, 0.1), ceiling=st.floats(10, 1e5), knee=st.floats(1, 40),
    out=st.floats(1, 4_000),
)  # fmt: skip
def test_both_sides_cost_the_same_where_they_cross(
    usd: float, request: float, ceiling: float, knee: float, out: float
) -> None:
    curve = Curve("", ceiling, knee, 1, True, 1.3, "")
    low, best, high = crossover_per_hour(usd, request, curve, out)
    if best is None:
        assert usd / request * out / 3600 >= ceiling * (1 - 1e-9)
        return
    serving = serving_usd_per_million(usd, best, curve, 100.0, out)
    assert serving == pytest.approx(request / (100 + out) * 1e6, rel=1e-3)
    assert low is not None
    assert low <= best * (1 + 1e-9)
    assert high is None or high >= best * (1 - 1e-9)


@given(ceiling=st.floats(50, 1e4), knee=st.floats(1.2, 20))
def test_fit_finds_the_curve_that_made_the_runs(ceiling: float, knee: float) -> None:
    truth = Curve("", ceiling, knee, 1, True, 1.0, "")
    offered = ceiling * np.array([0.05, 0.3, 0.6, 0.9, 1.2, 2.0, 5.0])
    found = Curve("", *fit(offered, truth.served(offered)), 1, True, 1.0, "")
    assert found.served(offered) == pytest.approx(truth.served(offered), rel=0.03)


def test_outside_the_measured_hardware_it_says_so_with_a_wider_band() -> None:
    measured, scaled = (
        curve_for("ml.p4de.24xlarge", "Llama-3.1-8B"),
        curve_for("ml.g5.2xlarge", "Llama-3.1-8B"),
    )
    assert measured is not None
    assert scaled is not None
    assert (measured.measured, scaled.measured) == (True, False)
    assert scaled.band_ratio > measured.band_ratio
    # memory bandwidth 600 of an A10G over 1,935 of the card measured; eight cards serve eight copies
    assert scaled.ceiling_tokens_per_second * 8 * 1935 / 600 == pytest.approx(
        measured.ceiling_tokens_per_second
    )
    # 46.7 billion weights of two bytes do not fit one A10G; a CPU serves nothing
    assert curve_for("ml.g5.2xlarge", "Mixtral-8x7B") is None
    assert curve_for("ml.m5.large", "Llama-3.1-8B") is None
    # its accelerators are not known
    assert curve_for("ml.dl1.24xlarge", "Llama-3.1-8B") is None


def own(*rows: str) -> Prices:
    text = "\n".join(("component,item,region,usd,unit", *rows)) + "\n"
    return Prices(PriceBook.load(PRICES, own=OwnText(text)))


UNITS = "bedrock_provisioned,amazon.nova-pro-v1:0#1m,us-east-1,10,model_unit_hour"


@pytest.mark.parametrize("model", ["amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0"])
def test_provisioned_throughput_by_hand(model: str) -> None:
    # 1,000 requests of 1,200 tokens per hour are 20,000 a minute, three times that in the busiest one: 3 units of
    # 20,000 at $10. That is $0.03 a request and $25 per million tokens, however they are mixed.
    [way] = provisioned_ways(own(UNITS), model, "us-east-1", 1_200, 1_000, (25.0, SHARP, 256.0))
    assert way.name == "provisioned, 1 month"
    assert way.usd_per_request == pytest.approx(0.03)
    assert way.usd_per_million_tokens == pytest.approx(25.0)
    # an endpoint of $25 is two units' worth, which carry 2 x 20,000 x 60 / 3 / 1,200 requests, far below its ceiling
    assert way.crossover_per_hour == pytest.approx((666.667, 666.667, 666.667), rel=1e-3)
    assert needs_unit_price(own(UNITS), model, "us-east-1") == ""
    assert provisioned_ways(own(UNITS), model, "us-east-1", 1_200, None, (25.0, SHARP, 256.0)) == ()


def test_without_a_price_of_its_units_provisioned_throughput_names_what_it_needs() -> None:
    plain = Prices(prices())
    assert (
        provisioned_ways(plain, "us.amazon.nova-pro-v1:0", "us-east-1", 1_200, 1_000, (25.0, SHARP, 256.0))
        == ()
    )
    assert "amazon.nova-pro-v1:0#1m" in needs_unit_price(plain, "us.amazon.nova-pro-v1:0", "us-east-1")


BOOK = Prices(prices())


@given(
    rate=st.floats(0.1, 1e5), tokens=st.floats(10, 50_000), unit=st.floats(0.5, 200), hourly=st.floats(0.1, 400),
)  # fmt: skip
def test_units_carry_the_busiest_minute_and_beyond_the_crossover_cost_more_than_serving(
    rate: float, tokens: float, unit: float, hourly: float
) -> None:
    units = units_at(rate, tokens)
    assert units == int(units)
    assert units * 20_000 >= rate * tokens / 60 * 3 * (1 - 1e-9)
    assert units == 1 or (units - 1) * 20_000 < rate * tokens / 60 * 3
    BOOK.known |= {("bedrock_provisioned", "amazon.nova-pro-v1:0#1m", "us-east-1"): unit}
    endless = Curve("", 1e12, 50.0, 1, True, 1.0, "")
    [way] = provisioned_ways(
        BOOK, "amazon.nova-pro-v1:0", "us-east-1", tokens, rate, (hourly, endless, 256.0)
    )
    cross = way.crossover_per_hour[1]
    assert cross is not None
    assert units_at(cross * 1.001 + 1e-9, tokens) * unit > hourly * (1 - 1e-9)
    if cross > 0:
        assert units_at(cross * 0.999, tokens) * unit <= hourly * (1 + 1e-9)


def test_custom_model_import_in_windows_of_five_minutes_by_hand() -> None:
    # 8.03 billion weights of two bytes are 14.96 GiB, two units of 8. At 12 calls per hour a window has one with a
    # chance of 1 - 1/e = 0.63212: 2 x (0.05718 x 60 x 0.63212 + 1.95 / 730) = 4.3427
    way = imported(Prices(prices()), "Llama-3.1-8B", "float16", "us-east-1", 12.0)
    assert way.usd_per_hour == pytest.approx(4.3427, abs=1e-3)
    # no call, no window: storage only; all windows active: 2 x (0.05718 x 60 + 0.00267) = 6.867
    for rate, by_hand in ((1e-9, 0.00534), (1e4, 6.86694)):
        other = imported(Prices(prices()), "Llama-3.1-8B", "float16", "us-east-1", rate)
        assert other.usd_per_hour == pytest.approx(by_hand, abs=1e-5)
    nowhere = imported(Prices(prices()), "Llama-3.1-8B", "float16", "sa-east-1", 12.0)
    assert nowhere.usd_per_hour is None
    assert "sa-east-1" in nowhere.why


def test_every_way_is_there_for_a_bedrock_model_that_has_its_prices() -> None:
    model = "amazon.nova-pro-v1:0"
    row = {"model_id": model, "requests": 72_000, "input_tokens": 72e6, "output_tokens": 7.2e6}
    text = "component,item,region,usd,unit\n" + UNITS + "\n"
    reserved = "bedrock_reserved_{},amazon.nova-pro-v1:0,us-east-1,{},ktpm_month\n"
    text += reserved.format("input", 30) + reserved.format("output", 120)
    book = PriceBook.load(PRICES, own=OwnText(text))
    result = simulate(account_with(bedrock=[row]), preset("none"), book)
    [answer] = serve_or_buy(result, Ask(cached_ratio=0.5))
    names = [w.name for w in answer.ways]
    assert names[:2] == ["as paid", "on demand"]
    assert {"batch", "cached", "reserved", "provisioned, 1 month"} <= set(names)
    assert [w.name for w in answer.serving_ways] == ["Custom Model Import, one copy of 2 units"]
    assert not any("Provisioned" in text for text in answer.needs_price)


def test_a_band_of_no_width_is_not_told() -> None:
    found = serve_or_buy(simulate(sample_account("team"), preset("none"), prices()))
    for answer in found:
        for low, high in re.findall(r"\(([\d,]+) to ([\d,]+|never)\)", answer.sentence):
            assert low != high


def test_unknown_stays_unknown() -> None:
    account = account_with(endpoints=[{"instance_type": "ml.g5.2xlarge"}])
    [answer] = serve_or_buy(simulate(account, preset("none"), prices()))
    assert answer.verdict == "unknown"
    assert answer.serving_usd_per_million_tokens is None
    assert "how many tokens" in answer.sentence


def test_both_directions_on_the_sample_in_time() -> None:
    result = simulate(sample_account("team"), preset("none"), prices())
    serve_or_buy(result)
    start = time.process_time()
    found = serve_or_buy(result)
    assert (time.process_time() - start) / len(found) <= 0.05
    assert {a.direction for a in found} == {"serve", "buy"}
    for answer in found:
        if answer.verdict in ("serve", "buy"):
            assert answer.ways
            assert answer.serving_usd_per_million_tokens is not None
            cheaper = answer.serving_usd_per_million_tokens < answer.ways[0].usd_per_million_tokens
            assert answer.verdict == ("serve" if cheaper else "buy")
        assert answer.assumptions


def test_load_tests_of_ones_own(tmp_path: Path) -> None:
    vllm = tmp_path / "vllm.json"
    vllm.write_text(json.dumps({"request_rate": 2.0, "request_throughput": 1.9, "output_throughput": 380.0}))
    perf = tmp_path / "perf.json"
    perf.write_text(
        json.dumps({"output_token_throughput": {"avg": 900.0}, "output_sequence_length": {"avg": 200.0}})
    )
    table = tmp_path / "mine.csv"
    table.write_text(
        "requests_per_second,output_tokens_per_request,output_tokens_per_second\n1,200,199\n8,200,890\n"
    )
    found = read_load_tests([vllm, perf, table])
    assert found[0] == Run(2.0, 200.0, 380.0)
    assert found[1].requests_per_second == float("inf")
    assert len(found) == 4
    curve = own_curve(found)
    assert curve.ceiling_tokens_per_second == pytest.approx(900, rel=0.05)
    assert float(curve.served(200.0)) == pytest.approx(199, rel=0.05)
    assert Ask(load_test=found).load_test


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[]"),
        ("b.json", "{}"),
        ("c.csv", "x\n1\n"),
        ("d.json", '{"output_throughput": 5, "request_rate": -1}'),
    ],
)
def test_bad_load_tests_are_refused_in_words(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError):
        read_load_tests([tmp_path / name])


def test_command_and_tool_say_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["serve-or-buy", "--usage", "team", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    told = json.loads(json.dumps(tools.serve_or_buy("team")))
    assert told == said
    assert main(["serve-or-buy", "--usage", "team", "--cached", "0.5"]) == 0
    shown = capsys.readouterr().out
    for words in ("Assumed:", "Without a price:", "Bedrock, as paid", "with Schedule endpoints"):
        assert words in shown
    assert main(["serve-or-buy", "--cached", "2"]) == 2


def test_the_report_has_both_chapters() -> None:
    from simulator.reports.report import render_markdown
    from simulator.reports.report.contents import contents

    result = simulate(sample_account("team"), preset("none"), prices())
    text = render_markdown(contents(result, 12, draws=100, seed=0))
    assert "### A ladder of commitments" in text
    assert "## Serve or buy" in text
    assert "not measured" in text


def test_a_bedrock_model_is_compared_with_what_is_paid_for_it() -> None:
    from simulator.engine.scenario import Scenario

    result = simulate(sample_account("team"), Scenario(), prices())
    b = result.outcome.usage.bedrock
    paid = result.outcome.charges.by_resource("bedrock", len(b))
    found = {a.name: a for a in serve_or_buy(result) if a.direction == "buy"}
    assert found
    for n, name in enumerate(b.resource_id):
        if str(name) in found:
            way = found[str(name)].ways[0]
            assert way.name == "as paid"
            assert way.usd_per_request == pytest.approx(paid[n] / b.requests[n])
    batch = found["amazon.nova-lite-v1:0 us-east-1 batch"].ways
    assert batch[0].usd_per_request == pytest.approx(
        next(w for w in batch if w.name == "batch").usd_per_request
    )


def test_a_model_whose_tokens_are_unknown_is_unknown_and_never_free() -> None:
    row = {"model_id": "amazon.nova-pro-v1:0", "requests": 1e4, "output_tokens": 5e6}
    [answer] = serve_or_buy(simulate(account_with(bedrock=[row]), preset("none"), prices()))
    assert answer.tokens_in is None
    assert answer.verdict == "unknown"
    assert answer.sentence.startswith("Unknown")


def test_ways_to_serve_are_the_scenario_with_one_more_lever() -> None:
    from simulator.engine.acting import beside
    from simulator.levers import all_levers

    result = simulate(sample_account("team"), preset("none"), prices())
    answer = next(a for a in serve_or_buy(result) if a.name == "qa-staging-llm")
    ways = {w.name: w for w in answer.serving_ways}
    lever = all_levers()["schedule_endpoints"]()
    other = beside(result, result.scenario.with_lever(lever)).outcome
    row = [str(n) for n in other.usage.endpoints.endpoint_name].index("qa-staging-llm")
    monthly = other.charges.by_resource("endpoints", len(other.usage.endpoints))[row]
    assert ways[lever.title].usd_per_hour == pytest.approx(monthly / 730)
    # dollars per hour over requests and tokens of an hour
    assert answer.requests_per_hour
    tokens = answer.requests_per_hour * ((answer.tokens_in or 0) + (answer.tokens_out or 0))
    assert ways[lever.title].usd_per_million_tokens == pytest.approx(monthly / 730 / tokens * 1e6)
    assert all(w.why for w in answer.serving_ways if w.usd_per_hour is None)
    # the cost of an endpoint that a lever does not reach may move with the plans it frees: that is no way to serve it
    for name in ("autoscale_endpoints", "scale_to_zero", "custom_model_import"):
        said = all_levers()[name]().verdicts(result.outcome.usage)
        at = [str(n) for n in result.outcome.usage.endpoints.endpoint_name].index("qa-staging-llm")
        if not said.applies[at]:
            assert ways[all_levers()[name].title].usd_per_hour is None
            assert ways[all_levers()[name].title].why == said.sentence(at)


def test_ways_without_a_price_are_named_and_have_no_number() -> None:
    result = simulate(sample_account("team"), preset("none"), prices())
    said = {a.name: a.needs_price for a in serve_or_buy(result)}
    reserved, units = said["us.anthropic.claude-sonnet-4-5-20250929-v1:0 us-east-1"]
    assert (
        reserved
        == "Reserved: needs a price (bedrock_reserved_input and bedrock_reserved_output in own prices)."
    )
    assert units.startswith(
        "Provisioned throughput: AWS publishes no price per model unit for this model here"
    )
    assert "item anthropic.claude-sonnet-4-5-20250929-v1:0#1m" in units


@pytest.mark.parametrize(
    "config",
    [
        {"request_rate": 4.0},
        {"loadgen": {"request_rate": 4.0, "concurrency": 8}},
        {"phases": [{"warmup": {}}, {"profiling": {"request_rate": 4.0}}]},
    ],
)
def test_the_rate_of_a_benchmark_job_is_found_wherever_its_tool_keeps_it(
    tmp_path: Path, config: object
) -> None:
    file = tmp_path / "profile_export_aiperf.json"
    means = {"output_token_throughput": {"avg": 390.0}, "output_sequence_length": {"avg": 100.0}}
    file.write_text(json.dumps({"input_config": config, **means}))
    assert read_load_tests([file]) == (Run(4.0, 100.0, 390.0),)
