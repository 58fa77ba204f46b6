"""Whose credentials a page may read with. A server that others reach does not lend its own to any visitor.

On loopback the person at the page is the person at the machine: every profile is theirs. Beyond it reading a live
account is off, unless an administrator names profiles in ML_SPEND_LIVE_PROFILES (separated by commas), or roles per
signed-in person in a JSON file that ML_SPEND_LIVE_ROLES names: `{"ann@example.com": ["arn:aws:iam::…:role/Read"]}`,
with "*" for everybody who signed in. A role is assumed with the server's own credentials, in the accounts' own trust.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.documents import parse, read_text_file
from simulator.errors import InputError
from simulator.sources.collect.options import ROLE_ARN

NAMED = "ML_SPEND_LIVE_PROFILES"
ROLES = "ML_SPEND_LIVE_ROLES"
EVERYBODY = "*"


def lent_to(
    address: str | None, environment: Mapping[str, str], person: str | None = None
) -> tuple[str, ...] | None:
    """Profiles and roles that a visitor of a server at `address` may read with: None any profile, () none at all.

    `person` is who signed in, None without a login: roles are lent to people only. Raises InputError when the file of
    roles is not one.
    """
    named = tuple(filter(None, (name.strip() for name in environment.get(NAMED, "").split(","))))
    file = environment.get(ROLES, "")
    if not named and not file and is_loopback(address):
        return None
    return (*named, *(_roles(Path(file), person) if file else ()))


def refuse_unlent(choice: str | None, lent: tuple[str, ...] | None) -> None:
    """Raises InputError when a profile or role is not one that is lent; the names of others are not told."""
    if lent is not None and choice not in lent:
        raise InputError(
            "this server reads no live account with that profile or role; its administrator names those it does"
        )


def as_options(choice: str | None) -> dict[str, Any]:
    """A lent profile or role as the options of a run."""
    if choice and ROLE_ARN.fullmatch(choice):
        return {"role_arns": (choice,)}
    return {"profile": choice or None}


def is_loopback(address: str | None) -> bool:
    """Whether only this machine reaches a server at `address`; none given means everybody does."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False


def _roles(file: Path, person: str | None) -> tuple[str, ...]:
    """Roles of one person: their own and everybody's. The whole file is checked, whoever asks."""
    data = parse(read_text_file(file), file.name)
    if not isinstance(data, dict):
        raise InputError(f"{file.name}: expected an object of people, each with a list of roles")
    for who, arns in data.items():
        if not isinstance(arns, list) or not all(isinstance(a, str) and ROLE_ARN.fullmatch(a) for a in arns):
            raise InputError(f"{file.name}, {who}: expected a list of arn:aws:iam::<12 digits>:role/<name>")
    if person is None:
        return ()
    mine = [arns for who, arns in data.items() if who == EVERYBODY or who.strip().lower() == person.lower()]
    return tuple(dict.fromkeys(arn for arns in mine for arn in arns))
