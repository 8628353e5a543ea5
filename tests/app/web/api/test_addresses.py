"""Names of parameters in an address, which are not those of a POST."""

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


@pytest.mark.parametrize("name", ["documents", "tags", "types", "languages"])
def test_a_filter_by_its_name_in_a_post_does_not_go_unnoticed_in_an_address(
    client: TestClient, name: str
) -> None:
    answer = client.get("/api/v1/search", params={"query": "emissions", name: "manual.pdf"})
    assert answer.status_code == 422
    assert answer.json()["error"] == f"{name} is not known in an address; write {name[:-1]}=…, once for each"
