"""Monitoring, functions, Studio and policies: installed once, undone; the functions judge as the plan does."""

from __future__ import annotations

import json
import runpy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.accounts import snapshot_with, traffic
from tests.reports.actions.conftest import REGION, client, writes
from tests.reports.actions.strict import problems

NOW = datetime.now(UTC)
TAGS = [{"Key": "team", "Value": "search"}]
OLD = (NOW - timedelta(days=60)).isoformat()


def account():
    """Two endpoints, one with nights, a notebook, Studio, a bucket."""
    office = [20 if 8 <= h % 24 < 16 and (h // 24 + 3) % 7 < 5 else 0 for h in range(720)]
    rows: list[dict[str, Any]] = [{"endpoint_name": "office", "max_rps": 50.0}, {"endpoint_name": "gappy"}]
    calls = [*traffic("office", office), *traffic("gappy", [5] * 24 + [0] * 300 + [5] * 396)]
    compute = [
        {"kind": "notebook", "name": "nb", "hours": 720, "idle_hours": 400, "out_of_hours_hours": 500},
        {"kind": "studio", "name": "app", "hours": 720, "idle_hours": 400, "out_of_hours_hours": 500},
    ]
    storage = [{"bucket": "data", "gib": 100.0}]
    return snapshot_with(endpoints=rows, endpoint_traffic=calls, compute=compute, storage=storage)


def alarms():
    return {a["AlarmName"]: a for a in client("cloudwatch").describe_alarms()["MetricAlarms"]}


def test_monitoring_is_installed_once_and_removed(aws, pack):
    p = pack(account(), "stop_idle_endpoints")
    p.run("monitoring")
    assert writes(aws) == []
    p.run("monitoring", "--apply", "--email", "ml@example.com")
    idle = alarms()["spend idle gappy AllTraffic"]
    assert idle["TreatMissingData"] == "breaching"
    assert idle["Period"] * idle["EvaluationPeriods"] == 24 * 3600
    assert idle["AlarmActions"] == ["arn:aws:sns:us-east-1:123456789012:ml-spend-alerts"]
    assert alarms()["spend storage-growth data"]["Threshold"] == (120 * 2**30)
    budgets = client("budgets").describe_budgets(AccountId="123456789012")["Budgets"]
    assert [b["BudgetName"] for b in budgets] == ["ml-spend"]
    assert len(client("ce").get_anomaly_subscriptions()["AnomalySubscriptions"]) == 1
    assert (
        client("cloudwatch").list_dashboards()["DashboardEntries"][0]["DashboardName"] == "ml-spend-us-east-1"
    )
    assert client("events").list_targets_by_rule(Rule="spend-failed-jobs")["Targets"]
    assert p.run("monitoring", "--apply", "--email", "ml@example.com").startswith(
        "as wanted monitoring of us-east-1"
    )
    assert "cannot be undone" not in p.run("monitoring", "--undo", "--apply")
    assert alarms() == {}
    assert client("budgets").describe_budgets(AccountId="123456789012").get("Budgets", []) == []
    assert client("sns").list_topics()["Topics"] == []
    assert client("events").list_rules()["Rules"] == []
    assert client("ce").get_anomaly_monitors()["AnomalyMonitors"] == []


def test_functions_start_in_dry_run_and_are_removed(aws, pack):
    p = pack(account(), "shutdown_after_24h", "schedule_endpoints", "notebook_schedule")
    assert {t["function_name"] for t in p.targets("functions")} == {
        "spend-auto-shutdown", "spend-schedule-endpoints", "spend-notebook-schedule",
    }  # fmt: skip
    p.run("functions")
    assert writes(aws) == []
    p.run("functions", "--apply", "--wait", "0")
    function = client("lambda").get_function(FunctionName="spend-auto-shutdown")["Configuration"]
    assert function["Environment"]["Variables"] == {"DRY_RUN": "true"}
    assert client("events").describe_rule(Name="spend-auto-shutdown")["ScheduleExpression"] == "rate(1 hour)"
    again = p.run("functions", "--apply", "--wait", "0")
    assert "change" not in again
    p.run("functions", "--apply", "--live", "--wait", "0")
    function = client("lambda").get_function(FunctionName="spend-auto-shutdown")["Configuration"]
    assert function["Environment"]["Variables"] == {"DRY_RUN": "false"}
    p.run("functions", "--undo", "--apply")
    assert client("lambda").list_functions()["Functions"] == []
    assert client("events").list_rules()["Rules"] == []
    assert client("iam").list_roles()["Roles"] == []


def test_the_schedule_lies_where_the_calls_are(aws, pack):
    p = pack(account(), "schedule_endpoints")
    (target,) = [t for t in p.targets("functions") if t["function_name"] == "spend-schedule-endpoints"]
    start, stop = target["rules"]
    # calls from 8 to 16 UTC, a window of 10 hours; 10 minutes to start
    begin = int(stop["schedule"].split(" ")[1]) - 10
    assert 6 <= begin <= 8
    assert start["schedule"] == f"cron(50 {begin - 1} ? * MON,TUE,WED,THU,FRI *)"
    assert stop["schedule"] == f"cron(0 {begin + 10} ? * MON,TUE,WED,THU,FRI *)"
    assert start["inputs"] == [
        {
            "action": "start",
            "endpoints": [{"name": "office", "kind": "realtime", "variant": "AllTraffic", "max": 1}],
        }
    ]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (8 * 60, "cron(0 8 ? * MON,TUE,WED,THU,FRI *)"),
        (-10, "cron(50 23 ? * SUN,MON,TUE,WED,THU *)"),
        (-4 * 60, "cron(0 20 ? * SUN,MON,TUE,WED,THU *)"),
        (25 * 60 + 30, "cron(30 1 ? * TUE,WED,THU,FRI,SAT *)"),
    ],
)
def test_a_time_before_monday_or_after_midnight_falls_on_the_day_beside(minutes, expected):
    from simulator.reports.actions.functions import cron

    assert cron(minutes) == expected


def endpoint(name, *, called=False, tags=(), age_days=60):
    at = (NOW - timedelta(days=age_days)).isoformat()
    variant = {"VariantName": "AllTraffic", "CurrentInstanceCount": 1}
    thing = {
        "EndpointName": name, "EndpointConfigName": f"{name}-config", "EndpointStatus": "InService", "CreationTime": at,
        "LastModifiedTime": at, "ProductionVariants": [variant], "Tags": list(tags),
    }  # fmt: skip
    config = {
        "EndpointConfigName": f"{name}-config", "CreationTime": at, "DataCaptureConfig": {},
        "ProductionVariants": [
            {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
        ],
    }  # fmt: skip
    points = [[(NOW - timedelta(hours=3)).isoformat(), 4.0]] if called else []
    metric = ["AWS/SageMaker", "Invocations", [["EndpointName", name], ["VariantName", "AllTraffic"]], points]
    return {
        "region": REGION,
        "resources": {"endpoint": [thing], "endpoint-config": [config]},
        "metrics": [metric],
    }


def names():
    return {e["EndpointName"] for e in client("sagemaker").list_endpoints()["Endpoints"]}


def function(p, name, monkeypatch, dry):
    """The handler of a function, as Lambda would load it."""
    monkeypatch.setenv("DRY_RUN", dry)
    return runpy.run_path(str(p.folder / "scripts" / "functions" / f"{name}.py"))["handler"]


def test_the_shutdown_function_deletes_only_what_was_silent_for_a_day(aws, pack, monkeypatch, capsys):
    aws.seed(endpoint("silent"))
    aws.seed(endpoint("called", called=True))
    aws.seed(endpoint("young", age_days=0.5))
    aws.seed(endpoint("kept", tags=[{"Key": "keep", "Value": "true"}]))
    p = pack(account(), "shutdown_after_24h")
    function(p, "auto_shutdown", monkeypatch, "true")({}, None)
    assert "would delete silent" in capsys.readouterr().out
    assert names() == {"silent", "called", "young", "kept"}
    function(p, "auto_shutdown", monkeypatch, "false")({}, None)
    assert names() == {"called", "young", "kept"}
    kept = client("ssm").get_parameter(Name="/spend/restore/silent")["Parameter"]["Value"]
    assert json.loads(kept) == {"config": "silent-config", "tags": []}


def test_the_shutdown_function_leaves_what_it_cannot_measure(aws, pack, monkeypatch):
    aws.seed(endpoint("silent"))
    p = pack(account(), "shutdown_after_24h")
    aws.faults({"service": "cloudwatch", "kind": "denied"})
    function(p, "auto_shutdown", monkeypatch, "false")({}, None)
    assert names() == {"silent"}


def test_office_hours_delete_in_the_evening_and_restore_in_the_morning(aws, pack, monkeypatch):
    aws.seed(endpoint("office", tags=TAGS))
    aws.seed(endpoint("kept", tags=[{"Key": "keep", "Value": "true"}]))
    p = pack(account(), "schedule_endpoints")
    handler = function(p, "office_hours", monkeypatch, "false")
    things = [{"name": n, "kind": "realtime", "variant": "AllTraffic", "max": 1} for n in ("office", "kept")]
    function(p, "office_hours", monkeypatch, "true")({"action": "stop", "endpoints": things}, None)
    assert names() == {"office", "kept"}
    monkeypatch.setenv("DRY_RUN", "false")
    handler({"action": "stop", "endpoints": things}, None)
    assert names() == {"kept"}
    handler({"action": "start", "endpoints": things}, None)
    handler({"action": "start", "endpoints": things}, None)
    assert names() == {"office", "kept"}
    restored = client("sagemaker").describe_endpoint(EndpointName="office")
    assert restored["EndpointConfigName"] == "office-config"
    assert client("sagemaker").list_tags(ResourceArn=restored["EndpointArn"])["Tags"] == TAGS


def test_office_hours_of_a_queue_change_its_limits_only(aws, pack, monkeypatch):
    aws.seed(endpoint("queue"))
    handler = function(pack(account(), "schedule_endpoints"), "office_hours", monkeypatch, "false")
    thing = {"name": "queue", "kind": "async", "variant": "AllTraffic", "max": 3}

    def limits():
        (target,) = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")[
            "ScalableTargets"
        ]
        return target["MinCapacity"], target["MaxCapacity"]

    handler({"action": "stop", "endpoints": [thing]}, None)
    assert limits() == (0, 0)
    handler({"action": "start", "endpoints": [thing]}, None)
    assert limits() == (0, 3)
    assert names() == {"queue"}


def test_studio_domains_stop_idle_apps_and_undo_puts_it_back(aws, pack):
    made = {"DomainName": "d", "AuthMode": "IAM", "SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}
    role = {"ExecutionRole": "arn:aws:iam::123456789012:role/r"}
    sm = client("sagemaker")
    sm.create_domain(**made, DefaultUserSettings=role, Tags=[{"Key": "team", "Value": "ds"}])
    aws.forget()
    p = pack(account(), "notebook_idle_shutdown")
    p.run("studio_idle")
    assert writes(aws) == []
    p.run("studio_idle", "--apply")
    (domain,) = sm.list_domains()["Domains"]

    def settings():
        now = sm.describe_domain(DomainId=domain["DomainId"])["DefaultUserSettings"]
        return now["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]

    assert settings() == {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 120}
    assert p.run("studio_idle", "--apply").startswith("as wanted")
    p.run("studio_idle", "--undo", "--apply")
    assert settings() == {"LifecycleManagement": "DISABLED"}


def test_policies_are_made_and_bound_only_where_asked(aws, pack):
    org = client("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    aws.forget()
    p = pack(account(), "stop_idle_endpoints")
    p.run("policies")
    assert writes(aws) == []
    p.run("policies", "--apply")
    ours = {
        x["Name"]: x["Id"]
        for x in org.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        if not x["AwsManaged"]
    }
    assert set(ours) == {"spend-gpu-justification", "spend-required-tags"}
    assert org.list_targets_for_policy(PolicyId=ours["spend-gpu-justification"])["Targets"] == []
    assert p.run("policies", "--apply").startswith("as wanted")
    p.run("policies", "--apply", "--attach", root)
    assert [
        t["TargetId"]
        for t in org.list_targets_for_policy(PolicyId=ours["spend-gpu-justification"])["Targets"]
    ] == [root]
    p.run("policies", "--undo", "--apply")
    assert [
        x for x in org.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"] if not x["AwsManaged"]
    ] == []


def test_what_monitoring_and_policies_ask_for_is_what_aws_takes(aws, pack):
    p = pack(account(), "stop_idle_endpoints")
    (target,) = p.targets("monitoring")
    for alarm in target["alarms"]:
        assert problems("cloudwatch", "PutMetricAlarm", alarm) == []
    body = {
        "DashboardName": target["dashboard"]["name"],
        "DashboardBody": json.dumps(target["dashboard"]["body"]),
    }
    assert problems("cloudwatch", "PutDashboard", body) == []
    told = [
        {"Notification": n, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@b.c"}]}
        for n in target["budget"]["Notifications"]
    ]
    asked = {
        "AccountId": "123456789012",
        "Budget": target["budget"]["Budget"],
        "NotificationsWithSubscribers": told,
    }
    assert problems("budgets", "CreateBudget", asked) == []
    monitor = {"AnomalyMonitor": target["anomaly"]["AnomalyMonitor"]}
    assert problems("ce", "CreateAnomalyMonitor", monitor) == []
    hears = {
        "MonitorArnList": ["arn:aws:ce::123456789012:anomalymonitor/m"],
        "Subscribers": [{"Type": "EMAIL", "Address": "a@example.com"}],
    }
    subscription = {"AnomalySubscription": {**target["anomaly"]["AnomalySubscription"], **hears}}
    assert problems("ce", "CreateAnomalySubscription", subscription) == []
    idle = {
        "LifecycleManagement": "ENABLED",
        "IdleTimeoutInMinutes": p.targets("studio_idle")[0]["idle_timeout_minutes"],
    }
    settings = {"JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": idle}}}
    assert problems("sagemaker", "UpdateDomain", {"DomainId": "d-1", "DefaultUserSettings": settings}) == []
