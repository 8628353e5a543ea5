from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from pagelight.app.service import Service
from pagelight.app.web.app import create_app
from pagelight.app.web.guard import same_origin

#: every kind of way in: the page, its configuration, an upload, an event, an API call, a file, an image, a PDF
WAYS_IN = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/call/list_documents"),
    ("POST", "/gradio_api/component_server"),
    ("GET", "/gradio_api/file=/etc/hostname"),
    ("GET", "/gradio_api/file=/tmp/healthz"),
    ("GET", "/gradio_api/mcp"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs"),
    ("GET", "/api/v1/search?query=x"),
    ("GET", "/api/v1/nothing"),
    ("POST", "/api/v1/documents"),
    ("DELETE", "/api/v1/documents/{id}"),
    ("POST", "/mcp"),
    ("GET", "/mcp/healthz"),
    ("GET", "/metrics"),
    ("GET", "/pages/{id}/1.webp"),
    ("GET", "/documents/{id}.pdf"),
]


def has_key(request: Request) -> bool:
    return request.headers.get("x-key") == "right"


async def has_key_async(request: Request) -> bool:
    return has_key(request)


@pytest.fixture(scope="module")
def document_id(shared_service: Service) -> str:
    return shared_service.documents()[0].document_id


@pytest.fixture(scope="module")
def guarded(shared_service: Service) -> TestClient:
    """Not entered: a client that has ended would close the module's service."""
    return TestClient(create_app(shared_service.settings, has_key, shared_service))


@pytest.fixture(scope="module")
def client(shared_service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), WAYS_IN)
def test_strangers_get_one_line_whatever_they_ask(
    guarded: TestClient, document_id: str, method: str, path: str
) -> None:
    answer = guarded.request(method, path.replace("{id}", document_id))
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "you may not use this library", "status": 403},
    )


@pytest.mark.parametrize(
    ("accepted", "language", "said"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Sie dürfen diese Bibliothek nicht benutzen."),
        ("pt-BR,fr;q=0.9", "fr", "Vous ne pouvez pas utiliser cette bibliothèque."),
        ("ja", "en", "You may not use this library."),
    ],
)
def test_a_stranger_with_a_browser_is_told_in_the_browsers_language(
    guarded: TestClient, accepted: str, language: str, said: str
) -> None:
    answer = guarded.get("/", headers={"accept": "text/html", "accept-language": accepted})
    assert answer.status_code == 403
    assert f'<html lang="{language}">' in answer.text
    assert said in answer.text
    assert "Accept-Language" in answer.headers["vary"]


def test_whom_the_host_knows_gets_in(service: Service, document_id: str) -> None:
    with TestClient(create_app(service.settings, has_key_async, service)) as client:
        assert client.get("/").status_code == 403
        client.headers["x-key"] = "right"
        assert client.get("/").status_code == 200
        assert client.get(f"/pages/{document_id}/1.webp?w=160").status_code == 200
        assert call(client, "list_documents", [])[0]["document_id"] == document_id


def test_health_is_told_to_everyone(guarded: TestClient) -> None:
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code in (200, 503)


def test_the_hosts_own_status_is_kept(service: Service) -> None:
    def to_login(request: Request) -> bool:
        raise HTTPException(303, "sign in first", {"Location": "/login", "vary": "Cookie"})

    with TestClient(create_app(service.settings, to_login, service), follow_redirects=False) as client:
        answer = client.get("/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert answer.headers["vary"].startswith("Cookie, Accept, Accept-Language"), "the host's own is added to"


def test_foreign_pages_may_neither_read_nor_write(client: TestClient) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert "access-control-allow-origin" not in client.get("/config", headers=foreign).headers
    assert (
        client.post("/gradio_api/call/list_documents", json={"data": []}, headers=foreign).status_code == 403
    )
    preflight = {**foreign, "Access-Control-Request-Method": "POST"}
    assert client.options("/gradio_api/call/search", headers=preflight).status_code == 400


def test_an_allowed_site_may_call_the_api(service: Service) -> None:
    settings = replace(service.settings, allow_origins="https://intranet.example")
    service.settings = settings
    with TestClient(create_app(settings, service=service)) as client:
        answer = client.post(
            "/gradio_api/call/list_documents",
            json={"data": []},
            headers={"Origin": "https://intranet.example"},
        )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://intranet.example"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "a.example"}, True),
        ({"host": "a.example", "origin": "https://a.example"}, True),
        ({"host": "a.example:8000", "origin": "http://a.example"}, False),
        ({"host": "127.0.0.1:7860", "origin": "https://a.example", "x-forwarded-host": "a.example"}, True),
        ({"host": "127.0.0.1", "origin": "https://a.example", "sec-fetch-site": "same-origin"}, True),
        ({"host": "127.0.0.1", "sec-fetch-site": "cross-site"}, False),
        ({"host": "a.example", "origin": "null"}, False),
        ({"host": "a.example", "origin": "https://a.example.evil.example"}, False),
    ],
)
def test_same_origin(headers: dict[str, str], expected: bool) -> None:
    assert same_origin(Headers(headers), []) is expected


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:7860", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("127.0.0.1:7860", 200),
        ("localhost:7860", 200),
        ("LOCALHOST.", 200),
        ("[::1]:7860", 200),
        ("192.168.1.20:7860", 200),
    ],
)
def test_no_other_site_can_make_its_own_name_point_here(client: TestClient, host: str, status: int) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert client.get("/config", headers=headers).status_code == status
    answer = client.post("/gradio_api/call/list_documents", json={"data": []}, headers=headers)
    assert answer.status_code == status


def test_names_of_the_settings_are_answered(service: Service) -> None:
    settings = replace(service.settings, allow_hosts="search.example, *.intranet.example")
    service.settings = settings
    with TestClient(create_app(settings, service=service)) as client:
        status = {
            name: client.get("/config", headers={"Host": name}).status_code
            for name in ("search.example:80", "a.intranet.example", "intranet.example", "evil.example")
        }
    assert list(status.values()) == [200, 200, 421, 421]


@pytest.mark.parametrize(
    ("proxies", "status"), [("", 421), ("testclient", 200), ("10.0.0.1", 421), ("*", 200)]
)
def test_forwarded_names_are_believed_from_named_proxies_alone(
    service: Service, proxies: str, status: int
) -> None:
    settings = replace(service.settings, allow_hosts="search.example", proxies=proxies)
    service.settings = settings
    forwarded = {"Host": "backend.internal", "X-Forwarded-Host": "search.example"}
    rebound = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    with TestClient(create_app(settings, service=service)) as client:
        assert client.get("/config", headers=forwarded).status_code == status
        assert client.get("/config", headers=rebound).status_code == 421


def test_a_slow_synchronous_authorize_does_not_stop_other_requests(service: Service) -> None:
    """Eight that wait half a second each took four seconds. None of these goes on before all eight are being asked."""
    together, warm = threading.Barrier(8), threading.Event()

    def slowly(request: Request) -> bool:
        if warm.is_set():
            together.wait(30)
        return True

    with (
        TestClient(create_app(service.settings, slowly, service)) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        client.get("/config")
        warm.set()
        answers = list(threads.map(lambda _: client.get("/config"), range(8)))
    assert {answer.status_code for answer in answers} == {200}


def test_every_answer_carries_security_headers(client: TestClient) -> None:
    for path in ("/", "/healthz", "/config", "/unknown"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]


def test_the_run_shortcut_is_closed(client: TestClient) -> None:
    assert client.post("/gradio_api/run/list_documents", json={"data": []}).status_code == 404


def test_the_api_answers_in_the_documented_form(client: TestClient, service: Service) -> None:
    answer = call(client, "search", ["scope one emissions", 3, []])
    assert (answer["hits"][0]["document"], answer["hits"][0]["page"]) == ("report.pdf", 2)
    heatmap = call(client, "page_heatmap", [answer["hits"][0]["document_id"], 2, "scope one"])
    assert set(heatmap) == {"grid", "words", "weights", "maps", "indexed", "regions"}
    assert len(heatmap["maps"]) == len(heatmap["words"]) == 2


def call(client: TestClient, name: str, data: list[object]) -> object:
    """One call of Gradio's HTTP API, to its end."""
    event = client.post(f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
    lines = client.get(f"/gradio_api/call/{name}/{event}").text.splitlines()
    assert "event: complete" in lines, lines
    # Heartbeats come before it on a busy machine.
    return json.loads(lines[lines.index("event: complete") + 1].removeprefix("data: "))[0]
