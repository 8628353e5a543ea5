from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pypdf import PdfReader

from pagelight.app.service import Service
from pagelight.app.web.app import create_app


@pytest.fixture(scope="module")
def client(shared_service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        yield client


@pytest.fixture(scope="module")
def ids(shared_service: Service) -> dict[str, str]:
    return {document.name: document.document_id for document in shared_service.documents()}


def test_health_is_one_word(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.head("/healthz").status_code == 200


def test_a_page_is_a_webp_of_the_wanted_width(client: TestClient, ids: dict[str, str]) -> None:
    answer = client.get(f"/pages/{ids['report.pdf']}/2.webp?w=320")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).width == 320


def test_a_page_that_the_browser_has_is_not_sent_again(client: TestClient, ids: dict[str, str]) -> None:
    url = f"/pages/{ids['report.pdf']}/1.webp?w=160"
    first = client.get(url)
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(url).headers["etag"] == first.headers["etag"]


def test_a_pdf_comes_inline_and_in_parts(client: TestClient, ids: dict[str, str]) -> None:
    url = f"/documents/{ids['report.pdf']}.pdf"
    whole = client.get(url)
    assert whole.content.startswith(b"%PDF-")
    assert whole.headers["content-disposition"] == 'inline; filename="report.pdf"'
    part = client.get(url, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    head = client.head(url)
    assert (head.headers["content-length"], head.content) == (str(len(whole.content)), b"")
    assert client.get(url, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_an_image_opens_as_a_pdf_of_one_page(client: TestClient, ids: dict[str, str]) -> None:
    answer = client.get(f"/documents/{ids['photo.png']}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/pages/{report.pdf}/0.webp", 404),
        ("/pages/{report.pdf}/3.webp", 404),
        ("/pages/{report.pdf}/one.webp", 422),
        ("/pages/{report.pdf}/1.webp?w=-5", 422),
        ("/pages/unknown/1.webp", 404),
        ("/documents/unknown.pdf", 404),
        ("/documents/..%2f..%2fetc%2fpasswd.pdf", 404),
    ],
)
def test_what_is_wrong_is_one_line_with_its_status(
    client: TestClient, ids: dict[str, str], path: str, status: int
) -> None:
    for name, document_id in ids.items():
        path = path.replace(f"{{{name}}}", document_id)
    answer = client.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert answer.text.count("\n") == 0 or "passwd" in path


def test_the_front_page_names_the_scripts_that_it_will_need(client: TestClient) -> None:
    links = client.get("/?page=2").headers["link"].split(", ")
    scripts = [re.fullmatch("<(.+)>; rel=modulepreload; fetchpriority=low", link)[1] for link in links]  # type: ignore[index]
    assert any(script.endswith("/main.js") for script in scripts)
    assert {client.get(f"/{script}").status_code for script in scripts} == {200}
    assert "link" not in client.get("/healthz").headers


def test_no_schema_names_gradios_inner_routes(client: TestClient) -> None:
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert client.get(path).status_code == 404


def test_a_deleted_document_is_gone_from_every_route(service: Service) -> None:
    document_id = service.find_document("report.pdf").document_id
    with TestClient(create_app(service.settings, service=service)) as client:
        page, pdf = f"/pages/{document_id}/1.webp", f"/documents/{document_id}.pdf"
        tags = [client.get(url).headers["etag"] for url in (page, pdf)]
        service.delete_document(document_id)
        for url, tag in zip((page, pdf), tags, strict=True):
            assert client.get(url).status_code == 404
            assert client.get(url, headers={"If-None-Match": tag}).status_code == 404
        assert service.search("revenue by region").hits == ()
