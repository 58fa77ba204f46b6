"""What an operator sees holds nothing of an account, and says when the database does not answer."""

import json
import logging

import pytest
import streamlit as st

from simulator.errors import InputError
from simulator.ui.observed import Lines, begin, route_of, script_failed
from simulator.ui.server import base_path_of, readiness


def record(message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("streamlit", logging.ERROR, "x.py", 1, message, args, exc_info)  # type: ignore[arg-type]


def test_a_failure_is_told_by_its_type_and_place_and_not_by_its_message() -> None:
    try:
        raise ValueError("endpoint payments-prod of account 123456789012 costs $7")
    except ValueError as error:
        said = json.loads(Lines().format(record("failed", exc_info=(ValueError, error, error.__traceback__))))
    assert said["type"] == "ValueError"
    assert any("test_observed.py" in place for place in said["where"])
    assert "payments" not in json.dumps(said)


def test_of_other_libraries_the_template_is_kept_not_what_was_filled_in() -> None:
    said = json.loads(Lines().format(record("cannot read %s", "payments-prod")))
    assert said["event"] == "cannot read %s"


def test_an_unexpected_error_of_a_page_is_logged_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert script_failed(KeyError("payments-prod")) is False
    assert "payments" not in str([vars(r) for r in caplog.records])


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/spend/ready", "ready"),
        ("/spend/simulate", "page"),
        ("/spend/", "page"),
        ("/spend/_stcore/upload_file/session/file", "_stcore/upload_file"),
        ("/spend/simulate/_stcore/health", "_stcore/health"),
        ("/spend/_stcore/whatever-somebody-typed", "_stcore"),
        ("/spend/media/0a1b.csv", "media"),
        ("/spend/whatever-somebody-typed", "page"),
    ],
)
def test_a_route_says_nothing_a_visitor_typed(path: str, route: str) -> None:
    assert route_of(path, "/spend") == route


def test_readiness_names_what_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    assert readiness() == {"database": "ok", "prices": "ok"}
    st.cache_resource.clear()
    monkeypatch.setenv("ML_SPEND_DATABASE", "postgresql://ann:hunter2@127.0.0.1:1/none")
    assert readiness() == {"database": "ValueError", "prices": "ok"}
    monkeypatch.setenv("ML_SPEND_PRIVATE", "1")
    assert readiness() == {"database": "ok", "prices": "ok"}, "in private mode there is no database"


def test_a_metrics_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_SPEND_METRICS_PORT", "everywhere")
    with pytest.raises(InputError, match="ML_SPEND_METRICS_PORT"):
        begin()


def test_the_prefix_comes_from_the_public_address_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_SPEND_URL", "https://ml.example.com/team/spend/")
    assert base_path_of(None) == "team/spend"
    assert base_path_of("/other/") == "other"
    for wrong in ("a?b", "../up", "a b"):
        with pytest.raises(InputError, match="base path"):
            base_path_of(wrong)
