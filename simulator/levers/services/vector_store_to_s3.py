"""Vectors of a knowledge base in S3 Vectors instead of OpenSearch Serverless."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.services import processed_gib
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class VectorStoreToS3(Lever):
    """Keep the vectors of a knowledge base in S3 Vectors: no floor of OCUs, but a price per query.

    OCU-hours and their storage end. S3 bills what is stored, what is put, each query, and the bytes of the whole
    index that every query goes through; the first copy is put once. Worth it where the floor is the bill: 2 OCUs with
    replicas, 1 without, day and night. A bad idea for many queries a second on a large index (then it costs more
    here), and not possible for hybrid search: Bedrock offers only semantic search on S3 Vectors. Answers take about
    100 ms instead of some 10. Collections of one key share their OCUs: the hours end when all of them move.

    Source: rules.md#services; Bedrock API, KnowledgeBaseVectorSearchConfiguration; OpenSearch Service developer guide,
    serverless-scaling; S3 pricing page, S3 Vectors.
    """

    id = "vector_store_to_s3"
    title = "Vectors to S3 Vectors"
    stage = 3
    table = "services"
    effort_hours = 16.0
    phase = 2
    dual_running_days = 7.0

    queries_per_month: float = param(
        "Queries of a store whose queries were not measured", "requests", 100_000.0, low=10_000.0, high=1_000_000.0,
        step=10_000.0, maximum=1e9, grade="assumed", source="Our judgement; CloudWatch, AWS/AOSS SearchRequestRate",
    )  # fmt: skip
    rewritten_ratio: float = param(
        "Share of the vectors put anew every month", "ratio", 0.2, low=0.0, high=1.0, step=0.05, grade="assumed",
        source="Our judgement: documents change; AWS's own example puts a sixth",
    )  # fmt: skip
    size_ratio: float = param(
        "Bytes in S3 Vectors over those in OpenSearch", "ratio", 1.0, low=0.5, high=1.1, step=0.05, minimum=0.1,
        maximum=3.0, grade="assumed", source="Our judgement: OpenSearch stores text and graph beside the vectors",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Collections of OpenSearch Serverless with known hours and size that need no hybrid search."""
        t = usage.services
        return decide(
            t,
            refuse(t.kind != "opensearch_serverless", "Is no OpenSearch Serverless collection."),
            unsure(np.isnan(t.ocu_hours), "Its OCU-hours are unknown."),
            refuse(t.ocu_hours == 0, "Has no OCU-hours left in this scenario."),
            refuse(
                t.hybrid_search == 1,
                "Its answers need hybrid search or milliseconds, which S3 Vectors does not offer.",
            ),
            unsure(
                np.isnan(t.hybrid_search),
                "Whether its answers need hybrid search or milliseconds is not known.",
            ),
            unsure(
                np.isnan(t.stored_gib),
                "How many GiB it holds is not known, and so what S3 Vectors would bill.",
            ),
            otherwise="Bills a floor of OCUs day and night; S3 Vectors bills what is stored, put and asked.",
        )

    def apply(self, usage: Usage) -> Usage:
        """OCU-hours and their storage become stored, put and queried gigabytes of S3 Vectors."""
        t, ok = usage.services, self.verdicts(usage).applies
        held = np.where(ok, t.stored_gib, 0.0) * self.size_ratio
        queries = np.where(ok, np.where(np.isnan(t.requests), self.queries_per_month, t.requests), 0.0)
        first, more = processed_gib(queries, held, t.vectors)
        put = np.where(np.isnan(t.written_gib), held * self.rewritten_ratio, t.written_gib)
        return rewritten(
            usage,
            "services",
            ocu_hours=np.where(ok, 0.0, t.ocu_hours),
            opensearch_gb=np.where(ok, 0.0, t.opensearch_gb),
            vectors_gb=t.vectors_gb + held,
            vectors_put_gb=t.vectors_put_gb + np.where(ok, put, 0.0),
            vector_queries=t.vector_queries + queries,
            vectors_first_gb=t.vectors_first_gb + first,
            vectors_more_gb=t.vectors_more_gb + more,
            vectors_moved_gb=t.vectors_moved_gb + held,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Measured queries decide what S3 Vectors bills."""
        t = usage.services
        return (
            Evidence(~np.isnan(t.requests), "How often it is asked was not measured: it is assumed."),
            Evidence(
                ~np.isnan(t.vectors), "How many vectors it holds is not known: all bytes at the higher price."
            ),
        )
