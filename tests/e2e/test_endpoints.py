"""The public endpoints, through Gradio's own client and over bare HTTP."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.contract import HIT, SEARCH
from tests.e2e.conftest import Running
from tests.samples import headed_pdf
from tests.waiting import until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def client(server: Running) -> Client:
    return Client(server.address, verbose=False)


def test_search_gives_the_documented_json(client: Client) -> None:
    found = client.predict("when is the lantern lit", 3, [], api_name="/search")
    assert set(found) == SEARCH
    assert found["matched"] is True
    assert len(found["hits"]) <= 3
    best = found["hits"][0]
    assert set(best) == HIT
    assert (best["document"], best["page"]) == ("handbook.pdf", 2)
    assert set(best["regions"][0]) == {"box", "score"}
    only = client.predict(query="lantern", documents=["ledger.pdf"], api_name="/search")
    assert {hit["document"] for hit in only["hits"]} <= {"ledger.pdf"}


def test_page_heatmap_gives_a_grid_for_each_word(client: Client) -> None:
    best = client.predict("lantern lit", 1, [], api_name="/search")["hits"][0]
    heat = client.predict(best["document_id"], best["page"], "lantern lit", api_name="/page_heatmap")
    assert heat["words"] == ["lantern", "lit"]
    cells = heat["grid"][0] * heat["grid"][1]
    assert [len(base64.b64decode(text)) for text in (*heat["maps"], heat["indexed"])] == [cells] * 3


def test_a_file_goes_in_and_out(client: Client, server: Running, tmp_path: Path) -> None:
    path = headed_pdf(tmp_path / "sent.pdf", (("Sent", "Through the endpoint"),))
    job_id = client.predict([handle_file(path)], api_name="/ingest")["job_id"]
    until(lambda: client.predict(job_id, api_name="/job_status")["state"] != "running")
    status = client.predict(job_id, api_name="/job_status")
    assert (status["state"], status["files"][0]["name"]) == ("done", "sent.pdf")
    document_id = status["files"][0]["document_id"]
    assert document_id in {d["document_id"] for d in client.predict(api_name="/list_documents")}
    client.predict(document_id, api_name="/delete_document")
    assert document_id not in {d["document_id"] for d in client.predict(api_name="/list_documents")}


def test_a_cancelled_job_says_so(client: Client, tmp_path: Path) -> None:
    path = headed_pdf(tmp_path / "long.pdf", tuple((f"Page {n}", "Rain") for n in range(30)))
    job_id = client.predict([handle_file(path)], api_name="/ingest")["job_id"]
    client.predict(job_id, api_name="/cancel_job")
    until(lambda: client.predict(job_id, api_name="/job_status")["state"] != "running")
    status = client.predict(job_id, api_name="/job_status")
    assert (status["state"], status["files"][0]["state"]) == ("cancelled", "cancelled")
    if status["files"][0]["document_id"]:
        client.predict(status["files"][0]["document_id"], api_name="/delete_document")


@pytest.mark.parametrize(
    "path", ["/etc/hostname", "../../etc/hostname", str(Path(__file__).resolve())], ids=["root", "up", "here"]
)
def test_files_of_the_server_are_not_taken_for_uploads(client: Client, path: str) -> None:
    with pytest.raises(AppError, match="not an uploaded file"):
        client.predict([path], api_name="/ingest")


def test_errors_are_one_line(client: Client) -> None:
    with pytest.raises(AppError, match=r"^The query is empty; type a few words\.$"):
        client.predict("  ", 3, [], api_name="/search")


def test_the_queue_cannot_be_skipped(server: Running) -> None:
    for path in ("/gradio_api/run/search", "/run/search", "/gradio_api/run/delete_document"):
        assert httpx.post(server.address + path, json={"data": ["lantern"]}).status_code == 404


def test_other_sites_may_not_call(server: Running) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    for path in ("/gradio_api/call/search", "/gradio_api/component_server", "/gradio_api/upload"):
        assert httpx.post(server.address + path, json={"data": []}, headers=elsewhere).status_code == 403
    preflight = {**elsewhere, "Access-Control-Request-Method": "POST"}
    answer = httpx.options(server.address + "/gradio_api/call/search", headers=preflight)
    assert "access-control-allow-origin" not in answer.headers
    seen = httpx.get(server.address + "/config", headers=elsewhere)
    assert "access-control-allow-origin" not in seen.headers
