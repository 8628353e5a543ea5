"""A sheet to write on, as a PDF of one page, and the words that are read from it."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from tests.cases import CASES
from tests.ingest.rendered_pages import pages_of


class Sheet:
    """A PDF of one page of 400 x 600 points, written with `canvas`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sheet.pdf"
        self.canvas = Canvas(str(self.path), pagesize=(400, 600), invariant=True)
        self.canvas.setFont("Helvetica", 12)

    def texts(self) -> tuple[str, ...]:
        self.canvas.save()
        (page,) = pages_of(self.path, 100)
        return page.words.texts


def words_of(name: str) -> tuple[str, ...]:
    (page,) = pages_of(CASES / name, 100)
    return page.words.texts
