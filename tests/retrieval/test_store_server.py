"""What is special about the store on a Qdrant server."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from pagelight.retrieval.errors import InvalidSetting, ModelMismatch, StoreError, StoreUnavailable
from pagelight.retrieval.store import codec
from pagelight.retrieval.store.collection import IN_MEMORY, Spread, connect, retried
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.qdrant_engine import Point
from pagelight.retrieval.store.server import ServerStore, _batches
from tests.retrieval.stored_pages import DIM, stored_page

CONFIG = IndexConfig("builtin", DIM, "none")


class _Quiet(http.server.BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class _Broken(_Quiet):
    """Answers everything with the status that the path's first part names."""

    def do_GET(self) -> None:
        self.answer(int(self.path.split("/")[1]), b'{"status": {"error": "something\\nbroke"}}')


@contextmanager
def served(handler: type[_Quiet]) -> Iterator[str]:
    """The address of a server that answers so."""
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def broken_server() -> Iterator[str]:
    with served(_Broken) as address:
        yield address


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid:6333"])
def test_a_missing_server_is_one_line(url: str) -> None:
    with pytest.raises(StoreUnavailable) as raised:
        ServerStore.open(url, CONFIG)
    assert url in str(raised.value)
    assert "--qdrant-url" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://[", "not a url", "localhost:6333", "ftp://localhost"])
def test_an_impossible_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidSetting, match="expected http"):
        ServerStore.open(url, CONFIG)


def test_a_refused_key_is_said(broken_server: str) -> None:
    with pytest.raises(StoreUnavailable, match="refuses the API key"):
        ServerStore.open(f"{broken_server}/401", CONFIG, api_key="wrong")


def test_a_failing_server_is_one_line(broken_server: str) -> None:
    with pytest.raises(StoreError, match="answered 500") as raised:
        ServerStore.open(f"{broken_server}/500", CONFIG)
    assert "\n" not in str(raised.value)


def test_a_server_that_is_away_for_a_moment_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pagelight.retrieval.store.collection._RETRY_SECONDS", (0.01, 0.01))
    asked = []

    class Away(_Quiet):
        """Unavailable twice, then answers a count."""

        def do_POST(self) -> None:
            asked.append(self.path)
            body = b'{"status": "ok", "time": 0, "result": {"count": 3}}'
            self.answer(503 if len(asked) < 3 else 200, body)

    with served(Away) as address:
        client = connect(address, None)
        assert retried(lambda: client.count("pagelight")).count == 3
        assert len(asked) == 3


def test_a_new_collection_is_spread_over_a_cluster() -> None:
    made = []

    class Empty(_Quiet):
        """Has no collection, takes one, and tells nothing of it."""

        def do_GET(self) -> None:
            there = self.path.endswith("/exists")
            self.answer(200 if there else 404, b'{"status": "ok", "time": 0, "result": {"exists": false}}')

        def do_PUT(self) -> None:
            made.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer(200, b'{"status": "ok", "time": 0, "result": true}')

    with served(Empty) as address, pytest.raises(StoreError):
        ServerStore.open(address, CONFIG, spread=Spread(shards=6, replicas=2))
    assert (made[0]["shard_number"], made[0]["replication_factor"]) == (6, 2)


@pytest.mark.parametrize("old", [30.0, -1.0], ids=["changed by what is written", "always anew"])
def test_counts_follow_what_is_written(monkeypatch: pytest.MonkeyPatch, old: float) -> None:
    monkeypatch.setattr("pagelight.retrieval.store.server._COUNTS_SECONDS", old)
    client = QdrantClient(IN_MEMORY)
    monkeypatch.setattr("pagelight.retrieval.store.server.connect", lambda url, api_key: client)
    store = ServerStore.open(IN_MEMORY, CONFIG)
    pages = [stored_page(np.random.default_rng(i), page=i, n_vectors=10 + i) for i in (1, 2)]

    def counted() -> list[tuple[int, int]]:
        """As it is known here, and to somebody who comes now."""
        each = store.stats(), ServerStore.open(IN_MEMORY, CONFIG).stats()
        return [(stats.n_pages, stats.n_vectors) for stats in each]

    assert counted() == [(0, 0)] * 2
    store.upsert(pages)
    assert counted() == [(2, 23)] * 2
    store.upsert([stored_page(np.random.default_rng(9), page=2, n_vectors=40)])  # in the place of the second
    assert counted() == [(2, 51)] * 2
    store.delete_document(pages[0].document_id)
    assert counted() == [(0, 0)] * 2


def test_counts_are_made_anew_after_a_write_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    client = QdrantClient(IN_MEMORY)
    monkeypatch.setattr("pagelight.retrieval.store.server.connect", lambda url, api_key: client)
    store = ServerStore.open(IN_MEMORY, CONFIG)
    pages = [stored_page(np.random.default_rng(i), page=i) for i in (1, 2)]
    store.upsert(pages[:1])
    upsert = client.upsert

    def fail_once_written(*arguments: object, **named: object) -> None:
        upsert(*arguments, **named)  # type: ignore[arg-type]
        raise OSError("the connection broke")

    monkeypatch.setattr(client, "upsert", fail_once_written)
    with pytest.raises(StoreUnavailable):
        store.upsert(pages[1:])
    assert store.stats().n_pages == 2


def test_a_page_that_is_sent_twice_is_there_once() -> None:
    store = ServerStore.open(IN_MEMORY, CONFIG)
    page = stored_page(np.random.default_rng(0))
    for _ in range(2):
        store.upsert([page])
    assert store.stats().n_pages == 1
    store.close()


def test_another_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client = QdrantClient(IN_MEMORY)
    monkeypatch.setattr("pagelight.retrieval.store.server.connect", lambda url, api_key: client)
    ServerStore.open(IN_MEMORY, CONFIG)
    ServerStore.open(IN_MEMORY, CONFIG)
    with pytest.raises(ModelMismatch, match="indexed with model builtin, not model colqwen2"):
        ServerStore.open(IN_MEMORY, IndexConfig("colqwen2", DIM, "none"))
    ServerStore.open(IN_MEMORY, IndexConfig("colqwen2", DIM, "none"), collection="another")


def test_a_collection_of_somebody_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    client = QdrantClient(IN_MEMORY)
    client.create_collection("pagelight", models.VectorParams(size=3, distance=models.Distance.COSINE))
    monkeypatch.setattr("pagelight.retrieval.store.server.connect", lambda url, api_key: client)
    with pytest.raises(ModelMismatch, match="not made by Pagelight"):
        ServerStore.open(IN_MEMORY, CONFIG)


def test_precisions_are_checked_before_the_server_is_asked() -> None:
    with pytest.raises(InvalidSetting, match="fp16"):
        ServerStore.open("http://127.0.0.1:9", IndexConfig("builtin", DIM, "none", "fp8"))


@pytest.mark.parametrize("precision", ["fp32", "turbo8", "turbo4", "int8", "turbo2", "turbo1", "binary"])
def test_every_precision_makes_a_collection(precision: str) -> None:
    store = ServerStore.open(IN_MEMORY, IndexConfig("builtin", DIM, "none", precision))
    page = stored_page(np.random.default_rng(0))
    store.upsert([page])
    assert [hit.page_id for hit in store.search(page.embedding.vectors, 1)] == [page.page_id]
    store.close()


def test_large_uploads_go_in_several_requests() -> None:
    pages = [stored_page(np.random.default_rng(i), page=i, n_vectors=700, dim=128) for i in range(1, 30)]
    points = [Point(page.page_id, codec.to_vectors(page, 128), codec.to_unpacked(page)) for page in pages]
    batches = list(_batches(points))
    assert [point.payload["page"] for batch in batches for point in batch] == list(range(1, 30))
    assert all(sum(point.vectors["patches"].size for point in batch) <= 800_000 for batch in batches)
    assert list(_batches([])) == []
