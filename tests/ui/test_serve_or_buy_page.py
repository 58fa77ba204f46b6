"""The page *Serve or buy*: it shows the engine's answer; a load test replaces the curve; unknown stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator import Account, load_sample, simulate
from simulator.analysis.serve_or_buy import Answer, serve_or_buy
from simulator.engine.scenario import preset
from tests.accounts import prices
from tests.ui.pages import metrics, opened, ran


def team_answers() -> list[Answer]:
    return serve_or_buy(simulate(Account.open(load_sample("team")), preset("none"), prices()))


def test_it_says_what_the_engine_says_and_warns_where_nothing_was_measured() -> None:
    app = opened("serve_or_buy", sample="team")
    app.selectbox(key="serving_pick").select("qa-staging-llm (endpoint)")
    ran(app)
    answer = next(a for a in team_answers() if a.name == "qa-staging-llm")
    crossing = answer.ways[0].crossover_per_hour[1]
    assert metrics(app)["Crossover, requests per hour"] == f"{crossing:,.0f}"
    assert any("Not measured" in w.value for w in app.warning)


def test_a_load_test_replaces_the_published_curve() -> None:
    app = opened("serve_or_buy", sample="team")
    app.selectbox(key="serving_pick").select("qa-staging-llm (endpoint)")
    ran(app)
    run = {
        "output_token_throughput": {"avg": 500.0},
        "output_sequence_length": {"avg": 100.0},
        "input_config": {"loadgen": {"concurrency": 64}},
    }
    app.file_uploader(key="serving_upload").upload("profile_export_aiperf.json", json.dumps(run).encode())
    ran(app)
    # one instance that writes 500 tokens a second answers 500 x 3600 / (tokens of an answer) requests an hour
    assert not any("Not measured" in w.value for w in app.warning)
    answer = next(a for a in team_answers() if a.name == "qa-staging-llm")
    assert answer.instances == 1
    assert answer.tokens_out
    assert metrics(app)["Full at, requests per hour"] == f"{500 * 3600 / answer.tokens_out:,.0f}"


def test_a_file_that_is_no_load_test_is_refused_in_words() -> None:
    app = opened("serve_or_buy", sample="team")
    app.file_uploader(key="serving_upload").upload("x.json", b"{}")
    ran(app)
    assert "was not used" in app.error[0].value


def test_a_load_test_for_which_there_is_no_room_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("serve_or_buy", sample="team")
    app.file_uploader(key="serving_upload").upload("x.json", b"{}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    ran(app)
    assert "no room on this machine" in app.error[0].value
    assert not app.exception


def test_a_model_to_compare_with_gives_every_endpoint_a_crossover() -> None:
    app = opened("serve_or_buy", sample="team")
    app.selectbox(key="serving_bedrock").select("amazon.nova-pro-v1:0")
    ran(app)
    app.session_state["serving_tab"] = "All endpoints and models"
    ran(app)
    table = app.dataframe[0].value.set_index("name")
    assert float(str(table["buying"]["code-assist-llm"])) > 0


def test_an_account_without_such_resources_says_so() -> None:
    from simulator.engine.scenario import Scenario
    from tests.accounts import account_with
    from tests.ui.pages import opened_on

    app = opened_on(account_with(), "serve_or_buy", Scenario())
    assert any("no endpoint on accelerators" in i.value for i in app.info)
