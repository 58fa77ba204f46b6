"""Vector stores, file systems, logs and servers beside the models: requests where AWS has one, else steps by hand."""

from __future__ import annotations

import numpy as np

from simulator.reports.actions.action import Action, Chosen, Request, first

RETENTIONS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Days that PutRetentionPolicy takes. Source: CloudWatch Logs API."""


def vector_store_to_s3(chosen: Chosen) -> Action:
    """A second knowledge base on S3 Vectors, then the switch."""
    steps = (
        f"Collections: {chosen.names()}.",
        "Create a vector bucket and an index with the dimension and metric of the embedding model; metadata that is "
        "only returned, not filtered by, goes into nonFilterableMetadataKeys.",
        "Create a knowledge base on it with the same data sources and the same chunking, and sync: this embeds all "
        "documents again.",
        "Ask both the same 50 to 100 questions; compare the passages found and the time they take.",
        "Point the application at the new knowledge base. After a week delete the old one, then the collection itself: "
        "deleting a knowledge base leaves the collection running.",
    )
    return Action(
        chosen.lever.id, steps, "Point the application at the old knowledge base; until it is deleted."
    )


def vector_store_without_standby(chosen: Chosen) -> Action:
    """A collection without replicas in the place of the one with."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "opensearchserverless",
            "CreateCollection",
            {"name": _short(chosen, row), "type": "VECTORSEARCH", "standbyReplicas": "DISABLED"},
            "encryption, network and data access policies of this name must exist",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Collections: {chosen.names()}.",
        "Replicas are chosen when a collection is created: create one without (requests/), fill it, switch, delete the "
        "old one.",
        "OCUs are shared by all vector collections with the same key: the floor falls when the last one with replicas "
        "is gone.",
    )
    return Action(
        chosen.lever.id,
        steps,
        "Create the collection with standbyReplicas ENABLED again.",
        requests=first(requests),
    )


def unused_services(chosen: Chosen) -> Action:
    """Deleting what nobody asks."""
    steps = (
        f"Stores: {chosen.names()}.",
        "Ask the owner; look at 90 days of queries (AWS/AOSS SearchRequestRate; GetRecord of the feature store).",
        "A feature group's offline store stays in S3 when the group is deleted.",
        "OpenSearch Serverless: delete the knowledge base, then the collection. S3 Vectors: index, then bucket.",
    )
    return Action(chosen.lever.id, steps, "None: fill the store again from its sources.")


def idle_services(chosen: Chosen) -> Action:
    """Stop requests for servers; sessions and file systems by hand."""
    table = chosen.before
    requests = [
        Request(
            chosen.place(row)["region"],
            "sagemaker",
            "StopMlflowTrackingServer",
            {"TrackingServerName": str(table.resource_id[row])},
            "starts again with StartMlflowTrackingServer",
        )
        for row in chosen.rows
        if table.kind[row] == "mlflow"
    ]
    steps = (
        f"Services: {chosen.names()}.",
        "MLflow: stop servers in the evening by an EventBridge schedule (requests/), start them in the morning.",
        "Canvas: set idle shutdown in the domain's CanvasAppSettings, or delete the app (DeleteApp): closing the "
        "browser does not end a session.",
        "FSx for Lustre: export what is new to S3 (CreateDataRepositoryTask), delete the file system after the "
        "job, and create it from S3 at the beginning of the next.",
    )
    return Action(
        chosen.lever.id, steps, "Start the server; create the file system from S3.", requests=first(requests)
    )


def file_system_lifecycle(chosen: Chosen) -> Action:
    """The lifecycle of each file system."""
    policies = [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}]
    requests = [
        Request(
            chosen.place(row)["region"],
            "efs",
            "PutLifecycleConfiguration",
            {"FileSystemId": str(chosen.before.resource_id[row]), "LifecyclePolicies": policies},
            "replaces the lifecycle the file system has",
        )
        for row in chosen.rows
    ]
    steps = (
        f"File systems: {chosen.names()}.",
        "Put the lifecycle (requests/): files move by themselves, and come back when they are read.",
        "Look at StorageBytes by class (CloudWatch, AWS/EFS) after a month.",
    )
    return Action(
        chosen.lever.id,
        steps,
        "PutLifecycleConfiguration with the former policies.",
        requests=first(requests),
    )


def log_retention(chosen: Chosen) -> Action:
    """A retention for each log group: the nearest longer one that the API takes."""
    days = next((d for d in RETENTIONS if d >= float(chosen.lever.keep_days)), RETENTIONS[-1])
    requests = [
        Request(
            chosen.place(row)["region"],
            "logs",
            "PutRetentionPolicy",
            {"logGroupName": str(chosen.before.resource_id[row]), "retentionInDays": days},
            "older events are deleted within days and cannot be had back",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Log groups: {chosen.names()}.",
        "Where an audit asks for the events: CreateExportTask to S3 first.",
        f"Put a retention of {days} days (requests/).",
        "Data capture writes to S3: give its prefix a lifecycle rule, too.",
    )
    return Action(
        chosen.lever.id,
        steps,
        "DeleteRetentionPolicy; deleted events stay deleted.",
        requests=first(requests),
    )


def _short(chosen: Chosen, row: int) -> str:
    return str(chosen.before.resource_id[row])[:24].rstrip("-") + "-single"


def feature_store_throughput(chosen: Chosen) -> Action:
    """The throughput mode of each group, with the capacity of the result."""
    requests = [
        Request(
            chosen.place(row)["region"],
            "sagemaker",
            "UpdateFeatureGroup",
            {
                "FeatureGroupName": str(chosen.before.resource_id[row]),
                "ThroughputConfig": {
                    "ThroughputMode": "Provisioned",
                    "ProvisionedReadCapacityUnits": _units(chosen, "read", row),
                    "ProvisionedWriteCapacityUnits": _units(chosen, "write", row),
                },
            },
            "requests beyond the capacity are throttled",
        )
        for row in chosen.rows
    ]
    steps = (
        f"Feature groups: {chosen.names()}.",
        "Look at the busiest minutes in CloudWatch (ConsumedReadRequestsUnits, ConsumedWriteRequestsUnits).",
        "Raise the capacity in requests/ where they are above it, then send them; watch ThrottledRequests.",
    )
    undo = "UpdateFeatureGroup with ThroughputMode OnDemand, once in 24 hours."
    return Action(chosen.lever.id, steps, undo, requests=first(requests))


def _units(chosen: Chosen, way: str, row: int) -> int:
    hours = np.ravel(getattr(chosen.after, f"feature_{way}_capacity_hours"))[row]
    return round(float(hours) / chosen.step.after.period_hours)
