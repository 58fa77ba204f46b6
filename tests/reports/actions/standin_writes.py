"""The stand-in with the writes that moto 5.2.1 lacks: UpdateEndpoint, UpdateDomain, StopTrainingJob, anomaly detection.

Lifecycle rules are given back as they were put: moto forgets ObjectSizeGreaterThan.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from tests.sources.collect.standin import Standin, serve

ANOMALY: dict[str, list[dict[str, Any]]] = {"Monitor": [], "Subscription": []}
LIFECYCLE: dict[str, bytes] = {}


class WriteStandin(Standin):
    """A Standin that serves this module."""

    module = "tests.reports.actions.standin_writes"


def serve_writes() -> None:
    """Serve on the port given, until killed."""
    from tests.sources.collect import overlay

    class Writes(overlay.Overlay):
        """Answers the writes moto lacks."""

        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if environ["PATH_INFO"] == "/_standin/reset":
                LIFECYCLE.clear()
                for made in ANOMALY.values():
                    made.clear()
            service, region = overlay.scope(environ)
            operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
            act = ACTS.get((service, operation))
            if service == "s3" and environ.get("QUERY_STRING", "").startswith("lifecycle"):
                known = lifecycle(environ)
                if known:
                    self.calls.append((service, "GetBucketLifecycleConfiguration", region))
                    return overlay.send((200, "application/xml", known), start_response)
            if act is None:
                asked = (
                    parse_qs(overlay.read_body(environ).decode("latin-1"))
                    if service in ("sns", "iam")
                    else {}
                )
                answered = super().__call__(environ, start_response)
                if "Action" in asked:
                    self.calls[-1] = (service, asked["Action"][0], region)
                return answered
            self.calls.append((service, operation, region))
            answer = act(region, json.loads(overlay.read_body(environ)))
            return overlay.send(overlay.as_json(answer), start_response)

    serve(Writes)


def lifecycle(environ: dict[str, Any]) -> bytes | None:
    """Remember what is put, and give it back when asked."""
    from tests.sources.collect.overlay import read_body

    bucket, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if method == "GET":
        return LIFECYCLE.get(bucket)
    LIFECYCLE.pop(bucket, None)
    if method == "PUT":
        LIFECYCLE[bucket] = read_body(environ)
    return None


def _backend(region: str) -> Any:
    from moto.sagemaker.models import sagemaker_backends

    return sagemaker_backends["123456789012"][region]


def _update_endpoint(region: str, asked: dict[str, Any]) -> dict[str, Any]:
    endpoint = _backend(region).endpoints[asked["EndpointName"]]
    config = _backend(region).endpoint_configs[asked["EndpointConfigName"]]
    endpoint.endpoint_config_name = asked["EndpointConfigName"]
    endpoint.production_variants = endpoint._process_production_variants(config.production_variants)
    return {"EndpointArn": endpoint.arn}


def _update_domain(region: str, asked: dict[str, Any]) -> dict[str, Any]:
    domain = _backend(region).domains[asked["DomainId"]]
    domain.default_user_settings = {**(domain.default_user_settings or {}), **asked["DefaultUserSettings"]}
    return {"DomainArn": domain.arn}


def _stop_training_job(region: str, asked: dict[str, Any]) -> dict[str, Any]:
    job = _backend(region).training_jobs[asked["TrainingJobName"]]
    job.training_job_status, job.secondary_status = "Stopped", "Stopped"
    return {}


def _make(kind: str) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    def made(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:ce::123456789012:anomaly{kind.lower()}/{len(ANOMALY[kind])}"
        ANOMALY[kind].append({**asked[f"Anomaly{kind}"], f"{kind}Arn": arn})
        return {f"{kind}Arn": arn}

    return made


def _remove(kind: str) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    def removed(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        ANOMALY[kind][:] = [a for a in ANOMALY[kind] if a[f"{kind}Arn"] != asked[f"{kind}Arn"]]
        return {}

    return removed


Act = Callable[[str, dict[str, Any]], dict[str, Any]]
ACTS: dict[tuple[str, str], Act] = {
    ("sagemaker", "UpdateEndpoint"): _update_endpoint,
    ("sagemaker", "UpdateDomain"): _update_domain,
    ("sagemaker", "StopTrainingJob"): _stop_training_job,
    ("ce", "GetAnomalyMonitors"): lambda region, asked: {"AnomalyMonitors": ANOMALY["Monitor"]},
    ("ce", "GetAnomalySubscriptions"): lambda region, asked: {
        "AnomalySubscriptions": ANOMALY["Subscription"]
    },
    ("ce", "CreateAnomalyMonitor"): _make("Monitor"),
    ("ce", "CreateAnomalySubscription"): _make("Subscription"),
    ("ce", "DeleteAnomalyMonitor"): _remove("Monitor"),
    ("ce", "DeleteAnomalySubscription"): _remove("Subscription"),
}

if __name__ == "__main__":
    serve_writes()
