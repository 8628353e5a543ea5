"""A data folder that goes away or cannot be written, and a clock that goes back: one sentence, and nothing is lost."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pagelight.app.service import Service
from pagelight.app.web.app import create_app
from pagelight.ingest import library
from tests.app.conftest import write_pdf
from tests.waiting import until


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service.settings, service=service)) as client:
        until(lambda: client.get("/readyz").status_code == 200, 60)
        yield client


def test_a_folder_that_goes_away_is_said_in_one_sentence_and_comes_back_whole(
    client: TestClient, service: Service, tmp_path: Path
) -> None:
    report = service.find_document("report.pdf").document_id
    data, away = service.settings.data, tmp_path / "away"
    data.rename(away)
    new = write_pdf(tmp_path / "new.pdf", (("New", "Nothing"),)).read_bytes()
    asked = [
        client.get("/readyz"),
        client.get(f"/pages/{report}/1.webp?w=333"),
        client.get(f"/documents/{report}.pdf"),
        client.delete(f"/api/v1/documents/{report}"),
        client.post("/api/v1/documents", files={"files": ("new.pdf", new)}),
    ]
    for answer in asked:
        error = answer.json()["error"]
        assert answer.status_code == 503, answer.text
        assert "give the folder back" in error or "put it back" in error
        assert "\n" not in error
    assert client.get("/healthz").status_code == 200
    assert not data.exists()  # nothing was made in its place
    away.rename(data)
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/v1/search", params={"query": "emissions"}).json()["hits"]
    assert client.get(f"/pages/{report}/1.webp?w=333").status_code == 200


def test_a_clock_that_goes_back_loses_nothing(
    client: TestClient, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get("/api/v1/documents").json()
    real, years = time.time, 20 * 365 * 86_400

    class Past(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return datetime.datetime.fromtimestamp(real() - years, tz)

    monkeypatch.setattr(time, "time", lambda: real() - years)
    monkeypatch.setattr(library, "datetime", Past)
    new = write_pdf(tmp_path / "new.pdf", (("New", "Wind power grew"),)).read_bytes()
    job = client.post("/api/v1/documents", files={"files": ("new.pdf", new)}).json()
    assert service.job(job["job_id"]).wait(60).state == "done"
    found = client.get("/api/v1/search", params={"query": "wind power"}).json()["hits"]
    assert found[0]["document"] == "new.pdf"
    now = client.get("/api/v1/documents").json()
    assert [d["document_id"] for d in now][:3] == [d["document_id"] for d in before]
    assert now[3]["added"] < before[0]["added"]
    assert client.delete(f"/api/v1/documents/{now[3]['document_id']}").status_code == 200


_READ_ONLY = """
set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
exec "$2" -m pagelight $3 --data "$1"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs namespaces")
@pytest.mark.parametrize("command", ["list", "search emissions", "serve --port 0"])
def test_a_folder_that_cannot_be_written_is_one_sentence(indexed_library: Path, command: str) -> None:
    run = ["unshare", "--map-root-user", "--mount", "sh", "-c", _READ_ONLY, "sh"]
    if subprocess.run([*run[:3], "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run(
        [*run, str(indexed_library), sys.executable, command],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode
    assert done.stderr.strip().endswith("cannot be written: Read-only file system")
    assert len(done.stderr.strip().splitlines()) == 1
