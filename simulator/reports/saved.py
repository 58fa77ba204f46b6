"""A scenario's file with the figures it had, so that a later reader learns what moved: prices, usage or model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator import words
from simulator.documents import parse
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result
from simulator.usage.tables import TABLES, Usage
from simulator.version import VERSION
from simulator.words import change_usd

ENGINE = VERSION
KEY = "made_with"


@dataclass(frozen=True)
class MadeWith:
    """What a scenario's figures rested on when it was saved. `usage` is a digest, not data."""

    engine: str
    prices_as_of: date
    account: str
    window: str
    usage: str
    baseline_usd: float
    scenario_usd: float


def made_with(result: Result) -> MadeWith:
    """What the figures of a result rest on."""
    manifest = result.account.snapshot.manifest
    return MadeWith(
        ENGINE,
        result.book.as_of,
        manifest.name,
        f"{manifest.window_start:%Y-%m-%d} to {manifest.window_end:%Y-%m-%d}",
        usage_digest(result.baseline.usage),
        result.baseline.total_usd,
        result.outcome.total_usd,
    )


def usage_digest(usage: Usage) -> str:
    """Names and billed quantities of all resources as 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name in TABLES:
        table = usage.table(name)
        digest.update("\n".join(table.resource_id.astype(str)).encode())
        for meter, quantity in table.meters():
            digest.update(meter.name.encode())
            digest.update(quantity.tobytes())
    return digest.hexdigest()


def as_file(scenario: Scenario, result: Result) -> str:
    """The scenario's JSON: what `--scenario FILE` and `load_scenario` read."""
    seen = vars(made_with(result))
    data = scenario.to_dict() | {KEY: seen | {"prices_as_of": seen["prices_as_of"].isoformat()}}
    return json.dumps(data, indent=2)


def read_file(text: str | bytes) -> tuple[Scenario, MadeWith | None]:
    """A scenario from its JSON, and what its figures rested on where the file says. Raises ValueError in words."""
    data = parse(text, "this is not a scenario file")
    scenario = Scenario.from_dict(data)
    return scenario, _made_with(data.get(KEY))


def _made_with(data: Any) -> MadeWith | None:
    if not isinstance(data, Mapping):
        return None
    try:
        return MadeWith(
            str(data["engine"]),
            date.fromisoformat(data["prices_as_of"]),
            str(data["account"]),
            str(data["window"]),
            str(data["usage"]),
            float(data["baseline_usd"]),
            float(data["scenario_usd"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"scenario.{KEY}: {error}; expected the figures this program saves") from None


def changes(then: MadeWith, now: Result, at_old_prices: Result) -> list[str]:
    """What moved since a scenario was saved, in sentences with dollars per month; empty when nothing did.

    `at_old_prices` is the same scenario on the current account under the prices of then: its difference to `now`
    is the prices' doing. What is left is the usage's, the model's, or both, when both differ.
    """
    seen, told = made_with(now), []
    moved = now.outcome.total_usd - then.scenario_usd
    prices = now.outcome.total_usd - at_old_prices.outcome.total_usd
    if abs(moved) >= 0.005:
        told.append(
            f"The scenario's bill was {words.usd(then.scenario_usd)} and is "
            f"{words.usd(now.outcome.total_usd)} per month."
        )
    if seen.prices_as_of != then.prices_as_of:
        told.append(
            f"Prices of {then.prices_as_of} became those of {seen.prices_as_of}: {change_usd(prices)} per month."
        )
    causes = []
    if seen.usage != then.usage:
        causes.append(f"usage ({then.account}, {then.window} became {seen.account}, {seen.window})")
    if seen.engine != then.engine:
        causes.append(f"model (version {then.engine} became {seen.engine})")
    rest = moved - prices
    if causes:
        told.append(f"{' and '.join(causes).capitalize()}: {change_usd(rest)} per month.")
    elif abs(rest) >= 0.005:
        told.append(
            f"Neither usage nor version differ, and yet {change_usd(rest)} per month: shipped prices or rules "
            "were edited."
        )
    return told
