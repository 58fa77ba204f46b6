"""Who is asking: settings whole or refused, an address nobody verified names nobody, a proxy makes a page shared."""

from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.ui.identity import came_by_proxy, login_settings, name_of, visitor_of_person

WHOLE = {
    "ML_SPEND_OIDC_URL": "https://id.example.com/.well-known/openid-configuration",
    "ML_SPEND_OIDC_CLIENT_ID": "ml-spend",
    "ML_SPEND_OIDC_CLIENT_SECRET": "hush",
    "ML_SPEND_COOKIE_SECRET": "x" * 32,
    "ML_SPEND_URL": "https://ml.example.com/spend/",
}


def test_without_a_provider_there_is_no_login() -> None:
    assert login_settings({}) is None


def test_the_callback_is_below_the_public_address() -> None:
    made = login_settings(WHOLE)
    assert made is not None
    assert made["redirect_uri"] == "https://ml.example.com/spend/oauth2callback"


@pytest.mark.parametrize("absent", [name for name in WHOLE if name != "ML_SPEND_OIDC_URL"])
def test_a_login_that_is_not_whole_is_refused_naming_what_is_absent_and_no_secret(absent: str) -> None:
    with pytest.raises(InputError, match=absent) as error:
        login_settings({k: v for k, v in WHOLE.items() if k != absent})
    assert "hush" not in str(error.value)


def test_a_short_cookie_secret_is_refused() -> None:
    with pytest.raises(InputError, match="at least 32"):
        login_settings(WHOLE | {"ML_SPEND_COOKIE_SECRET": "short"})


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("from a file\n")
    settings = {k: v for k, v in WHOLE.items() if k != "ML_SPEND_OIDC_CLIENT_SECRET"}
    made = login_settings(settings | {"ML_SPEND_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "s")})
    assert made is not None
    assert made["client_secret"] == "from a file"
    with pytest.raises(InputError, match="CLIENT_SECRET_FILE"):
        login_settings(settings | {"ML_SPEND_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("claims", "claim", "name"),
    [
        ({"sub": "7", "email": "Ann@Example.com", "email_verified": True}, None, "ann@example.com"),
        ({"sub": "7", "email": "ann@example.com", "email_verified": False}, None, "7"),
        ({"sub": "7", "email": "ann@example.com"}, None, "7"),
        ({"sub": "7", "email": "ann@example.com"}, "email", "ann@example.com"),
        ({"sub": "7"}, "upn", None),
        ({}, None, None),
    ],
)
def test_a_person_is_named_by_what_the_provider_vouches_for(
    claims: dict[str, object], claim: str | None, name: str | None
) -> None:
    assert name_of(claims, claim) == name


@pytest.mark.parametrize(
    ("headers", "shared"),
    [
        ({"Host": "localhost:8501"}, False),
        ({"Host": "127.0.0.1:8501"}, False),
        ({"Host": "[::1]:8501"}, False),
        ({"Host": "ml.example.com"}, True),
        ({"Host": "localhost", "X-Forwarded-For": "203.0.113.7"}, True),
        *(
            ({"Host": "localhost", name: "x"}, True)
            for name in (
                "Via",
                "X-Forwarded-User",
                "CF-Connecting-IP",
                "X-Amzn-Trace-Id",
                "Client-IP",
                "X-Scheme",
            )
        ),
        ({"Host": "localhost:8501", "Origin": "http://localhost:8501"}, False),
        ({"Host": "127.0.0.1:8501", "Origin": "https://ml.example.com"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "null"}, True),
        *(
            ({"Host": h}, True)
            for h in ("localhost.example.com", "127.0.0.1.example.com", "a@example.com", "[bad")
        ),
        ({}, False),
    ],
)
def test_a_page_behind_a_proxy_is_shared_though_it_listens_on_this_machine(
    headers: dict[str, str], shared: bool
) -> None:
    assert came_by_proxy(headers) is shared


def test_a_persons_desk_cannot_be_named_by_a_cookie() -> None:
    assert visitor_of_person("ann") == visitor_of_person("ann") != visitor_of_person("bob")
    assert len(visitor_of_person("ann")) == 64, "a cookie has 32 digits"
