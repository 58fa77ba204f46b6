"""Endpoints that stay what they are: stopped when idle, fewer variants, another type, auto-scaled."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.aws.limits import check_instance_type
from simulator.levers.endpoints.fleet import instances_now
from simulator.reports.actions.action import Action, Chosen, Request, first

DAY_HOURS = 24
SERVICE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
COOLDOWN_IN_SECONDS, COOLDOWN_OUT_SECONDS = 300, 60


def stop_idle_endpoints(chosen: Chosen) -> Action:
    """Delete idle endpoints after judging each anew."""
    e, hours = chosen.before, int(chosen.lever.quiet_days * DAY_HOURS)
    seen: dict[int, dict[str, Any]] = {}
    for row in chosen.rows:
        name = str(e.endpoint_name[row])
        seen.setdefault(int(e.endpoint[row]), {"name": name, **chosen.place(row), "quiet_hours": hours})
    return Action(
        chosen.lever.id,
        (
            "Ask the owners; a tag `keep` (or `keep=2027-01-31`) on an endpoint protects it.",
            "Dry run: the script judges every endpoint anew and says which it would delete.",
            "Apply. Configuration, model and tags stay; the record beside the script restores them.",
        ),
        "`--undo --apply` creates the endpoints again from their configurations, in minutes.",
        "stop_idle_endpoints",
        tuple(seen.values()),
    )


def autoscale_endpoints(chosen: Chosen) -> Action:
    """A scalable target and a target-tracking policy per variant."""
    targets = [autoscale_target(chosen, row) for row in chosen.rows]
    requests: list[Request] = []
    resources: dict[str, dict[str, Any]] = {}
    for number, t in enumerate(targets):
        note = "RegisterScalableTarget first, then its policy."
        requests += [
            Request(
                t["region"], "application-autoscaling", "RegisterScalableTarget", t["scalable_target"], note
            ),
            Request(t["region"], "application-autoscaling", "PutScalingPolicy", t["scaling_policy"], note),
        ]
        resources |= scaling_resources(f"Scaling{number}", t)
    return Action(
        chosen.lever.id,
        (
            "Load-test one instance: the target follows its capacity (MAX_RPS × headroom × 60 calls per minute).",
            "Dry run, then apply. A burst shorter than the minutes a new instance takes is not helped.",
        ),
        "`--undo --apply` removes policy and target and puts the instance count back.",
        "autoscale_endpoints",
        tuple(targets),
        first(requests),
        resources,
    )


def autoscale_target(chosen: Chosen, row: int) -> dict[str, Any]:
    """One variant with its two requests."""
    e, frame = chosen.before, chosen.frame()
    endpoint, variant = str(e.endpoint_name[row]), str(frame["variant_name"].iloc[row])
    key = {
        "ServiceNamespace": SERVICE,
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": DIMENSION,
    }
    least = int(chosen.lever.min_instances)
    most = max(int(np.ceil(instances_now(chosen.step.before)[row] - 1e-9)), least)
    tracking = {
        "TargetValue": round(float(chosen.lever.target_per_minute(e.max_rps[row])), 2),
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": COOLDOWN_IN_SECONDS,
        "ScaleOutCooldown": COOLDOWN_OUT_SECONDS,
    }
    policy = {
        **key,
        "PolicyName": "spend-invocations",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }
    names = {"name": str(e.resource_id[row]), "endpoint": endpoint, "variant": variant}
    limits = {**key, "MinCapacity": least, "MaxCapacity": most}
    return {**names, **chosen.place(row), "scalable_target": limits, "scaling_policy": policy}


def scaling_resources(name: str, target: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same as CloudFormation."""
    policy = {k: target["scaling_policy"][k] for k in ("PolicyName", "PolicyType")}
    policy["TargetTrackingScalingPolicyConfiguration"] = target["scaling_policy"][
        "TargetTrackingScalingPolicyConfiguration"
    ]
    return {
        f"{name}Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": target["scalable_target"],
            "region": target["region"],
        },
        f"{name}Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {**policy, "ScalingTargetId": {"Ref": f"{name}Target"}},
            "region": target["region"],
        },
    }


def rightsize_endpoints(chosen: Chosen) -> Action:
    """Another type, in the count the peak needs."""
    return _moved_to_type(
        chosen, "-resized", "Load-test the smaller type: latency rises before throughput ends."
    )


def graviton(chosen: Chosen) -> Action:
    """A type of another processor."""
    return _moved_to_type(
        chosen, "-ported", "Build the image for Arm, or compile the model for Neuron, and test it."
    )


def _moved_to_type(chosen: Chosen, suffix: str, first_step: str) -> Action:
    e, after, now = chosen.before, chosen.after, instances_now(chosen.step.after)
    targets = []
    for row in chosen.rows:
        new = check_instance_type(
            chosen.type_name(after.resized_type[row]), "hosting", chosen.step.before.catalog
        )
        count = max(int(np.ceil(now[row] - 1e-9)), 1)
        targets.append(
            {
                **_variant(chosen, row),
                "expected_type": chosen.type_name(e.resized_type[row]),
                "instance_type": new,
                "instance_count": count,
                "suffix": suffix,
                "says": f"{count} × {new}",
            }
        )
    return Action(
        chosen.lever.id,
        (first_step, "Dry run, then apply: SageMaker moves blue/green, and the old fleet serves until then."),
        "`--undo --apply` moves back to the old configuration, which stays.",
        "endpoint_config",
        tuple(targets),
    )


def endpoint_hygiene(chosen: Chosen) -> Action:
    """Take shadow and leftover variants out."""
    hours = int(chosen.lever.quiet_days * DAY_HOURS)
    targets = [
        {
            **_variant(chosen, row),
            "remove": True,
            "quiet_hours": hours,
            "suffix": "-tidied",
            "says": "without a variant that answers nobody",
        }
        for row in chosen.rows
    ]
    return Action(
        chosen.lever.id,
        (
            "Ask whether a shadow test still runs.",
            "Dry run, then apply: the endpoint moves to a configuration without them.",
        ),
        "`--undo --apply` moves back to the old configuration, which stays.",
        "endpoint_config",
        tuple(targets),
    )


def _variant(chosen: Chosen, row: int) -> dict[str, Any]:
    e = chosen.before
    return {
        "name": str(e.resource_id[row]),
        "endpoint": str(e.endpoint_name[row]),
        "variant": str(chosen.frame()["variant_name"].iloc[row]),
        **chosen.place(row),
    }
