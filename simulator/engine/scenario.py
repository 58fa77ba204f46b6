"""Scenario: which levers are on, their values, when they start, what is kept out. JSON in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.demand import Workload, from_dict
from simulator.documents import parse, read_text_file, shaped
from simulator.engine.planning import Planning
from simulator.levers import all_levers, lever
from simulator.levers.lever import Lever, assuming
from simulator.levers.scope import Scope, limited

FORMAT = 1
PHASE_START_MONTH = {1: 1, 2: 1, 3: 2, 4: 3}
FIELDS = (
    "format",
    "name",
    "levers",
    "start_months",
    "ramp_months",
    "keep",
    "scopes",
    "planning",
    "growth_range",
    "prices_as_of",
    "discount_ratio",
    "workloads",
    "assume",
    "made_with",  # the figures when it was saved: reports/saved.py reads them
)
LAST_MONTH = 60


@dataclass(frozen=True)
class Scenario:
    """A set of lever settings, when each starts and ramps up, what is kept out, and the plan's assumptions.

    `growth_range` has P10 and P90 per year of a growth of the plan that a history told; else its declared range holds.
    """

    levers: tuple[Lever, ...] = ()
    name: str = "scenario"
    start_months: Mapping[str, int] = field(default_factory=dict)
    ramp_months: Mapping[str, int] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    planning: Planning = field(default_factory=Planning)
    prices_as_of: date | None = None
    discount_ratio: float = 0.0
    workloads: tuple[Workload, ...] = ()
    assume: frozenset[str] = frozenset()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    growth_range: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def ordered(self) -> tuple[Lever, ...]:
        """Levers in the canonical order (stage, then id), whatever the order on the screen.

        They are as they act (`acting`).
        """
        return self._ordered

    @cached_property
    def _ordered(self) -> tuple[Lever, ...]:
        return tuple(self.acting(x) for x in sorted(self.levers, key=lambda x: (x.stage, x.id)))

    def acting(self, setting: Lever) -> Lever:
        """A lever as it acts here: within its scope, and, where `assume` names it, taking facts to be in its favour."""
        setting = self.scoped(setting)
        return assuming(setting) if setting.id in self.assume else setting

    def scoped(self, setting: Lever) -> Lever:
        """A lever within its scope, if one is stated for it."""
        scope = self.scopes.get(setting.id)
        return setting if scope is None else limited(setting, scope)

    def setting(self, lever_id: str) -> Lever | None:
        """The setting of one lever, None when it is off."""
        return next((x for x in self.levers if x.id == lever_id), None)

    def only(self, lever_ids: Iterable[str]) -> Scenario:
        """The same scenario with only these levers on."""
        wanted = set(lever_ids)
        return replace(self, levers=tuple(x for x in self.levers if x.id in wanted))

    def with_lever(self, setting: Lever) -> Scenario:
        """The scenario with one lever set (again)."""
        return replace(self, levers=(*(x for x in self.levers if x.id != setting.id), setting))

    def start_month(self, setting: Lever) -> int:
        """The month (1 = first) stated for a lever, or the first of its phase.

        `engine/roadmap.py` adds what the team's hours allow.
        """
        return self.start_months.get(setting.id, PHASE_START_MONTH[setting.phase])

    def share(self, setting: Lever, month: int, start: int | None = None) -> float:
        """Share of a lever's full effect in a month: 0 before its start, then rising evenly over its ramp."""
        start = self.start_month(setting) if start is None else start
        ramp = self.ramp_months.get(setting.id, setting.ramp_months)
        return min(max((month - start + 1) / (ramp + 1), 0.0), 1.0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        return {
            "format": FORMAT,
            "name": self.name,
            "levers": {x.id: x.values() for x in self.ordered()},
            "start_months": dict(self.start_months),
            "ramp_months": dict(self.ramp_months),
            "keep": sorted(self.keep),
            "planning": self.planning.values(),
            "prices_as_of": self.prices_as_of.isoformat() if self.prices_as_of else None,
            "discount_ratio": self.discount_ratio,
            **({"workloads": [w.to_dict() for w in self.workloads]} if self.workloads else {}),
            **({"assume": sorted(self.assume)} if self.assume else {}),
            **(
                {"growth_range": {n: list(r) for n, r in self.growth_range.items()}}
                if self.growth_range
                else {}
            ),
            **({"scopes": {i: s.to_dict() for i, s in sorted(self.scopes.items())}} if self.scopes else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scenario:
        """A checked scenario. Raises ValueError saying which key or value is wrong and what was expected."""
        if not isinstance(data, Mapping):
            raise ValueError(f"a scenario is a JSON object, not {type(data).__name__}")
        for key in data:
            if key not in FIELDS:
                raise ValueError(f"scenario: unknown key {key!r}; expected {', '.join(FIELDS)}")
        if data.get("format", FORMAT) != FORMAT:
            raise ValueError(
                f"scenario: format {data['format']!r} is not the format {FORMAT} this version reads"
            )
        from simulator.engine.scenario_document import ScenarioDocument  # pydantic: only where a file is read

        shaped(ScenarioDocument, dict(data), "scenario")
        settings = _object(data, "levers")
        return cls(
            levers=tuple(lever(i).create(_object(settings, i)) for i in settings),
            name=str(data.get("name", "scenario")),
            start_months={
                k: _months("start_months", k, v, 1) for k, v in _object(data, "start_months").items()
            },
            ramp_months={k: _months("ramp_months", k, v, 0) for k, v in _object(data, "ramp_months").items()},
            keep=frozenset(str(k) for k in data.get("keep") or ()),
            planning=Planning.create(_object(data, "planning")),
            prices_as_of=_date(data.get("prices_as_of")),
            discount_ratio=_ratio("discount_ratio", data.get("discount_ratio") or 0.0),
            workloads=tuple(from_dict(w) for w in data.get("workloads") or ()),
            assume=frozenset(lever(str(i)).id for i in data.get("assume") or ()),
            growth_range={n: growth_range_of(n, r) for n, r in _object(data, "growth_range").items()},
            scopes={i: scope_of(i, s) for i, s in _object(data, "scopes").items()},
        )


def growth_range_of(name: str, data: Any) -> tuple[float, float]:
    """P10 and P90 of a growth of the plan. Raises ValueError in words."""
    place, declared = f"scenario.growth_range.{name}", Planning.params().get(name)
    if declared is None or not name.endswith("_growth"):
        known = ", ".join(n for n in Planning.params() if n.endswith("_growth"))
        raise ValueError(f"{place}: no such growth; expected {known}")
    if not isinstance(data, list | tuple) or len(data) != 2:
        raise ValueError(f"{place}: expected two ratios per year, P10 and P90, not {data!r}")
    low, high = (float(declared.check(v, place)) for v in data)
    if low > high:
        raise ValueError(f"{place}: P10 {low} is above P90 {high}")
    return low, high


def scope_of(lever_id: str, data: Any) -> Scope:
    """A checked scope of a lever, from its JSON form. Raises ValueError in words."""
    try:
        scope = Scope.from_dict(data or {})
        limited(lever(lever_id)(), scope)
    except ValueError as error:
        raise ValueError(f"scenario.scopes.{lever_id}: {error}") from None
    return scope


def load_scenario(name: str | Path) -> Scenario:
    """A preset by name, or a scenario file. Raises ValueError in words."""
    if str(name) in PRESETS:
        return preset(str(name))
    path = Path(name)
    if not path.exists() or path.is_dir():
        raise ValueError(
            f"scenario {name}: no such file and no such preset; presets are {', '.join(PRESETS)}"
        )
    return Scenario.from_dict(parse(read_text_file(path), f"scenario {path.name}"))


NO_REGRET = (
    "stop_idle_endpoints",
    "endpoint_hygiene",
    "abort_incomplete_uploads",
    "failed_artifacts_cleanup",
    "noncurrent_versions",
    "notebook_idle_shutdown",
)
BALANCED = (
    *NO_REGRET,
    "failed_jobs",
    "managed_spot",
    "autoscale_endpoints",
    "rightsize_endpoints",
    "notebook_schedule",
    "prompt_caching",
    "s3_lifecycle",
    "savings_plan",
)
REPORT_PLAN = (
    "stop_idle_endpoints",
    "failed_artifacts_cleanup",
    "s3_lifecycle",
    "managed_spot",
    "rightsize_training",
    "failed_jobs",
    "early_stopping",
    "prompt_caching",
    "prompt_reduction",
    "model_routing",
    "serverless",
    "multi_model",
    "autoscale_endpoints",
    "intelligent_tiering",
    "shutdown_after_24h",
    "savings_plan",
)
COSTS = ("warm_pools", "provisioned_throughput")
PRESETS: dict[str, tuple[str, ...] | None] = {
    "none": (),
    "no_regret": NO_REGRET,
    "report_plan": REPORT_PLAN,
    "balanced": BALANCED,
    "ambitious": None,
}


def everything() -> Scenario:
    """Every lever there is at its defaults, those that only add cost too."""
    return Scenario(tuple(x() for x in all_levers().values()), name="everything")


def preset(name: str) -> Scenario:
    """A scenario that ships with the product; levers at their defaults. `ambitious` is all that can save."""
    ids = PRESETS[name]
    known = all_levers()
    chosen = [x for i, x in known.items() if (i not in COSTS if ids is None else i in ids)]
    return Scenario(tuple(x() for x in chosen), name=name)


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, Mapping):
        raise ValueError(f"scenario.{key}: expected an object, not {value!r}")
    return value


def _months(key: str, lever_id: str, value: Any, least: int) -> int:
    lever(lever_id)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LAST_MONTH:
        raise ValueError(
            f"scenario.{key}.{lever_id}: expected a whole number from {least} to {LAST_MONTH}, not {value!r}"
        )
    return value


def _date(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"scenario.prices_as_of: expected a date such as 2026-11-24, not {value!r}"
        ) from None


def _ratio(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1:
        raise ValueError(f"scenario.{name}: expected a ratio from 0 to below 1, not {value!r}")
    return float(value)
