"""A scenario as the query of an address, and back. Of the account it holds the names that scopes and
workloads state, no more: kept resources stay out.

`managed_spot.on=true&managed_spot.discount=0.7`: levers that are on, and the values that differ from the
default. The words are those of `--set` on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

from simulator.engine.scenario import Scenario, growth_range_of, scope_of
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.levers.scope import Scope
from simulator.ui.packing import carries, packed, unpacked

SAMPLE, ACCOUNT, WORKLOADS = "sample", "account", "workloads"


def to_query(scenario: Scenario) -> dict[str, str]:
    """The query of a scenario; empty when nothing differs from today."""
    query: dict[str, str] = {}
    for setting in scenario.ordered():
        query[f"{setting.id}.on"] = "true"
        query |= {f"{setting.id}.{n}": str(v) for n, v in stated(setting).items()}
    on = {x.id for x in scenario.levers}
    query |= {f"{i}.start_month": str(m) for i, m in scenario.start_months.items() if i in on}
    query |= {f"{i}.ramp_months": str(m) for i, m in scenario.ramp_months.items() if i in on}
    query |= {f"{i}.only": _joined(s.names()) for i, s in scenario.scopes.items() if i in on}
    defaults = type(scenario.planning)().values()
    query |= {f"planning.{n}": str(v) for n, v in scenario.planning.values().items() if v != defaults[n]}
    query |= {f"growth_range.{n}": f"{low},{high}" for n, (low, high) in scenario.growth_range.items()}
    if scenario.prices_as_of:
        query["prices_as_of"] = scenario.prices_as_of.isoformat()
    if scenario.assume:
        query["assume"] = ",".join(sorted(scenario.assume))
    if scenario.discount_ratio:
        query["discount_ratio"] = str(scenario.discount_ratio)
    if scenario.workloads and carries(scenario.workloads):
        query[WORKLOADS] = packed(scenario.workloads)
    return query


def stated(setting: Lever) -> dict[str, Any]:
    """The values that say what a setting is: those that differ from the defaults, all where these do not suffice.

    A lever may read more out of a value that is stated (`ManagedSpot.create`).
    """
    kind, values = type(setting), setting.values()
    defaults = kind().values()
    differing = {n: v for n, v in values.items() if v != defaults[n]}
    return differing if kind.create(differing) == setting else values


def from_query(query: Mapping[str, str]) -> tuple[Scenario, list[str]]:
    """The scenario of a query, and in words what of it could not be used; the rest counts all the same."""
    scenario, problems = Scenario(), []
    for key in sorted(query, key=lambda k: not k.endswith(".on")):
        try:
            scenario = _with(scenario, key, query[key])
        except ValueError as error:
            problems.append(str(error))
    return scenario, problems


def _with(scenario: Scenario, key: str, text: str) -> Scenario:
    owner, dot, name = key.partition(".")
    if key == "prices_as_of":
        try:
            return replace(scenario, prices_as_of=date.fromisoformat(text))
        except ValueError:
            raise ValueError(f"{key}: expected a date such as 2026-11-24, not {text!r}") from None
    if key == "assume":
        return Scenario.from_dict({**scenario.to_dict(), key: [i for i in text.split(",") if i]})
    if key == "discount_ratio":
        return Scenario.from_dict({**scenario.to_dict(), key: _number(key, text)})
    if key == WORKLOADS:
        return replace(scenario, workloads=unpacked(text))
    if not dot:
        return scenario
    if owner == "planning":
        values = {**scenario.planning.values(), name: text}
        return replace(scenario, planning=type(scenario.planning).create(values))
    if owner == "growth_range":
        edges = [_number(key, part) for part in text.split(",")]
        return replace(scenario, growth_range={**scenario.growth_range, name: growth_range_of(name, edges)})
    return _with_lever(scenario, owner, name, text)


def _with_lever(scenario: Scenario, lever_id: str, name: str, text: str) -> Scenario:
    if lever_id not in all_levers():
        raise ValueError(f"{lever_id}: this version has no such lever")
    kind = all_levers()[lever_id]
    setting = scenario.setting(lever_id)
    if name == "on":
        return scenario.with_lever(setting or kind()) if text.lower() == "true" else scenario
    if name == "only":
        scope = Scope.of(unquote(part) for part in text.split(",") if part)
        stated_scopes = {**scenario.scopes, lever_id: scope_of(lever_id, scope.to_dict())}
        return replace(scenario, scopes=stated_scopes)
    if name in ("start_month", "ramp_months"):
        field = "start_months" if name == "start_month" else name
        months: dict[str, Any] = {**getattr(scenario, field), lever_id: _whole(f"{lever_id}.{name}", text)}
        return Scenario.from_dict({**scenario.to_dict(), field: months})
    values = {**(stated(setting) if setting else {}), name: text}
    return scenario.with_lever(kind.create(values))


def _joined(names: list[str]) -> str:
    return ",".join(quote(name, safe=" :=/@+") for name in names)


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{key}: expected a number, not {text!r}") from None


def _whole(key: str, text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{key}: expected a whole number of months, not {text!r}")
    return int(text)
