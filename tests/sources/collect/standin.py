"""The HTTP stand-in for AWS: moto's server behind the overlay, a process of its own."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[3]
READY_SECONDS = 60
# What moto would make anew for every empty account: a thousand machine images as soon as tags are asked for.
UNUSED = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "false", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}


def serve(overlay: Callable[[Any], Any]) -> None:
    """Serve moto behind an overlay on the port given, until killed."""
    from moto import backends
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        """Keeps the connection, as AWS does; werkzeug's own closes it, and waits 10 ms for more of every request.

        That is safe here: the overlay reads each request to its end.
        """

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def run_wsgi(self) -> None:
            head: list[Any] = []
            written: list[bytes] = []

            def start_response(*said: Any) -> Callable[[bytes], None]:
                head.extend(said)
                return written.append

            written.extend(self.server.app(self.make_environ(), start_response))
            body = b"".join(written)
            code, _, words = head[0].partition(" ")
            self.send_response(int(code), words)
            headers = {name.lower(): value for name, value in head[1]}
            if self.command != "HEAD":
                headers["content-length"] = str(len(body))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    modules = tuple(backends.list_of_moto_modules())  # moto lists its own folder anew for every request
    backends.list_of_moto_modules = lambda: modules
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = overlay(DomainDispatcherApplication(create_backend_app))
    make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=Handler).serve_forever()


class Standin:
    """The running stand-in, as tests see it."""

    module = "tests.sources.collect.standin"

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **UNUSED}
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, str(self.port)], cwd=ROOT, env=environment
        )
        self._session = requests.Session()
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                self.reset()
                return
            except requests.ConnectionError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"the stand-in ended with {self.process.returncode}") from None
                time.sleep(0.1)
        raise RuntimeError(f"the stand-in did not answer within {READY_SECONDS} s")

    def _control(self, verb: str, data: Any = None) -> Any:
        answer = self._session.post(f"{self.url}/_standin/{verb}", json=data, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def reset(self) -> None:
        """An empty account, no faults, nothing recorded."""
        self._control("reset")

    def seed(self, seed: dict[str, Any]) -> None:
        """Add to the account; see World.seed."""
        self._control("seed", seed)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace the rules of what goes wrong; see Faults."""
        self._control("faults", list(rules))

    def forget(self) -> None:
        """Forget the calls recorded so far."""
        self._control("forget")

    def calls(self) -> list[tuple[str, str, str]]:
        """(service, operation, region) of every HTTP request since the last reset or forget."""
        return [tuple(c) for c in self._control("calls")]

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(10)


if __name__ == "__main__":
    from tests.sources.collect.overlay import Overlay

    serve(Overlay)
