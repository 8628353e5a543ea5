"""Halves of characters, which JSON can tell and no database keeps, in every text of a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from pagelight.app.service import Service
from pagelight.app.web.app import create_app


@pytest.fixture(scope="module")
def client(shared_service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("judgements", '{"query": "x", "document_id": "HALF", "page": 1, "relevant": true}'),
        ("judgements", '{"query": "HALF", "document_id": "x", "page": 1, "relevant": true}'),
        ("search", '{"query": "HALF"}'),
        *(("search", f'{{"query": "x", "{field}": ["HALF"]}}') for field in ("tags", "documents", "types")),
        ("search/like", '{"document": "HALF", "page": 1}'),
        ("jobs", '{"uploads": ["HALF"], "tags": ["HALF"]}'),
    ],
)
def test_half_a_character_is_no_accident(client: TestClient, path: str, body: str) -> None:
    answer = client.post(
        f"/api/v1/{path}",
        content=body.replace("HALF", "\\ud800"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.json()["error"].strip()
