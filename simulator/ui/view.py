"""An account under a price book, as the pages see it: baseline, bill, findings, verdicts, facts.

Made once per account and price date, each part when it is first asked for; what all visitors share (prices, samples)
is remembered in bounded stores.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from threading import RLock, Thread
from typing import Any

import pandas as pd

from simulator.catalog import Catalog
from simulator.engine.account import Account
from simulator.engine.acting import CENT
from simulator.engine.presets import WIDEST, fitted_result
from simulator.engine.scenario import Scenario, preset
from simulator.engine.simulate import Result, simulate
from simulator.engine.state import State, state
from simulator.levers import all_levers
from simulator.levers.lever import UNKNOWN, Lever, Verdicts
from simulator.pricing.book import PriceBook
from simulator.snapshot.sample import load_sample
from simulator.ui.bounded import MIB, Bounded
from simulator.ui.figures import Figures
from simulator.units import HOURS_PER_MONTH

BOOKS = Bounded(entries=6, bytes_=12 * MIB, apart=(pd.DataFrame,))
VIEWS = Bounded(entries=12, bytes_=14 * MIB, apart=(PriceBook, Account, Catalog, pd.DataFrame))
"""What the server remembers of prices and samples, beside the accounts themselves; see bounded.py."""
MOST_PRESETS = 12


def price_book(as_of: date, discount_ratio: float = 0.0) -> PriceBook:
    """The shipped prices as of a date."""
    return BOOKS.get_or_make(
        (as_of, discount_ratio), lambda: PriceBook.load(as_of, discount_ratio=discount_ratio)
    )


@dataclass(frozen=True)
class Fact:
    """A missing fact: the lever it is about, the question, and USD per month that hang on it (a bound)."""

    lever_id: str
    sentence: str
    usd: float
    resources: int
    names: tuple[str, ...]


@dataclass(eq=False)
class View:
    """An account under a price book, as it is today."""

    account: Account
    book: PriceBook
    mark: object = field(default_factory=object)
    """Stands for this view where it must not be held on to, as in a session: prices and figures hang on it."""
    _counts: dict[str, tuple[Lever, dict[str, int]]] = field(default_factory=dict)
    _confidence: dict[str, str | None] = field(default_factory=dict)
    _presets: dict[tuple[str, frozenset[str]], Figures] = field(default_factory=dict)
    _asked: set[tuple[str, frozenset[str]]] = field(default_factory=set)
    _fitting: Any = field(default_factory=RLock)

    @cached_property
    def baseline(self) -> State:
        """The account's month as it is."""
        return state(self.account.usage, self.account.book(self.book), self.account.plans_on(self.book.as_of))

    @cached_property
    def bill(self):  # type: ignore[no-untyped-def]
        """The account's bill, explained and unexplained."""
        from simulator.analysis.reconcile import reconcile

        return reconcile(self.account, self.book)

    @property
    def unexplained_usd(self) -> float | None:
        """What the window's bill holds beyond usage × price; None without a bill."""
        gaps = [r.unexplained_usd for r in self.bill if r.unexplained_usd is not None]
        return sum(gaps) if gaps else None

    @cached_property
    def findings(self):  # type: ignore[no-untyped-def]
        """What the snapshot shows, most expensive first."""
        from simulator.analysis.findings import findings
        from simulator.analysis.retirement import retirements

        return findings(self.baseline, self.bill, retirements(self.account, self.baseline, self.book))

    @cached_property
    def evidence(self):  # type: ignore[no-untyped-def]
        """What was seen of each resource: calls, last call, use, account, tags, why idle."""
        from simulator.reports.evidence import evidence_table

        return evidence_table(self.account)

    @cached_property
    def verdicts(self) -> dict[str, Verdicts]:
        """Every lever's verdicts at its defaults."""
        return {i: kind().verdicts(self.account.usage) for i, kind in all_levers().items()}

    @cached_property
    def alone_usd(self) -> dict[str, float]:
        """What each lever that applies would save a month, alone and at its defaults."""
        fits = [i for i in all_levers() if self.verdicts[i].applies.any()]
        return {i: self.run(Scenario((all_levers()[i](),)), self.as_it_is).saving_usd for i in fits}

    @cached_property
    def facts(self) -> list[Fact]:
        """What is worth finding out: per lever its commonest unknown, and the dollars that hang on it, most first."""
        from simulator.analysis.verdict import hangs_on_facts_usd

        result = self.as_it_is
        found = []
        for lever_id, verdicts in self.verdicts.items():
            sentences = [(s, n) for word, s, n in verdicts.summary() if word == "unknown"]
            if sentences:
                setting = all_levers()[lever_id]()
                usd = hangs_on_facts_usd(result, setting, verdicts)
                names = self._waiting(setting, verdicts)
                found.append(Fact(lever_id, sentences[0][0], usd, len(names), names))
        return sorted(found, key=lambda f: -f.usd)

    @cached_property
    def assumable_usd(self) -> dict[str, float]:
        """Levers that wait for a fact: what each saves alone once it is assumed; those whose quantity itself is missing
        have no figure and are left out."""
        made = {}
        for fact in self.facts:
            lever = all_levers()[fact.lever_id]()
            known = self.run(Scenario((lever,)), self.as_it_is)
            assumed = self.run(Scenario((lever,), assume=frozenset({lever.id})), known)
            if abs(assumed.saving_usd - known.saving_usd) >= CENT:
                made[lever.id] = assumed.saving_usd
        return made

    def _waiting(self, setting: Lever, verdicts: Verdicts) -> tuple[str, ...]:
        if not setting.table:
            return ()
        ids = self.account.usage.table(setting.table).resource_id[verdicts.state == UNKNOWN]
        return tuple(str(n) for n in ids)

    @cached_property
    def unexplained_monthly_usd(self) -> float:
        """The unexplained part of the bill at run rate; 0 without a bill."""
        hours = self.account.snapshot.window_hours
        return (self.unexplained_usd or 0.0) * HOURS_PER_MONTH / hours if hours else 0.0

    def counts(self, setting: Lever) -> dict[str, int]:
        """Resources per verdict of a lever; remembered for the setting asked for last."""
        known = self._counts.get(setting.id)
        if known is None or known[0] != setting:
            known = self._counts[setting.id] = (setting, setting.verdicts(self.account.usage).counts())
        return known[1]

    def confidence(self, setting: Lever) -> str | None:
        """high, medium or low, at the lever's defaults: its place on the board, not its value, is judged."""
        if setting.id not in self._confidence:
            from simulator.analysis.confidence import confidence

            self._confidence[setting.id] = confidence(self.as_it_is, setting, self.bill).label
        return self._confidence[setting.id]

    def preset(self, name: str, keep: frozenset[str]) -> Figures:
        """A preset fitted to this account: levers at their defaults, none that loses."""
        with self._fitting:
            known = self._presets.get((name, keep))
            if known is None:
                asked = replace(preset(name), keep=keep)
                known = Figures(fitted_result(self.as_it_is, asked), self.unexplained_monthly_usd)
                _ = known.work_hours
                self._presets[name, keep] = known
                self._asked.discard((name, keep))
                while len(self._presets) > MOST_PRESETS:
                    del self._presets[next(iter(self._presets))]
            return known

    def preset_soon(self, name: str, keep: frozenset[str]) -> Figures | None:
        """The same; None while the widest preset, which takes seconds to fit, is not fitted (`fit_widest`)."""
        known = self._presets.get((name, keep))
        return known if known is not None or name == WIDEST else self.preset(name, keep)

    def fit_widest(self, keep: frozenset[str]) -> None:
        """Fit the widest preset in the background: called once nobody has moved anything for a moment."""
        if (WIDEST, keep) not in self._presets and (WIDEST, keep) not in self._asked:
            self._asked.add((WIDEST, keep))
            Thread(target=self.preset, args=(WIDEST, keep), daemon=True, name="preset").start()

    @cached_property
    def price_shares(self) -> str:
        """How much of the month's bill is at billed rates, filled by rule, on prices checked long ago."""
        from simulator.pricing.basis import price_shares

        return price_shares(self.account.book(self.book), self.baseline.charges).shares()

    @cached_property
    def price_warnings(self) -> list[str]:
        """What the prices behind the month rest on: old checks, rows filled by rule."""
        from simulator.pricing.basis import price_basis

        return price_basis(self.account.book(self.book), self.baseline.charges).warnings()

    def run(self, scenario: Scenario, like: Result | None = None) -> Result:
        """A scenario on this account; what it has in common with another (`like`) is not worked out again."""
        return simulate(self.account, scenario, self.book, baseline=self.baseline, like=like)

    @cached_property
    def as_it_is(self) -> Result:
        """The account with no lever on."""
        return self.run(Scenario())


def sample_view(name: str, as_of: date, discount_ratio: float) -> View:
    """A shipped sample; it is never changed and belongs to nobody, so all sessions share it."""
    return VIEWS.get_or_make(
        (name, as_of, discount_ratio), lambda: View(sample_account(name), price_book(as_of, discount_ratio))
    )


@cache
def sample_account(name: str) -> Account:
    """A shipped sample, opened."""
    return Account.open(load_sample(name))
