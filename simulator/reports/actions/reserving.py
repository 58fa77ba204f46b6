"""Capacity and plans to buy, models to teach, routers to create: what a person does, in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.reports.actions.action import REPLACE_ROLE, Action, Chosen, Request, first, one_line

RESERVED_BLOCK_DAYS = 7
HOURS_PER_DAY = 24


def reserved_tier(chosen: Chosen) -> Action:
    """The tokens per minute to ask the account team for."""
    after = chosen.after
    asked = [
        f"{one_line(str(after.resource_id[row]))}: {after.reserved_input_ktpm[..., row].flat[0]:,.0f} thousand tokens "
        f"per minute in, {after.reserved_output_ktpm[..., row].flat[0]:,.0f} out"
        for row in chosen.rows[:10]
    ]
    steps = (
        "Ask AWS's account team for an offer of the reserved tier: " + "; ".join(asked) + ".",
        "Compare its price with the one stated in own prices, and with tokens per minute by hour of CloudWatch.",
        "Set serviceTier to reserved in the requests; what exceeds the reservation runs in the standard tier.",
    )
    return Action(chosen.lever.id, steps, "None within its one or three months: let it end.")


def prompt_routing(chosen: Chosen) -> Action:
    """One router per model."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "bedrock",
            "CreatePromptRouter",
            {
                "promptRouterName": f"router-{row}",
                "models": [{"modelArn": _arn(chosen, row, chosen.before.model)},
                           {"modelArn": _arn(chosen, row, chosen.after.routed_model)}],
                "fallbackModel": {"modelArn": _arn(chosen, row, chosen.before.model)},
                "routingCriteria": {"responseQualityDifference": 0.1},
            },
            "the tolerance decides the share: try 0, 0.1 and 0.2",
        )
        for row in chosen.rows
    ]  # fmt: skip
    steps = (
        f"Models: {chosen.names()}.",
        "Create the router (requests/) and send it a set of requests: compare the answers, count the share "
        "that went to the smaller model (trace, invokedModelId).",
        "Put the router's ARN in the place of the model id.",
    )
    return Action(
        chosen.lever.id, steps, "Put the model id back; DeletePromptRouter.", requests=first(requests)
    )


def distillation(chosen: Chosen) -> Action:
    """From an evaluation to a custom model on demand."""
    steps = (
        f"Models: {chosen.names()}.",
        "Collect prompts from invocation logs; keep 500 to 1,000 of them aside as a test.",
        "CreateModelCustomizationJob with customizationType DISTILLATION: teacher, student, prompts in S3.",
        "CreateCustomModelDeployment serves it on demand; ask it the test, and let people or a judge compare.",
        "Route what it masters to it; state that share in the lever, and watch it every month.",
    )
    return Action(
        chosen.lever.id,
        steps,
        "Route to the larger model again; DeleteCustomModelDeployment, DeleteCustomModel.",
    )


def capacity_block(chosen: Chosen) -> Action:
    """Searches for blocks."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "ec2",
            "DescribeCapacityBlockOfferings",
            {
                "InstanceType": chosen.type_name(chosen.before.instance_type[row]).removeprefix("ml."),
                "InstanceCount": max(1, int(np.ceil(float(np.ravel(chosen.before.instance_count)[row])))),
                "CapacityDurationHours": RESERVED_BLOCK_DAYS * HOURS_PER_DAY,
            },
            "lists the price of blocks that start within eight weeks; state it in own prices",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Nodes: {chosen.names()}.",
        "Look for offerings (requests/) with the days and the count you need; the price holds for the offering alone.",
        "PurchaseCapacityBlock is paid up front and cannot be cancelled: have it approved.",
        "Launch with the reservation's id; 30 minutes before its end instances are ended: write checkpoints.",
    )
    return Action(chosen.lever.id, steps, "None: a block runs to its end.", requests=first(requests))


def inference_reservation(chosen: Chosen) -> Action:
    """Searches for plans whose target is an endpoint."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "sagemaker",
            "SearchTrainingPlanOfferings",
            {
                "InstanceType": chosen.type_name(chosen.before.resized_type[row]),
                "InstanceCount": max(1, int(np.ceil(float(np.ravel(chosen.before.instance_count)[row])))),
                "DurationHours": RESERVED_BLOCK_DAYS * HOURS_PER_DAY,
                "TargetResources": ["endpoint"],
            },
            "lists offerings with their price; state it per instance-hour in own prices",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Endpoints: {chosen.names()}.",
        "Look for offerings (requests/) with the days and the count you need.",
        "CreateTrainingPlan is paid up front and cannot be cancelled: have it approved.",
        "Name the plan in the variant's CapacityReservationConfig (MlReservationArn); without a preference for "
        "reserved capacity only, the endpoint goes on on demand when the plan ends.",
    )
    return Action(chosen.lever.id, steps, "None: a plan runs to its end.", requests=first(requests))


def ec2_savings_plan(chosen: Chosen) -> Action:
    """From the recommendation to the purchase."""
    steps = (
        f"Nodes: {chosen.names()}.",
        "GetSavingsPlansPurchaseRecommendation (COMPUTE_SP) beside this result; DescribeSavingsPlansOfferingRates "
        "lists the rate of the type: state it in own prices.",
        "Buy after idle nodes are given back and types are right-sized; have it approved: it runs for its term.",
    )
    return Action(
        chosen.lever.id, steps, "Within 7 days and the same month: ReturnSavingsPlan, up to 100 per hour."
    )


def accelerator_rightsize(chosen: Chosen) -> Action:
    """A trial on the smaller type, then the group."""
    moves = ", ".join(
        f"{one_line(str(chosen.before.resource_id[row]))} to {chosen.type_name(chosen.after.resized_type[row])}"
        for row in chosen.rows[:10]
    )
    steps = (
        f"Groups: {moves}.",
        "Run one job on the smaller type: steps per second, peak GPU memory, and the price of the run.",
        "Add a group of the smaller type, move the work, make the old group smaller.",
    )
    return Action(chosen.lever.id, steps, "Move the work back to the larger group.")


def ec2_to_sagemaker(chosen: Chosen) -> Action:
    """From a script on a node to a training job."""
    steps = (
        f"Nodes: {chosen.names()}.",
        "Put the training code into a container (script mode of the SageMaker SDK), data and checkpoints into S3.",
        "Run one training job of the same type; compare its billed seconds with the hours on the node.",
        "Switch on managed spot where it resumes from checkpoints; then end the nodes.",
    )
    return Action(chosen.lever.id, steps, "Start the nodes again.")


def custom_model_import(chosen: Chosen) -> Action:
    """An import job per endpoint, and the switch."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "bedrock",
            "CreateModelImportJob",
            {
                "jobName": f"import-{row}",
                "importedModelName": f"import-{row}",
                "roleArn": REPLACE_ROLE,
                "modelDataSource": {"s3DataSource": {"s3Uri": "s3://replace-me/weights/"}},
            },
            "merged weights in Hugging Face format",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Endpoints: {chosen.names()}.",
        "Import the weights (requests/); GetImportedModel shows the units of a copy: compare with the lever's.",
        "Ask it the evaluation set, and time the first call after a pause: it waits until the model is restored.",
        "Switch the callers to InvokeModel; delete the endpoint after a week.",
    )
    return Action(
        chosen.lever.id, steps, "Create the endpoint again; DeleteImportedModel.", requests=first(requests)
    )


def _arn(chosen: Chosen, row: int, codes: Any) -> str:
    name = str(chosen.step.before.catalog.models[int(np.ravel(codes)[row])])
    region = chosen.place(row)["region"]
    return f"arn:aws:bedrock:{region}::foundation-model/{name}"
