"""Beyond loopback a server lends no credentials but those an administrator names."""

import json
from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.sources.collect.lending import as_options, lent_to, refuse_unlent


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_on_this_machine_every_profile_may_be_used(address: str) -> None:
    assert lent_to(address, {}) is None
    refuse_unlent(None, None)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", None, "10.0.0.5", "ml.example.com", "198.51.100.7"])
def test_beyond_it_none_but_the_named(address: str | None) -> None:
    assert lent_to(address, {}) == ()
    named = lent_to(address, {"ML_SPEND_LIVE_PROFILES": " audit, ,reader "})
    assert named == ("audit", "reader")
    refuse_unlent("audit", named)
    for other in (None, "", "admin"):
        with pytest.raises(InputError, match="its administrator names"):
            refuse_unlent(other, named)


def test_named_profiles_hold_on_loopback_too() -> None:
    assert lent_to("127.0.0.1", {"ML_SPEND_LIVE_PROFILES": "audit"}) == ("audit",)


READ, AUDIT = "arn:aws:iam::111111111111:role/Read", "arn:aws:iam::222222222222:role/Audit"


def lent(
    tmp_path: Path, content: object, person: str | None, address: str = "0.0.0.0"
) -> tuple[str, ...] | None:
    file = tmp_path / "roles.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return lent_to(address, {"ML_SPEND_LIVE_ROLES": str(file)}, person)


def test_a_person_who_signed_in_uses_their_own_roles_and_nobody_elses(tmp_path: Path) -> None:
    given = {"Ann@example.com": [READ], "*": [AUDIT]}
    assert lent(tmp_path, given, "ann@example.com") == (READ, AUDIT)
    assert lent(tmp_path, given, "ben@example.com") == (AUDIT,)
    assert lent(tmp_path, {"ann@example.com": [READ]}, "ben@example.com") == ()
    with pytest.raises(InputError, match="its administrator names"):
        refuse_unlent(READ, lent(tmp_path, given, "ben@example.com"))


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_roles_are_lent_to_people_only(tmp_path: Path, address: str) -> None:
    """Without a login nobody is anybody, on this machine too, once roles are named."""
    assert lent(tmp_path, {"*": [READ]}, None, address) == ()


def test_profiles_and_roles_stand_side_by_side_and_become_options(tmp_path: Path) -> None:
    (tmp_path / "roles.json").write_text(json.dumps({"ann": [READ]}))
    both = {"ML_SPEND_LIVE_PROFILES": "audit", "ML_SPEND_LIVE_ROLES": str(tmp_path / "roles.json")}
    assert lent_to("0.0.0.0", both, "ann") == ("audit", READ)
    assert (as_options("audit"), as_options(READ)) == ({"profile": "audit"}, {"role_arns": (READ,)})
    assert as_options("") == {"profile": None}


@pytest.mark.parametrize(
    "content", ["[", "[]", {"ann": READ}, {"ann": ["Read"]}, {"ann": [5]}, "[" * 100_000]
)
def test_a_file_of_roles_that_is_none_lends_nothing(tmp_path: Path, content: object) -> None:
    """Whoever asks: a mistake in one person's roles is seen at once."""
    with pytest.raises(InputError, match=r"roles\.json"):
        lent(tmp_path, content, "ben")


def test_a_file_that_is_not_there_lends_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json"):
        lent_to("0.0.0.0", {"ML_SPEND_LIVE_ROLES": str(tmp_path / "gone.json")}, "ann")
