"""What one browser session has in hand: its account, the figures of its scenario, the scenarios it kept.

An account's view (baseline, bill, findings) is made once per account; a scenario's figures once per change.
Both are made lazily: what no open page or tab shows costs nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import streamlit as st

from simulator.engine.account import Account
from simulator.engine.scenario import Scenario, preset
from simulator.engine.simulate import Result, State, simulate, state
from simulator.levers import all_levers
from simulator.levers.lever import UNKNOWN, Lever, Verdicts
from simulator.pricing.book import PriceBook
from simulator.pricing.files import OwnText
from simulator.snapshot.sample import SAMPLES, load_sample
from simulator.snapshot.snapshot import Snapshot
from simulator.ui import cookie, draft, link
from simulator.ui.bounded import MIB, Bounded
from simulator.ui.desks import COOKIE, Desk, Desks, visitor_of
from simulator.ui.figures import Figures
from simulator.units import HOURS_PER_MONTH

FIRST_SAMPLE = "team"
FINGERPRINT_SIGNS = 12
SEEN = "seen_last"
BOARD, QUICK, FRESH = "board", "board_quick", "board_fresh"
OWN_KEYS = (BOARD, draft.VERSION, "page_shown", "missing", "visitor", "sample")
PLAIN_VALUES = (bool, int, float, str, dict, date)


@st.cache_resource(show_spinner=False)
def tune_process() -> None:
    """Keep imported modules out of the garbage collection Streamlit runs after every script run."""
    gc.collect()
    gc.freeze()


BOOKS = Bounded(entries=12, bytes_=32 * MIB)
VIEWS = Bounded(entries=24, bytes_=64 * MIB)
FIGURES = Bounded(entries=64, bytes_=96 * MIB)
"""All that the server remembers beside the accounts themselves; see bounded.py."""


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
    _counts: dict[str, tuple[Lever, dict[str, int]]] = field(default_factory=dict)
    _confidence: dict[str, str | None] = field(default_factory=dict)
    _presets: dict[tuple[str, frozenset[str]], Figures] = field(default_factory=dict)

    @cached_property
    def baseline(self) -> State:
        """The account's month as it is."""
        return state(self.account.usage, self.account.book(self.book), self.account.plans)

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
        """What the snapshot shows, dearest first."""
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
        return {i: self.run(Scenario((all_levers()[i](),))).saving_usd for i in fits}

    @cached_property
    def facts(self) -> list[Fact]:
        """What is worth finding out: per lever its commonest unknown, and the dollars that hang on it, most first."""
        from simulator.analysis.verdict import hangs_on_facts_usd

        result = self.run(Scenario())
        found = []
        for lever_id, verdicts in self.verdicts.items():
            sentences = [(s, n) for word, s, n in verdicts.summary() if word == "unknown"]
            if sentences:
                setting = all_levers()[lever_id]()
                usd = hangs_on_facts_usd(result, setting, verdicts)
                names = self._waiting(setting, verdicts)
                found.append(Fact(lever_id, sentences[0][0], usd, len(names), names))
        return sorted(found, key=lambda f: -f.usd)

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

            result = self.run(Scenario())
            self._confidence[setting.id] = confidence(result, setting, self.bill).label
        return self._confidence[setting.id]

    def preset(self, name: str, keep: frozenset[str]) -> Figures:
        """A preset's figures on this account; its levers at their defaults."""
        key = (name, keep)
        if key not in self._presets:
            self._presets[key] = Figures(
                self.run(replace(preset(name), keep=keep)), self.unexplained_monthly_usd
            )
        return self._presets[key]

    @cached_property
    def stale_ratio(self) -> float:
        """Share of the month's bill on prices that were last checked long before the date."""
        from simulator.pricing.basis import price_basis

        total = self.baseline.total_usd
        return price_basis(self.book, self.baseline.charges).stale_usd / total if total > 0 else 0.0

    @cached_property
    def price_warnings(self) -> list[str]:
        """What the prices behind the month rest on: old checks, rows filled by rule."""
        from simulator.pricing.basis import price_basis

        return price_basis(self.account.book(self.book), self.baseline.charges).warnings()

    def run(self, scenario: Scenario) -> Result:
        """A scenario on this account."""
        return simulate(self.account, scenario, self.book, baseline=self.baseline)


def sample_view(name: str, as_of: date, discount_ratio: float) -> View:
    """A shipped sample; it is never changed and belongs to nobody, so all sessions share it."""
    return VIEWS.get_or_make(
        (name, as_of, discount_ratio), lambda: View(sample_account(name), price_book(as_of, discount_ratio))
    )


@st.cache_resource(show_spinner="Opening the sample account", max_entries=len(SAMPLES))
def sample_account(name: str) -> Account:
    """A shipped sample, opened."""
    return Account.open(load_sample(name))


def begin() -> None:
    """First run of a session: the scenario of the link it was opened with, and the account it is about.

    An own account is never swapped for a sample: a link that names one this visitor has not loaded stops
    (`missing`). Without a name, what the visitor had in hand comes back.
    """
    if draft.held():
        return
    query = st.query_params.to_dict()
    scenario, problems = _scenario_of(query)
    st.session_state["link_problems"] = problems
    st.session_state["visitor"] = visitor_of(st.context.cookies.get(COOKIE))
    desk = _open(query)
    st.session_state[draft.DRAFT] = replace(scenario, keep=desk.keep, workloads=desk.workloads)
    st.session_state["address"] = query


def _open(query: Mapping[str, str]) -> Desk:
    """Put what the link is about in hand."""
    visitor, wanted, sample = st.session_state["visitor"], query.get(link.ACCOUNT), query.get(link.SAMPLE)
    own = desks().get(visitor, wanted) if wanted else None
    if wanted and own is None:
        st.session_state["missing"] = wanted
    elif own is None and sample is None and (latest := desks().latest(visitor)):
        own = latest[1]
    if own is None or own.account is None:
        name = sample if sample in SAMPLES else FIRST_SAMPLE
        st.session_state["sample"] = name
        own = desks().get(visitor, name) or Desk()
    else:
        st.session_state["account"] = own.account
    if own.own_prices is not None:
        st.session_state["own_prices"] = own.own_prices
    st.session_state["desk"] = own
    return own


def missing() -> str | None:
    """The fingerprint of the account the link is about, when this visitor has not loaded it."""
    found: str | None = st.session_state.get("missing")
    return found


def forgive_missing() -> None:
    """Show the link's scenario on the sample instead."""
    st.session_state.pop("missing", None)


@st.cache_resource(show_spinner=False)
def desks() -> Desks:
    """The desks of all visitors of this server."""
    return Desks()


def desk() -> Desk:
    """What lies before this visitor."""
    found: Desk = st.session_state.setdefault("desk", Desk())
    return found


def _stow() -> None:
    """Keep for the next visit what F5 would lose, and let the browser say who it is then."""
    held = desk()
    held.own_prices, held.keep = st.session_state.get("own_prices"), draft.scenario().keep
    held.workloads = draft.scenario().workloads
    if held.is_worth_keeping and missing() is None:
        visitor = st.session_state.setdefault("visitor", visitor_of(None))
        desks().put(visitor, st.session_state.get("sample") or fingerprint(), held)
        cookie.set_cookie(COOKIE, visitor)


def fingerprint() -> str:
    """Short name of the own account in hand, of its content and nothing else."""
    return str(st.session_state["account"].snapshot.fingerprint())[:FINGERPRINT_SIGNS]


def end() -> None:
    """Last step of every run: the address of the page is the link to its scenario."""
    _stow()
    wanted = address_query()
    if st.session_state.get("address") != wanted or st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
        st.session_state["address"] = wanted
    st.session_state[SEEN] = (draft.version(), _widgets())


def turn_to(page: str) -> None:
    """Note the page of this run. Back and Forward within a page change the address: its scenario is taken.

    The browser sends its address with every request, and while it has not caught up with the last answer that
    address is an old one. So it only counts in a run in which nothing was touched: Back touches no widget.
    """
    before = st.session_state.get("page_shown")
    st.session_state["page_shown"] = page
    query = st.query_params.to_dict()
    if before == page and query != st.session_state["address"] and not _touched():
        now = draft.scenario()
        draft.put(replace(_scenario_of(query)[0], keep=now.keep, workloads=now.workloads))


def _touched() -> bool:
    """Whether a widget or the scenario changed since the last run that came to its end."""
    version, before = st.session_state.get(SEEN, (0, {}))
    if version != draft.version() or st.session_state.get(FRESH):
        return True
    released = (True, False)  # a button that was pressed in the run before
    return any(before.get(k) != v and (before.get(k), v) != released for k, v in _widgets().items())


def _widgets() -> dict[str, Any]:
    return {
        str(k): v for k, v in st.session_state.items() if isinstance(v, PLAIN_VALUES) and k not in OWN_KEYS
    }


def _scenario_of(query: Mapping[str, str]) -> tuple[Scenario, list[str]]:
    """The scenario of a link; prices of today need no date in it."""
    scenario, problems = link.from_query(query)
    if scenario.prices_as_of == today():
        scenario = replace(scenario, prices_as_of=None)
    return scenario, problems


def today() -> date:
    """The day whose prices count unless the scenario names another."""
    return datetime.now(UTC).date()


def address_query() -> dict[str, str]:
    """The query of the link to what is on the screen: account, price date, scenario."""
    sample = st.session_state.get("sample")
    if missing():
        named = {link.ACCOUNT: str(missing())}
    else:
        named = {link.SAMPLE: sample} if sample else {link.ACCOUNT: fingerprint()}
    settings = link.to_query(draft.scenario())
    if not settings and sample == FIRST_SAMPLE and not missing():
        return {}
    return named | settings | {"prices_as_of": view().book.as_of.isoformat()}


def view() -> View:
    """The account in hand under the prices of the draft; the first visit opens the sample."""
    asked = draft.scenario()
    as_of, discount = asked.prices_as_of or today(), asked.discount_ratio
    sample = st.session_state.get("sample")
    if sample and "own_prices" not in st.session_state:
        return sample_view(sample, as_of, discount)
    own: Account = sample_account(sample) if sample else st.session_state["account"]
    made: View | None = st.session_state.get("view")
    if made is None or made.account is not own or made.book is not book(as_of, discount):
        made = st.session_state["view"] = View(own, book(as_of, discount))
    return made


def book(as_of: date, discount_ratio: float) -> PriceBook:
    """The shipped prices, or with this session's own laid over; own prices stay in the session."""
    text: str | None = st.session_state.get("own_prices")
    if text is None:
        return price_book(as_of, discount_ratio)
    key = (as_of, discount_ratio, text)
    known: tuple[tuple[date, float, str], PriceBook] | None = st.session_state.get("own_book")
    if known is None or known[0] != key:
        known = st.session_state["own_book"] = (key, _own_book(*key))
    return known[1]


def take_prices(text: str | None) -> None:
    """Lay own prices over the shipped ones, or none. Raises ValueError naming row and column; nothing changes then."""
    if text is None:
        st.session_state.pop("own_prices", None)
        return
    _own_book(view().book.as_of, 0.0, text)
    st.session_state["own_prices"] = text


def _own_book(as_of: date, discount_ratio: float, text: str) -> PriceBook:
    return PriceBook.load(as_of, own=OwnText(text), discount_ratio=discount_ratio)


def at_prices_of(as_of: date) -> View:
    """The account in hand under the prices of another day."""
    return View(view().account, book(as_of, draft.scenario().discount_ratio))


def take(snapshot: Snapshot) -> None:
    """Put a loaded snapshot in hand. Called only once it has been read; one that cannot be priced is refused."""
    opened = Account.open(snapshot)
    made = View(opened, view().book)
    _ = made.baseline, made.bill
    st.session_state["account"], st.session_state["view"] = opened, made
    st.session_state.pop("sample", None)
    wanted, got = st.session_state.pop("missing", None), fingerprint()
    if wanted and wanted != got:
        st.session_state["link_problems"] = [
            f"The link was made on another account ({wanted}) than the one you loaded ({got}): "
            "its levers are used, its figures do not apply."
        ]
    known = desks().get(st.session_state.setdefault("visitor", visitor_of(None)), got)
    st.session_state["desk"] = Desk(opened, kept=known.kept if known else {})


def take_sample(name: str) -> None:
    """Put a sample in hand."""
    st.session_state.pop("missing", None)
    st.session_state["sample"] = name
    st.session_state["desk"] = (
        desks().get(st.session_state.setdefault("visitor", visitor_of(None)), name) or Desk()
    )


def is_quick() -> bool:
    """Whether this run answers a row that was moved: it draws what changed, and the rest a moment later."""
    return bool(st.session_state.get(QUICK))


def figures() -> Figures:
    """The figures of the draft on the account in hand; made anew only when one of them changed."""
    return figures_of(draft.scenario(), "figures")


def figures_of(scenario: Scenario, slot: str) -> Figures:
    """The figures of any scenario, remembered in a slot of the session while nothing changes."""
    seen, asked = view(), scenario
    key = (st.session_state.setdefault("figures_of", object()), slot)
    known: tuple[View, Scenario, Figures] | None = FIGURES.get(key)
    if known is None or known[0] is not seen or known[1] != asked:
        made = Figures(seen.run(asked), seen.unexplained_monthly_usd)
        known = FIGURES.put(key, (seen, asked, made))
    return known[2]


def kept() -> dict[str, Scenario]:
    """Scenarios this session keeps, by name."""
    return desk().kept
