"""Each store that tests run on: in a folder, in qdrant-client's memory and, where PAGELIGHT_TEST_QDRANT_URL is set, on a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagelight.retrieval.store.collection import IN_MEMORY, SUFFIX, connect
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.qdrant_store import QdrantStore
from pagelight.retrieval.store.server import ServerStore

_URL = os.environ.get("PAGELIGHT_TEST_QDRANT_URL", "")


def edge(folder: Path, config: IndexConfig) -> Iterator[QdrantStore]:
    store = EdgeStore.open(folder, config)
    yield store
    store.close()


def memory(folder: Path, config: IndexConfig) -> Iterator[QdrantStore]:
    store = ServerStore.open(IN_MEMORY, config)
    yield store
    store.close()


def server(folder: Path, config: IndexConfig) -> Iterator[QdrantStore]:
    collection = f"pagelight-test-{uuid.uuid4().hex}"
    store = ServerStore.open(_URL, config, collection=collection)
    yield store
    client = connect(_URL, None)
    client.delete_collection(collection)
    client.delete_collection(f"{collection}{SUFFIX}")
    store.close()


#: parameters of a fixture: each yields a store for a folder and a configuration
STORES = (
    pytest.param(edge, id="edge"),
    pytest.param(memory, id="memory"),
    pytest.param(
        server, id="server", marks=[pytest.mark.qdrant, pytest.mark.skipif(not _URL, reason="no server")]
    ),
)
