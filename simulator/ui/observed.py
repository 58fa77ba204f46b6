"""What an operator sees of a server: one line per request and event, counts for Prometheus, readiness.

Nothing of an account, a person or a scenario is in it: paths without their query, names of pages, outcomes, times.
A failure is told by its type and the lines of code it passed, never by its message, which may quote an account.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from simulator.errors import InputError

LOG, PORT, ADDRESS = "ML_SPEND_LOG", "ML_SPEND_METRICS_PORT", "ML_SPEND_METRICS_ADDRESS"
EVENTS = logging.getLogger("ml_spend")
OURS = ("health", "ready", "oauth2callback")
STREAMLIT = ("_stcore", "auth", "static", "media")
REQUESTS = Counter("ml_spend_requests_total", "HTTP requests by route and status", ["route", "status"])
REQUEST_SECONDS = Histogram("ml_spend_request_seconds", "Time of HTTP requests by route", ["route"])
RUNS = Histogram("ml_spend_page_seconds", "Time of one run of a page on the server", ["page"])
FAILED = Counter("ml_spend_page_failures_total", "Runs that ended in an unexpected error", ["type"])
SAVES = Counter("ml_spend_saves_total", "Autosaves by outcome: saved, conflict, refused", ["outcome"])
CONNECTIONS = Gauge("ml_spend_connections", "Open browser connections")


class Lines(logging.Formatter):
    """One JSON object per line. Of other libraries' records the template is kept, not what was filled in."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        said |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            said |= _failure(record.exc_info[1])
        return json.dumps(said, ensure_ascii=True)


def event(name: str, **fields: str | int | float) -> None:
    """Something an operator may want to count. Fields carry no account data."""
    EVENTS.info(name, extra={"fields": fields})


def begin() -> None:
    """Logs and metrics as the environment asks: ML_SPEND_LOG=json, ML_SPEND_METRICS_PORT=9400."""
    if os.environ.get(LOG) == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
        for logger in (EVENTS, *_loggers("streamlit"), *_loggers("uvicorn"), logging.getLogger()):
            logger.handlers, logger.propagate = [], True
        logging.getLogger().handlers = [handler]
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger("uvicorn.access").disabled = True  # whole addresses, and ours says the same without
        EVENTS.setLevel(logging.INFO)
    if port := os.environ.get(PORT):
        if not port.isdecimal():
            raise InputError(f"{PORT}: expected a port, not {port!r}")
        start_http_server(int(port), os.environ.get(ADDRESS, "127.0.0.1"))
    event("started")


def _loggers(root: str) -> list[logging.Logger]:
    names = [n for n in logging.Logger.manager.loggerDict if n == root or n.startswith(f"{root}.")]
    return [logging.getLogger(n) for n in names]


class Requests:
    """ASGI middleware: counts and logs requests by route, never by address."""

    def __init__(self, app: Any, prefix: str = "") -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] == "websocket":
            with CONNECTIONS.track_inprogress():
                await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, route = time.perf_counter(), [500], route_of(scope["path"], self._prefix)

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - began
            REQUESTS.labels(route, str(status[0])).inc()
            REQUEST_SECONDS.labels(route).observe(seconds)
            if route not in {"static", "health", "ready"}:
                event(
                    "request", method=scope["method"], route=route, status=status[0], ms=round(seconds * 1000)
                )


def route_of(path: str, prefix: str = "") -> str:
    """The kind of a path: nothing a visitor typed comes back."""
    parts = path.removeprefix(prefix).strip("/").split("/")
    if parts[0] in OURS:
        return parts[0]
    if "_stcore" in parts:
        after = parts[parts.index("_stcore") + 1 :]
        return f"_stcore/{after[0]}" if after and after[0] in _CORE else "_stcore"
    return parts[0] if parts[0] in STREAMLIT else "page"


_CORE = ("health", "stream", "host-config", "upload_file", "metrics", "component", "bidi-components")


@contextmanager
def run_of(page: str) -> Iterator[None]:
    """Time one run of a page."""
    began = time.perf_counter()
    try:
        yield
    finally:
        RUNS.labels(page).observe(time.perf_counter() - began)


def saved(outcome: str) -> None:
    """An autosave came to an end."""
    SAVES.labels(outcome).inc()
    if outcome != "saved":
        event("save", outcome=outcome)


def script_failed(error: Exception) -> bool:
    """Note an unexpected error; the page says only that there was one."""
    FAILED.labels(type(error).__name__).inc()
    EVENTS.error("page failed", extra={"fields": _failure(error)})
    return False


def _failure(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "type": type(error).__name__,
        "where": [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames],
    }
