"""A new knowledge base: embeddings of documents and answers from what is found."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.bedrock_rows import bedrock_row
from simulator.demand.workload import Rows, Window, Workload, amount, words
from simulator.demand.workloads.bedrock_application import SCOPES


@dataclass(frozen=True)
class KnowledgeBase(Workload):
    """Documents × tokens embedded per month, and queries that read what was found. The vector store is not in it.

    Add the store's own bill: OpenSearch Serverless has a floor whether asked or not. Source: rules.md#knowledge-bases.
    """

    id = "knowledge_base"
    title = "Knowledge base"

    embedding_model: str = words("Embedding model", "amazon.titan-embed-text-v2:0")
    model: str = words("Model that answers", "amazon.nova-lite-v1:0")
    scope: str = words("Inference profile of the answers", "in_region", choices=SCOPES)
    documents: float = amount("Documents embedded per month", "documents", 10_000)
    tokens_per_document: float = amount("Tokens per document", "tokens", 1_000)
    queries: float = amount("Queries per month", "queries", 50_000)
    tokens_in: float = amount("Tokens per query, with what was found", "tokens", 3_000)
    tokens_out: float = amount("Tokens per answer", "tokens", 300)

    def rows(self, window: Window) -> Rows:
        """Embeddings and answers."""
        embedded = {"input": self.documents * self.tokens_per_document}
        answered = {"input": self.queries * self.tokens_in, "output": self.queries * self.tokens_out}
        made = bedrock_row(
            self, window, self.embedding_model, "in_region", requests=self.documents, tokens=embedded
        )
        more = bedrock_row(self, window, self.model, self.scope, requests=self.queries, tokens=answered)
        return {"bedrock": [*made["bedrock"], *more["bedrock"]]}
