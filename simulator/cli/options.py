"""Options that several commands share: which account, which scenario, which prices, where the answer goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from simulator.cli.limits import MAX_MONTHS
from simulator.engine.account import Account
from simulator.engine.presets import fitted
from simulator.engine.scenario import PRESETS, Scenario, load_scenario, scope_of
from simulator.engine.simulate import Result, simulate
from simulator.frames import keep_texts_as_python
from simulator.levers import lever
from simulator.levers.scope import Scope
from simulator.pricing.book import PriceBook
from simulator.snapshot.sample import SAMPLES, load_sample
from simulator.snapshot.snapshot import Snapshot, load_snapshot
from simulator.words import is_known

keep_texts_as_python()  # every command that opens an account comes by here, and is a process of ours

FORM = Parameter(help="form of the answer")
TableOrJson = Annotated[Literal["table", "json"], FORM]
TextOrJson = Annotated[Literal["text", "json"], FORM]

Many = Parameter(consume_multiple=True, negative=())
"""An option that takes several values: `--on a b --on c`."""


def _whole_months(_: type, months: int) -> None:
    if not 1 <= months <= MAX_MONTHS:
        raise ValueError(f"expected months from 1 to {MAX_MONTHS}, not {months}")


def _month_of_year(_: type, month: int) -> None:
    if not 1 <= month <= 12:
        raise ValueError(f"expected a month from 1 to 12, not {month}")


Months = Annotated[int, Parameter(validator=_whole_months, help=f"months to project, 1 to {MAX_MONTHS}")]
FiscalStart = Annotated[
    int,
    Parameter(
        validator=_month_of_year, help="first month of the fiscal year, 1 to 12; 1 is the calendar year"
    ),
]
Draws = Annotated[int, Parameter(help="draws of the uncertain parameters, for ranges")]
Seed = Annotated[int, Parameter(help="seed of the draws: the same seed, the same figures")]
Out = Annotated[Path | None, Parameter(help="write to this file instead of printing")]


@Parameter(name="*")
@dataclass(frozen=True)
class OnAccount:
    """The account, and the prices it is priced with."""

    usage: Annotated[str, Parameter(help="a sample (team, report) or the path of a snapshot")] = "team"
    prices: Annotated[Path | None, Parameter(help="own prices, a CSV in the form of pricing_data/prices")] = (
        None
    )
    prices_as_of: Annotated[
        date | None, Parameter(help="date of the prices, such as 2026-11-24; today by default")
    ] = None
    discount: Annotated[float, Parameter(help="negotiated discount on list prices, 0 to 1")] = 0.0
    billed_discount: Annotated[
        bool,
        Parameter(help="the discount per service that the account's own bill shows, applied to list prices"),
    ] = True

    def account(self) -> Account:
        """The account of --usage. Raises ValueError or SnapshotError in words."""
        return Account.open(open_usage(self.usage))

    def book(self, scenario: Scenario) -> PriceBook:
        """Prices of the date asked for (today by default), with own prices and the discount applied."""
        as_of = self.prices_as_of or scenario.prices_as_of or datetime.now(tz=UTC).date()
        return PriceBook.load(
            as_of, own=self.prices, discount_ratio=self.discount or scenario.discount_ratio,
            use_billed_discount=self.billed_discount,
        )  # fmt: skip

    def result(self, scenario: Scenario) -> Result:
        """The scenario on the account; of a preset, without the levers that would cost more here."""
        account, book = self.account(), self.book(scenario)
        return simulate(account, fitted(account, scenario, book), book)


@Parameter(name="*")
@dataclass(frozen=True)
class WithScenario:
    """A scenario, and what is changed in it."""

    scenario: Annotated[str, Parameter(help=f"a scenario file, or a preset: {', '.join(PRESETS)}")] = "none"
    set: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="LEVER.PARAM=VALUE; turns the lever on; may be repeated"),
    ] = ()
    on: Annotated[tuple[str, ...], Many, Parameter(help="levers to turn on, with their defaults")] = ()

    add: Annotated[
        tuple[Path, ...],
        Parameter(
            negative=(),
            help="workloads that are planned: YAML, JSON, CSV, XLSX, or an example (chatbot, pretraining, "
            "retirement); may be repeated",
        ),
    ] = ()

    only: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(),
            help="LEVER=owner:NAME, LEVER=tag:KEY=VALUE or LEVER=resource:NAME: the only resources the lever "
            "may touch; may be repeated",
        ),
    ] = ()

    def chosen(self) -> Scenario:
        """The scenario with `--add`, `--on LEVER` and `--set LEVER.PARAM=VALUE` applied. Raises ValueError in words."""
        scenario = load_scenario(self.scenario)
        for path in self.add:
            from simulator.demand.files import read_workloads

            scenario = replace(scenario, workloads=(*scenario.workloads, *read_workloads(path)))
        for lever_id in self.on:
            if scenario.setting(lever_id) is None:
                scenario = scenario.with_lever(lever(lever_id)())
        for text in self.set:
            name, found, value = text.partition("=")
            lever_id, dot, parameter = name.partition(".")
            if not (found and dot):
                raise ValueError(f"--set {text}: expected LEVER.PARAM=VALUE")
            current = scenario.setting(lever_id)
            values = current.values() if current else {}
            scenario = scenario.with_lever(lever(lever_id).create({**values, parameter: value}))
        return _limited(scenario, self.only)


def _limited(scenario: Scenario, only: tuple[str, ...]) -> Scenario:
    """The scenario with scopes stated as LEVER=KIND:NAME; those of one lever together replace the one it had."""
    named: dict[str, list[str]] = {}
    for text in only:
        lever_id, found, name = text.partition("=")
        if not found:
            raise ValueError(f"--only {text}: expected LEVER=owner:NAME, tag:KEY=VALUE or resource:NAME")
        named.setdefault(lever_id, []).append(name)
    made = {i: scope_of(i, Scope.of(names).to_dict()) for i, names in named.items()}
    return replace(scenario, scopes={**scenario.scopes, **made})


def open_usage(name: str) -> Snapshot:
    """A sample by name, or a snapshot by path. Raises ValueError when there is neither."""
    if name in SAMPLES:
        return load_sample(name)
    if not Path(name).exists():
        raise ValueError(
            f"usage {name}: no such file or folder, and no such sample; samples are {', '.join(SAMPLES)}"
        )
    return load_snapshot(name)


def result_of(account: OnAccount | None, scenario: WithScenario | None) -> Result:
    """The scenario of the options on the account of the options."""
    return (account or OnAccount()).result((scenario or WithScenario()).chosen())


def with_age(text: str, result: Result) -> str:
    """A text answer with the line on what its prices rest on."""
    from simulator.reports.tables import age_line

    return f"{text}\n\n{age_line(result)}"


def as_record(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON data: what is unknown (NaN) is null."""
    return {str(k): None if isinstance(v, float) and not is_known(v) else v for k, v in row.items()}


def as_json(data: Any) -> str:
    """JSON text; a NaN is a mistake, unknown is null."""
    return json.dumps(data, indent=2, allow_nan=False)
