"""Governance: policies for GPUs and tags, and what every account should have whatever the plan."""

from __future__ import annotations

import json
from typing import Any

from simulator.engine.simulate import Result
from simulator.reports.actions.action import Action, Chosen, Request
from simulator.reports.actions.functions import shutdown_action
from simulator.reports.actions.notebooks import idle_minutes, studio_target

MOST_CHARACTERS = 5120  # of a service control policy
GPU_FAMILIES = ["ml.p*", "ml.g*"]
REQUIRED_TAGS = ("owner", "project")
JUSTIFICATION = "CostJustification"
MAKES_INSTANCES = [
    "sagemaker:CreateTrainingJob", "sagemaker:CreateHyperParameterTuningJob", "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateNotebookInstance", "sagemaker:CreateProcessingJob", "sagemaker:CreateTransformJob",
    "sagemaker:CreateApp",
]  # fmt: skip
TAKES_TAGS = [*MAKES_INSTANCES, "sagemaker:CreateEndpoint", "sagemaker:CreateModel"]
IDLE_MINUTES = 120


def gpu_policy() -> dict[str, Any]:
    """Deny GPU instances without a reason in a tag. One of the types is enough (ForAnyValue)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GpuNeedsAReason",
                "Effect": "Deny",
                "Action": MAKES_INSTANCES,
                "Resource": "*",
                "Condition": {
                    "ForAnyValue:StringLike": {"sagemaker:InstanceTypes": GPU_FAMILIES},
                    "Null": {f"aws:RequestTag/{JUSTIFICATION}": "true"},
                },
            }
        ],
    }


def tag_policy() -> dict[str, Any]:
    """Deny what comes without its tags: one statement per tag, for conditions in one are all needed."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Needs{tag.capitalize()}",
                "Effect": "Deny",
                "Action": TAKES_TAGS,
                "Resource": "*",
                "Condition": {"Null": {f"aws:RequestTag/{tag}": "true"}},
            }
            for tag in REQUIRED_TAGS
        ],
    }


def gpu_justification(chosen: Chosen) -> Action:
    """The policies, made and attached to a sandbox first."""
    return policies()


def policies() -> Action:
    """Both policies as an organization's service control policies and as an IAM policy in the template."""
    targets = [
        _target("spend-gpu-justification", gpu_policy(), f"No GPU without a tag {JUSTIFICATION}"),
        _target(
            "spend-required-tags", tag_policy(), f"No resource without tags {' and '.join(REQUIRED_TAGS)}"
        ),
    ]
    requests = tuple(
        Request(
            "us-east-1",
            "organizations",
            "CreatePolicy",
            {
                "Name": t["name"],
                "Description": t["says"],
                "Type": "SERVICE_CONTROL_POLICY",
                "Content": json.dumps(t["policy"], separators=(",", ":")),
            },
            "From the management account; attach to a sandbox first.",
        )
        for t in targets
    )
    resources = {
        "GpuJustificationPolicy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"Description": targets[0]["says"], "PolicyDocument": gpu_policy()},
            "region": "",
        }
    }
    steps = (
        f"Agree on the tag {JUSTIFICATION} and what it should say; CreateApp and pipelines may not pass tags: test.",
        "Check in the Service Authorization Reference that each action knows sagemaker:InstanceTypes.",
        "Make the policies, attach them to a sandbox account (`--attach`), then wider.",
    )
    undo = "`--undo --apply` detaches and deletes the policies."
    return Action("gpu_justification", steps, undo, "policies", tuple(targets), requests, resources)


def _target(name: str, policy: dict[str, Any], says: str) -> dict[str, Any]:
    size = len(json.dumps(policy, separators=(",", ":")))
    if size > MOST_CHARACTERS:
        raise ValueError(f"policy {name}: {size} characters, more than the {MOST_CHARACTERS} AWS takes")
    return {
        "name": name,
        "region": "us-east-1",
        "policy": policy,
        "says": says,
        "most_characters": MOST_CHARACTERS,
    }


def standing_rules(result: Result, regions: list[str], have: set[str]) -> list[Action]:
    """What every account should have, for levers that the plan does not hold: optional, without a saving of its own."""
    ids = result.account.snapshot.manifest.account_ids
    account = str(ids[0]) if len(ids) == 1 else ""
    made = []
    if "shutdown_after_24h" not in have and len(result.baseline.usage.endpoints):
        made.append(shutdown_action(regions, account))
    if "notebook_idle_shutdown" not in have and len(result.baseline.usage.compute):
        targets = tuple(studio_target(r, account, idle_minutes(IDLE_MINUTES)) for r in regions)
        steps = ("Dry run, then apply: Studio apps stop when nobody uses them. Tell the users first.",)
        undo = "`--undo --apply` puts the domains' settings back."
        made.append(Action("notebook_idle_shutdown", steps, undo, "studio_idle", targets))
    if "gpu_justification" not in have:
        made.append(policies())
    return made
