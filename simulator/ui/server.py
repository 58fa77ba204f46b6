"""The page as a server: login from the environment, a path prefix, readiness, logs and metrics.

`streamlit run streamlit_app.py` serves the same page to one person without any of it.
"""

from __future__ import annotations

import os
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.errors import InputError, SimulatorError
from simulator.shipped import shipped
from simulator.ui import identity, keeper, observed, session, view, warm

ENTRY = "streamlit_app.py"
BROWSER_SECONDS = 1.0


def application(*, browser: bool = False, base_path: str = "") -> st.App:
    """The page with what a server needs around it. Raises InputError when the settings are not whole."""
    settings = identity.login_settings()
    if settings:
        os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", settings["cookie_secret"])
        from streamlit.runtime.secrets import secrets_singleton

        secrets_singleton.merge_programmatic_secrets({"auth": dict(settings)})

    @asynccontextmanager
    async def life(_: Any) -> AsyncIterator[None]:
        observed.begin()
        warm.begin()
        if browser:
            threading.Timer(BROWSER_SECONDS, webbrowser.open, [_own_address(base_path)]).start()
        yield

    prefix = f"/{base_path}" if base_path else ""
    return st.App(
        shipped(ENTRY),
        secrets={"auth": dict(settings)} if settings else None,
        routes=[
            Route(f"{prefix}/health", _health, methods=["GET"]),
            Route(f"{prefix}/ready", _ready, methods=["GET"]),
        ],
        middleware=[Middleware(observed.Requests, prefix=prefix)],
        on_script_error=observed.script_failed,
        lifespan=life,
    )


def base_path_of(given: str | None) -> str:
    """The path prefix without slashes at its ends: as given, else that of the page's public address."""
    path = urlsplit(os.environ.get(identity.PUBLIC_URL, "")).path if given is None else given
    made = path.strip("/")
    if any(c in made for c in "?#%\\ ") or ".." in made or "//" in made:
        raise InputError(f"base path {path!r}: expected a path such as /spend")
    return made


def _own_address(base_path: str) -> str:
    return f"http://localhost:{st.get_option('server.port')}/{base_path}"


async def _health(_: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _ready(_: Request) -> JSONResponse:
    """It can serve people: the database answers, the prices can be read. 503 with which of them does not."""
    from starlette.concurrency import run_in_threadpool

    found = await run_in_threadpool(readiness)
    return JSONResponse(found, status_code=200 if all(v == "ok" for v in found.values()) else 503)


def readiness() -> dict[str, str]:
    """What serving people needs, each "ok" or in a word why not."""
    return {"database": _checked(keeper.check), "prices": _checked(_prices)}


def _prices() -> None:
    view.price_book(session.today())


def _checked(check: Callable[[], None]) -> str:
    try:
        check()
    except (SimulatorError, ValueError, OSError) as error:
        return type(error).__name__
    return "ok"
