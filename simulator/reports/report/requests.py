"""What the action pack holds, shown in the report: the same requests and targets, made in one place. Text only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.reports.actions.action import Action
from simulator.reports.report.blocks import Block, Code, Words
from simulator.words import json_text

PRIVATE = {"account", "levers"}
"""Keys of a target that a report leaves out: it carries no account ids."""


def shown(action: Action | None) -> Iterator[Block]:
    """An action's first request as the AWS API takes it; without one, what its script would do to the first target."""
    if action is None:
        return
    if action.requests:
        first = action.requests[0]
        more = f"; {len(action.requests)} in the action pack" if len(action.requests) > 1 else ""
        yield Words(f"Request {first.service} {first.operation}{more}. {first.note}".strip())
        yield Code("json", as_text(first.parameters))
    elif action.targets:
        many = f"the first of {len(action.targets)}" if len(action.targets) > 1 else "its target"
        yield Words(f"The action pack's scripts/{action.script}.py does this; {many}:")
        yield Code("json", as_text(action.targets[0]))


def watched(action: Action | None) -> Iterator[Block]:
    """Budget, anomaly monitor and the first alarm of the pack's monitoring."""
    if action is None:
        return
    target = action.targets[0]
    parts: dict[str, Any] = {name: target[name] for name in ("budget", "anomaly") if name in target}
    if target["alarms"]:
        parts["alarm"] = target["alarms"][0]
    yield Words(f"The action pack's scripts/{action.script}.py makes these, and an alarm per endpoint:")
    yield Code("json", as_text(parts))


def as_text(data: Mapping[str, Any]) -> str:
    """JSON text without account ids."""
    return json_text({k: v for k, v in data.items() if k not in PRIVATE})
