"""Whoever may only search can change nothing, by no way in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from PIL import Image

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.app.web.access import SEARCH_ONLY
from pagelight.app.web.app import create_app
from pagelight.app.web.guard import Answer
from pagelight.retrieval.errors import InvalidSetting

READER, WRITER = {"x-role": "read"}, {"x-role": "write"}


def role(request: Request) -> Answer:
    """What the header says, whatever it is."""
    return cast(Answer, request.headers.get("x-role", False))


@pytest.fixture(scope="module")
def client(shared_service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(shared_service.settings, role, shared_service)) as client:
        yield client


CHANGES = [
    ("POST", "/api/v1/documents"),
    ("POST", "/api/v1/uploads"),
    ("POST", "/api/v1/jobs"),
    ("POST", "/api/v1/judgements"),
    ("PATCH", "/api/v1/documents/abc"),
    ("DELETE", "/api/v1/documents/abc"),
    ("DELETE", "/api/v1/jobs/abc"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/api/v1/search/../documents"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_reader_changes_nothing(client: TestClient, method: str, path: str) -> None:
    refused = client.request(method, path, headers=READER)
    assert (refused.status_code, refused.json()["error"]) == (403, SEARCH_ONLY)
    assert client.request(method, path, headers=WRITER).status_code != 403


def test_a_reader_searches_and_a_stranger_does_not(client: TestClient) -> None:
    asked = {"query": "emissions"}
    for headers in (READER, WRITER):
        assert client.get("/api/v1/search", params=asked, headers=headers).json()["hits"]
        assert client.post("/api/v1/search", json=asked, headers=headers).json()["hits"]
    for unknown in ({}, {"x-role": "admin"}):
        assert client.get("/api/v1/search", params=asked, headers=unknown).status_code == 403


def _called(client: TestClient, name: str, arguments: list[object], headers: dict[str, str]) -> str:
    started = client.post(f"/gradio_api/call/{name}", json={"data": arguments}, headers=headers)
    event = started.json()["event_id"]
    return client.get(f"/gradio_api/call/{name}/{event}", headers=headers).text


def test_gradios_endpoints_ask_for_the_role(client: TestClient, shared_service: Service) -> None:
    document_id = shared_service.documents()[0].document_id
    said = _called(client, "delete_document", [document_id], READER)
    assert SEARCH_ONLY[1:] in said
    assert document_id in {document.document_id for document in shared_service.documents()}
    assert "report.pdf" in _called(client, "list_documents", [], READER)
    assert SEARCH_ONLY[1:] not in _called(client, "delete_document", ["0" * 64], WRITER)


def _component(client: TestClient, name: str, data: object, headers: dict[str, str]) -> Any:
    config = client.get("/config", headers=headers).json()
    component = next(one for one in config["components"] if one["props"].get("elem_id") == "pagelight")
    body = {"session_hash": "x", "component_id": component["id"], "fn_name": name, "data": [data]}
    return client.post("/gradio_api/component_server", json=body, headers=headers).json()


def test_the_pages_own_calls_ask_for_the_role(client: TestClient, shared_service: Service) -> None:
    document_id = shared_service.documents()[0].document_id
    wanted = {"document_ids": [document_id]}
    assert SEARCH_ONLY[1:] in json.dumps(_component(client, "remove_documents", wanted, READER))
    assert document_id in {document.document_id for document in shared_service.documents()}
    assert '"access": "read"' in json.dumps(_component(client, "overview", {}, READER))
    assert '"access": "write"' in json.dumps(_component(client, "overview", {}, WRITER))


def test_where_the_library_lies_is_told_to_those_who_may_change_it(
    client: TestClient, shared_service: Service
) -> None:
    told = _component(client, "about_library", {}, WRITER)
    assert told["folder"] == str(shared_service.settings.data.resolve())
    assert told["documents"] == len(shared_service.documents())
    assert told["used"]["index"] > told["page_bytes"] > 0
    assert _component(client, "about_library", {}, READER)["folder"] == ""


def _tools(client: TestClient, headers: dict[str, str]) -> str:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accepted = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    return client.post("/mcp", json=body, headers={**headers, **accepted}).text


def test_mcp_has_no_tool_to_add_for_a_reader(client: TestClient) -> None:
    assert '"search"' in _tools(client, READER)
    assert "add_document" not in _tools(client, READER)
    assert "add_document" in _tools(client, WRITER)


def test_the_setting_holds_for_everybody_and_title_and_logo_are_ones_own(
    indexed_library: Path, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (8, 8), "navy").save(logo)
    settings = Settings(
        data=indexed_library, samples=False, search_only=True, title="Reading room", logo=str(logo)
    )
    with TestClient(create_app(settings, lambda request: "write")) as client:
        assert client.delete("/api/v1/documents/abc").status_code == 403
        assert client.get("/api/v1/search", params={"query": "emissions"}).status_code == 200
        assert client.get("/logo").headers["content-type"] == "image/png"
        assert "Reading room" in client.get("/config").text
    with pytest.raises(InvalidSetting, match="logo"):
        Settings(logo="/nowhere/logo.svg")
