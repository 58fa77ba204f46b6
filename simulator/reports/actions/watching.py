"""Monitoring: dashboard, alarms, failed jobs, budget, cost anomalies; for a script and for CloudFormation."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np

from simulator.engine.simulate import Result
from simulator.reports.actions.action import Action
from simulator.reports.actions.dashboard import DAY_SECONDS, HOUR_SECONDS, dashboard

SCRIPT = "monitoring"
TOPIC = "ml-spend-alerts"
MOST_ALARMS = 60
BUSY_ENOUGH_PERCENT = 10.0
GROWTH = 1.2
NOTICE_RATIOS = (("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0))
ANOMALY_USD = 100
STORAGE_SERVICE = "Amazon Simple Storage Service"
STEPS = (
    "Dry run, then apply with `--email`. Or deploy the template, which holds the same.",
    "The idle alarm counts missing data as idle (TreatMissingData=breaching): a silent endpoint sends no data points.",
    "Confirm the subscription mail, and set the budget to what you have agreed.",
)


def monitoring(result: Result) -> Action:
    """One target per region; budget and anomaly detection in the first only, they are of the account."""
    e = result.baseline.usage.endpoints
    regions = _regions(result)
    ids = result.account.snapshot.manifest.account_ids
    account = str(ids[0]) if len(ids) == 1 else ""
    variants = result.account.snapshot.tables["endpoints"]["variant_name"].astype(str).to_numpy(object)
    watched: dict[str, list[int]] = defaultdict(list)
    cost = result.baseline.charges.by_resource("endpoints", len(e))
    for row in np.argsort(-np.nan_to_num(cost), kind="stable"):
        if e.region[row] >= 0 and e.status[row] == "InService":
            watched[result.baseline.usage.catalog.regions[int(e.region[row])]].append(int(row))
    targets = []
    for number, region in enumerate(regions):
        rows = watched[region]
        alarms = [a for r in rows[: MOST_ALARMS // 2] for a in endpoint_alarms(result, r, str(variants[r]))]
        alarms += storage_alarms(result, region)
        targets.append(
            {
                "name": f"monitoring of {region}",
                "region": region,
                "account": account,
                "topic": {
                    "senders": ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"]
                },
                "dashboard": {
                    "name": f"ml-spend-{region}",
                    "body": dashboard(result, region, rows, variants),
                },
                "alarms": alarms,
                "rules": [failed_jobs_rule()],
                **({"budget": budget(result), "anomaly": anomaly()} if number == 0 else {}),
            }
        )
    resources: dict[str, dict[str, Any]] = {}
    for number, target in enumerate(targets):
        resources |= as_resources(f"Monitoring{number}", target)
    return Action(
        "monitoring", STEPS, "`--undo --apply` removes what it made.", SCRIPT, tuple(targets), (), resources
    )


def _regions(result: Result) -> list[str]:
    """Regions with anything in them, those with most cost first."""
    usage = result.baseline.usage
    spend: dict[str, float] = defaultdict(float)
    for block in result.baseline.charges.blocks:
        for code, usd in zip(usage.table(block.table).region, block.known_usd, strict=True):
            if code >= 0:
                spend[usage.catalog.regions[int(code)]] += float(usd)
    return sorted(spend, key=lambda r: (-spend[r], r))


def endpoint_alarms(result: Result, row: int, variant: str) -> list[dict[str, Any]]:
    """Idle for a day; and for GPU types, hardly used for a day (the metric sums over GPUs)."""
    e, catalog = result.baseline.usage.endpoints, result.baseline.usage.catalog
    name = str(e.endpoint_name[row])
    alarms = [
        _alarm(
            f"spend idle {name} {variant}",
            "AWS/SageMaker",
            "Invocations",
            {"EndpointName": name, "VariantName": variant},
            Statistic="Sum",
            Period=HOUR_SECONDS,
            EvaluationPeriods=24,
            Threshold=0.0,
            ComparisonOperator="LessThanOrEqualToThreshold",
            TreatMissingData="breaching",
        )
    ]
    gpus = float(catalog.gpu_count[int(e.instance_type[row])])
    if gpus > 0 and catalog.has_gpu[int(e.instance_type[row])]:
        alarms.append(
            _alarm(
                f"spend low-gpu {name} {variant}",
                "/aws/sagemaker/Endpoints",
                "GPUUtilization",
                {"EndpointName": name, "VariantName": variant},
                Statistic="Average",
                Period=HOUR_SECONDS,
                EvaluationPeriods=24,
                Threshold=BUSY_ENOUGH_PERCENT * gpus,
                ComparisonOperator="LessThanThreshold",
                TreatMissingData="notBreaching",
            )
        )
    return alarms


def storage_alarms(result: Result, region: str) -> list[dict[str, Any]]:
    """The ten largest buckets: their Standard bytes a fifth above today's."""
    s, catalog = result.baseline.usage.storage, result.baseline.usage.catalog
    here = [r for r in np.argsort(-np.nan_to_num(s.standard_gb)) if s.region[r] >= 0]
    here = [int(r) for r in here if catalog.regions[int(s.region[r])] == region and s.standard_gib[r] > 0][
        :10
    ]
    return [
        _alarm(
            f"spend storage-growth {s.resource_id[r]}",
            "AWS/S3",
            "BucketSizeBytes",
            {"StorageType": "StandardStorage", "BucketName": str(s.resource_id[r])},
            Statistic="Average",
            Period=DAY_SECONDS,
            EvaluationPeriods=1,
            Threshold=float(round(s.standard_gib[r] * GROWTH * 2**30)),
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="missing",
        )
        for r in here
    ]


def _alarm(name: str, namespace: str, metric: str, dimensions: dict[str, str], **more: Any) -> dict[str, Any]:
    listed = [{"Name": k, "Value": v} for k, v in dimensions.items()]
    return {"AlarmName": name, "Namespace": namespace, "MetricName": metric, "Dimensions": listed, **more}


def failed_jobs_rule() -> dict[str, Any]:
    """Failed and stopped training jobs are told: SageMaker has no metric for them."""
    detail = {"TrainingJobStatus": ["Failed", "Stopped"]}
    kind = ["SageMaker Training Job State Change"]
    return {
        "name": "spend-failed-jobs",
        "pattern": {"source": ["aws.sagemaker"], "detail-type": kind, "detail": detail},
    }


def budget(result: Result) -> dict[str, Any]:
    """A monthly budget at what the scenario projects. Its filter names every service that the amount holds."""
    billed = result.account.snapshot.tables["billed"]
    services = ["Amazon SageMaker", "Amazon Bedrock"]
    services += sorted({str(s) for s in billed["service"] if "Bedrock" in str(s)} - set(services))
    if result.outcome.charges.total_usd(component="storage"):
        services.append(STORAGE_SERVICE)
    return {
        "Budget": {
            "BudgetName": "ml-spend",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": f"{max(result.outcome.total_usd, 1.0):.2f}", "Unit": "USD"},
            "CostFilters": {"Service": services},
        },
        "Notifications": [
            {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": limit,
                "ThresholdType": "PERCENTAGE",
            }
            for kind, limit in NOTICE_RATIOS
        ],
    }


def anomaly() -> dict[str, Any]:
    """A monitor per service, and a daily mail above a dollar impact."""
    impact = {
        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
        "Values": [str(ANOMALY_USD)],
    }
    return {
        "AnomalyMonitor": {
            "MonitorName": "ml-spend",
            "MonitorType": "DIMENSIONAL",
            "MonitorDimension": "SERVICE",
        },
        "AnomalySubscription": {
            "SubscriptionName": "ml-spend",
            "Frequency": "DAILY",
            "ThresholdExpression": {"Dimensions": impact},
        },
    }


def as_resources(name: str, target: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same as CloudFormation; the topic's mail address is a parameter of the template."""
    region = target["region"]
    topic = {"Ref": f"{name}Topic"}
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": target["topic"]["senders"]},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    mail = {"Protocol": "email", "Endpoint": {"Ref": "NotificationEmail"}}
    rule = target["rules"][0]
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "Topic": ("AWS::SNS::Topic", {"Subscription": [mail]}),
        "TopicPolicy": (
            "AWS::SNS::TopicPolicy",
            {"Topics": [topic], "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}},
        ),
        "Dashboard": (
            "AWS::CloudWatch::Dashboard",
            {"DashboardBody": json.dumps(target["dashboard"]["body"])},
        ),
        "FailedJobs": (
            "AWS::Events::Rule",
            {"EventPattern": rule["pattern"], "State": "ENABLED", "Targets": [{"Id": "topic", "Arn": topic}]},
        ),
    }
    for number, alarm in enumerate(target["alarms"]):
        made[f"Alarm{number}"] = ("AWS::CloudWatch::Alarm", {**alarm, "AlarmActions": [topic]})
    if "budget" in target:
        made |= _account_resources(name, target)
    return {f"{name}{k}": {"Type": t, "Properties": p, "region": region} for k, (t, p) in made.items()}


def _account_resources(name: str, target: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    mail = {"Address": {"Ref": "NotificationEmail"}}
    hears = [{"SubscriptionType": "EMAIL", **mail}]
    budget = {**target["budget"]["Budget"]}
    budget["BudgetLimit"] = {"Amount": float(budget["BudgetLimit"]["Amount"]), "Unit": "USD"}
    notices = [{"Notification": n, "Subscribers": hears} for n in target["budget"]["Notifications"]]
    subscription = {**target["anomaly"]["AnomalySubscription"]}
    subscription["ThresholdExpression"] = json.dumps(subscription["ThresholdExpression"])
    subscription |= {
        "MonitorArnList": [{"Fn::GetAtt": [f"{name}AnomalyMonitor", "MonitorArn"]}],
        "Subscribers": [{"Type": "EMAIL", **mail}],
    }
    return {
        "Budget": ("AWS::Budgets::Budget", {"Budget": budget, "NotificationsWithSubscribers": notices}),
        "AnomalyMonitor": ("AWS::CE::AnomalyMonitor", target["anomaly"]["AnomalyMonitor"]),
        "AnomalySubscription": ("AWS::CE::AnomalySubscription", subscription),
    }
