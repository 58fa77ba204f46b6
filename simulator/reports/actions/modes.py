"""Another way of serving: serverless, asynchronous, multi-model, batch, Bedrock."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from simulator.aws.limits import check_instance_type, check_serverless_concurrency, check_serverless_memory_mb
from simulator.levers.endpoints.fleet import instances_now
from simulator.reports.actions.action import REPLACE_ROLE, Action, Chosen, Request, first, new_name, one_line
from simulator.reports.actions.from_zero import queue_requests, queue_resources
from simulator.units import SECONDS_PER_HOUR

CONCURRENCY_ROOM = 2
NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}")
BESIDE = (
    "Dry run, then apply: the new endpoint is made beside the old one, from its model; both are paid for meanwhile.",
    "Move the callers, then `--retire`: it deletes the old endpoint when nobody called it for 24 hours.",
)
UNDO_BESIDE = "`--undo --apply` deletes the new endpoint, and creates the old one again if it was retired."


def serverless(chosen: Chosen) -> Action:
    """A serverless endpoint of the same model."""
    e, targets, requests = chosen.before, [], []
    for row in chosen.rows:
        gib = float(chosen.lever.memory_gib(e.model_gib[row]))
        at_once = np.nan_to_num(e.peak_calls_per_hour[row] * e.latency_seconds[row]) / SECONDS_PER_HOUR
        config = {
            "MemorySizeInMB": check_serverless_memory_mb(round(gib * 1024)),
            "MaxConcurrency": check_serverless_concurrency(
                int(np.clip(np.ceil(at_once * CONCURRENCY_ROOM), 1, 200))
            ),
        }
        says = f"serverless, {config['MemorySizeInMB']} MB, {config['MaxConcurrency']} calls at once"
        variant = {"ServerlessConfig": config}
        target = _beside(chosen, row, "-serverless", says, variant)
        targets.append(target)
        requests += endpoint_requests(target, model_name(chosen, row))
    steps = (
        "CPU models only: no GPU, at most 6 GB, no VPC, one variant. The first call after a pause is slow.",
        *BESIDE,
    )
    return Action(chosen.lever.id, steps, UNDO_BESIDE, "new_endpoint", tuple(targets), first(requests))


def async_inference(chosen: Chosen) -> Action:
    """An asynchronous endpoint that starts from zero when its queue fills."""
    targets, requests = [], []
    resources: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(chosen.rows):
        kind = hosting_type(chosen, chosen.before.resized_type[row])
        variant = {"InstanceType": kind, "InitialInstanceCount": 1}
        target = _beside(chosen, row, "-async", f"asynchronous on {kind}", variant)
        target["async_config"] = {
            "OutputConfig": {"S3OutputPath": "s3://replace-with-bucket/answers/"},
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
        }
        targets.append(target)
        most = max(int(np.ceil(instances_now(chosen.step.before)[row] - 1e-9)), 1)
        scaling = queue_requests(target["new_name"], target["region"], most, chosen.lever.idle_minutes)
        requests += [*endpoint_requests(target, model_name(chosen, row)), *scaling]
        resources |= queue_resources(f"Queue{number}", scaling)
    steps = (
        "Callers send with InvokeEndpointAsync and read the answer from S3: change them first.",
        "Set S3OutputPath in the targets.",
        *BESIDE,
        "Then put the scaling in place (requests, or the template): it goes to zero and starts again by its queue.",
    )
    return Action(
        chosen.lever.id, steps, UNDO_BESIDE, "new_endpoint", tuple(targets), first(requests), resources
    )


def async_scale_to_zero(chosen: Chosen) -> Action:
    """Scaling of an asynchronous endpoint down to zero, and its start by the queue."""
    e, requests = chosen.before, []
    resources: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(chosen.rows):
        instances = e.async_hours[row] / chosen.step.before.period_hours
        most = max(int(np.ceil(np.fmax(instances, e.scaling_max[row]) - 1e-9)), 1)
        region = chosen.place(row)["region"]
        scaling = queue_requests(str(e.endpoint_name[row]), region, most, chosen.lever.idle_minutes)
        requests += scaling
        resources |= queue_resources(f"Zero{number}", scaling)
    steps = (
        "Put the scaling in place (requests, or the template): MinCapacity 0, a policy by backlog, a start from zero.",
        "Send one request to the empty queue and time the answer: it waits for the instance to start.",
    )
    undo = "Register the scalable target with MinCapacity 1 again."
    return Action(chosen.lever.id, steps, undo, requests=first(requests), resources=resources)


def multi_model(chosen: Chosen) -> Action:
    """One multi-model endpoint per group of container and type."""
    e, now = chosen.before, instances_now(chosen.step.after)
    groups: dict[tuple[int, int], list[int]] = {}
    for row in chosen.rows:
        groups.setdefault((int(e.pool[row]), int(e.resized_type[row])), []).append(int(row))
    targets, requests = [], []
    for number, rows in enumerate(groups.values(), start=1):
        kind = hosting_type(chosen, e.resized_type[rows[0]])
        count = max(round(float(now[rows].sum())), 1)
        says = f"{len(rows)} models on {count} × {kind}"
        target = _beside(chosen, rows[0], "", says, {"InstanceType": kind, "InitialInstanceCount": count})
        name = f"multi-model-{number}"
        model = {"name": name, "model_data_prefix": "s3://replace-with-bucket/models/"}
        members = [str(e.endpoint_name[r]) for r in rows]
        target |= {"name": name, "new_name": name, "old_endpoints": members, "model": model}
        targets.append(target)
        requests += [
            _multi_model_request(target, str(e.container[rows[0]])),
            *endpoint_requests(target, name),
        ]
    steps = (
        "Copy the model archives (model.tar.gz) under one S3 prefix; set model_data_prefix in the targets.",
        "Same container for all; on GPUs Triton on single-GPU types only. Callers name the model with TargetModel.",
        *BESIDE,
    )
    return Action(chosen.lever.id, steps, UNDO_BESIDE, "new_endpoint", tuple(targets), first(requests))


def _multi_model_request(target: dict[str, Any], container: str) -> Request:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/REPLACE:tag"
    return Request(
        target["region"],
        "sagemaker",
        "CreateModel",
        {
            "ModelName": target["model"]["name"],
            "ExecutionRoleArn": REPLACE_ROLE,
            "PrimaryContainer": {
                "Image": image,
                "Mode": "MultiModel",
                "ModelDataUrl": target["model"]["model_data_prefix"],
            },
        },
        f"Image of the container the endpoints share ({one_line(container) or 'unknown'}); the script reads it live.",
    )


def _beside(chosen: Chosen, row: int, suffix: str, says: str, variant: dict[str, Any]) -> dict[str, Any]:
    name = str(chosen.before.endpoint_name[row])
    return {
        "name": str(chosen.before.resource_id[row]),
        **chosen.place(row),
        "kind": chosen.lever.id,
        "old_endpoints": [name],
        "new_name": new_name(name, suffix),
        "says": says,
        "variant": variant,
    }


def endpoint_requests(target: dict[str, Any], model: str) -> list[Request]:
    """CreateEndpointConfig, then CreateEndpoint."""
    name, region = target["new_name"], target["region"]
    variant = {"VariantName": "AllTraffic", "ModelName": model, **target["variant"]}
    config = {"EndpointConfigName": name, "ProductionVariants": [variant]}
    if "async_config" in target:
        config["AsyncInferenceConfig"] = target["async_config"]
    note = "ModelName is the live endpoint's model; the configuration first, then the endpoint."
    return [
        Request(region, "sagemaker", "CreateEndpointConfig", config, note),
        Request(
            region, "sagemaker", "CreateEndpoint", {"EndpointName": name, "EndpointConfigName": name}, note
        ),
    ]


def batch_transform(chosen: Chosen) -> Action:
    """A transform job instead of an endpoint."""
    e, requests = chosen.before, []
    for row in chosen.rows:
        code = e.instance_type[row]
        kind = check_instance_type(chosen.type_name(code), "transform", chosen.step.before.catalog)
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://replace-with-bucket/input/"}
        job = {
            "TransformJobName": new_name(str(e.endpoint_name[row]), "-daily"),
            "ModelName": model_name(chosen, row),
            "TransformInput": {"DataSource": {"S3DataSource": source}, "SplitType": "Line"},
            "TransformOutput": {"S3OutputPath": "s3://replace-with-bucket/output/", "AssembleWith": "Line"},
            "TransformResources": {"InstanceType": kind, "InstanceCount": 1},
        }
        requests.append(
            Request(chosen.place(row)["region"], "sagemaker", "CreateTransformJob", job, "Set both prefixes.")
        )
    steps = ("Run the job daily (EventBridge Scheduler), compare its answers, then delete the endpoint.",)
    return Action(
        chosen.lever.id, steps, "Create the endpoint again from its configuration.", requests=first(requests)
    )


def to_bedrock(chosen: Chosen) -> Action:
    """Calls to Bedrock on demand instead of an endpoint."""
    models, requests = chosen.step.before.catalog.models, []
    for row in chosen.rows:
        call = {
            "modelId": models[int(chosen.after.bedrock_model[row])],
            "messages": [{"role": "user", "content": [{"text": "REPLACE"}]}],
        }
        requests.append(Request(chosen.place(row)["region"], "bedrock-runtime", "Converse", call))
    steps = (
        "Evaluate: another deployment of a model may answer differently. Check quotas, licence and data route.",
        "Move the callers, then delete the endpoint when it is idle.",
    )
    return Action(
        chosen.lever.id, steps, "Point the callers back; create the endpoint again.", requests=first(requests)
    )


def hosting_type(chosen: Chosen, code: Any) -> str:
    """A type the API takes for hosting. Raises ValueError."""
    return check_instance_type(chosen.type_name(code), "hosting", chosen.step.before.catalog)


def model_name(chosen: Chosen, row: int) -> str:
    """The model of a variant; what is no name AWS would take is to be filled in."""
    name = str(chosen.before.model_name[row])
    return name if NAME.fullmatch(name) else "REPLACE-MODEL"
