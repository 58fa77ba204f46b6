"""Training jobs: settings for the next run of each kind of job. Jobs that ran cannot be changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.aws.limits import check_instance_type
from simulator.levers.training.managed_spot import CAN_ONLY_SHORT
from simulator.reports.actions.action import REPLACE_ROLE, Action, Chosen, Request
from simulator.units import SECONDS_PER_HOUR

NUMBER_AT_END = re.compile(r"[-_.]*\d[-_.\d]*$")
WAIT_SECONDS = 3600
DEFAULT_RUNTIME_SECONDS = 86_400
ATTEMPTS = 2
KEEP_ALIVE_SECONDS = 1800
SCRIPT = "next_training_job"
NEXT_RUN = (
    "The script writes the request of the next run of each kind of job to requests-next/; --apply starts it."
)
UNDO = "`--undo --apply` stops a run that still goes; settings go back by starting the job as before."

Settings = Callable[[Chosen, int], dict[str, Any]]


def managed_spot(chosen: Chosen) -> Action:
    """Spot: at the top level of the request, with time to wait and checkpoints."""
    steps = (
        "Long jobs need code that resumes from CheckpointConfig.S3Uri: add it first, set the prefix in the targets.",
        NEXT_RUN,
        "Compare BillableTimeInSeconds with TrainingTimeInSeconds of the first runs: that is the real saving.",
    )
    return _next_runs(chosen, steps, spot_settings, "managed spot")


def spot_settings(chosen: Chosen, row: int) -> dict[str, Any]:
    """Settings of one kind of job."""
    long = bool(chosen.before.job_hours[row] > CAN_ONLY_SHORT)
    return {
        "EnableManagedSpotTraining": True,
        "wait_seconds": WAIT_SECONDS,
        "must_resume": long,
        "CheckpointConfig": {"S3Uri": "s3://replace-with-bucket/checkpoints/"},
    }


def rightsize_training(chosen: Chosen) -> Action:
    """A smaller type of the same family."""

    def settings(c: Chosen, row: int) -> dict[str, Any]:
        kind = check_instance_type(c.type_name(c.after.resized_type[row]), "training", c.step.before.catalog)
        return {"ResourceConfig": {"InstanceType": kind}}

    steps = ("Try one run: memory must fit, and the slowdown must stay below the price ratio.", NEXT_RUN)
    return _next_runs(chosen, steps, settings, "a smaller type")


def runtime_cap(chosen: Chosen) -> Action:
    """A cap on the running time."""

    def settings(c: Chosen, row: int) -> dict[str, Any]:
        return {
            "StoppingCondition": {"MaxRuntimeInSeconds": round(float(c.lever.cap_hours) * SECONDS_PER_HOUR)}
        }

    steps = ("Take the cap from the longest good run: it kills what runs longer.", NEXT_RUN)
    return _next_runs(chosen, steps, settings, "a cap on the running time")


def training_volumes(chosen: Chosen) -> Action:
    """Smaller volumes."""

    def settings(c: Chosen, row: int) -> dict[str, Any]:
        size = float(c.before.volume_gb[row]) * (1 - float(c.lever.cut_ratio))
        return {"ResourceConfig": {"VolumeSizeInGB": max(int(np.ceil(size)), 1)}}

    steps = ("Look at DiskUtilization first: a full disk ends the job.", NEXT_RUN)
    return _next_runs(chosen, steps, settings, "a smaller volume")


def failed_jobs(chosen: Chosen) -> Action:
    """Read the reasons, cure them; retries for AWS's own errors only."""
    classes = chosen.before.failure_class
    internal = 3

    def settings(c: Chosen, row: int) -> dict[str, Any]:
        return {"RetryStrategy": {"MaximumRetryAttempts": ATTEMPTS}} if classes[row] == internal else {}

    steps = (
        "Read FailureReason by kind of job; run on a small sample and check inputs before a job starts.",
        "RetryStrategy cures InternalServerError only; for an AlgorithmError it repeats the failure and its cost.",
        NEXT_RUN,
    )
    return _next_runs(chosen, steps, settings, "retries after AWS's own errors")


def warm_pools(chosen: Chosen) -> Action:
    """Kept instances: a cost that buys waiting time."""

    def settings(c: Chosen, row: int) -> dict[str, Any]:
        return {"ResourceConfig": {"KeepAlivePeriodInSeconds": KEEP_ALIVE_SECONDS}}

    steps = (
        "This adds cost: retained time is billed. Ask for the quota, 0 by default; not with spot.",
        NEXT_RUN,
    )
    return _next_runs(chosen, steps, settings, "a warm pool")


def early_stopping(chosen: Chosen) -> Action:
    """The tuning job's configuration."""
    hyperband = chosen.lever.strategy.lower() == "hyperband"
    config = {
        "Strategy": "Hyperband" if hyperband else "Bayesian",
        "TrainingJobEarlyStoppingType": "Off" if hyperband else "Auto",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 2},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:loss"},
    }
    definition = {
        "AlgorithmSpecification": {"TrainingImage": "REPLACE", "TrainingInputMode": "File"},
        "RoleArn": REPLACE_ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://replace-with-bucket/tuning/"},
        "StoppingCondition": {"MaxRuntimeInSeconds": DEFAULT_RUNTIME_SECONDS},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    }
    request = {
        "HyperParameterTuningJobName": "REPLACE-tuning",
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": definition,
    }
    regions = sorted({chosen.place(row)["region"] for row in chosen.rows})
    note = "Only the TuningJobConfig is the point: keep your own definition. Off with Hyperband, which stops by itself."
    made = tuple(Request(r, "sagemaker", "CreateHyperParameterTuningJob", request, note) for r in regions)
    steps = ("Emit the objective metric every epoch: without it nothing can be stopped early.",)
    return Action(chosen.lever.id, steps, "Set TrainingJobEarlyStoppingType to Off.", requests=made)


def consolidate_jobs(chosen: Chosen) -> Action:
    """Fewer, longer jobs."""
    steps = (
        "Train several models in one job that downloads the data once; upload after each, so that a failure loses one.",
    )
    return Action(chosen.lever.id, steps, "Split the jobs again.")


def _next_runs(chosen: Chosen, steps: tuple[str, ...], settings: Settings, says: str) -> Action:
    """One target per kind of job (name up to its number): its last run that the lever touched."""
    latest: dict[tuple[str, str, str], int] = {}
    t = chosen.before
    for row in chosen.rows:
        stem = NUMBER_AT_END.sub("", str(t.resource_id[row]))
        latest[(stem, str(t.owner[row]), chosen.place(row)["region"])] = int(row)
    targets = []
    for row in latest.values():
        made = settings(chosen, row)
        if made:
            targets.append(
                {"name": str(t.resource_id[row]), **chosen.place(row), "settings": made, "says": says}
            )
    requests = tuple(job_request(x) for x in targets[:1])
    if not targets:
        return Action(
            chosen.lever.id, tuple(step for step in steps if step != NEXT_RUN), "Start jobs as before."
        )
    return Action(chosen.lever.id, steps, UNDO, SCRIPT, tuple(targets), requests)


def job_request(target: dict[str, Any]) -> Request:
    """CreateTrainingJob with the settings where they belong; the rest is the job's own."""
    made = target["settings"]
    stop = {"MaxRuntimeInSeconds": DEFAULT_RUNTIME_SECONDS, **made.get("StoppingCondition", {})}
    resources = {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        **made.get("ResourceConfig", {}),
    }
    request: dict[str, Any] = {
        "TrainingJobName": "REPLACE-job",
        "AlgorithmSpecification": {"TrainingImage": "REPLACE", "TrainingInputMode": "File"},
        "RoleArn": REPLACE_ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://replace-with-bucket/training/"},
        "ResourceConfig": resources,
        "StoppingCondition": stop,
    }
    if made.get("EnableManagedSpotTraining"):
        stop["MaxWaitTimeInSeconds"] = stop["MaxRuntimeInSeconds"] + made["wait_seconds"]
        request |= {"EnableManagedSpotTraining": True, "CheckpointConfig": made["CheckpointConfig"]}
    if "RetryStrategy" in made:
        request["RetryStrategy"] = made["RetryStrategy"]
    return Request(
        target["region"],
        "sagemaker",
        "CreateTrainingJob",
        request,
        "Shape only: the script fills in the job's own.",
    )
