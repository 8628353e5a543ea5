"""One page that cannot be drawn or encoded costs that page alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from pikepdf import ObjectStreamMode, Pdf
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import Pipeline
from pagelight.ingest.render import pdf
from pagelight.ingest.render.rendered_page import RenderedPage
from pagelight.ingest.render.restarting_process import RendererName
from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder
from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.types import PageEmbedding
from tests import samples
from tests.cases import CASES
from tests.ingest.odd_pages import three_pages, with_unit
from tests.ingest.raw_pdf import drawn, raw_pdf, stream, text
from tests.ingest.rendered_pages import RENDERERS, pages_of
from tests.tiny_encoder import TinyEncoder


@pytest.fixture(scope="module")
def builtin() -> BuiltinEncoder:
    return BuiltinEncoder.load()


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    "boxes",
    [
        {"CropBox": (700, 900, 900, 1100)},  # misses the sheet
        {"CropBox": (400, 600, 500, 700)},  # touches its corner
        {"CropBox": (399.8, 0, 500, 600)},  # leaves a sliver of it
        {"CropBox": (100, 100, 100, 100)},  # is empty
        {"CropBox": (400, 600, 0, 0)},  # upside down
        {"CropBox": (-1e9, -1e9, 1e9, 1e9)},
        {"MediaBox": (400, 600, 0, 0)},
        {"MediaBox": (0, 0, 400, 0)},
        {"MediaBox": None},
    ],
)
def test_a_box_that_shows_nothing_gives_way_to_the_sheet(
    tmp_path: Path, boxes: Mapping[str, Sequence[float] | None], renderer: str
) -> None:
    pages = pages_of(three_pages(tmp_path, boxes), 72, renderer=renderer)
    assert [page.words.texts for page in pages] == [("first",), ("second",), ("third",)]
    x0, y0, x1, y1 = pages[1].words.boxes[0] * np.tile(pages[1].image.size, 2)
    ink = np.asarray(pages[1].image.convert("L"))[int(y0) : int(y1), int(x0) : int(x1)]
    assert ink.min() < 100


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0, 0, 1e-3, 1e-3), (0, 0, 1e7, 1e7), (0, 0, 20000, 1)])
def test_absurd_sizes_cost_no_other_page(tmp_path: Path, box: Sequence[float], renderer: str) -> None:
    pages = pages_of(three_pages(tmp_path, {"MediaBox": box}), 72, renderer=renderer)
    assert {("first",), ("third",)} <= {page.words.texts for page in pages}


@pytest.mark.parametrize("renderer", RENDERERS)
def test_case_01_a_crop_box_outside_the_sheet(renderer: str) -> None:
    pages = pages_of(CASES / "01-crop-outside-page2.pdf", 72, renderer=renderer)
    assert [page.number for page in pages] == [1, 2, 3]
    assert all(len(page.words) for page in pages)
    assert pages[1].image.size == pages[0].image.size


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (2, 2), (7, 64), (1, 5000)])
@pytest.mark.parametrize("colour", ["white", "black", "noise"])
def test_pages_of_any_shape_are_encoded(builtin: BuiltinEncoder, size: tuple[int, int], colour: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise) if colour == "noise" else Image.new("RGB", size, colour)
    (page,) = builtin.encode_pages([image])
    assert page.grid.n_cells == len(page.cell_to_vector)


class _Tripping(TinyEncoder):
    """Fails for a batch that holds a page of this width, as a bug in an encoder would."""

    width = 0

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        if any(image.width == self.width for image in images):
            raise ValueError("expected something else")
        return super().encode_pages(images)


def test_a_page_that_cannot_be_encoded_is_skipped_and_a_later_try_mends_it(
    tmp_path: Path, library: Library, store: EdgeStore
) -> None:
    path = samples.multipage_tiff(tmp_path)
    frames = [samples.picture_of(f"Frame {n}", (400 + n, 300)) for n in range(5)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    encoder = _Tripping(dpi=96)
    encoder.width = 402
    pipeline = Pipeline(encoder, parse_pruning("none"), store, library)
    document, _ = library.add(path, "frames.tiff")
    document = pipeline.index(document.document_id)
    assert (document.state, document.pages_indexed) == ("indexed", 4)
    assert document.reason == "Skipped page 3: it cannot be encoded; the log has the details."
    assert store.page_numbers(document.document_id) == {1, 2, 4, 5}

    encoder.width = 0  # the bug is mended
    document, wanted = library.add(path, "frames.tiff")
    assert wanted
    document = pipeline.index(document.document_id)
    assert (document.state, document.pages_indexed, document.reason) == ("indexed", 5, "")
    assert not library.add(path, "frames.tiff")[1]
    pipeline.close()


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("counts", [(1, 1), (2, 1), (3, 1), (0, 0), (4, 2), (900_000, 900_000)])
def test_a_tree_that_counts_other_pages_than_it_has_loses_none(
    tmp_path: Path, counts: tuple[int, int], packed: bool, renderer: RendererName
) -> None:
    root, node = counts
    page = (
        "<< /Type /Page /Parent 6 0 R /Contents %d 0 R /Resources << /Font << /F1 5 0 R >> >> "
        "/MediaBox [0 0 400 600] >>"
    )
    path = raw_pdf(
        tmp_path / "a.pdf",
        text("first", 60, 300),
        objects={
            2: f"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count {root} >>",
            6: f"<< /Type /Pages /Parent 2 0 R /Kids [7 0 R 8 0 R] /Count {node} >>",
            7: page % 9,
            8: page % 10,
            9: stream(text("second", 60, 300)),
            10: stream(text("third", 60, 300)),
        },
    )
    if packed:
        with Pdf.open(path, allow_overwriting_input=True) as file:
            file.save(path, object_stream_mode=ObjectStreamMode.generate)
    pages = pages_of(path, 72, renderer)
    assert [page.words.texts for page in pages] == [("first",), ("second",), ("third",)]


@pytest.mark.parametrize("kids", ["[2 0 R 3 0 R]", "[3 0 R 6 0 R]"])
def test_a_tree_that_hangs_on_itself_has_its_pages(tmp_path: Path, kids: str) -> None:
    node = "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R 6 0 R 6 0 R] /Count 9 >>"
    path = raw_pdf(
        tmp_path / "a.pdf",
        text("harbour", 60, 300),
        objects={2: f"<< /Type /Pages /Kids {kids} /Count 30 >>", 6: node},
    )
    found = [page.words.texts for page in pages_of(path, 72) if isinstance(page, RenderedPage)]
    assert ("harbour",) in found


def test_words_that_cannot_be_read_leave_the_page(tmp_path: Path) -> None:
    limits = pdf.Limits()
    file = pdf.PdfFile(samples.text_pdf(tmp_path, 2), limits)
    original = pdf.own_text
    pdf.own_text = lambda *_: 1 / 0  # type: ignore[assignment, misc]
    try:
        (page,) = file.draw([1], 72, 0, True, lambda *_: None)
    finally:
        pdf.own_text = original
        file.close()
    assert isinstance(page, pdf.DrawnPage)
    assert page.notes == ("its own words cannot be read",)
    assert page.pixels.min() < 100


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    ("unit", "width", "height", "size"),
    [(10, 59.5, 84.2, 2.4), (0.5, 1190, 1684, 48), (72, 8.27, 11.69, 1 / 3), (1, 595, 842, 24)],
)
def test_a_page_has_the_size_that_its_unit_gives_it(
    tmp_path: Path, unit: float, width: float, height: float, size: float, renderer: str
) -> None:
    (page,) = pages_of(with_unit(tmp_path, unit, width, height, size), 100, renderer=renderer)
    assert (page.width_pt, page.height_pt) == pytest.approx((595, 842), abs=2)
    assert page.image.width == pytest.approx(826, abs=3)
    assert page.words.texts == ("Harbour",)


def test_case_03_a_scan_of_ten_points_a_unit() -> None:
    (page,) = pages_of(CASES / "03-userunit-scan.pdf", 130)
    (control,) = pages_of(CASES / "03-control-normal.pdf", 130)
    assert page.image.size == control.image.size


def test_a_sheet_whose_size_is_inherited_is_shown_where_the_crop_box_misses_it(tmp_path: Path) -> None:
    path = three_pages(tmp_path, {"MediaBox": None, "CropBox": (5000, 5000, 6000, 6000)})
    writer = PdfWriter(clone_from=PdfReader(path))
    tree = writer._root_object["/Pages"]
    tree[NameObject("/MediaBox")] = ArrayObject([FloatObject(edge) for edge in (0, 0, 700, 900)])  # type: ignore[index]
    writer.write(path)
    pages = pages_of(path, 72)
    assert pages[1].image.size == (700, 900)
    assert pages[1].words.texts == ("second",)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("tree", "box"),
    [
        ("/CropBox [1000 1000 1100 1100]", "/MediaBox [0 0 400 600]"),
        ("/CropBox [80 400 300 560]", "/MediaBox [0 0 400 600]"),
        ("/MediaBox [0 0 400 600]", ""),
        ("", "/MediaBox [-20 -30 380 570]"),
        ("", "/MediaBox [0 0 400 600] /CropBox [50 300 800 900]"),
        ("", "/MediaBox [0 0 400]"),
        ("", "/MediaBox [(a) (b) (c) (d)]"),
        ("", "/MediaBox [0 0 400 600] /CropBox []"),
        ("", "/MediaBox [0 0 400 600] /UserUnit 0"),
        ("", "/MediaBox [0 0 400 600] /TrimBox [0 0 5 5] /ArtBox [9 9 9 9]"),
    ],
)
def test_words_lie_on_their_ink_for_boxes_of_any_kind(
    tmp_path: Path, tree: str, box: str, turn: int, renderer: str
) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("Needle", 100, 500, 24), page=box, tree=f"{tree} /Rotate {turn}")
    page = drawn(path, renderer)
    assert page.words.texts == ("Needle",)
    ys, xs = np.nonzero(page.pixels.min(axis=2) < 128)
    height, width, _ = page.pixels.shape
    ink = (xs.min() / width, ys.min() / height, (xs.max() + 1) / width, (ys.max() + 1) / height)
    assert np.abs(page.words.boxes[0] - ink).max() < 14 / min(page.width_pt, page.height_pt)


@pytest.mark.parametrize(
    ("lines", "noted"),
    [
        (["Please wait...", "If this message is not replaced, update Adobe Reader."], True),
        (["Bitte warten...", "Aktualisieren Sie auf die neueste Version von Adobe Reader."], True),
        (["Please wait for the ferry."], False),
    ],
)
def test_a_placeholder_of_a_form_is_told(
    library: Library, pipeline: Pipeline, tmp_path: Path, lines: Sequence[str], noted: bool
) -> None:
    canvas = Canvas(str(tmp_path / "form.pdf"), invariant=True)
    for row, line in enumerate(lines):
        canvas.drawString(72, 700 - 20 * row, line)
    canvas.save()
    document, _ = library.add(tmp_path / "form.pdf", "form.pdf")
    assert ("XFA" in pipeline.index(document.document_id).reason) == noted
