from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import pagelight
from pagelight import Settings
from pagelight.app.service import Service
from pagelight.app.web.app import create_app, mount
from tests.app.web.test_guard import call


def test_the_package_offers_the_documented_names() -> None:
    assert pagelight.create_app is create_app
    assert pagelight.mount is mount


def test_it_lives_below_a_path_of_another_app(indexed_library: Path) -> None:
    events = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        events.append("host starts")
        yield
        events.append("host stops")

    host = FastAPI(lifespan=lifespan)
    host.get("/hello")(lambda: "hello")
    service = mount(host, "/search", Settings(data=indexed_library, samples=False))
    document_id = service.documents()[0].document_id
    with TestClient(host) as client:
        assert client.get("/hello").json() == "hello"
        assert client.get("/search/healthz").text == "ok"
        assert client.get(f"/search/pages/{document_id}/1.webp?w=160").status_code == 200
        assert client.get("/search/config").json()["root"] == "http://testserver/search"
        client.base_url = client.base_url.join("/search/")
        assert len(call(client, "list_documents", [])) == 3
        assert client.get("http://testserver/healthz").status_code == 404
    assert events == ["host starts", "host stops"]
    # The data folder is free again.
    Service(Settings(data=indexed_library)).close()


def test_two_libraries_live_in_one_app(indexed_library: Path, tmp_path: Path) -> None:
    host = FastAPI()
    mount(host, "/full", Settings(data=indexed_library, samples=False))
    mount(host, "/empty", Settings(data=tmp_path / "empty", samples=False), authorize=lambda request: False)
    with TestClient(host) as client:
        assert client.get("/full/config").status_code == 200
        assert client.get("/empty/config").status_code == 403


def test_a_proxy_may_strip_the_prefix_or_keep_it(indexed_library: Path) -> None:
    settings = Settings(
        data=indexed_library,
        samples=False,
        root_path="/pagelight",
        proxies="testclient",
        allow_hosts="intranet.example",
    )
    with TestClient(create_app(settings)) as client:
        forwarded = {"X-Forwarded-Host": "intranet.example", "X-Forwarded-Proto": "https"}
        for path in ("/config", "/pagelight/config"):
            answer = client.get(path, headers=forwarded)
            assert answer.json()["root"] == "https://intranet.example/pagelight"
        assert client.get("/pagelight/healthz").text == "ok"
        assert client.get("/healthz").text == "ok"


def test_samples_come_once_into_an_empty_library(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    shutil.copy(documents / "manual.pdf", samples)
    (samples / "README.md").write_text("How the samples are made", "utf-8")

    monkeypatch.setattr("pagelight.app.open_library.SAMPLES", samples)
    settings = Settings(data=tmp_path / "library")
    first = Service(settings)
    first.start()
    (document,) = first.documents()
    assert document.name == "manual.pdf"
    first.delete_document(document.document_id)
    first.close()
    second = Service(settings)
    second.start()
    assert second.documents() == ()
    second.close()
