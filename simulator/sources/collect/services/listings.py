"""Things that are only counted: tuning jobs (their trials are training jobs) and HyperPod clusters."""

from __future__ import annotations

from simulator.sources.collect.client.reader import Reader


def tuning_jobs(reader: Reader) -> int:
    """Number of tuning jobs touched in the window; each training job names the tuning job it belongs to."""
    return len(
        reader.items(
            "sagemaker", "ListHyperParameterTuningJobs", "HyperParameterTuningJobSummaries",
            "HyperParameterTuningJobName", LastModifiedTimeAfter=reader.place.start, MaxResults=100,
        )
    )  # fmt: skip


def hyperpod_clusters(reader: Reader) -> int:
    """Number of HyperPod clusters. They are not simulated: their cost is in the bill only."""
    clusters = reader.items("sagemaker", "ListClusters", "ClusterSummaries", "ClusterName", MaxResults=100)
    if clusters:
        reader.say(
            f"{len(clusters):,} HyperPod clusters exist; they are not simulated, their cost is in the bill only."
        )
    return len(clusters)
