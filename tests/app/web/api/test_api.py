from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from pagelight.app.service import Service
from pagelight.app.web.app import create_app


@pytest.fixture(scope="module")
def client(shared_service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        yield client


@pytest.fixture(scope="module")
def report(shared_service: Service) -> str:
    return shared_service.find_document("report.pdf").document_id


def test_a_search_by_get_and_by_post_finds_the_same_place(client: TestClient) -> None:
    got = client.get("/api/v1/search", params={"query": "scope one emissions", "top_k": 2}).json()
    posted = client.post("/api/v1/search", json={"query": "scope one emissions", "top_k": 2}).json()
    assert {**got, "seconds": 0} == {**posted, "seconds": 0}
    assert got["exact"] is True  # so few pages are all compared
    assert (got["hits"][0]["document"], got["hits"][0]["page"]) == ("report.pdf", 2)
    assert len(got["hits"][0]["regions"][0]["box"]) == 4


def test_a_search_keeps_to_the_named_documents(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"query": "the stop", "document": ["report.pdf"]})
    assert {hit["document"] for hit in answer.json()["hits"]} <= {"report.pdf"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "query is missing"),
        ({"query": 7}, "query: expected text, got a number"),
        ({"query": "x", "documents": "a.pdf"}, "documents: expected a list, got text"),
        ({"query": "x", "documents": [1]}, "documents: expected text, got a number"),
        ({"query": "x", "top_k": None}, "top_k: expected a whole number, got nothing"),
        ({"query": "x", "top_k": True}, "top_k: expected a whole number, got true or false"),
        ({"query": "x", "top_k": 0}, "top_k: expected 1 to 100, got 0"),
        ({"query": "x", "colour": "red"}, "colour is not known here"),
        ({"query": "  "}, "the query is empty; type a few words"),
        ([], "the body: expected an object, got a list"),
    ],
)
def test_wrong_input_is_one_sentence(client: TestClient, body: object, sentence: str) -> None:
    answer = client.post("/api/v1/search", json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence, "status": 422})


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[" * 100_000, b'{"query": "x", "top_k": 1e999}', b'{"query": "x", "top_k": NaN}'],
)
def test_odd_json_is_one_sentence(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_half_a_character_is_a_query_that_finds_nothing(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/search", content=b'{"query": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["matched"]) == (200, False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/search", 422),
        ("GET", "/api/v1/search?query=x&top_k=many", 422),
        ("GET", "/api/v1/export?query=x&format=xml", 422),
        ("GET", "/api/v1/export?query=hippopotamus", 404),
        ("GET", "/api/v1/documents/unknown", 404),
        ("GET", "/api/v1/documents/{id}/pages/0", 404),
        ("GET", "/api/v1/documents/{id}/pages/one", 422),
        ("GET", "/api/v1/documents/{id}/pages/1/heatmap", 422),
        ("GET", "/api/v1/jobs/unknown", 404),
        ("GET", "/api/v1/jobs/unknown/events", 404),
        ("DELETE", "/api/v1/jobs/unknown", 404),
        ("DELETE", "/api/v1/documents/unknown", 404),
        ("POST", "/api/v1/documents", 400),
        ("POST", "/api/v1/judgements", 422),
        ("PUT", "/api/v1/search", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/pages/{id}/9.webp", 404),
    ],
)
def test_every_failure_has_one_form(
    client: TestClient, report: str, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path.replace("{id}", report))
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "status"}
    assert answer.json()["status"] == status
    assert answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_a_page_has_its_words_and_the_address_of_its_picture(client: TestClient, report: str) -> None:
    page = client.get(f"/api/v1/documents/{report}/pages/2").json()
    assert [word["text"] for word in page["words"][:3]] == ["Emissions", "and", "energy"]
    assert client.get(page["image"]).headers["content-type"] == "image/webp"


def test_regions_are_those_of_the_heatmap(client: TestClient, report: str) -> None:
    place = f"/api/v1/documents/{report}/pages/2"
    heatmap = client.get(f"{place}/heatmap", params={"query": "scope one"}).json()
    assert set(heatmap) == {"grid", "words", "weights", "maps", "indexed", "regions"}
    assert client.get(f"{place}/regions", params={"query": "scope one"}).json() == {
        "regions": heatmap["regions"]
    }


def test_found_pages_are_exported_as_pdf_csv_and_json(client: TestClient) -> None:
    def export(format: str) -> bytes:
        answer = client.get("/api/v1/export", params={"query": "emissions", "format": format})
        name = answer.headers["content-disposition"]
        assert name == f"attachment; filename=\"pages.{format}\"; filename*=UTF-8''emissions.{format}"
        return bytes(answer.content)

    assert len(PdfReader(io.BytesIO(export("pdf"))).pages) == 1
    found = json.loads(export("json"))["hits"][0]
    rows = list(csv.DictReader(io.StringIO(export("csv").decode())))
    assert (rows[0]["document"], int(rows[0]["page"])) == (found["document"], found["page"])
    assert [float(rows[0][edge]) for edge in ("x0", "y0", "x1", "y1")] == found["regions"][0]["box"]


def test_files_are_sent_watched_and_deleted(service: Service, documents: Path) -> None:
    content = (documents / "manual.pdf").read_bytes()
    with TestClient(create_app(service.settings, service=service)) as client:
        sent = client.post(
            "/api/v1/documents",
            files=[("files", ("new.pdf", content + b"\n%new")), ("files", ("broken.pdf", b"no"))],
        )
        assert sent.status_code == 202
        events = client.get(f"/api/v1/jobs/{sent.json()['job_id']}/events")
        assert events.headers["content-type"].startswith("text/event-stream")
        told = [
            json.loads(line.removeprefix("data: "))
            for line in events.text.splitlines()
            if line.startswith("data: ")
        ]
        assert told[-1]["state"] == "done"
        assert [(f["name"], f["state"]) for f in told[-1]["files"]] == [
            ("new.pdf", "indexed"),
            ("broken.pdf", "failed"),
        ]
        document_id = told[-1]["files"][0]["document_id"]
        assert client.get("/api/v1/documents/new.pdf").json()["document_id"] == document_id
        assert client.get("/api/v1/jobs").json() == []
        assert client.delete(f"/api/v1/documents/{document_id}").json() == {"deleted": document_id}
        assert client.get("/api/v1/documents/new.pdf").status_code == 404


def test_uploads_are_indexed_by_a_later_call_and_once(service: Service, documents: Path) -> None:
    content = (documents / "manual.pdf").read_bytes() + b"\n%later"
    with TestClient(create_app(service.settings, service=service)) as client:
        sent = client.post("/api/v1/uploads", files={"files": ("later.pdf", content)}).json()
        job = client.post("/api/v1/jobs", json=sent)
        assert job.status_code == 202
        assert service.job(job.json()["job_id"]).wait(60).state == "done"
        for wrong in (sent, {"uploads": ["/etc/hostname"]}, {"uploads": []}):
            assert client.post("/api/v1/jobs", json=wrong).status_code == 422


def test_judgements_are_kept(service: Service, report: str) -> None:
    said = {"query": "emissions", "document_id": report, "page": 2, "relevant": True}
    with TestClient(create_app(service.settings, service=service)) as client:
        assert client.post("/api/v1/judgements", json=said).json() == said
        assert client.get("/api/v1/judgements").json() == [said]
        for wrong in ({**said, "page": 3}, {**said, "page": 10**30}, {**said, "relevant": "yes"}):
            assert client.post("/api/v1/judgements", json=wrong).status_code in (404, 422)


def test_the_reference_lists_every_route_and_asks_no_other_server(client: TestClient) -> None:
    schema = client.get("/api/openapi.json").json()
    assert {path.split("/")[3] for path in schema["paths"]} == {
        "search",
        "tags",
        "export",
        "documents",
        "uploads",
        "jobs",
        "judgements",
    }
    page = client.get("/api/docs").text
    for path in schema["paths"]:
        assert path in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/openapi.json").status_code == 404


def test_gradios_endpoints_answer_wrong_input_with_a_sentence(client: TestClient, report: str) -> None:
    cases = [
        ("search", ["x", None, []], "top_k: expected a whole number, got nothing."),
        ("search", ["x", 3, "report.pdf"], "documents: expected a list, got text."),
        ("search", ["x", 3, [], {"types": ["exe"]}], "type: expected"),
        ("search", ["x", 3, [], ["pdf"]], "filters: expected an object"),
        ("page_heatmap", [report, "1", "x"], "page: expected a whole number, got text."),
        ("page_heatmap", [report, 9, "x"], "There is no page 9 in report.pdf; its last is page 2."),
        ("job_status", [None], "job_id: expected text, got nothing."),
        ("delete_document", [{}], "document_id: expected text, got an object."),
    ]
    for name, data, sentence in cases:
        event = client.post(f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
        answer = client.get(f"/gradio_api/call/{name}/{event}").text
        assert "event: error" in answer
        assert f'"error": "{sentence}' in answer


def test_gradios_search_takes_the_filters(client: TestClient) -> None:
    found = {}
    for kind in ("pdf", "png"):
        body = {"data": ["emissions", 3, [], {"types": [kind]}]}
        event = client.post("/gradio_api/call/search", json=body).json()["event_id"]
        found[kind] = client.get(f"/gradio_api/call/search/{event}").text
    assert "report.pdf" in found["pdf"]
    assert '"hits": []' in found["png"]


@pytest.mark.parametrize("body", [{"data": []}, {"data": ["x"]}, {"data": "x"}, {}, [], None, 7])
def test_a_call_that_lacks_arguments_is_told_so(client: TestClient, body: object) -> None:
    answer = client.post("/gradio_api/call/search", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(("data: expected 4 arguments", "expected {", "expected a JSON"))


def test_filters_and_tags_over_http(client: TestClient, report: str) -> None:
    changed = client.patch(f"/api/v1/documents/{report}", json={"tags": ["Energy"]}).json()
    assert changed["tags"] == ["Energy"]
    assert client.get("/api/v1/tags").json() == {"Energy": 1}
    found = client.get("/api/v1/search", params={"query": "emergency emissions", "tag": "energy"}).json()
    assert {hit["document"] for hit in found["hits"]} == {"report.pdf"}
    posted = {"query": "emissions", "types": ["png"], "added_from": "2001-01-01"}
    assert client.post("/api/v1/search", json=posted).json()["hits"] == []
    assert [d["document"] for d in client.get("/api/v1/documents", params={"tag": "energy"}).json()] == [
        "report.pdf"
    ]
    assert client.get("/api/v1/search", params={"query": "emissions", "language": "fi"}).json()["hits"] == []
    for wrong in ({"language": "xx"}, {"dated_to": "soon"}, {"type": "exe"}, {"added_to": "yesterday"}):
        answer = client.get("/api/v1/search", params={"query": "emissions", **wrong})
        assert answer.status_code == 422
    assert client.patch(f"/api/v1/documents/{report}", json={"tags": []}).json()["tags"] == []


def test_why_a_page_was_found_adds_up_to_its_score(client: TestClient, report: str) -> None:
    asked = {"query": "scope one emissions"}
    hit = client.get("/api/v1/search", params=asked).json()["hits"][0]
    why = client.get(f"/api/v1/documents/{report}/pages/{hit['page']}/why", params=asked).json()
    assert why["score"] == pytest.approx(hit["score"], abs=2e-4)
    assert sum(entry["share"] for entry in why["entries"]) == pytest.approx(1, abs=0.01)
    emissions = next(entry for entry in why["entries"] if entry["word"] == "emissions")
    assert emissions["matched"].lower() == "emissions"
    assert client.get(f"/api/v1/documents/{report}/pages/9/why", params=asked).status_code == 404


def test_a_page_is_had_as_a_pdf_with_its_places_highlighted(client: TestClient, report: str) -> None:
    asked = {"query": "scope one emissions"}
    page = client.get("/api/v1/search", params=asked).json()["hits"][0]["page"]
    answer = client.get(f"/api/v1/documents/{report}/pages/{page}/export", params=asked)
    assert answer.headers["content-type"] == "application/pdf"
    (only,) = PdfReader(io.BytesIO(answer.content)).pages
    assert {note.get_object()["/Subtype"] for note in only["/Annots"]} == {"/Highlight"}
    assert client.get(f"/api/v1/documents/{report}/pages/9/export", params=asked).status_code == 404


def test_regions_are_found_for_as_many_hits_as_are_wanted(client: TestClient, report: str) -> None:
    whole = client.get("/api/v1/search", params={"query": "emissions emergency"}).json()["hits"]
    first, *others = client.get("/api/v1/search", params={"query": "emissions emergency", "lit": 1}).json()[
        "hits"
    ]
    assert len(whole) > 1
    assert first == whole[0]
    assert others == [{**hit, "regions": None} for hit in whole[1:]]
    place = f"/api/v1/documents/{others[0]['document_id']}/pages/{others[0]['page']}/regions"
    assert client.get(place, params={"query": "emissions emergency"}).json()["regions"] == whole[1]["regions"]
    posted = client.post("/api/v1/search", json={"query": "emissions emergency", "lit": 0}).json()["hits"]
    assert {hit["regions"] for hit in posted} == {None}
    assert client.get("/api/v1/search", params={"query": "emissions emergency", "lit": -1}).status_code == 422
