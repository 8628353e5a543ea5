"""From settings to an open store."""

from pathlib import Path

from retrieval.store.protocol import IndexConfig, PageStore


def open_store(
    folder: Path,
    config: IndexConfig,
    qdrant_url: str | None = None,
    api_key: str | None = None,
    collection: str = "pagelight",
) -> PageStore:
    """The embedded store in `folder`, or a collection at `qdrant_url`; made where there is none.

    Raises InvalidSetting, ModelMismatch, StoreLocked, StoreUnavailable.
    """
    if qdrant_url:
        from retrieval.store.server import ServerStore

        return ServerStore.open(qdrant_url, config, api_key, collection)
    from retrieval.store.edge import EdgeStore

    return EdgeStore.open(folder, config)
