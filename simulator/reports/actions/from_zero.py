"""Scaling between zero and some: a target, a policy by load, and a step that an alarm takes when nothing runs."""

from __future__ import annotations

from typing import Any

from simulator.reports.actions.action import Request


def queue_requests(endpoint: str, region: str, most: int, idle_minutes: float) -> list[Request]:
    """Scaling of an asynchronous endpoint between zero and its instances: by backlog, and a start from zero."""
    key = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    dimension = [{"Name": "EndpointName", "Value": endpoint}]
    metric = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": dimension,
        "Statistic": "Average",
    }
    tracking = {
        "TargetValue": 5.0,
        "CustomizedMetricSpecification": metric,
        "ScaleInCooldown": int(idle_minutes * 60),
        "ScaleOutCooldown": 60,
    }
    alarm = {
        "AlarmName": f"spend start-from-zero {endpoint}",
        "Namespace": "AWS/SageMaker",
        "MetricName": "HasBacklogWithoutCapacity",
        "Dimensions": dimension,
    }
    return _from_zero(region, key, most, tracking, alarm)


def component_requests(component: str, region: str, most: int, idle_minutes: float) -> list[Request]:
    """Scaling of an inference component between zero copies and its most."""
    key = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"inference-component/{component}",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    tracking = {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
        },
        "ScaleInCooldown": int(idle_minutes * 60),
        "ScaleOutCooldown": 60,
    }
    alarm = {
        "AlarmName": f"spend start-from-zero {component}",
        "Namespace": "AWS/SageMaker",
        "MetricName": "NoCapacityInvocationFailures",
        "Dimensions": [{"Name": "InferenceComponentName", "Value": component}],
    }
    return _from_zero(region, key, most, tracking, alarm)


def _from_zero(
    region: str, key: dict[str, str], most: int, tracking: dict[str, Any], alarm: dict[str, Any]
) -> list[Request]:
    """Target, tracking policy, step policy, and the alarm that calls the step policy when nothing runs."""
    step = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Maximum",
        "Cooldown": 60,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    watch = {
        **alarm,
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "AlarmActions": ["arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:REPLACE-ME"],
    }
    target = {**key, "MinCapacity": 0, "MaxCapacity": most}
    by_load = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": tracking}
    by_step = {"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": step}
    service = "application-autoscaling"
    return [
        Request(region, service, "RegisterScalableTarget", target),
        Request(region, service, "PutScalingPolicy", {**key, "PolicyName": "spend-load", **by_load}),
        Request(region, service, "PutScalingPolicy", {**key, "PolicyName": "spend-from-zero", **by_step}),
        Request(
            region,
            "cloudwatch",
            "PutMetricAlarm",
            watch,
            "AlarmActions: PolicyARN that PutScalingPolicy answered.",
        ),
    ]


def queue_resources(name: str, requests: list[Request]) -> dict[str, dict[str, Any]]:
    """The four requests of `_from_zero` as CloudFormation."""
    target, load, step, alarm = (dict(r.parameters) for r in requests)
    region = requests[0].region
    key = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    link = {"ScalingTargetId": {"Ref": f"{name}Target"}}
    load, step = ({k: v for k, v in p.items() if k not in key} for p in (load, step))
    return {
        f"{name}Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target, "region": region,
        },
        f"{name}Load": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": load | link, "region": region,
        },
        f"{name}FromZero": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": step | link, "region": region,
        },
        f"{name}Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": alarm | {"AlarmActions": [{"Ref": f"{name}FromZero"}]},
            "region": region,
        },
    }  # fmt: skip
