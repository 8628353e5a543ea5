"""The documented form of results: what the JSON of a search and of an evaluation has."""

SEARCH = {"query", "matched", "exact", "seconds", "hits"}
HIT = {"document", "document_id", "page", "score", "strength", "sources", "regions"}
EVALUATION = {
    "model",
    "prune",
    "queries",
    "pages",
    "ndcg@5",
    "recall@1",
    "recall@5",
    "by_type",
    "vectors_per_page",
    "bytes_per_page",
    "index_pages_per_second",
    "search_ms",
    "highlight",
}
