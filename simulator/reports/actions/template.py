"""One CloudFormation template of what CloudFormation can hold, deployable as it is in each region of the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from simulator.reports.actions.action import Action

MOST_RESOURCES = 500


def _literal(text: str) -> str:
    """The template without dynamic references: a tag of that form would be filled in with a secret of the account.

    Source: CloudFormation User Guide, "Get values stored in other services using dynamic references".
    """
    return text.replace("{{resolve:", "{ {resolve:")


def template(actions: Iterable[Action], regions: list[str]) -> tuple[str, int]:
    """The template as JSON, and how many resources found no place in it (AWS takes 500).

    Each resource has the condition of its region, so that the same template serves all of them; what belongs
    to the account (`region` empty) is made in the first.
    """
    resources: dict[str, dict[str, Any]] = {}
    for action in actions:
        for name, resource in action.resources.items():
            where = resource["region"] or (regions[0] if regions else "us-east-1")
            body = {k: v for k, v in resource.items() if k != "region"}
            resources[name] = {
                "Type": body["Type"],
                "Condition": _condition(where),
                "Properties": body["Properties"],
            }
    kept = _whole(resources)
    used = sorted({r["Condition"] for r in kept.values()})
    conditions = {_condition(r): {"Fn::Equals": [{"Ref": "AWS::Region"}, r]} for r in [*regions, "us-east-1"]}
    text = json.dumps(kept)
    known = {
        "NotificationEmail": {
            "Type": "String",
            "Description": "Address that hears of alarms, budget and anomalies",
        },
        "DryRun": {
            "Type": "String",
            "Default": "true",
            "AllowedValues": ["true", "false"],
            "Description": "true: functions only log what they would do",
        },
    }
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Savings plan for machine learning: monitoring, governance, scaling. Deploy in each region.",
        "Parameters": {k: v for k, v in known.items() if f'"Ref": "{k}"' in text},
        "Conditions": {k: v for k, v in conditions.items() if k in used},
        "Resources": kept,
    }
    body = {k: v for k, v in body.items() if v}
    return _literal(json.dumps(body, indent=1)), len(resources) - len(kept)


def _whole(resources: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The first resources that fit, without those that refer to one that does not."""
    kept = dict(list(resources.items())[:MOST_RESOURCES])
    lost = set(resources) - set(kept)
    while True:
        broken = {name for name, resource in kept.items() if lost & _named(resource)}
        if not broken:
            return kept
        kept = {name: resource for name, resource in kept.items() if name not in broken}
        lost |= broken


def _named(resource: dict[str, Any]) -> set[str]:
    """Every word a resource holds in quotes: a Ref or GetAtt is among them."""
    return set(re.findall(r'"([A-Za-z0-9]+)"', json.dumps(resource)))


def _condition(region: str) -> str:
    return "In" + "".join(part.capitalize() for part in region.split("-"))
