"""Exported highlights lie where the viewer's do, for every kind of page box, rotation and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import FloatObject, NameObject, NumberObject

from pagelight.app.export import ExportedHit, write_drawn, write_hits
from pagelight.ingest.render.characters import shown_boxes
from pagelight.ingest.render.image_pdf import write_image_pdf
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf_geometry import mend_boxes
from pagelight.retrieval.results import PageHit, Region
from tests import samples
from tests.ingest.odd_pages import three_pages
from tests.ingest.raw_pdf import drawn, raw_pdf, text
from tests.ingest.rendered_pages import pages_of


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "boxes",
    [
        {},
        {"CropBox": (30, 400, 250, 560)},
        {"CropBox": (250, 560, 30, 400)},  # upside down
        {"CropBox": (30, 400, 900, 900)},  # reaches beyond the sheet
        {"CropBox": (700, 900, 900, 1100)},  # misses it
        {"MediaBox": (-100, -50, 300, 550)},
        {"MediaBox": (400, 600, 0, 0)},
    ],
)
def test_an_exported_highlight_covers_the_word(
    tmp_path: Path, turn: int, boxes: Mapping[str, Sequence[float]]
) -> None:
    path = three_pages(tmp_path, boxes)
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.pages[1][NameObject("/Rotate")] = NumberObject(turn)
    writer.pages[1][NameObject("/UserUnit")] = FloatObject(2)
    writer.write(path)
    page = pages_of(path, 72)[1]
    assert page.words.texts == ("second",)
    word = tuple(float(edge) for edge in page.words.boxes[0])
    hit = PageHit("three.pdf", "id", 2, 1.0, 1.0, ("text",), (Region(word, 1.0),))
    write_hits("second", [ExportedHit(hit, path, lambda *_: Image.new("RGB", (9, 9)))], tmp_path / "out.pdf")
    annotation = PdfReader(tmp_path / "out.pdf").pages[0]["/Annots"][0].get_object()  # type: ignore[index]
    corners = np.array([[float(edge) for edge in annotation["/Rect"]]])
    pdf = pdfium.PdfDocument(tmp_path / "out.pdf")
    exported = pdf[0]
    mend_boxes(exported)
    assert np.abs(shown_boxes(exported, corners)[0] - word).max() < 0.01
    exported.close()
    pdf.close()


@pytest.mark.parametrize(
    ("page", "tree"),
    [
        ("", ""),
        ("/MediaBox [0 0 400]", ""),
        ("/MediaBox [/a /b /c /d]", ""),
        ("/MediaBox [0 0 400 600] /CropBox [0 0] /Rotate (x)", ""),
        ("/MediaBox [0 0 400 600] /Rotate null", ""),
        ("", "/MediaBox [0 0 400 600] /CropBox [50 80 380 590] /Rotate 270"),
    ],
)
def test_highlights_of_pages_with_damaged_and_inherited_boxes_lie_on_the_words(
    tmp_path: Path, page: str, tree: str
) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("second", 100, 300), page=page, tree=tree)
    word = tuple(float(edge) for edge in drawn(path).words.boxes[0])
    hit = PageHit("a.pdf", "id", 1, 1.0, 1.0, ("text",), (Region(word, 1.0),))
    write_hits("second", [ExportedHit(hit, path, lambda *_: Image.new("RGB", (9, 9)))], tmp_path / "out.pdf")
    annotation = PdfReader(tmp_path / "out.pdf").pages[0]["/Annots"][0].get_object()  # type: ignore[index]
    corners = np.array([[float(edge) for edge in annotation["/Rect"]]])
    with pdfium.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert np.abs(shown_boxes(pdf[0], corners)[0] - word).max() < 0.01


def test_an_image_file_becomes_a_pdf_without_loss(tmp_path: Path) -> None:
    path = samples.multipage_tiff(tmp_path)
    assert write_image_pdf(path, tmp_path / "out.pdf", Limits())
    reader = PdfReader(tmp_path / "out.pdf")
    assert len(reader.pages) == 3
    with Image.open(path) as tiff:
        for number, page in enumerate(reader.pages):
            tiff.seek(number)
            assert np.array_equal(np.asarray(page.images[0].image.convert("RGB")), np.asarray(tiff))


def test_what_img2pdf_refuses_is_drawn(tmp_path: Path) -> None:
    assert not write_image_pdf(samples.corrupt_pdf(tmp_path), tmp_path / "out.pdf", Limits())
    write_drawn((Image.new("RGB", (400, 300 + n), "white") for n in range(3)), tmp_path / "out.pdf")
    pages = PdfReader(tmp_path / "out.pdf").pages
    assert [round(float(page.mediabox.width)) for page in pages] == [595, 595, 595]
