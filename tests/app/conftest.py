"""A library of three small documents, indexed once and copied for every test."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pagelight.app.service import Service
from pagelight.app.settings import Settings
from pagelight.ingest.job_progress import JobStatus
from pagelight.retrieval.scoring import TermScoring
from tests.copies import copy_library
from tests.tiny_encoder import TinyEncoder

REPORT = (
    ("Annual report overview", "Revenue by region grew in Europe"),
    ("Emissions and energy", "Scope one emissions fell by nine percent"),
)
MANUAL = (("Safety manual", "The emergency stop is beside the door"),)


class ReadingEncoder(TinyEncoder):
    """No patch is near enough to any word, so that pages match by the documents' own words alone."""

    @property
    def scoring(self) -> TermScoring:
        return TermScoring(midpoint=1.5, slope=50.0, floor=1.5)


def write_pdf(path: Path, pages: tuple[tuple[str, str], ...]) -> Path:
    """Pages with a heading and ten times the same line."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for heading, line in pages:
        canvas.setFont("Helvetica-Bold", 24)
        canvas.drawString(60, 760, heading)
        canvas.setFont("Helvetica", 12)
        for row in range(10):
            canvas.drawString(60, 700 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(autouse=True, scope="package")
def _tiny_encoder() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pagelight.app.engine.load_encoder", lambda name, device: ReadingEncoder())
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests may have settings; PAGELIGHT_DATA points to this test's own folder."""
    from pagelight.app.settings import environment_name

    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(environment_name(name), raising=False)
    monkeypatch.setenv("PAGELIGHT_DATA", str(tmp_path / "library"))
    monkeypatch.setenv("PAGELIGHT_SAMPLES", "false")


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """`main(["serve"])` ends its process at the next Ctrl-C, which would be that of the tests."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture(scope="package")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """report.pdf with two pages, manual.pdf and photo.png with one."""
    folder = tmp_path_factory.mktemp("documents")
    write_pdf(folder / "report.pdf", REPORT)
    write_pdf(folder / "manual.pdf", MANUAL)
    Image.new("RGB", (300, 400), "white").save(folder / "photo.png")
    return folder


@pytest.fixture(scope="package")
def indexed_once(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed") / "library"
    service = Service(Settings(data=folder, samples=False))
    add(service, *sorted(documents.iterdir()))
    service.close()
    return folder


@pytest.fixture(scope="module")
def shared_service(indexed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The three documents, open, for the tests of a module that only read."""
    folder = copy_library(indexed_once, tmp_path_factory.mktemp("shared") / "library")
    opened = Service(Settings(data=folder, samples=False))
    yield opened
    opened.close()


@pytest.fixture
def indexed_library(indexed_once: Path, tmp_path: Path) -> Path:
    """A data folder of its own with the three documents, closed."""
    return copy_library(indexed_once, tmp_path / "library")


@pytest.fixture
def service(indexed_library: Path) -> Iterator[Service]:
    """The three documents, open."""
    opened = Service(Settings(data=indexed_library, samples=False))
    yield opened
    opened.close()


@pytest.fixture
def empty_service(tmp_path: Path) -> Iterator[Service]:
    opened = Service(Settings(data=tmp_path / "library", samples=False))
    yield opened
    opened.close()


def add(service: Service, *files: Path) -> JobStatus:
    """Index files and wait for them."""
    status = service.add(files).wait(120)
    assert status.has_ended, "indexing took longer than two minutes"
    return status
