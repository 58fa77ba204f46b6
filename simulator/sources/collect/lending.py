"""Whose credentials a page may read with. A server that others reach does not lend its own to any visitor.

On loopback the person at the page is the person at the machine: every profile is theirs. Beyond it reading a live
account is off, unless an administrator names profiles in ML_SPEND_LIVE_PROFILES (separated by commas).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from simulator.errors import InputError

NAMED = "ML_SPEND_LIVE_PROFILES"


def lent_profiles(address: str | None, environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Profiles that visitors of a server at `address` may read with: None any, () none at all."""
    named = tuple(filter(None, (name.strip() for name in environment.get(NAMED, "").split(","))))
    return None if not named and is_loopback(address) else named


def refuse_unlent(profile: str | None, lent: tuple[str, ...] | None) -> None:
    """Raises InputError when the profile is not one that is lent; the names of others are not told."""
    if lent is not None and profile not in lent:
        raise InputError(
            "this server reads no live account with that profile; its administrator names those it does"
        )


def is_loopback(address: str | None) -> bool:
    """Whether only this machine reaches a server at `address`; none given means everybody does."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False
