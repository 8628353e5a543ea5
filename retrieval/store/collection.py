"""The collections of a Qdrant server, of pages and of side files: made or opened, with the server's errors as ours.

What the index was made of stands in the collection's metadata, which needs a server of version 1.16 or newer;
precision turbo4 needs 1.19, turbo8 1.20.
"""

from __future__ import annotations

import base64
import logging
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from qdrant_client import QdrantClient
from qdrant_client import models as qdrant
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from pagelight.retrieval.errors import InvalidSetting, ModelMismatch, StoreError, StoreUnavailable
from pagelight.retrieval.store import fields
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.store.precision import SERVER_MEANING_PRECISION, Precision, parse_precision
from pagelight.retrieval.store.record import check_record, to_record

_log = logging.getLogger(__name__)
#: the url that keeps everything in this process
IN_MEMORY = ":memory:"
#: a request may take (time)
_TIMEOUT_SECONDS = 60
#: pauses after which a request is sent again: a server that is restarted behind a load balancer is away for about as long (time)
_RETRY_SECONDS = (0.2, 1.0)
#: statuses of a server, or of what stands before it, that is away for a moment (form)
_PASSING = (502, 503, 504)
Answer = TypeVar("Answer")
#: fields that pages are filtered and counted by (form)
_INDEXED = {
    fields.DOCUMENT_ID: qdrant.PayloadSchemaType.KEYWORD,
    fields.N_VECTORS: qdrant.PayloadSchemaType.INTEGER,
    fields.N_PATCHES: qdrant.PayloadSchemaType.INTEGER,
    fields.IS_SHALLOW: qdrant.PayloadSchemaType.BOOL,
}
#: the end of the name of a collection of side files (form)
SUFFIX = "-kept"
#: bytes of a file in one point: a tenth of what a server takes in one request by default (block)
_PART_BYTES = 3 << 20
#: points that are listed at once (block)
_SCROLL = 1_000
_NAMESPACE = uuid.UUID("3f1f5c6e-7d0a-4b7e-9a55-0c7f0b6f2a11")


@dataclass(frozen=True, slots=True)
class Spread:
    """How a new collection lies on a cluster's nodes.

    shards: parts of the collection; None for the server's own choice, one for each node
    replicas: copies of each part; None for the server's own choice, one
    """

    shards: int | None = None
    replicas: int | None = None


SERVERS_CHOICE = Spread()


def connect(url: str, api_key: str | None) -> QdrantClient:
    """A client for `url`; nothing is sent yet. Raises InvalidSetting where it is no url."""
    if url == IN_MEMORY:
        return QdrantClient(IN_MEMORY)
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        fits = False
    if not fits:
        raise InvalidSetting(f"qdrant_url: expected http://HOST:6333 or https://HOST, got {url!r}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if api_key and parts.scheme == "http":
            _log.warning("the API key goes to %s unencrypted; use https where others can listen", url)
        # a missing server is reported by the first request, in one line and not in two
        return QdrantClient(url=url, api_key=api_key, timeout=_TIMEOUT_SECONDS, check_compatibility=False)


def open_collection(
    client: QdrantClient, url: str, collection: str, config: IndexConfig, spread: Spread
) -> None:
    """Make the collection where there is none. Raises ModelMismatch where it was made with another config."""
    if not client.collection_exists(collection):
        _create(client, collection, config, spread)
    described = client.get_collection(collection)
    record = described.config.metadata
    if record is None:
        raise ModelMismatch(
            f"The collection {collection} at {url} was not made by Pagelight; choose another one with --qdrant-collection"
        )
    check_record(
        record,
        config,
        f"The collection {collection} at {url}",
        "choose another one with --qdrant-collection and add the documents again",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the in-memory client has no payload indexes and says so
        for field, kind in _INDEXED.items():
            if field not in described.payload_schema:
                client.create_payload_index(collection, field, kind)


def _vectors(dim: int, precision: Precision, several: bool = True) -> qdrant.VectorParams:
    """several: a page has many, of which the best one counts"""
    best = qdrant.MultiVectorConfig(comparator=qdrant.MultiVectorComparator.MAX_SIM)
    return qdrant.VectorParams(
        size=dim,
        distance=qdrant.Distance.DOT,
        multivector_config=best if several else None,
        datatype=qdrant.Datatype(precision.datatype),
        quantization_config=_copy(precision),
        # no graph: MaxSim is no metric, and a full scan is exact
        hnsw_config=qdrant.HnswConfigDiff(m=0),
        on_disk=True,
    )


def _create(client: QdrantClient, collection: str, config: IndexConfig, spread: Spread) -> None:
    vectors = (
        {} if config.codebook else {fields.PATCHES: _vectors(config.dim, parse_precision(config.precision))}
    )
    if config.meaning_dim:
        vectors[fields.PASSAGES] = _vectors(config.meaning_dim, SERVER_MEANING_PRECISION)
        vectors[fields.SUBJECT] = _vectors(config.meaning_dim, SERVER_MEANING_PRECISION, several=False)
    words = qdrant.SparseVectorParams(
        modifier=qdrant.Modifier.IDF,
        index=qdrant.SparseIndexParams(on_disk=True, datatype=qdrant.Datatype.FLOAT16),
    )
    sparse = {fields.SEEN if config.codebook else fields.WORDS: words}
    if config.centroids:
        index = qdrant.SparseIndexParams(on_disk=True, datatype=qdrant.Datatype.FLOAT16)
        sparse[fields.CENTROIDS] = qdrant.SparseVectorParams(index=index)
    client.create_collection(
        collection,
        vectors_config=vectors,
        sparse_vectors_config=sparse,
        on_disk_payload=True,
        shard_number=spread.shards,
        replication_factor=spread.replicas,
        metadata=to_record(config),
    )


def _copy(precision: Precision) -> Any:
    match precision.copy:
        case "int8":
            scalar = qdrant.ScalarQuantizationConfig(type=qdrant.ScalarType.INT8)
            return qdrant.ScalarQuantization(scalar=scalar)
        case "binary":
            return qdrant.BinaryQuantization(binary=qdrant.BinaryQuantizationConfig())
        case "turbo2" | "turbo1":
            bits = qdrant.TurboQuantBitSize(f"bits{precision.copy[-1]}")
            return qdrant.TurboQuantization(turbo=qdrant.TurboQuantQuantizationConfig(bits=bits))
        case _:
            return None


@contextmanager
def mapped(url: str) -> Iterator[None]:
    """The client's and its transport's errors as one line of ours, a password in the address left out."""
    url = _without_password(url)
    try:
        yield
    except UnexpectedResponse as error:
        if error.status_code in (401, 403):
            raise StoreUnavailable(
                f"The Qdrant server at {url} refuses the API key; give a valid one"
            ) from error
        reason = " ".join(error.content.decode("utf-8", "replace").split())[:300]
        raise StoreError(f"The Qdrant server at {url} answered {error.status_code}: {reason}") from error
    except (ResponseHandlingException, ApiException, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise StoreUnavailable(
            f"No Qdrant server answers at {url} ({reason}); start one, or leave out --qdrant-url"
        ) from error


def retried(call: Callable[[], Answer]) -> Answer:
    """The call's result; a server that did not answer, or is about to, is asked again.

    All requests may be sent twice: a page that is written again takes its own place.
    """
    for seconds in _RETRY_SECONDS:
        try:
            return call()
        except UnexpectedResponse as error:
            if error.status_code not in _PASSING:
                raise
        except (ResponseHandlingException, httpx.TransportError):
            pass
        time.sleep(seconds)
    return call()


def _without_password(url: str) -> str:
    """
    >>> _without_password("https://me:secret@db.example:6333")
    'https://db.example:6333'
    """
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rsplit('@', 1)[-1]}{slash}{path}"


class CollectionFiles:
    """`SideFiles` in a collection of their own beside that of the pages, without vectors. One is there once all of its parts are."""

    def __init__(
        self, url: str, collection: str, client: QdrantClient, spread: Spread = SERVERS_CHOICE
    ) -> None:
        self._url, self._collection, self._client, self._spread = url, collection, client, spread

    def write(self, name: str, content: bytes) -> None:
        parts = [content[at : at + _PART_BYTES] for at in range(0, len(content), _PART_BYTES)] or [b""]
        with mapped(self._url):
            if not self._client.collection_exists(self._collection):
                self._client.create_collection(
                    self._collection,
                    vectors_config={},
                    on_disk_payload=True,
                    replication_factor=self._spread.replicas,
                )
            for number, part in enumerate(parts):
                payload = {
                    "name": name,
                    "part": number,
                    "parts": len(parts),
                    "content": base64.b64encode(part).decode(),
                }
                point = qdrant.PointStruct(id=_point_id(name, number), vector={}, payload=payload)
                self._upsert(point)

    def names(self) -> list[str]:
        found: dict[str, int] = {}
        for payload in self._payloads(None, ["name", "parts"]):
            found[payload["name"]] = found.get(payload["name"], -int(payload["parts"])) + 1
        return [name for name, missing in found.items() if missing == 0]

    def read(self, name: str) -> bytes | None:
        parts = {int(one["part"]): one for one in self._payloads(name, True)}
        if not parts or len(parts) != int(parts[min(parts)]["parts"]):
            return None
        return b"".join(base64.b64decode(parts[number]["content"]) for number in sorted(parts))

    def remove(self, name: str) -> None:
        with mapped(self._url):
            if self._client.collection_exists(self._collection):
                only = qdrant.FilterSelector(filter=_filter(name))
                retried(lambda: self._client.delete(self._collection, only, wait=True))

    def _upsert(self, point: qdrant.PointStruct) -> None:
        retried(lambda: self._client.upsert(self._collection, [point], wait=True))

    def _payloads(self, name: str | None, fields: bool | list[str]) -> list[dict[str, Any]]:
        only = None if name is None else _filter(name)
        with mapped(self._url):
            if not self._client.collection_exists(self._collection):
                return []
            found, _ = retried(
                lambda: self._client.scroll(self._collection, only, limit=_SCROLL, with_payload=fields)
            )
        return [record.payload or {} for record in found]


def _filter(name: str) -> qdrant.Filter:
    return qdrant.Filter(must=[qdrant.FieldCondition(key="name", match=qdrant.MatchValue(value=name))])


def _point_id(name: str, part: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{name}:{part}"))
