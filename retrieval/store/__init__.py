"""Stores: where pages are kept and searched. Qdrant appears in this package only."""

from pathlib import Path

from pagelight.retrieval.store.page_store import IndexConfig, PageStore, ScoredPage, StoreStats

__all__ = ["IndexConfig", "PageStore", "ScoredPage", "StoreStats", "open_store"]


def open_store(
    folder: Path,
    config: IndexConfig,
    qdrant_url: str | None = None,
    api_key: str | None = None,
    collection: str = "pagelight",
    shards: int | None = None,
    replicas: int | None = None,
) -> PageStore:
    """The embedded store in `folder`, or a collection at `qdrant_url`; made if it is missing.

    shards, replicas: of a collection that is made; None for the server's own choice

    Raises InvalidSetting, ModelMismatch, StoreLocked, StoreUnavailable.
    """
    if qdrant_url:
        from pagelight.retrieval.store.collection import Spread
        from pagelight.retrieval.store.server import ServerStore

        return ServerStore.open(qdrant_url, config, api_key, collection, Spread(shards, replicas))
    from pagelight.retrieval.store.embedded import EdgeStore

    return EdgeStore.open(folder, config)
