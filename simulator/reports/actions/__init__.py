"""Files to apply a scenario with: scripts, requests, monitoring, governance, one CloudFormation template."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any

from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.reports.actions import governance
from simulator.reports.actions.action import Action, Chosen, Request
from simulator.reports.actions.purchase import savings_plan
from simulator.reports.actions.readme import readme
from simulator.reports.actions.template import template
from simulator.reports.actions.watching import monitoring
from simulator.snapshot.files import archive_bytes
from simulator.words import json_text

SHARED = "changes"


def action_pack(result: Result) -> bytes:
    """actions.zip of a scenario. The same result gives the same bytes."""
    return archive_bytes({f"actions/{path}": text.encode() for path, text in action_files(result).items()})


def action_files(result: Result) -> dict[str, str]:
    """The files of the pack: path → text."""
    actions = chosen_actions(result)
    paths = _request_paths(actions)
    body, left_out = template(actions, _regions(actions))
    made = {
        "README.md": readme(result, actions, paths, left_out),
        "CHECKLIST.md": _template_text("CHECKLIST.md"),
        **_scripts(actions),
        **{path: _json(r.parameters) for named in paths.values() for path, r in named},
        **{path: text for action in actions for path, text in action.files.items()},
    }
    if json.loads(body).get("Resources"):
        made["cloudformation/template.json"] = body
    for name, policy in (
        ("gpu-justification", governance.gpu_policy()),
        ("required-tags", governance.tag_policy()),
    ):
        made[f"policies/{name}.json"] = _json(policy)
    return made


def chosen_actions(result: Result) -> list[Action]:
    """Actions of the levers that change something, in the order of the plan; then monitoring and standing rules."""
    made = []
    for step in result.steps:
        chosen = Chosen(result, step)
        if step.lever.table and len(chosen.rows):
            made.append(action_of(chosen))
    plan = savings_plan(result)
    if plan is not None:
        made.append(plan)
    watch = monitoring(result)
    regions = [t["region"] for t in watch.targets]
    made += governance.standing_rules(result, regions, {a.lever_id for a in made})
    return [*made, watch] if regions else made


def action_of(chosen: Chosen) -> Action:
    """The lever's own action, else that of the function named as its id; every lever has one (a test says so)."""
    own = chosen.step.lever.action(chosen)
    return own if own is not None else makers()[chosen.step.lever.id](chosen)


@cache
def makers() -> dict[str, Callable[[Chosen], Action]]:
    """Functions of this package that make a lever's action, by the lever's id."""
    modules = [import_module(f"{__name__}.{m.name}") for m in iter_modules(__path__)]
    ids = [i for i, kind in all_levers().items() if kind.table]
    return {i: getattr(m, i) for m in modules for i in ids if hasattr(m, i)}


def _request_paths(actions: list[Action]) -> dict[str, list[tuple[str, Request]]]:
    """Lever → its requests with their paths. Paths hold no name from the account."""
    return {
        action.lever_id: [
            (f"requests/{place:02d}-{action.lever_id.replace('_', '-')}/{n:02d}-{r.operation}.json", r)
            for n, r in enumerate(action.requests, start=1)
        ]
        for place, action in enumerate(actions, start=1)
    }


def _scripts(actions: list[Action]) -> dict[str, str]:
    """Each script that is needed, verbatim, with the targets of all actions that use it as JSON beside it."""
    targets: dict[str, list[dict[str, Any]]] = {}
    for action in actions:
        if action.script:
            found = [{**t, "levers": [action.lever_id]} for t in action.targets if t["region"]]
            targets.setdefault(action.script, []).extend(found)
    made = {f"scripts/{SHARED}.py": _template_text(f"scripts/{SHARED}.py")} if targets else {}
    for script, found in targets.items():
        made[f"scripts/{script}.py"] = _template_text(f"scripts/{script}.py")
        made[f"scripts/{script}.json"] = _json({"targets": MERGED.get(script, list)(found)})
    for code in {t["code"] for found in targets.values() for t in found if "code" in t}:
        made[f"scripts/{code}"] = _template_text(code)
    return made


def _merged_settings(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One next run per kind of job, with the settings of all levers."""
    return _merge(targets, _lay_settings)


def _merged_rules(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One target per bucket, with the rules of all levers."""

    def lay(into: dict[str, Any], more: dict[str, Any]) -> None:
        into["rules"] = [*into["rules"], *more["rules"]]

    return _merge(targets, lay)


def _merge(
    targets: list[dict[str, Any]], lay: Callable[[dict[str, Any], dict[str, Any]], None]
) -> list[dict[str, Any]]:
    kept: dict[tuple[str, str, str], dict[str, Any]] = {}
    for target in targets:
        key = (target["account"], target["region"], target["name"])
        if key in kept:
            lay(kept[key], target)
            kept[key]["levers"] = [*kept[key]["levers"], *target["levers"]]
        else:
            kept[key] = {**target}
    return list(kept.values())


def _lay_settings(into: dict[str, Any], more: dict[str, Any]) -> None:
    both = dict(into["settings"])
    for key, value in more["settings"].items():
        old = both.get(key)
        both[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    into["settings"], into["says"] = both, f"{into['says']}, {more['says']}"


MERGED: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "next_training_job": _merged_settings,
    "bucket_rules": _merged_rules,
}


def _regions(actions: list[Action]) -> list[str]:
    found = [r["region"] for a in actions if a.lever_id == "monitoring" for r in a.resources.values()]
    found += [r["region"] for a in actions for r in a.resources.values() if r["region"]]
    return list(dict.fromkeys(found))


def _template_text(path: str) -> str:
    place = files("simulator.reports.actions").joinpath("templates", f"{path}.txt")
    return place.read_text(encoding="utf-8")


def _json(data: Any) -> str:
    return json_text(data) + "\n"
