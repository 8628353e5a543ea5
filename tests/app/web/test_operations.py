from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.app.web.app import create_app
from pagelight.retrieval.errors import ModelNotFound


def test_the_page_is_served_while_the_model_loads(
    indexed_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was served after the model had been loaded, and the overview waited for it again."""
    from pagelight.app import engine

    load, loaded = engine.load_encoder, threading.Event()

    def slowly(name: str, device: str) -> object:
        assert loaded.wait(60)
        return load(name, device)

    monkeypatch.setattr(engine, "load_encoder", slowly)
    service = Service(Settings(data=indexed_library, samples=False))
    with TestClient(create_app(service.settings, service=service)) as client:
        assert service.state == "warming up"
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"error": "warming up", "status": 503})
        assert client.get("/healthz").text == "ok"
        assert client.get("/").status_code == 200
        assert len(client.get("/api/v1/documents").json()) == 3
        assert client.get("/api/v1/jobs").json() == []
        assert service.examples() == []
        loaded.set()
        assert client.get("/api/v1/search?query=emergency+stop").json()["matched"]
        assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready")
    assert service.state == "closed"


def test_a_model_that_cannot_be_loaded_is_told(
    indexed_library: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(name: str, device: str) -> object:
        raise ModelNotFound("no such model")

    monkeypatch.setattr("pagelight.app.engine.load_encoder", missing)
    service = Service(Settings(data=indexed_library, samples=False))
    failures: list[Exception] = []
    ended = threading.Event()
    service.start_in_background(lambda error: (failures.append(error), ended.set())[0])
    assert ended.wait(60)
    assert (service.state, str(failures[0])) == ("failed", "no such model")
    service.close()


def test_closing_waits_for_what_the_start_still_loads(indexed_library: Path) -> None:
    """A process that ended before it would abort: "terminate called without an active exception"."""
    service = Service(Settings(data=indexed_library, samples=False))
    service.start_in_background()
    assert any(thread.name == "pagelight-start" for thread in threading.enumerate())
    service.close()
    assert not any(thread.name == "pagelight-start" for thread in threading.enumerate())


def test_metrics_count_searches_without_touching_the_hosts_registry(service: Service) -> None:
    before = set(REGISTRY._names_to_collectors)
    with TestClient(create_app(service.settings, service=service)) as client:
        client.get("/api/v1/search?query=emergency+stop")
        client.get("/api/v1/search?query=hippopotamus")
        text = client.get("/metrics").text
    for line in (
        'pagelight_searches_total{outcome="matched"} 1.0',
        'pagelight_searches_total{outcome="nothing"} 1.0',
        "pagelight_search_seconds_count 2.0",
        "pagelight_ready 1.0",
        "pagelight_documents 3.0",
        "pagelight_pages_indexed 4.0",
    ):
        assert line in text.splitlines()
    assert set(REGISTRY._names_to_collectors) == before


def test_each_load_index_and_search_is_one_line_with_milliseconds(
    indexed_library: Path, documents: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = tmp_path / "other.pdf"
    other.write_bytes((documents / "manual.pdf").read_bytes() + b"\n%other")
    with (
        caplog.at_level(logging.INFO, "pagelight"),
        Service(Settings(data=indexed_library, samples=False)) as service,
    ):
        service.search("secret words")
        service.add([other]).wait(60)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("pagelight")]
    for start in ("load: ", "search: ", "index: "):
        (line,) = (line for line in lines if line.startswith(start))
        assert line.endswith(" ms")
    assert "secret" not in caplog.text  # what people ask is theirs


def test_no_key_is_printed() -> None:
    settings = Settings(qdrant_api_key="topsecret", qdrant_url="http://me:hidden@127.0.0.1:9")
    assert "topsecret" not in repr(settings)
    assert "hidden" not in repr(settings)


def test_an_error_line_leaves_the_password_of_an_address_out(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "library", qdrant_url="http://me:hidden@127.0.0.1:9")
    with Service(settings) as service, pytest.raises(Exception, match=r"127\.0\.0\.1:9") as caught:
        service.search("x")
    assert "hidden" not in str(caught.value)
