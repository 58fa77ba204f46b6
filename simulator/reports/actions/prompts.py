"""Bedrock: the shape of requests. Nothing can be switched for a model; the code that calls it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.levers.bedrock.provisioned_throughput import HOURS
from simulator.reports.actions.action import REPLACE_ROLE, Action, Chosen, Request, first

TEXT = [{"text": "REPLACE"}]
MESSAGE = [{"role": "user", "content": TEXT}]
BATCH_HOURS = 24


def prompt_caching(chosen: Chosen) -> Action:
    """A cache point after the prefix that does not change."""
    point: dict[str, Any] = {"type": "default"}
    if chosen.lever.ttl == "1h":
        point["ttl"] = "1h"

    def request(row: int) -> dict[str, Any]:
        prefix = [{"text": "REPLACE: instructions and documents that stay the same"}, {"cachePoint": point}]
        return {"modelId": _model(chosen, row), "system": prefix, "messages": MESSAGE}

    minimum = chosen.step.before.catalog.cache_min_tokens[chosen.before.model[chosen.rows]]
    longest = int(np.nanmax(minimum)) if len(minimum) and not np.isnan(minimum).all() else 4096
    steps = (
        f"Put what never changes first and a cachePoint after it. Shorter than the model's minimum (up to {longest:,} "
        "tokens) it does nothing.",
        "Watch cacheReadInputTokens and cacheWriteInputTokens: with one request per time to live it costs more.",
    )
    return _converse(chosen, steps, "Take the cachePoint out.", request)


def prompt_reduction(chosen: Chosen) -> Action:
    """Shorter prompts."""
    steps = (
        "Trim instructions, examples and retrieved passages; count tokens before and after; test the answers.",
        "CountTokens counts the input tokens of a request without running it.",
    )
    return Action(chosen.lever.id, steps, "Put the old prompts back.")


def output_limit(chosen: Chosen) -> Action:
    """maxTokens from the mean answer."""
    b = chosen.before

    def request(row: int) -> dict[str, Any]:
        mean = float(b.output_tokens[row] / b.requests[row]) if b.requests[row] > 0 else float("nan")
        limit = int(np.ceil(mean * float(chosen.lever.cap_ratio))) if np.isfinite(mean) and mean > 0 else 1024
        return {
            "modelId": _model(chosen, row),
            "messages": MESSAGE,
            "inferenceConfig": {"maxTokens": max(limit, 1)},
        }

    steps = (
        "Ask for short answers in the prompt as well: a limit alone cuts sentences (stopReason max_tokens).",
    )
    return _converse(chosen, steps, "Raise maxTokens.", request)


def model_routing(chosen: Chosen) -> Action:
    """Easy requests to the smaller model."""
    models = chosen.step.before.catalog.models

    def request(row: int) -> dict[str, Any]:
        return {"modelId": models[int(chosen.after.routed_model[row])], "messages": MESSAGE}

    steps = (
        "Evaluate each kind of request on the smaller model, then route by kind; what fails goes to the larger one.",
    )
    return _converse(chosen, steps, "Route everything to the larger model.", request)


def model_upgrade(chosen: Chosen) -> Action:
    """The model that follows, in each request."""
    models = chosen.step.before.catalog.models

    def request(row: int) -> dict[str, Any]:
        return {"modelId": models[int(chosen.after.model[row])], "messages": MESSAGE}

    steps = (
        "Run your evaluation set on the new model and count its tokens; then change the model id before the old "
        "one's end of life.",
    )
    return _converse(chosen, steps, "Until its end of life the old model id still answers.", request)


def inference_profile(chosen: Chosen) -> Action:
    """The global profile in each request."""
    models = chosen.step.before.catalog.models

    def request(row: int) -> dict[str, Any]:
        return {"modelId": models[int(chosen.after.model[row])], "messages": MESSAGE}

    steps = (
        "Check that contract and law let the data leave its region; then put the global profile in the model id.",
        "Service control policies and IAM must allow bedrock:InvokeModel for the profile and in region unspecified.",
    )
    return _converse(chosen, steps, "Put the old profile back in the model id.", request)


def cache_off(chosen: Chosen) -> Action:
    """No cache point."""
    steps = (
        "Take the cachePoint out of requests to these models; cacheWriteInputTokens must go to 0.",
        "Look again when more requests share a prefix within the time to live.",
    )
    return Action(chosen.lever.id, steps, "Put the cachePoint back.")


def cache_one_hour(chosen: Chosen) -> Action:
    """The longer time to live at the cache point."""

    def request(row: int) -> dict[str, Any]:
        point = {"cachePoint": {"type": "default", "ttl": "1h"}}
        prefix = [{"text": "REPLACE: instructions and documents that stay the same"}, point]
        return {"modelId": _model(chosen, row), "system": prefix, "messages": MESSAGE}

    steps = (
        "Set ttl 1h at the cachePoint; cacheWriteInputTokens must fall by more than the higher write price costs.",
    )
    return _converse(chosen, steps, "Leave ttl out: five minutes are the default.", request)


def prompts_below_threshold(chosen: Chosen) -> Action:
    """Prompts cut to the threshold."""
    steps = (
        "Count tokens before each request (CountTokens) and cut retrieved text or history above the threshold.",
        "Test the answers; requests that need the whole text stay as they are, at the price of long prompts.",
    )
    return Action(chosen.lever.id, steps, "Send the whole text again.")


def service_tier(chosen: Chosen) -> Action:
    """The tier in each request."""

    def request(row: int) -> dict[str, Any]:
        return {
            "modelId": _model(chosen, row),
            "messages": MESSAGE,
            "serviceTier": {"type": chosen.lever.tier},
        }

    steps = (
        "Set the tier on requests that can wait (flex) or must not (priority); not every model offers it.",
    )
    return _converse(chosen, steps, "Leave serviceTier out.", request)


def bedrock_batch(chosen: Chosen) -> Action:
    """A batch job over a file of requests."""
    requests = []
    for row in chosen.rows:
        job = {
            "jobName": f"batch-{row + 1}",
            "roleArn": REPLACE_ROLE,
            "modelId": _model(chosen, row),
            "inputDataConfig": {
                "s3InputDataConfig": {
                    "s3Uri": "s3://replace-with-bucket/requests.jsonl",
                    "s3InputFormat": "JSONL",
                }
            },
            "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://replace-with-bucket/answers/"}},
            "timeoutDurationInHours": BATCH_HOURS,
        }
        requests.append(
            Request(
                chosen.place(row)["region"],
                "bedrock",
                "CreateModelInvocationJob",
                job,
                "Set role and prefixes.",
            )
        )
    steps = (
        "Collect requests that can wait a day in a JSONL file (recordId, modelInput); answers come to S3.",
        "Check that the model takes batch jobs in the region.",
    )
    return Action(chosen.lever.id, steps, "Call on demand again.", requests=first(requests))


def provisioned_throughput(chosen: Chosen) -> Action:
    """Model units by the hour."""
    terms = {"1_month": "OneMonth", "6_months": "SixMonths"}
    hours, requests = chosen.step.before.period_hours, []
    unit_hours = getattr(chosen.after, HOURS[chosen.lever.commitment])
    for row in chosen.rows:
        units = max(int(np.ceil(unit_hours[row] / hours - 1e-9)), 1)
        body: dict[str, Any] = {
            "provisionedModelName": f"units-{row + 1}",
            "modelId": _model(chosen, row),
            "modelUnits": units,
        }
        if chosen.lever.commitment in terms:
            body["commitmentDuration"] = terms[chosen.lever.commitment]
        requests.append(
            Request(
                chosen.place(row)["region"],
                "bedrock",
                "CreateProvisionedModelThroughput",
                body,
                "Billed by the hour, used or not.",
            )
        )
    steps = (
        "Ask AWS for quota (0 by default) and for the tokens a unit serves; measure the busiest minute first.",
    )
    undo = "Delete it; with a commitment it is billed to the end of the term."
    return Action(chosen.lever.id, steps, undo, requests=first(requests))


def _converse(
    chosen: Chosen, steps: tuple[str, ...], undo: str, body: Callable[[int], dict[str, Any]]
) -> Action:
    note = "The shape to build into your code; run by hand it is one billed request."
    made = [
        Request(chosen.place(r)["region"], "bedrock-runtime", "Converse", body(r), note) for r in chosen.rows
    ]
    return Action(chosen.lever.id, steps, undo, requests=first(made))


def _model(chosen: Chosen, row: int) -> str:
    code = int(chosen.before.model[row])
    return (
        chosen.step.before.catalog.models[code]
        if code >= 0
        else str(chosen.before.resource_id[row]).split(" ")[0]
    )
