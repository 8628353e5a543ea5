"""Nobody sees, finds or changes what is in other people's collections, by no way in."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from PIL import Image

from pagelight import Collections
from pagelight.app.service import Service
from pagelight.app.web.api import build_api
from pagelight.app.web.app import create_app
from pagelight.app.web.guard import Answer
from pagelight.app.web.routes import build_routes
from pagelight.ingest.collections import seeing
from pagelight.retrieval.errors import NotAuthorized, NotFound
from tests.app.conftest import write_pdf

ENERGY, READER, ADMIN = {"x-who": "energy"}, {"x-who": "reader"}, {"x-who": "admin"}
#: the foreign document's name, words and tag
SECRETS = ("manual", "emergency", "beside the door", "Safety")
ASKED = "emergency stop beside the door"


def _who(request: Request) -> Answer:
    """One person has the collection "energy", one reads it, one has everything."""
    people: dict[str, Answer] = {
        "energy": Collections(read=["notices"], write=["Energy"]),
        "reader": Collections(read=["energy"]),
        "admin": True,
    }
    return people.get(request.headers.get("x-who", ""), False)


@pytest.fixture
def tagged(service: Service) -> Service:
    for name, tag in (("report.pdf", "energy"), ("manual.pdf", "safety")):
        service.set_tags(service.find_document(name).document_id, [tag])
    return service


@pytest.fixture
def client(tagged: Service) -> Iterator[TestClient]:
    with TestClient(create_app(tagged.settings, _who, tagged)) as client:
        yield client


@pytest.fixture
def foreign(tagged: Service) -> str:
    return tagged.find_document("manual.pdf").document_id


@pytest.fixture
def foreign_job(tagged: Service, tmp_path: Path) -> str:
    path = write_pdf(tmp_path / "manual two.pdf", (("Safety two", ASKED),))
    job = tagged.add([path], tags=["safety"])
    job.wait(60)
    tagged.judge(ASKED, tagged.find_document("manual.pdf").document_id, 1, True)
    return job.job_id


def _tells(text: str) -> list[str]:
    """What an answer tells of the foreign documents; the question that was asked tells nothing."""
    said = text.replace(ASKED, "").replace(ASKED.replace(" ", "+"), "")
    return [secret for secret in SECRETS if secret.lower() in said.lower()]


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").save(buffer, "PNG")
    return buffer.getvalue()


def _body(path: str, foreign: str) -> dict[str, Any]:
    match path.rsplit("/", 1)[-1]:
        case "search":
            return {"json": {"query": ASKED}}
        case "like" | "why":
            return {"json": {"document": foreign, "page": 1}}
        case "picture":
            return {"content": _picture()}
        case "judgements":
            return {"json": {"query": ASKED, "document_id": foreign, "page": 1, "relevant": False}}
        case "jobs":
            return {"json": {"uploads": ["nothing"]}}
        case _:
            return {"json": {"name": "mine.pdf", "tags": ["energy"]}}


def test_no_route_tells_or_changes_anything_of_another_collection(
    client: TestClient, tagged: Service, foreign: str, foreign_job: str
) -> None:
    before = tagged.find_document("manual.pdf"), tagged.judgements()
    built = [*build_routes(tagged).routes, *build_api(tagged).routes]
    routes = [route for route in built if isinstance(route, APIRoute)]
    assert len(routes) > 25
    filled = {"document_id": foreign, "page": "1", "job_id": foreign_job, "name": "a.pdf"}
    tried = 0
    for route in routes:
        path = route.path
        for name, value in filled.items():
            path = path.replace(f"{{{name}}}", value)
        for method in (route.methods or set()) - {"HEAD"}:
            if "{" in path or path in ("/gradio_api/upload", "/api/v1/uploads", "/api/docs"):
                continue
            sent = {} if method in ("GET", "DELETE") else _body(path, foreign)
            asked = {"query": ASKED, "w": "300", "top_k": "10"} if method == "GET" else {}
            answer = client.request(method, path, params=asked, headers=ENERGY, **sent)
            tried += 1
            if path == "/api/openapi.json":
                continue
            assert not _tells(answer.text), (method, path, answer.text[:300])
            if foreign not in f"{path} {sent}":
                assert foreign not in answer.text, (method, path)
            assert answer.status_code != 500
            if foreign in path or foreign_job in path:
                assert answer.status_code in (403, 404, 405, 422), (method, path, answer.status_code)
    assert tried > 25
    assert (tagged.find_document("manual.pdf"), tagged.judgements()) == before


def test_their_own_documents_are_there_for_them(client: TestClient, tagged: Service) -> None:
    report = tagged.find_document("report.pdf").document_id
    for headers in (ENERGY, READER):
        hits = client.get("/api/v1/search", params={"query": "emissions"}, headers=headers).json()["hits"]
        assert hits
        assert {hit["document_id"] for hit in hits} == {report}
        assert [d["document_id"] for d in client.get("/api/v1/documents", headers=headers).json()] == [report]
        assert client.get("/api/v1/tags", headers=headers).json() == {"energy": 1}
        assert client.get(f"/pages/{report}/1.webp?w=300", headers=headers).status_code == 200
    assert (
        client.patch(f"/api/v1/documents/{report}", json={"name": "b.pdf"}, headers=READER).status_code == 403
    )
    assert (
        client.patch(f"/api/v1/documents/{report}", json={"name": "b.pdf"}, headers=ENERGY).status_code == 200
    )
    assert len(client.get("/api/v1/documents", headers=ADMIN).json()) == 3


def test_gradios_endpoints_know_who_asked(client: TestClient, foreign: str, foreign_job: str) -> None:
    calls: dict[str, list[object]] = {
        "search": [ASKED, 10, []],
        "page_heatmap": [foreign, 1, ASKED],
        "job_status": [foreign_job],
        "cancel_job": [foreign_job],
        "list_documents": [],
        "delete_document": [foreign],
    }
    for name, arguments in calls.items():
        sent = client.post(f"/gradio_api/call/{name}", json={"data": arguments}, headers=ENERGY).json()
        answer = client.get(f"/gradio_api/call/{name}/{sent['event_id']}", headers=ENERGY).text
        assert not _tells(answer), (name, answer)
    sent = client.post("/gradio_api/call/list_documents", json={"data": []}, headers=ADMIN).json()
    assert "manual" in client.get(f"/gradio_api/call/list_documents/{sent['event_id']}", headers=ADMIN).text


def test_the_pages_own_calls_know_who_asked(
    client: TestClient, tagged: Service, foreign: str, foreign_job: str
) -> None:
    config = client.get("/config", headers=ENERGY).json()
    component = next(one for one in config["components"] if one["props"].get("elem_id") == "pagelight")
    page = {"document": foreign, "document_id": foreign, "page": 1, "query": ASKED, "text": "emergency"}
    change = {
        "document_ids": [foreign],
        "add": ["energy"],
        "remove": ["safety"],
        "name": "a",
        "tags": ["energy"],
    }
    everything = {
        **page,
        **change,
        "jobs": [foreign_job],
        "job_id": foreign_job,
        "position": 0,
        "relevant": None,
    }
    names = component["props"]["server_fns"]
    assert len(names) > 15
    for name in names:
        for like in ({}, {"like": {"document_id": foreign, "page": 1}}, {"like": {"picture": _encoded()}}):
            body = {"session_hash": "x", "component_id": component["id"], "fn_name": name}
            sent = {**body, "data": [{**everything, **like}]}
            answer = client.post("/gradio_api/component_server", json=sent, headers=ENERGY).text
            assert not _tells(answer), (name, answer)
    assert tagged.find_document("manual.pdf").tags == ("safety",)


def _encoded() -> str:
    return base64.b64encode(_picture()).decode()


def test_the_tools_of_mcp_know_who_asked(client: TestClient, foreign: str) -> None:
    accepted = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}

    def called(method: str, params: dict[str, Any], who: dict[str, str]) -> str:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return client.post("/mcp", json=body, headers={**who, **accepted}).text

    tools = json.loads(called("tools/list", {}, READER))["result"]["tools"]
    values = {"query": ASKED, "document": foreign, "page": 1, "content": _encoded()}
    for tool in tools:
        wanted = tool["inputSchema"].get("required", [])
        asked = {"name": tool["name"], "arguments": {name: values[name] for name in wanted}}
        assert not _tells(called("tools/call", asked, READER)), tool["name"]
    assert "manual" in called("tools/call", {"name": "list_documents", "arguments": {}}, ADMIN)


def test_files_are_added_to_ones_own_collection(client: TestClient, tagged: Service, tmp_path: Path) -> None:
    def sent(name: str, tags: list[str]) -> Any:
        path = write_pdf(tmp_path / name, ((name, "Wind power grew"),))
        files = {"files": (name, path.read_bytes())}
        return client.post("/api/v1/documents", params={"tag": tags}, files=files, headers=ENERGY)

    added = sent("wind.pdf", [])
    assert added.status_code == 202
    with seeing(None):
        tagged.job(added.json()["job_id"]).wait(60)
    assert tagged.find_document("wind.pdf").tags == ("Energy",)
    job = f"/api/v1/jobs/{added.json()['job_id']}"
    assert client.get(job, headers=ENERGY).json()["state"] == "done"
    assert client.delete(job, headers=READER).status_code == 403
    refused = sent("sun.pdf", ["safety"])
    assert (refused.status_code, refused.json()["error"]) == (403, "you may not add to 'safety'")


def test_a_document_of_two_collections_is_not_one_persons_to_change(tagged: Service) -> None:
    report = tagged.find_document("report.pdf").document_id
    tagged.set_tags(report, ["energy", "safety"])
    with seeing(Collections(write=["energy"])):
        assert tagged.find_document("report.pdf").tags == ("energy",)
        changes: tuple[Callable[[], object], ...] = (
            lambda: tagged.delete_document(report),
            lambda: tagged.delete_soon([report]),
            lambda: tagged.rename(report, "mine.pdf"),
            lambda: tagged.set_tags(report, ["energy"]),
            lambda: tagged.change_tags([report], ["energy"], []),
        )
        for change in changes:
            with pytest.raises(NotAuthorized):
                change()
    assert tagged.find_document("report.pdf").tags == ("energy", "safety")


def test_an_older_file_of_the_same_name_in_another_collection_stays(tagged: Service, tmp_path: Path) -> None:
    for folder, tag in (("one", "energy"), ("two", "safety")):
        (tmp_path / folder).mkdir()
        path = write_pdf(tmp_path / folder / "a.pdf", ((tag, f"The {tag} plan"),))
        tagged.add([path], ["plan.pdf"], tags=[tag]).wait(60)
    ours = next(d for d in tagged.documents() if "plan.pdf" in d.label and d.tags == ("energy",))
    with tagged._library.database.work() as connection:
        connection.execute("UPDATE names SET place = ''")  # as uploads have it
    with seeing(Collections(write=["energy"])), pytest.raises(NotAuthorized, match="another collection"):
        tagged.replace_document(ours.document_id, None)


def test_hidden_deletion_is_not_taken_back_by_others(tagged: Service, foreign: str) -> None:
    tagged.delete_soon([foreign])
    with seeing(Collections(write=["energy"])), pytest.raises(NotFound):
        tagged.undo_delete([foreign])
    assert tagged.undo_delete([foreign]) == [foreign]


def test_collections_are_lists_of_tags() -> None:
    with pytest.raises(TypeError, match="lists of tags"):
        Collections(read="energy")
    assert Collections(write=["Énergie"]).without_writing().writable == frozenset()
