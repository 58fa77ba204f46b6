"""Beyond loopback a server lends no credentials but those an administrator names."""

import pytest

from simulator.errors import InputError
from simulator.sources.collect.lending import lent_profiles, refuse_unlent


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_on_this_machine_every_profile_may_be_used(address: str) -> None:
    assert lent_profiles(address, {}) is None
    refuse_unlent(None, None)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", None, "10.0.0.5", "ml.example.com", "198.51.100.7"])
def test_beyond_it_none_but_the_named(address: str | None) -> None:
    assert lent_profiles(address, {}) == ()
    named = lent_profiles(address, {"ML_SPEND_LIVE_PROFILES": " audit, ,reader "})
    assert named == ("audit", "reader")
    refuse_unlent("audit", named)
    for other in (None, "", "admin"):
        with pytest.raises(InputError, match="its administrator names"):
            refuse_unlent(other, named)


def test_named_profiles_hold_on_loopback_too() -> None:
    assert lent_profiles("127.0.0.1", {"ML_SPEND_LIVE_PROFILES": "audit"}) == ("audit",)
