"""Turns of those who search: fair between addresses, and a word for those who would wait too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from pagelight.app.service import Service
from pagelight.app.turns import Turns, asking
from pagelight.app.web.app import create_app
from tests.waiting import until


@pytest.fixture
def report(service: Service) -> str:
    return service.find_document("report.pdf").document_id


@contextmanager
def _from(service: Service, address: str) -> Iterator[TestClient]:
    app = create_app(service.settings, service=service)
    with TestClient(app, client=(address, 50000)) as client:
        yield client


def test_whatever_takes_long_is_told_to_come_again_when_too_many_wait(service: Service, report: str) -> None:
    with _from(service, "10.0.0.1") as client:
        drawn = client.get(f"/pages/{report}/1.webp?w=320")
        assert drawn.status_code == 200
        service._turns = service._drawing_turns = Turns(at_once=0, waiting=0)
        page = f"/api/v1/documents/{report}/pages/1"
        asked = [
            client.post("/api/v1/search", json={"query": "revenue"}),
            client.get(f"{page}/heatmap?query=revenue"),
            client.get(f"{page}/why?query=revenue"),
            client.post("/api/v1/search/like", json={"document": "report.pdf", "page": 1}),
            client.get(f"/pages/{report}/1.webp?w=960"),
        ]
        assert [answer.status_code for answer in asked] == [503] * len(asked)
        assert {answer.headers.get("retry-after") for answer in asked} == {"2"}
        assert client.get(f"/pages/{report}/1.webp?w=320").content == drawn.content  # drawn before
        assert client.get("/healthz").status_code == 200


class _Recorded(Turns):
    """Notes whose turn it was, in order."""

    def __init__(self, at_once: int) -> None:
        super().__init__(at_once, 20)
        self.order: list[str] = []

    @contextmanager
    def taken(self, client: str = "") -> Iterator[None]:
        with super().taken(client):
            self.order.append(client or asking.get())
            yield


@pytest.mark.parametrize("proxied", [False, True])
def test_an_address_with_many_requests_delays_another_one_by_one(service: Service, proxied: bool) -> None:
    """Behind a named proxy, by the address that the proxy names."""
    service.settings = replace(service.settings, proxies="10.9.9.9" if proxied else "")
    service._turns = turns = _Recorded(1)

    def search(client: TestClient, sender: str) -> None:
        headers = {"X-Forwarded-For": sender} if proxied else {}
        client.post("/api/v1/search", json={"query": "revenue"}, headers=headers)

    reached = ("10.9.9.9", "10.9.9.9") if proxied else ("10.0.0.1", "10.0.0.2")
    with _from(service, reached[0]) as first, _from(service, reached[1]) as second:
        threads = []
        with turns.taken("somebody"):
            for n_waiting in range(6):
                asked = (second, "10.0.0.2") if n_waiting == 5 else (first, "10.0.0.1")
                threads.append(threading.Thread(target=search, args=asked))
                threads[-1].start()
                until(lambda expected=n_waiting + 1: turns.n_waiting == expected, 20)
        for thread in threads:
            thread.join(60)
    assert turns.order == ["somebody", "10.0.0.1", "10.0.0.2", *["10.0.0.1"] * 4]


def test_the_address_is_known_whichever_way_a_search_comes(service: Service) -> None:
    service._turns = turns = _Recorded(2)
    call = {"name": "search", "arguments": {"query": "revenue"}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    with _from(service, "10.0.0.7") as client:
        client.post("/mcp", json=request, headers={"Accept": "application/json, text/event-stream"})
        assert set(turns.order) == {"10.0.0.7"}
        turns.order.clear()
        config = client.get("/config").json()
        page = next(one for one in config["components"] if one["props"].get("elem_id") == "pagelight")
        asked = {"document": "report.pdf", "page": 1, "query": "revenue"}
        body = {"session_hash": "x", "component_id": page["id"], "fn_name": "open_page"}
        answer = client.post("/gradio_api/component_server", json={**body, "data": asked})
        assert answer.status_code == 200, answer.text
        assert "error" not in answer.json(), answer.text
        assert set(turns.order) == {"10.0.0.7"}


def test_callers_of_gradios_queue_are_clients_of_their_own(service: Service) -> None:
    service._turns = turns = _Recorded(2)
    with _from(service, "10.0.0.7") as first, _from(service, "10.0.0.8") as second:
        for client in (first, second):
            sent = client.post("/gradio_api/call/search", json={"data": ["revenue", 3, []]}).json()
            client.get(f"/gradio_api/call/search/{sent['event_id']}")
    assert turns.order == ["10.0.0.7", "10.0.0.8"]
