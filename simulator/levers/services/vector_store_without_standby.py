"""OpenSearch Serverless without redundant replicas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class VectorStoreWithoutStandby(Lever):
    """Run a vector store nobody depends on without redundant replicas: the floor falls from 2 OCUs to 1.

    With redundancy every OCU has a twin in another zone: without it half of the hours end. The setting is chosen when
    a collection is created, so that it is created anew and filled again. A bad idea for what callers depend on: while
    its one zone is down the collection does not answer.

    Source: rules.md#services; OpenSearch Service developer guide, serverless-scaling: at least 0.5 OCU × 2 for
    indexing and 0.5 OCU × 2 for search with redundancy, half of both without.
    """

    id = "vector_store_without_standby"
    title = "Vector store without replicas"
    stage = 4
    table = "services"
    effort_hours = 6.0
    phase = 1

    left_ratio: float = param(
        "OCU-hours left without replicas", "ratio", 0.5, low=0.5, high=0.75, step=0.05, minimum=0.5,
        grade="official", source="OpenSearch Service developer guide, serverless-scaling: 1 OCU instead of 2",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Collections with replicas that no caller depends on."""
        t = usage.services
        return decide(
            t,
            refuse(t.kind != "opensearch_serverless", "Is no OpenSearch Serverless collection."),
            unsure(np.isnan(t.ocu_hours), "Its OCU-hours are unknown."),
            refuse(t.ocu_hours == 0, "Has no OCU-hours left in this scenario."),
            refuse(t.standby_replicas == 0, "Runs without replicas already."),
            refuse(t.production == 1, "Callers depend on it."),
            unsure(np.isnan(t.standby_replicas), "Whether it has replicas is not known."),
            unsure(np.isnan(t.production), "Whether callers depend on it is not known."),
            otherwise="Has replicas in a second zone, and no caller depends on it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The replicas' OCU-hours end."""
        t, ok = usage.services, self.verdicts(usage).applies
        return rewritten(usage, "services", **t.scaled(("ocu_hours",), self.left_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The settings of the collection."""
        return (
            Evidence(~np.isnan(usage.services.standby_replicas), "Whether it has replicas is not known."),
        )
