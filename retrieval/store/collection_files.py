"""Side files on a Qdrant server: a collection of their own beside that of the pages, without vectors."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from qdrant_client import QdrantClient
from qdrant_client import models as qdrant

from pagelight.retrieval.store.collection import mapped, retried

#: what the collection's name ends in (form)
SUFFIX = "-kept"
#: bytes of a file in one point: a tenth of what a server takes in one request by default (block)
_PART_BYTES = 3 << 20
#: points that are listed at once (block)
_SCROLL = 1_000
_NAMESPACE = uuid.UUID("3f1f5c6e-7d0a-4b7e-9a55-0c7f0b6f2a11")


class CollectionFiles:
    """`SideFiles` in a collection. One is there once all of its parts are."""

    def __init__(self, url: str, collection: str, client: QdrantClient) -> None:
        self._url, self._collection, self._client = url, collection, client

    def write(self, name: str, content: bytes) -> None:
        parts = [content[at : at + _PART_BYTES] for at in range(0, len(content), _PART_BYTES)] or [b""]
        with mapped(self._url):
            if not self._client.collection_exists(self._collection):
                self._client.create_collection(self._collection, vectors_config={}, on_disk_payload=True)
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
