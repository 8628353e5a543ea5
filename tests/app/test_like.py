"""A page, a piece of it, or a picture as the query."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pypdf import PdfReader

from pagelight.app.cli.main import main
from pagelight.app.service import Service
from pagelight.app.web.app import create_app
from pagelight.ingest.library import DocumentFilter
from pagelight.retrieval.errors import DocumentError, InvalidInput, NotFound
from tests.app.conftest import add, write_pdf

#: of `write_pdf`'s pages: the heading alone
HEADING = (0.05, 0.05, 0.95, 0.12)


@pytest.fixture
def twins(service: Service, tmp_path: Path) -> Service:
    """Beside the three documents one that has a heading of the report, and other lines."""
    add(service, write_pdf(tmp_path / "twin.pdf", (("Emissions and energy", "Nothing else is shared"),)))
    return service


def test_a_page_finds_its_like_and_not_itself(twins: Service) -> None:
    report = twins.find_document("report.pdf").document_id
    found = twins.search_like(report, 2)
    assert (found.hits[0].document, found.hits[0].page) == ("twin.pdf", 1)
    assert (report, 2) not in {(hit.document_id, hit.page) for hit in found.hits}
    assert found.hits[0].regions


def test_a_box_asks_for_what_is_in_it(twins: Service) -> None:
    report = twins.find_document("report.pdf").document_id
    heading = twins.search_like(report, 2, HEADING)
    assert "Emissions" in heading.query
    assert "nine" not in heading.query
    assert heading.hits[0].document == "twin.pdf"
    lines = twins.search_like(report, 2, (0.05, 0.13, 0.95, 0.5))
    assert "twin.pdf" not in {hit.document for hit in lines.hits}
    assert twins.search_like(report, 2, HEADING, only=DocumentFilter(tags=("none",))).hits == ()


def test_wrong_examples_are_refused_in_one_sentence(service: Service) -> None:
    report = service.find_document("report.pdf").document_id
    with pytest.raises(NotFound):
        service.search_like(report, 9)
    with pytest.raises(InvalidInput, match="box"):
        service.search_like(report, 1, (0.5, 0.1, 0.4, 0.2))
    with pytest.raises((InvalidInput, DocumentError)):
        service.search_picture(b"no picture")


def test_http_takes_a_page_and_a_picture(twins: Service) -> None:
    with TestClient(create_app(twins.settings, service=twins)) as client:
        asked = {"document": "report.pdf", "page": 2, "box": HEADING, "top_k": 1}
        answer = client.post("/api/v1/search/like", json=asked)
        assert [hit["document"] for hit in answer.json()["hits"]] == ["twin.pdf"]
        assert client.post("/api/v1/search/like", json={**asked, "page": 7}).status_code == 404
        drawn = io.BytesIO()
        Image.new("RGB", (60, 40), "navy").save(drawn, "PNG")
        sent = client.post("/api/v1/search/picture", params={"top_k": 2}, content=drawn.getvalue())
        assert sent.status_code == 200
        assert client.post("/api/v1/search/picture", content=b"").status_code == 422


def test_a_receipt_says_why_a_page_is_like_another(twins: Service) -> None:
    report, twin = (twins.find_document(name).document_id for name in ("report.pdf", "twin.pdf"))
    best = twins.search_like(report, 2, HEADING).hits[0]
    receipt = twins.why_like(twin, 1, (report, 2, HEADING))
    assert receipt.exact
    assert receipt.score == pytest.approx(best.score, abs=1e-3)
    assert {"emissions", "energy"} & {entry.matched.lower() for entry in receipt.entries}
    with pytest.raises(NotFound):
        twins.why_like(twin, 7, (report, 2, None))


def test_what_is_like_an_example_is_had_as_a_pdf(twins: Service, tmp_path: Path) -> None:
    report = twins.find_document("report.pdf").document_id
    pages = twins.export_like((report, 2, HEADING), tmp_path / "like.pdf", top_k=1)
    assert pages == len(PdfReader(tmp_path / "like.pdf").pages) == 1
    assert "Nothing else is shared" in PdfReader(tmp_path / "like.pdf").pages[0].extract_text()
    with TestClient(create_app(twins.settings, lambda request: "read", twins)) as client:
        asked = {"document": "report.pdf", "page": 2, "box": HEADING, "top_k": 1}
        answer = client.post("/api/v1/export/like", json=asked)
        assert answer.headers["content-type"] == "application/pdf"
        assert "Nothing else" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        twin = twins.find_document("twin.pdf").document_id
        why = client.post(f"/api/v1/documents/{twin}/pages/1/why", json=asked).json()
        assert why["exact"] is True
        assert sum(entry["share"] for entry in why["entries"]) == pytest.approx(1, abs=0.01)
        # to this test's encoder a picture without words is like nothing
        sent = client.post(
            "/api/v1/export/picture", params={"top_k": 2}, content=twins.page_image(twin, 1, 900)
        )
        assert (sent.status_code, sent.json()["error"]) == (404, "nothing in the library is like that")


def test_the_command_line_takes_a_page(indexed_library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(indexed_library)]
    assert main(["like", "report.pdf", "--page", "2", "--json", *data]) == 0
    assert '"hits"' in capsys.readouterr().out
    assert main(["like", "report.pdf", "--page", "2", "--box", "wide", *data]) == 2
    assert "x0,y0,x1,y1" in capsys.readouterr().err
    picture = indexed_library.parent / "blue.png"
    Image.new("RGB", (60, 40), "navy").save(picture)
    assert main(["like", str(picture), *data]) == 0
