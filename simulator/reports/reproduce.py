"""How to get the same figures without the app: on the command line and in Python."""

from __future__ import annotations

from datetime import date

from simulator.engine.scenario import Scenario

SNAPSHOT = "account.zip"


def as_command(scenario: Scenario, usage: str, prices_as_of: date, file_name: str = "scenario.json") -> str:
    """One command line. `usage` is a sample's name or a snapshot's path; what no option says is in the file."""
    words = [f"python -m simulator project --usage {usage}"]
    if _needs_file(scenario):
        words.append(f"--scenario {file_name}")
    else:
        for setting in scenario.ordered():
            defaults = type(setting)().values()
            changed = {n: v for n, v in setting.values().items() if v != defaults[n]}
            words += [f"--set {setting.id}.{n}={v}" for n, v in changed.items()] or [f"--on {setting.id}"]
    words.append(f"--prices-as-of {prices_as_of}")
    if scenario.discount_ratio:
        words.append(f"--discount {scenario.discount_ratio}")
    return " \\\n    ".join(words)


def as_python(usage: str, prices_as_of: date, *, sample: bool, file_name: str = "scenario.json") -> str:
    """A short program that reads the scenario's file."""
    load = "load_sample" if sample else "load_snapshot"
    return (
        f"from datetime import date\n\n"
        f"from simulator import PriceBook, {load}, load_scenario, simulate\n\n"
        f"snapshot = {load}({usage!r})\n"
        f"scenario = load_scenario({file_name!r})\n"
        f"book = PriceBook.load(date({prices_as_of.year}, {prices_as_of.month}, {prices_as_of.day}), "
        "discount_ratio=scenario.discount_ratio)\n"
        f"result = simulate(snapshot, scenario, book)\n"
        f"print(result.baseline.total_usd, result.outcome.total_usd, result.saving_usd)\n"
    )


def _needs_file(scenario: Scenario) -> bool:
    plain = Scenario(
        scenario.levers,
        name=scenario.name,
        discount_ratio=scenario.discount_ratio,
        prices_as_of=scenario.prices_as_of,
    )
    return plain != scenario
