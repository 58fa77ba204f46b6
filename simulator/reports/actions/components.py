"""Inference components: on shared GPUs, and down to zero."""

from __future__ import annotations

import numpy as np

from simulator.levers.endpoints.fleet import instances_now
from simulator.reports.actions.action import REPLACE_ROLE, Action, Chosen, Request, first, new_name
from simulator.reports.actions.from_zero import component_requests
from simulator.reports.actions.modes import endpoint_requests, hosting_type, model_name


def scale_to_zero(chosen: Chosen) -> Action:
    """Copies of components go to zero, and instances with them."""
    requests, e = [], chosen.before
    for row in chosen.rows:
        place, name = chosen.place(row)["region"], str(e.endpoint_name[row])
        kind = hosting_type(chosen, e.resized_type[row])
        most = max(int(np.ceil(instances_now(chosen.step.before)[row] - 1e-9)), 1)
        variant = {
            "VariantName": "AllTraffic",
            "InstanceType": kind,
            "InitialInstanceCount": 1,
            "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": most},
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        }
        config = {
            "EndpointConfigName": new_name(name, "-to-zero"),
            "ExecutionRoleArn": REPLACE_ROLE,
            "ProductionVariants": [variant],
        }
        update = {"EndpointName": name, "EndpointConfigName": config["EndpointConfigName"]}
        requests += [
            Request(place, "sagemaker", "CreateEndpointConfig", config, "Role of the live configuration."),
            Request(place, "sagemaker", "UpdateEndpoint", update, "Moves the endpoint to the configuration."),
            *component_requests("REPLACE-COMPONENT", place, most, chosen.lever.idle_minutes),
        ]
    steps = (
        "Only endpoints of inference components sleep; a call that wakes one fails for minutes: callers must retry.",
        "Set MinInstanceCount 0 on the endpoint, then target, policies and alarm for each of its components.",
    )
    return Action(
        chosen.lever.id,
        steps,
        "Set MinInstanceCount and MinCapacity back to 1, delete the step policy and the alarm.",
        requests=first(requests),
    )


def inference_components(chosen: Chosen) -> Action:
    """Components on shared multi-GPU instances: a GPU is never shared, so each copy asks for whole ones."""
    e, after, now = chosen.before, chosen.after, instances_now(chosen.step.after)
    gpus = chosen.lever.gpus(chosen.step.before)
    groups: dict[tuple[int, int], list[int]] = {}
    for row in chosen.rows:
        groups.setdefault((int(e.place[row]), int(after.resized_type[row])), []).append(int(row))
    requests = []
    for number, rows in enumerate(groups.values(), start=1):
        name, region = f"shared-gpus-{number}", chosen.place(rows[0])["region"]
        kind = hosting_type(chosen, after.resized_type[rows[0]])
        count = max(int(np.ceil(now[rows].sum() - 1e-9)), 1)
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": count}
        variant = {
            "VariantName": "AllTraffic",
            "InstanceType": kind,
            "InitialInstanceCount": count,
            "ManagedInstanceScaling": scaling,
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        }
        shared = {"new_name": name, "region": region, "variant": variant}
        config, endpoint = endpoint_requests(shared, "")
        body = {**config.parameters, "ExecutionRoleArn": REPLACE_ROLE, "ProductionVariants": [variant]}
        requests += [
            Request(region, "sagemaker", "CreateEndpointConfig", body, "Role of the models."),
            endpoint,
        ]
        requests += [_component(chosen, row, name, region, int(gpus[row])) for row in rows]
    steps = (
        "One shared endpoint per group, then a component per model; each copy has GPUs of its own.",
        "Test, move the callers (they name InferenceComponentName), then delete the old endpoints.",
    )
    undo = "Delete the components, then the shared endpoint; create the old endpoints again from their configurations."
    return Action(chosen.lever.id, steps, undo, requests=first(requests))


def _component(chosen: Chosen, row: int, endpoint: str, region: str, gpus: int) -> Request:
    e = chosen.before
    need = {
        "NumberOfAcceleratorDevicesRequired": float(max(gpus, 1)),
        "MinMemoryRequiredInMb": max(int(np.ceil(float(e.model_gib[row]) * 1024)), 128),
    }
    copies = int(np.nan_to_num(e.copies[row], nan=0.0)) or max(
        int(np.nan_to_num(e.instance_count[row], nan=1.0)), 1
    )
    return Request(
        region,
        "sagemaker",
        "CreateInferenceComponent",
        {
            "InferenceComponentName": new_name(str(e.endpoint_name[row]), "-component"),
            "EndpointName": endpoint,
            "VariantName": "AllTraffic",
            "Specification": {"ModelName": model_name(chosen, row), "ComputeResourceRequirements": need},
            "RuntimeConfig": {"CopyCount": copies},
        },
        "ModelName is the live endpoint's model.",
    )
