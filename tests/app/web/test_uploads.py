"""Files that callers send and name: only what came through this library's upload route gets in."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from fastapi.testclient import TestClient

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.app.uploads import Uploads
from pagelight.app.web.app import create_app
from pagelight.retrieval.errors import InvalidInput, UploadRefused
from tests.app.web.test_guard import call

BOUNDARY = "pagelight-test-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
ENDPOINTS: dict[str, list[object]] = {
    "search": ["words", 3, []],
    "page_heatmap": ["id", 1, "words"],
    "ingest": [[]],
    "job_status": ["id"],
    "cancel_job": ["id"],
    "list_documents": [],
    "delete_document": ["id"],
}


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service.settings, service=service)) as client:
        yield client


@pytest.fixture(scope="module")
def refusing(shared_service: Service) -> Iterator[TestClient]:
    """One application for all calls that change nothing."""
    with TestClient(create_app(shared_service.settings, service=shared_service)) as client:
        yield client


@pytest.fixture
def private_pdf(documents: Path, tmp_path: Path) -> Path:
    """A PDF of the server's, in a folder that is nobody else's."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    (folder / "secret.pdf").write_bytes((documents / "report.pdf").read_bytes() + b"\n%secret")
    return folder / "secret.pdf"


def reference(path: object) -> dict[str, object]:
    return {"path": path, "orig_name": "x.pdf", "meta": {"_type": "gradio.FileData"}}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_no_endpoint_opens_a_file_of_the_server(refusing: TestClient, private_pdf: Path, name: str) -> None:
    """Gradio copies whatever path stands in such an object before the endpoint sees it."""
    data = ENDPOINTS[name] or [None]
    for position in range(len(data)):
        for given in (reference(str(private_pdf)), [reference(str(private_pdf))]):
            sent = [*data[:position], given, *data[position + 1 :]]
            answer = refusing.post(f"/gradio_api/call/{name}", json={"data": sent})
            assert answer.status_code == 400
            assert answer.json() == {"error": "x.pdf: not an uploaded file; send it first", "status": 400}


@pytest.mark.parametrize("path", ["/dev/zero", "fifo", "http://127.0.0.1:1/x.pdf", 7, ["/dev/zero"], ""])
@pytest.mark.parametrize("route", ["call/ingest", "queue/join", "component_server"])
def test_devices_pipes_and_addresses_are_refused_at_once(
    refusing: TestClient, tmp_path: Path, path: object, route: str
) -> None:
    """Reading one of them never ends, and stopped every request of the process."""
    if path == "fifo":
        os.mkfifo(tmp_path / "fifo")
        path = str(tmp_path / "fifo")
    body = {
        "data": [[reference(path)]],
        "fn_index": 3,
        "session_hash": "s",
        "fn_name": "add_files",
        "component_id": 1,
    }
    answer = refusing.post(f"/gradio_api/{route}", json=body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "x.pdf: not an uploaded file; send it first", "status": 400},
    )


def test_a_call_through_the_queue_needs_its_arguments_too(refusing: TestClient) -> None:
    """Gradio answers one that lacks some with a bare null."""
    dependencies = refusing.get("/config").json()["dependencies"]
    (number,) = (function["id"] for function in dependencies if function["api_name"] == "page_heatmap")
    body = {"data": ["0" * 64], "fn_index": number, "session_hash": "s"}
    answer = refusing.post("/gradio_api/queue/join", json=body)
    assert (answer.status_code, answer.json()["error"]) == (
        422,
        "data: expected 3 arguments (document_id, page, query), got 1",
    )
    whole = refusing.post("/gradio_api/queue/join", json=body | {"data": ["0" * 64, 1, "water"]})
    assert whole.status_code == 200


@pytest.mark.parametrize(
    "files", [["/etc/hostname"], [{"path": "/etc/hostname"}], [7], [None], "x", {"path": "x"}]
)
def test_plain_paths_are_not_uploads_either(refusing: TestClient, files: object) -> None:
    event = refusing.post("/gradio_api/call/ingest", json={"data": [files]}).json()["event_id"]
    answer = refusing.get(f"/gradio_api/call/ingest/{event}").text
    assert "event: error" in answer
    assert "uploaded file" in answer


def test_an_upload_is_indexed_and_then_gone(client: TestClient, service: Service, documents: Path) -> None:
    content = (documents / "manual.pdf").read_bytes() + b"\n%other"
    (token,) = client.post("/gradio_api/upload", files={"files": ("manual 2.pdf", content)}).json()
    assert "/" not in token
    folder = service.settings.data / "uploads"
    assert [path.read_bytes() for path in files_in(folder)] == [content]
    job = call(client, "ingest", [[reference(token)]])
    assert files_in(folder) == []
    status = call(client, "job_status", [job["job_id"]])
    assert [file["name"] for file in status["files"]] == ["x.pdf"]
    again = client.post("/gradio_api/call/ingest", json={"data": [[reference(token)]]})
    assert again.status_code == 400


def test_an_upload_of_one_library_means_nothing_to_another(
    client: TestClient, tmp_path: Path, documents: Path
) -> None:
    content = (documents / "manual.pdf").read_bytes()
    (token,) = client.post("/gradio_api/upload", files={"files": ("manual.pdf", content)}).json()
    other = Service(Settings(data=tmp_path / "other", samples=False))
    with TestClient(create_app(other.settings, service=other)) as second:
        answer = second.post("/gradio_api/call/ingest", json={"data": [[reference(token)]]})
    assert answer.status_code == 400


def test_what_gradio_keeps_for_other_apps_is_not_served(refusing: TestClient, tmp_path: Path) -> None:
    for path in (
        "file=/tmp/gradio/x.pdf",
        "file=/etc/hostname",
        "file//etc/hostname",
        "stream/x",
        "proxy=http://a",
    ):
        assert refusing.get(f"/gradio_api/{path}").status_code == 404


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(service: Service) -> None:
    folder = service.settings.data / "uploads"
    service.uploads = Uploads(folder, max_bytes=1000)
    with TestClient(create_app(service.settings, service=service)) as client:
        answer = client.post(
            "/gradio_api/upload", files=[("files", ("a.pdf", b"x" * 900)), ("files", ("b.pdf", b"x" * 1001))]
        )
    assert answer.status_code == 413
    assert "limit" in answer.text
    assert files_in(folder) == []


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", ""])
def test_what_is_no_form_is_refused(refusing: TestClient, content_type: str) -> None:
    answer = refusing.post("/gradio_api/upload", content=b"{}", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "send files as multipart/form-data")


@pytest.mark.parametrize("body", ["{", "[1, 2", "[" * 100_000, '"\ud800', "\xff"])
def test_odd_json_is_one_line(refusing: TestClient, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = refusing.post(
        "/gradio_api/call/search", content=body.encode("latin-1", "replace"), headers=headers
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "expected a JSON object")


def receive(uploads: Uploads, *chunks: bytes | Exception) -> list[str]:
    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    return anyio.run(uploads.receive, FORM, body())


def part(name: str, content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 100_000])
def test_files_arrive_whole_however_they_are_cut(tmp_path: Path, chunk_bytes: int) -> None:
    uploads = Uploads(tmp_path / "uploads", 10**6)
    contents = {"a.pdf": bytes(range(256)) * 9, "b.pdf": b"", "c d.pdf": b"\r\n--" * 40}
    body = b"".join(part(name, content) for name, content in contents.items()) + END
    tokens = receive(uploads, *(body[i : i + chunk_bytes] for i in range(0, len(body), chunk_bytes)))
    with uploads.claimed(tokens) as received:
        assert {upload.name: upload.path.read_bytes() for upload in received} == contents
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("end", [ConnectionResetError("gone"), b""], ids=["reset", "cut"])
def test_a_broken_off_upload_leaves_nothing(tmp_path: Path, end: bytes | Exception) -> None:
    uploads = Uploads(tmp_path / "uploads", 10**8)
    with pytest.raises((UploadRefused, ConnectionResetError)):
        receive(uploads, part("a.pdf", b"x" * 3_000_000), part("b.pdf", b"y" * 3_000_000)[:-100], end)
    assert files_in(tmp_path) == []


def test_uploads_of_a_killed_process_are_removed_at_the_start(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", 10**6)
    (token,) = receive(uploads, part("a.pdf", b"x"), END)
    again = Uploads(tmp_path / "uploads", 10**6)
    assert files_in(tmp_path) == []
    with pytest.raises(InvalidInput, match="not an uploaded file"), again.claimed([token]):
        pass


def test_the_same_upload_cannot_be_claimed_twice_in_one_call(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", 10**6)
    (token,) = receive(uploads, part("a.pdf", b"x"), END)
    with pytest.raises(InvalidInput), uploads.claimed([token, token]):
        pass
    with uploads.claimed([token]) as received:
        assert json.dumps([upload.name for upload in received]) == '["a.pdf"]'


def test_an_upload_that_cannot_be_removed_now_is_left_to_the_next_start(tmp_path: Path) -> None:
    """On a folder that has become read-only, the answer was an error without a sentence."""
    uploads = Uploads(tmp_path / "uploads", 10**6)
    (token,) = receive(uploads, part("a.pdf", b"x"), END)
    with uploads.claimed([token]) as (upload,):
        upload.path.unlink()
        upload.path.mkdir()
    Uploads(tmp_path / "uploads", 10**6)
    assert files_in(tmp_path) == []
