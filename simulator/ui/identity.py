"""Who is asking: Streamlit's own login by OpenID Connect. Without a login there is one user and nothing to set up.

Settings come from the environment, secrets also from a file (`…_FILE`), or from Streamlit's secrets.toml ([auth]);
never from the database, a link or a page.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from simulator.errors import InputError
from simulator.sources.collect.lending import is_loopback

PROVIDER, CLIENT, CLIENT_SECRET = (
    "ML_SPEND_OIDC_URL",
    "ML_SPEND_OIDC_CLIENT_ID",
    "ML_SPEND_OIDC_CLIENT_SECRET",
)
COOKIE_SECRET, PUBLIC_URL, CLAIM = "ML_SPEND_COOKIE_SECRET", "ML_SPEND_URL", "ML_SPEND_OIDC_CLAIM"
LOGIN = (PROVIDER, CLIENT, CLIENT_SECRET, COOKIE_SECRET, PUBLIC_URL)
FORWARDED = (
    "forwarded", "via", "x-real-ip", "x-client-ip", "client-ip", "x-cluster-client-ip", "true-client-ip",
    "cf-connecting-ip", "fly-client-ip", "x-envoy-external-address", "x-amzn-trace-id", "x-original-forwarded-for",
    "x-original-url", "x-scheme",
)  # fmt: skip
"""What proxies and load balancers add, beside the many `x-forwarded-…`."""
SHORTEST_SECRET = 32
PROCESS_KEY = secrets.token_bytes(32)


def login_settings(environment: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """Streamlit's [auth] section from the environment; None without a login. Raises InputError when it is not whole."""
    if not environment.get(PROVIDER):
        return None
    found = {name: _read(name, environment) for name in LOGIN}
    if missing := sorted(name for name, value in found.items() if not value):
        raise InputError(f"{PROVIDER} is set, but not {', '.join(missing)}: see docs/workspace.md")
    if len(found[COOKIE_SECRET]) < SHORTEST_SECRET:
        raise InputError(
            f"{COOKIE_SECRET}: expected at least {SHORTEST_SECRET} characters that nobody can guess"
        )
    address = urlsplit(found[PUBLIC_URL])
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise InputError(f"{PUBLIC_URL}: expected the page's address as people type it, https://host/path")
    return {
        "redirect_uri": found[PUBLIC_URL].rstrip("/") + "/oauth2callback",
        "cookie_secret": found[COOKIE_SECRET],
        "client_id": found[CLIENT],
        "client_secret": found[CLIENT_SECRET],
        "server_metadata_url": found[PROVIDER],
    }


def _read(name: str, environment: Mapping[str, str]) -> str:
    file = environment.get(f"{name}_FILE")
    if file is None:
        return environment.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(f"{name}_FILE: {error.strerror or 'cannot be read'}") from None


def is_required() -> bool:
    """Whether this server has a login: nobody is then shown anything before signing in."""
    from streamlit.auth_util import get_secrets_auth_section

    return bool(os.environ.get(PROVIDER)) or bool(get_secrets_auth_section())


def is_ready() -> bool:
    """Whether the settings reached the server; `streamlit run` does not read those of the environment."""
    from streamlit.auth_util import get_secrets_auth_section

    return bool(get_secrets_auth_section())


def is_shared() -> bool:
    """Whether others than the person at this machine reach the page: a login, an open address, a proxy in front."""
    if is_required() or os.environ.get(PUBLIC_URL):
        return True
    if not is_loopback(str(st.get_option("server.address") or "")):
        return True
    return came_by_proxy(st.context.headers)


def reached_at() -> str | None:
    """The address this page is reached at, as far as lending credentials goes: none means that everybody reaches it."""
    return None if is_shared() else str(st.get_option("server.address") or "")


def came_by_proxy(headers: Mapping[str, str]) -> bool:
    """Whether a request came from elsewhere though the server listens on this machine only.

    A proxy that adds no header and names this machine as the host is told by the browser's `Origin`.
    """
    named = {name.lower(): value for name, value in headers.items()}
    if any(name in FORWARDED or name.startswith("x-forwarded-") for name in named):
        return True
    host, origin = named.get("host"), named.get("origin")
    addresses = [*([f"//{host}"] if host else []), *([origin] if origin else [])]
    return not all(is_loopback(_host(a) or "nowhere") for a in addresses)


def _host(address: str) -> str | None:
    """The name or number of the machine in an address; None where it is none."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def who() -> str | None:
    """The signed-in person; None without one."""
    user = st.user
    if not is_required() or not getattr(user, "is_logged_in", False):
        return None
    return name_of(user, os.environ.get(CLAIM))


def name_of(claims: Any, claim: str | None = None) -> str | None:
    """What grants name a person by: the e-mail address where the provider says it has verified it, else `sub`.

    An address nobody verified could be anybody's, so it names nobody. A provider that says nothing about it (some
    company directories) may be trusted by naming the claim in ML_SPEND_OIDC_CLAIM.
    """
    if claim:
        return str(claims.get(claim) or "").strip().lower() or None
    if claims.get("email") and claims.get("email_verified") in (True, "true"):
        return str(claims.get("email")).strip().lower()
    return str(claims.get("sub") or "") or None


def visitor_of_person(person: str) -> str:
    """The name of a person's desk in this process: not to be guessed, so no cookie can name it."""
    return hmac.new(PROCESS_KEY, person.encode(), hashlib.sha256).hexdigest()


def door() -> bool:
    """Whether the page may be shown; else the door is: nothing but signing in."""
    if not is_required():
        return True
    if not is_ready():
        st.error(f"{PROVIDER} is set, but this start does not read it. Start the server with `ml-spend app`.")
        return False
    if who() is None:
        _sign_in()
        return False
    return True


def _sign_in() -> None:
    st.title("ML Spend Simulator", anchor=False)
    if getattr(st.user, "is_logged_in", False):
        st.error("Your sign-in names nobody this server could know. Ask its administrator.")
        st.button("Sign out", key="sign_out", on_click=st.logout)
        return
    st.markdown("Sign in to see your accounts.")
    st.button("Sign in", key="sign_in", type="primary", on_click=st.login, icon=":material/login:")
