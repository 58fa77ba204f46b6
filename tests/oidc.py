"""A provider of OpenID Connect for tests: discovery, authorize, token, keys. Whoever is asked for is signed in.

Its page of choice names the people; codes are used once, tokens are signed with a key of this run.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "ml-spend", "stand-in-secret-of-the-server-only"
PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"sub": "1", "email": "ann@example.com", "email_verified": True},
    "bob": {"sub": "2", "email": "bob@example.com", "email_verified": True},
    "eve": {"sub": "3", "email": "ann@example.com", "email_verified": False},  # claims Ann's address
}


class Provider(ThreadingHTTPServer):
    """The provider with its key and the codes it has given out."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = RSAKey.generate_key(2048, {"kid": "of-this-run", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        """Its address, the issuer."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {k: v[0] for k, v in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._json(self._discovery())
        elif address.path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif address.path == "/authorize":
            self._authorize(asked)
        elif address.path == "/end":
            self._to(asked["post_logout_redirect_uri"])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        asked = {
            k: v[0]
            for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        given = self.server.codes.pop(asked.get("code", ""), None)
        if self.headers.get("Authorization") != f"Basic {known}" or given is None:
            self.server.refused.append(self.path)
            self.send_error(401)
            return
        now = int(time.time())
        claims = PEOPLE[given["person"]] | {
            "iss": self.server.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": given["nonce"],
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "of-this-run"}, claims, self.server.key)
        self._json(
            {
                "id_token": token,
                "access_token": secrets.token_hex(8),
                "token_type": "Bearer",
                "expires_in": 300,
            }
        )

    def _authorize(self, asked: dict[str, str]) -> None:
        if asked.get("person") in PEOPLE:
            code = secrets.token_hex(16)
            self.server.codes[code] = {"person": asked["person"], "nonce": asked["nonce"]}
            self._to(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]}))
            return
        links = "".join(
            f'<p><a href="?{escape(urlencode(asked | {"person": p}))}">{p}</a></p>' for p in PEOPLE
        )
        self._send(f"<!doctype html><title>Who are you?</title>{links}".encode(), "text/html")

    def _discovery(self) -> dict[str, Any]:
        url = self.server.url
        return {
            "issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys", "end_session_endpoint": f"{url}/end",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }  # fmt: skip

    def _to(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def _json(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), "application/json")

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def provider() -> Iterator[Provider]:
    """A running provider."""
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
