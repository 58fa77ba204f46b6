"""A shipped sample is opened once for all commands: what opening it takes is no part of what they are asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.cli.options import OnAccount
from simulator.engine.account import Account
from simulator.snapshot.sample import SAMPLES


@pytest.fixture(scope="session", autouse=True)
def samples_opened_once() -> Iterator[None]:
    """The account a command is asked about, taken over from an earlier command where it is a sample."""
    opened: dict[str, Account] = {}
    as_it_is = OnAccount.account

    def account(self: OnAccount) -> Account:
        if self.usage not in opened:
            made = as_it_is(self)
            if self.usage not in SAMPLES:
                return made
            opened[self.usage] = made
        return opened[self.usage]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnAccount, "account", account)
        yield
