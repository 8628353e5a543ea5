"""Documents and places of a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pagelight.app.cli.main import main
from pagelight.app.granularity import documents_of, places_of
from pagelight.app.service import Service
from pagelight.app.web.app import create_app
from pagelight.retrieval.results import PageHit, Region, SearchResult
from pagelight.retrieval.types import Box


def _hit(document: str, page: int, score: float, *scores: float) -> PageHit:
    regions = tuple(Region(_box(i), score) for i, score in enumerate(scores))
    return PageHit(document, document * 8, page, score, score, ("text",), regions)


def _box(i: int) -> Box:
    return 0.1, 0.1 * i, 0.9, 0.1 * i + 0.05


RESULT = SearchResult(
    "rain", True, 0.1, (_hit("a", 3, 0.8, 0.5, 0.25), _hit("b", 1, 0.6, 1.0), _hit("a", 1, 0.2))
)


def test_places_are_ranked_across_pages() -> None:
    places = [(place.document, place.page, place.score) for place in places_of(RESULT)]
    assert places == [("a", 3, 1.0), ("b", 1, 0.75), ("a", 3, 0.5)]
    assert places_of(SearchResult("rain", False, 0.1, ())) == ()


def test_documents_come_in_the_order_of_their_best_pages() -> None:
    assert [(one.document, one.pages, one.strength) for one in documents_of(RESULT)] == [
        ("a", (3, 1), 0.8),
        ("b", (1,), 0.6),
    ]


def test_http_gives_places_with_their_pictures(shared_service: Service) -> None:
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        asked = {"query": "emissions fell", "granularity": "places", "top_k": 3}
        answer = client.get("/api/v1/search", params=asked).json()
        best = answer["places"][0]
        assert (best["document"], best["page"]) == ("report.pdf", 2)
        picture = client.get(best["image"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
        assert client.post("/api/v1/search", json=asked).json()["places"] == answer["places"]
        assert client.get("/api/v1/search", params={**asked, "granularity": "words"}).status_code == 422


def test_the_command_line_lists_documents_and_places(
    indexed_library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(indexed_library)]
    assert main(["search", "emissions fell", "--granularity", "places", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["places"][0]["page"] == 2
    assert main(["search", "emissions fell", "--granularity", "documents", *data]) == 0
    assert "report.pdf" in capsys.readouterr().out
    assert main(["search", "emissions fell", "--granularity", "places", *data]) == 0
    assert "emissions fell" in capsys.readouterr().out
