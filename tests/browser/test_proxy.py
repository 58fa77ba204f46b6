"""Behind a reverse proxy with a path prefix: every page, link, file and the websocket stay below it."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.app import follow, open_page
from tests.browser.conftest import new_context
from tests.browser.served import free_port, serve_app
from tests.proxy import Proxy, proxied

PREFIX = "/spend"

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxied") / "server.log"


@pytest.fixture(scope="module")
def proxy(log: Path, metrics_port: int) -> Iterator[Proxy]:
    settings = {"ML_SPEND_LOG": "json", "ML_SPEND_METRICS_PORT": str(metrics_port)}
    with serve_app(log, settings, base_path=PREFIX) as served:
        port = urlsplit(served.url).port
        assert port is not None
        with proxied(PREFIX, port) as server:
            yield server


def text_of(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return str(answer.read().decode())


def test_pages_links_and_the_websocket_stay_below_the_prefix(chromium: Browser, proxy: Proxy) -> None:
    context = new_context(chromium)
    page = context.new_page()
    open_page(page, proxy.url, "simulate?managed_spot.on=true")
    assert urlsplit(page.url).path == f"{PREFIX}/simulate"
    follow(page, "Link")
    assert urlsplit(page.url).path == f"{PREFIX}/share"
    expect(page.get_by_text(f"{proxy.url}/simulate?").first).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"{proxy.url}/simulate?").first).to_be_visible(timeout=30_000)
    follow(page, "Workspace")
    expect(page.get_by_text("can be reached by others and has no login")).to_be_visible()
    context.close()
    assert [p for p in proxy.refused if p != "/favicon.ico"] == []


def test_readiness_health_and_metrics_answer_and_the_metrics_have_a_port_of_their_own(
    proxy: Proxy, metrics_port: int
) -> None:
    assert json.loads(text_of(f"{proxy.url}/health")) == {"status": "ok"}
    assert json.loads(text_of(f"{proxy.url}/ready")) == {"database": "ok", "prices": "ok"}
    said = text_of(f"http://127.0.0.1:{metrics_port}/metrics")
    assert 'ml_spend_requests_total{route="ready",status="200"}' in said
    assert "ml_spend_page_seconds_bucket" in said
    assert "ml_spend_" not in text_of(f"{proxy.url}/metrics"), "the page answers there, not the metrics"


def test_the_log_is_one_object_per_line_without_addresses(proxy: Proxy, log: Path) -> None:
    text_of(f"{proxy.url}/overview?account=secret-account-name")
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    assert {"started", "request"} <= {json.loads(line)["event"] for line in lines}
    assert "secret-account-name" not in log.read_text()
