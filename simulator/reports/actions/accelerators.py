"""HyperPod clusters and accelerators on EC2: what to do by hand, in order. They hold running work."""

from __future__ import annotations

from simulator.reports.actions.action import Action, Chosen, one_line


def accelerator_idle(chosen: Chosen) -> Action:
    """Smaller groups of nodes."""
    steps = (
        f"Groups with idle nodes: {chosen.names()}.",
        "HyperPod: UpdateCluster with a smaller InstanceCount of the group, or autoscaling of the cluster (EKS).",
        "EKS: let the cluster autoscaler or Karpenter take empty nodes away after some minutes.",
        "Check first that the type can be had again in your region: scarce types may not come back for days.",
    )
    return Action(chosen.lever.id, steps, "UpdateCluster, or the node group, with the former count.")


def accelerator_schedule(chosen: Chosen) -> Action:
    """Nodes that stop in the evening."""
    steps = (
        f"Nodes: {chosen.names()}.",
        "An EventBridge schedule that sets the node group's (Auto Scaling group's) desired size to 0 in the evening "
        "and back in the morning.",
        "Exempt what trains overnight by a group of its own.",
    )
    return Action(chosen.lever.id, steps, "Delete the schedule; set the desired size back.")


def accelerator_spot(chosen: Chosen) -> Action:
    """Groups of spot nodes beside those on demand."""
    steps = (
        f"Groups: {chosen.names()}.",
        "Add a group of the same type with spot capacity; move work that resumes from checkpoints first.",
        "Interrupt a node by hand once and see that the work goes on.",
        "Then make the on-demand group smaller.",
    )
    return Action(
        chosen.lever.id, steps, "Make the on-demand group as large as before, delete the spot group."
    )


def training_plan(chosen: Chosen) -> Action:
    """A plan offering for the nodes that always run."""
    steps = (
        f"Clusters: {chosen.names()}.",
        "SearchTrainingPlanOfferings for the type, the count and the days; compare its price with that of the result.",
        "CreateTrainingPlan is paid up front and cannot be cancelled: have it approved.",
        "Put the plan's ARN into the instance group (TrainingPlanArn of UpdateCluster).",
    )
    return Action(chosen.lever.id, steps, "None: a plan runs to its end. The group may go back to on demand.")


def accelerator_to_bedrock(chosen: Chosen) -> Action:
    """An evaluation, the callers, then the nodes."""
    model = int(chosen.after.bedrock_model[chosen.rows[0]])
    steps = (
        f"Nodes: {chosen.names()}.",
        "Read the tokens per month from the server's metrics and state them in the lever.",
        f"Ask {one_line(chosen.step.after.catalog.models[model])} the same requests and let people or a judge "
        "compare the answers.",
        "Send a part of the callers to it (Converse), watch latency and answers, then the rest.",
        "After two weeks without calls end the node group and delete its volumes.",
    )
    return Action(chosen.lever.id, steps, "Until the nodes are ended: send the callers back to them.")


def small_objects_to_standard(chosen: Chosen) -> Action:
    """Copies in place, by S3 Batch Operations."""
    steps = (
        f"Buckets: {chosen.names()}.",
        "List the objects below 128 KB in IA and Glacier Instant Retrieval (S3 Inventory, with size and class).",
        "S3 Batch Operations, copy in place with storage class STANDARD.",
        "Give the lifecycle rule a filter ObjectSizeGreaterThan 131072, so that they are not moved again.",
    )
    return Action(chosen.lever.id, steps, "The lifecycle rule without the filter moves them again.")
