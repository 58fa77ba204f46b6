"""What comes back with a kept account: the own prices kept with it, and the answers to the board's questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.levers import all_levers
from simulator.ui import draft, session

if TYPE_CHECKING:
    from simulator.workspace import Workspace


def bring_back(kept: Workspace, account_id: str) -> None:
    """Lay the account's own prices over the shipped ones, and take what was assumed of it as assumed again.

    Without prices kept with it, those of the session stay. A lever is not turned on by an answer. Raises ValueError
    where kept prices can no longer be read.
    """
    names = {i for i, row in kept.answers(account_id).items() if row.value is True and i in all_levers()}
    draft.remember(names)
    prices = kept.own_prices(account_id)
    if prices is not None and prices.text:
        session.take_prices(prices.text)
