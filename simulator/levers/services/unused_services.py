"""Stores that nobody asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.usage.tables import Usage

ASKED = ("opensearch_serverless", "s3_vectors", "feature_store")


@dataclass(frozen=True)
class UnusedServices(Lever):
    """Delete vector stores and online feature stores that answered no query in the whole window.

    Everything they bill ends. Deleting a knowledge base does not delete the collection behind it: that bills on until
    it is deleted itself. A bad idea for what is asked once a quarter: look at a longer window first.

    Source: rules.md#services; OpenSearch Service developer guide, serverless-scaling (OCUs exist also without
    indexing or search); SageMaker API, DeleteFeatureGroup.
    """

    id = "unused_services"
    title = "Delete unused stores"
    stage = 1
    table = "services"
    effort_hours = 2.0
    reversible = False
    phase = 1

    def verdicts(self, usage: Usage) -> Verdicts:
        """Stores with a measured number of queries, which is 0."""
        t = usage.services
        return decide(
            t,
            refuse(~np.isin(t.kind, ASKED), "Is no store that is asked by queries."),
            refuse(t.requests > 0, "Was asked in the window."),
            unsure(np.isnan(t.requests), "Whether anybody asks it was not measured."),
            otherwise="Nobody asked it in the whole window.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Nothing of it is billed any more."""
        t, ok = usage.services, self.verdicts(usage).applies
        names = [m.name for m, _ in t.meters() if not m.once]
        return rewritten(usage, "services", **{n: np.where(ok, 0.0, getattr(t, n)) for n in names})

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A whole window without a query."""
        return (Evidence(usage.services.requests == 0, "Its queries were not measured."),)
