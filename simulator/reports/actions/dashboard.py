"""The dashboard of one region: calls, latency and GPU use of endpoints, Bedrock tokens, training, storage."""

from __future__ import annotations

from typing import Any

from simulator.engine.simulate import Result

MOST_ON_DASHBOARD = 40
HOUR_SECONDS, DAY_SECONDS = 3600, 86_400


def dashboard(result: Result, region: str, rows: list[int], variants: Any) -> dict[str, Any]:
    """Calls, latency and GPU use of the most expensive endpoints, Bedrock tokens, training utilization, storage."""
    usage = result.baseline.usage
    e = usage.endpoints
    pairs = [(str(e.endpoint_name[r]), str(variants[r])) for r in rows[:MOST_ON_DASHBOARD]]
    models = sorted({str(i).split(" ")[0] for i, c in zip(usage.bedrock.resource_id, usage.bedrock.region, strict=True)
                     if c >= 0 and usage.catalog.regions[int(c)] == region})  # fmt: skip
    buckets = [
        str(b) for b, c in zip(usage.storage.resource_id, usage.storage.region, strict=True)
        if c >= 0 and usage.catalog.regions[int(c)] == region
    ]  # fmt: skip
    endpoint = [["EndpointName", n, "VariantName", v] for n, v in pairs]
    rows_of: dict[str, list[list[Any]]] = {
        "Calls per hour": [
            ["AWS/SageMaker", "Invocations", *d, {"stat": "Sum", "period": HOUR_SECONDS}] for d in endpoint
        ],
        "Latency (µs)": [["AWS/SageMaker", "ModelLatency", *d] for d in endpoint],
        "GPU use (%, summed over GPUs)": [
            ["/aws/sagemaker/Endpoints", "GPUUtilization", *d] for d in endpoint
        ],
        "Bedrock input tokens": [
            ["AWS/Bedrock", "InputTokenCount", "ModelId", m, {"stat": "Sum"}] for m in models
        ],
        "Bedrock output tokens": [
            ["AWS/Bedrock", "OutputTokenCount", "ModelId", m, {"stat": "Sum"}] for m in models
        ],
        "Standard storage (bytes)": [
            [
                "AWS/S3",
                "BucketSizeBytes",
                "StorageType",
                "StandardStorage",
                "BucketName",
                b,
                {"period": DAY_SECONDS},
            ]
            for b in buckets[:MOST_ON_DASHBOARD]
        ],
    }
    widgets = [
        _widget(n, region, title, metrics) for n, (title, metrics) in enumerate(rows_of.items()) if metrics
    ]
    widgets.append(_training_widget(len(rows_of), region))
    return {"widgets": widgets}


def _widget(number: int, region: str, title: str, metrics: list[list[Any]]) -> dict[str, Any]:
    shown = {"title": title, "region": region, "view": "timeSeries", "stacked": False, "metrics": metrics}
    place = {"x": 12 * (number % 2), "y": 6 * (number // 2), "width": 12, "height": 6}
    return {"type": "metric", **place, "properties": shown}


def _training_widget(number: int, region: str) -> dict[str, Any]:
    search = "SEARCH('{/aws/sagemaker/TrainingJobs,Host} MetricName=\"GPUUtilization\"', 'Average', 300)"
    return _widget(
        number, region, "Training: GPU use (%, summed over GPUs)", [[{"expression": search, "id": "t"}]]
    )
