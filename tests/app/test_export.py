from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link

from pagelight.app.export import ExportedHit, write_hits
from pagelight.ingest.render.renderer import render_page
from pagelight.retrieval.results import PageHit, Region
from pagelight.retrieval.types import Box
from tests.ingest.rendered_pages import pages_of
from tests.samples import encrypted_pdf, multipage_tiff, rotated_pdf, text_pdf


def exported(file: Path, page: int = 1, box: Box = (0.1, 0.2, 0.5, 0.3)) -> ExportedHit:
    hit = PageHit(file.name, "0" * 64, page, 1.0, 0.9, ("text",), (Region(box, 0.8),))
    return ExportedHit(hit, file, lambda number, width: render_page(file, number, width))


def highlight(path: Path, page: int = 0) -> tuple[float, ...]:
    """left, bottom, right, top of the page's only highlight, in points."""
    (annotation,) = PdfReader(path).pages[page]["/Annots"]
    assert annotation.get_object()["/Subtype"] == "/Highlight"
    return tuple(float(edge) for edge in annotation.get_object()["/Rect"])


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50, 300, 500, 700)], ids=["whole", "cropped"])
def test_the_highlight_lies_on_the_word_however_the_page_is_turned(
    tmp_path: Path, degrees: int, crop: tuple[float, ...] | None
) -> None:
    # The word's baseline starts 100 points from the left and 500 from the bottom of the unturned page.
    source = rotated_pdf(tmp_path, degrees, crop)
    (page,) = pages_of(source, 100)
    box = tuple(float(edge) for edge in page.words.boxes[0])
    out = tmp_path / "out.pdf"
    write_hits("needle", [exported(source, 1, box)], out)  # type: ignore[arg-type]
    left, bottom, right, top = highlight(out)
    assert left == pytest.approx(100, abs=4)
    assert bottom == pytest.approx(497, abs=8)
    assert 60 < right - left < 110
    assert 12 < top - bottom < 40


def test_pages_come_in_order_with_bookmarks(tmp_path: Path) -> None:
    source = text_pdf(tmp_path, 5)
    out = tmp_path / "deep" / "out.pdf"
    assert write_hits("dues", [exported(source, 4), exported(source, 2)], out) == 2
    reader = PdfReader(out)
    assert [page.extract_text().splitlines()[0] for page in reader.pages] == ["Page 4", "Page 2"]
    assert [item.title for item in reader.outline] == ["text.pdf, page 4", "text.pdf, page 2"]  # type: ignore[union-attr]
    assert not list(out.parent.glob("*.part"))


def test_links_do_not_bring_the_whole_document_along(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(text_pdf(tmp_path, 40)))
    for number in range(40):
        writer.add_annotation(0, Link(rect=(0, 0, 10, 10), target_page_index=number))
    source = tmp_path / "linked.pdf"
    with source.open("wb") as stream:
        writer.write(stream)
    out = tmp_path / "out.pdf"
    write_hits("dues", [exported(source, 1)], out)
    assert out.stat().st_size < source.stat().st_size / 4


def test_what_cannot_be_copied_is_drawn(tmp_path: Path) -> None:
    image = tmp_path / "photo.png"
    Image.new("RGB", (400, 300), "white").save(image)
    readable_by_all = encrypted_pdf(tmp_path, "")
    hits = [exported(image), exported(multipage_tiff(tmp_path), 2), exported(readable_by_all)]
    out = tmp_path / "out.pdf"
    assert write_hits("anything", hits, out) == 3
    first = PdfReader(out).pages[0]
    assert float(first.mediabox.width) / float(first.mediabox.height) == pytest.approx(4 / 3, rel=0.01)
    left, _, right, top = highlight(out)
    assert left / float(first.mediabox.width) == pytest.approx(0.1, abs=0.01)
    assert right / float(first.mediabox.width) == pytest.approx(0.5, abs=0.01)
    assert top / float(first.mediabox.height) == pytest.approx(0.8, abs=0.01)
