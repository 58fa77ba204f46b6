"""What runs by the clock: shutdown after 24 silent hours, office hours of endpoints and notebooks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import numpy as np

from simulator.levers.endpoints.schedule_endpoints import by_length
from simulator.reports.actions.action import Action, Chosen
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.endpoint_traffic import WORKDAYS

RUNTIME = "python3.13"
SCRIPT = "functions"
UNDO = "`--undo --apply` removes rules, function and role; what it has deleted is restored as its log says."
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
OFFICE_END = 18
PER_INPUT, INPUTS_PER_RULE = 25, 5
LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "*",
}
DELETES = ["sagemaker:DeleteEndpoint"]
READS = [
    "sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig",
    "sagemaker:ListInferenceComponents", "sagemaker:ListTags", "cloudwatch:GetMetricData", "ssm:PutParameter",
]  # fmt: skip
RESTARTS = [
    "sagemaker:DescribeEndpoint", "ssm:GetParameter", "ssm:PutParameter",
    "sagemaker:ListTags", "sagemaker:AddTags", "sagemaker:DeleteEndpoint", "sagemaker:CreateEndpoint",
    "sagemaker:UpdateEndpointWeightsAndCapacities", "sagemaker:StopNotebookInstance",
    "sagemaker:StartNotebookInstance", "application-autoscaling:RegisterScalableTarget", "cloudwatch:PutMetricAlarm",
    "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms",
]  # fmt: skip


def shutdown_after_24h(chosen: Chosen) -> Action:
    """The rule in every region of the plan's endpoints."""
    regions = sorted({chosen.place(row)["region"] for row in chosen.rows})
    return shutdown_action(regions, chosen.place(chosen.rows[0])["account"])


def shutdown_action(regions: Iterable[str], account: str) -> Action:
    """Hourly shutdown of endpoints after 24 hours without a call."""
    targets: list[dict[str, Any]] = []
    resources: dict[str, dict[str, Any]] = {}
    for region in regions:
        rule = {"name": "spend-auto-shutdown", "schedule": "rate(1 hour)", "inputs": [{}]}
        target = _function("auto_shutdown", region, account, [*READS, *DELETES], [rule])
        targets.append(target)
        resources |= function_resources(f"Shutdown{_id(region)}", target)
    steps = (
        "Install; for a week the function only logs what it would delete. A tag `keep` protects an endpoint.",
        "Then `--live` (or DryRun=false in the template). A forgotten endpoint now costs at most 24 hours.",
    )
    return Action("shutdown_after_24h", steps, UNDO, SCRIPT, tuple(targets), resources=resources)


def schedule_endpoints(chosen: Chosen) -> Action:
    """Stop in the evening, start in the morning, by each endpoint's own window."""
    e, lever = chosen.before, chosen.lever
    length = float(lever.on_hours_per_week) / WORKDAYS
    begins = by_length(e.window_start.astype(float), np.floor(length)).astype(int)
    windows: dict[tuple[str, str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in chosen.rows:
        kind = "async" if e.async_hours[row] > 0 else "realtime"
        most = max(int(np.nan_to_num(e.instance_count[row], nan=1.0)), 1)
        variant = str(chosen.frame()["variant_name"].iloc[row])
        thing = {"name": str(e.endpoint_name[row]), "kind": kind, "variant": variant, "max": most}
        place = chosen.place(row)
        windows[(place["region"], place["account"], int(begins[row]))].append(thing)
    rules: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for (region, account, begin), things in sorted(windows.items()):
        early = round(begin * MINUTES_PER_HOUR - float(lever.start_minutes))
        late = round((begin + length) * MINUTES_PER_HOUR)
        rules[(region, account)] += _rules(f"endpoints-{begin % 24:02d}", early, late, "endpoints", things)
    steps = (
        "Tell the users: outside the window calls fail. Scarce GPU types may not be had in the morning.",
        "Install in dry run, read a day's log, then `--live`. Configuration and tags are kept in SSM.",
        "Scaling rules end with an endpoint: put them back after a restart, or schedule what does not scale.",
    )
    return _scheduled(chosen.lever.id, steps, rules)


def notebook_schedule(chosen: Chosen) -> Action:
    """Stop notebook instances in the evening. Owners start them; what was stopped stays stopped."""
    t = chosen.before
    rules: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    by_place: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in chosen.rows:
        if t.kind[row] == "notebook":
            place = chosen.place(row)
            by_place[(place["region"], place["account"])].append({"name": str(t.resource_id[row])})
    for key, things in by_place.items():
        late = round(OFFICE_END * MINUTES_PER_HOUR)
        rules[key] += _rules("notebooks", None, late, "notebooks", things)
    steps = (
        "Notebook instances stop at 18:00 UTC on working days; their owners start them when they need them.",
        "Studio apps: idle shutdown (studio_idle.py) ends their nights too.",
    )
    return _scheduled(chosen.lever.id, steps, rules)


def _scheduled(
    lever_id: str, steps: tuple[str, ...], rules: dict[tuple[str, str], list[dict[str, Any]]]
) -> Action:
    targets: list[dict[str, Any]] = []
    resources: dict[str, dict[str, Any]] = {}
    for (region, account), made in rules.items():
        target = _function("office_hours", region, account, RESTARTS, made, lever_id)
        targets.append(target)
        resources |= function_resources(f"{lever_id.title().replace('_', '')}{_id(region)}", target)
    undo = "`--undo --apply` removes rules, function and role; start what is stopped by hand first."
    return Action(lever_id, steps, undo, SCRIPT if targets else "", tuple(targets), resources=resources)


def _rules(
    name: str, early: int | None, late: int, kind: str, things: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A start and a stop rule; minutes count from Monday 00:00 UTC. An input holds at most 8,192 characters."""
    parts = [things[i : i + PER_INPUT] for i in range(0, len(things), PER_INPUT)]
    made = []
    for action, minutes in (("start", early), ("stop", late)):
        if minutes is None:
            continue
        inputs = [{"action": action, kind: part} for part in parts]
        for number in range(0, len(inputs), INPUTS_PER_RULE):
            called = f"spend-{name}-{action}-{number // INPUTS_PER_RULE + 1}"
            chunk = inputs[number : number + INPUTS_PER_RULE]
            made.append({"name": called, "schedule": cron(minutes), "inputs": chunk})
    return made


def cron(minutes: int) -> str:
    """EventBridge cron (UTC) of a time on five days running; minutes count from Monday 00:00 UTC."""
    day, minute = divmod(minutes, 24 * 60)
    days = ",".join(DAYS[(1 + day + i) % 7] for i in range(WORKDAYS))
    return f"cron({minute % 60} {minute // 60} ? * {days} *)"


def _function(
    code: str, region: str, account: str, actions: list[str], rules: list[dict[str, Any]], lever_id: str = ""
) -> dict[str, Any]:
    called = f"spend-{(lever_id or code).replace('_', '-')}"
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": [statement, LOGS]}
    if "sagemaker:CreateEndpoint" in actions:
        policy["Statement"].append(_service_linked())
    return {
        "name": f"{called} {region}",
        "region": region,
        "account": account,
        "function_name": called,
        "role_name": f"{called}-{region}",
        "runtime": RUNTIME,
        "code": f"functions/{code}.py",
        "environment": {},
        "policy": policy,
        "rules": rules,
    }


def _service_linked() -> dict[str, Any]:
    """Scaling needs its service-linked role."""
    name = {"StringLike": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}}
    return {"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*", "Condition": name}


def function_resources(name: str, target: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Role, function, rules and permissions as CloudFormation; the code is inline, below 4,096 characters."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "function", "PolicyDocument": target["policy"]}],
    }
    function = {
        "Handler": "index.handler",
        "Runtime": target["runtime"],
        "Timeout": 900,
        "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        "Code": {"ZipFile": function_code(target["code"])},
        "Environment": {"Variables": {"DRY_RUN": {"Ref": "DryRun"}}},
    }
    region = target["region"]
    made = {
        f"{name}Role": {"Type": "AWS::IAM::Role", "Properties": role, "region": region},
        f"{name}Function": {"Type": "AWS::Lambda::Function", "Properties": function, "region": region},
    }
    arn = {"Fn::GetAtt": [f"{name}Function", "Arn"]}
    for number, rule in enumerate(target["rules"]):
        calls = [{"Id": str(n), "Arn": arn, "Input": json.dumps(i)} for n, i in enumerate(rule["inputs"])]
        made[f"{name}Rule{number}"] = {
            "Type": "AWS::Events::Rule",
            "Properties": {"ScheduleExpression": rule["schedule"], "State": "ENABLED", "Targets": calls},
            "region": region,
        }
        made[f"{name}Permission{number}"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": f"{name}Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": {"Fn::GetAtt": [f"{name}Rule{number}", "Arn"]},
            },
            "region": region,
        }
    return made


def function_code(path: str) -> str:
    """The text of a function's template."""
    place = files("simulator.reports.actions").joinpath("templates", f"{path}.txt")
    return place.read_text(encoding="utf-8")


def _id(region: str) -> str:
    return "".join(part.capitalize() for part in region.split("-"))
