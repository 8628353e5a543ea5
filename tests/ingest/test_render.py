"""Rendering real files: pages, words, limits, and every kind of file that cannot be read."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from ingest.pdf import has_poppler
from ingest.render import Limits, RenderedPage, Renderer, page_count, render_document, render_page
from retrieval.errors import (
    DocumentError,
    DocumentTooLarge,
    EncryptedDocument,
    InvalidSetting,
    NotFound,
    UnreadableDocument,
)
from tests import samples

RENDERERS = [
    "pdfium",
    pytest.param("poppler", marks=pytest.mark.skipif(not has_poppler(), reason="no poppler")),
]


def pages_of(path: Path, dpi: float = 72, **options: object) -> list[RenderedPage]:
    return list(render_document(path, dpi, **options))  # type: ignore[arg-type]


def ink_box(page: RenderedPage) -> tuple[float, float, float, float]:
    """The relative box of everything that is not white."""
    dark = np.asarray(page.image.convert("L")) < 128
    rows, cols = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    height, width = dark.shape
    return cols[0] / width, rows[0] / height, (cols[-1] + 1) / width, (rows[-1] + 1) / height


@pytest.mark.parametrize("renderer", RENDERERS)
def test_pages_come_in_order_with_their_words_and_size(tmp_path: Path, renderer: str) -> None:
    pages = pages_of(samples.text_pdf(tmp_path, 20), 50, renderer=renderer)
    assert [page.number for page in pages] == list(range(1, 21))
    assert pages[16].words.texts[:7] == ("Page", "17", "Harbour", "dues", "are", "paid", "monthly")
    assert abs(pages[0].width_pt - 595.3) < 1
    assert pages[0].image.mode == "RGB"
    assert abs(pages[0].image.width - 595.3 / 72 * 50) <= 1


@pytest.mark.parametrize("renderer", RENDERERS)
def test_first_and_skip_leave_pages_out(tmp_path: Path, renderer: str) -> None:
    path = samples.text_pdf(tmp_path, 6)
    assert [page.number for page in pages_of(path, first=3, skip={4}, renderer=renderer)] == [3, 5, 6]


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("crop", [None, (60, 400, 300, 640)])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_boxes_lie_on_the_ink_whatever_the_rotation_and_crop_box(
    tmp_path: Path, degrees: int, crop: tuple[float, ...] | None, renderer: str
) -> None:
    (page,) = pages_of(samples.rotated_pdf(tmp_path, degrees, crop), 100, renderer=renderer)
    assert page.words.texts == ("Needle",)
    ink, box = ink_box(page), page.words.boxes[0]
    slack = 12 / min(page.width_pt, page.height_pt)  # a box has the font's ascent and descent
    assert box[0] <= ink[0] + 0.005
    assert box[1] <= ink[1] + 0.005
    assert box[2] >= ink[2] - 0.005
    assert box[3] >= ink[3] - 0.005
    assert np.abs(np.array(ink) - box).max() < slack


def test_ligatures_are_spelled_out_and_accents_composed(tmp_path: Path) -> None:
    (page,) = pages_of(samples.accents_pdf(tmp_path))
    assert page.words.texts == ("office", "final", "déjà", "vu", "Σοφία", "état", "m²")


def test_words_are_told_apart_by_their_places_where_there_are_no_spaces(tmp_path: Path) -> None:
    (page,) = pages_of(samples.two_columns_pdf(tmp_path))
    assert set(page.words.texts) == {f"{side}{row}" for side in ("left", "right") for row in range(3)}


def test_text_that_nobody_can_see_is_dropped(tmp_path: Path) -> None:
    (page,) = pages_of(samples.hidden_text_pdf(tmp_path))
    assert page.words.texts == ("visible",)


def test_an_invisible_text_layer_over_a_scan_is_kept(tmp_path: Path) -> None:
    (page,) = pages_of(samples.scan_pdf(tmp_path, ocr=True))
    assert page.words.texts[0] == "Scanned"
    (bare,) = pages_of(samples.scan_pdf(tmp_path))
    assert len(bare.words) == 0


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_huge_page_is_drawn_smaller(tmp_path: Path, renderer: str) -> None:
    (page,) = pages_of(
        samples.huge_page_pdf(tmp_path), 100, limits=Limits(max_pixels=4_000_000), renderer=renderer
    )
    assert 3_500_000 < page.image.width * page.image.height <= 4_010_000
    assert page.words.texts == ("Poster",)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (samples.encrypted_pdf, EncryptedDocument, "password"),
        (samples.corrupt_pdf, UnreadableDocument, "damaged"),
        (samples.pageless_pdf, UnreadableDocument, "no pages"),
        (samples.bomb_png, DocumentTooLarge, "megapixels"),
    ],
)
def test_a_bad_file_has_one_line_that_says_what_to_do(
    tmp_path: Path, make: object, error: type[DocumentError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        pages_of(make(tmp_path))  # type: ignore[operator]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a PDF"),
        (b"PK\x03\x04zip", "Office"),
        (b"\x89PNG\r\n\x1a\n" + b"no", "damaged"),
        (b"%PDF-1.4", "damaged"),
    ],
)
def test_content_decides_what_a_file_is(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableDocument, match=words):
        pages_of(path)


def test_a_png_called_pdf_is_still_a_png(tmp_path: Path) -> None:
    path = samples.picture(tmp_path, "real.png").rename(tmp_path / "wrong.pdf")
    assert len(pages_of(path)) == 1


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="cannot be opened"):
        page_count(tmp_path / "nowhere.pdf")
    with pytest.raises(UnreadableDocument, match="not a plain file"):
        page_count(tmp_path)


def test_a_pdf_that_only_restricts_printing_is_read(tmp_path: Path) -> None:
    assert len(pages_of(samples.encrypted_pdf(tmp_path, ""))) == 1


def test_a_truncated_pdf_fails_or_gives_pages_but_never_crashes(tmp_path: Path) -> None:
    path = samples.truncated_pdf(tmp_path)
    with contextlib.suppress(UnreadableDocument):
        assert pages_of(path)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_bad_page_does_not_lose_the_others(tmp_path: Path, renderer: str) -> None:
    skipped: list[tuple[int, str]] = []
    pages = pages_of(
        samples.bad_page_pdf(tmp_path), on_skip=lambda n, why: skipped.append((n, why)), renderer=renderer
    )
    numbers = {page.number for page in pages}
    assert {1, 3} <= numbers | {n for n, _ in skipped} | {2}
    assert len(pages) >= 2


def test_files_over_a_limit_are_refused(tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 4)
    with pytest.raises(DocumentTooLarge, match="4 pages, the limit is 3"):
        pages_of(path, limits=Limits(max_pages=3))
    with pytest.raises(DocumentTooLarge, match="the limit is 100 bytes"):
        pages_of(path, limits=Limits(max_bytes=100))
    with pytest.raises(InvalidSetting, match="max_pages: expected more than 0"):
        Limits(max_pages=0)


def test_memory_over_the_limit_fails_the_page_with_its_reason(tmp_path: Path) -> None:
    limits = Limits(memory_mb=200, max_pixels=400_000_000)
    with pytest.raises(DocumentError, match=r"200 MB|crashes the renderer"):
        pages_of(samples.huge_page_pdf(tmp_path), 100, limits=limits, renderer="pdfium")


def test_the_memory_of_whoever_asks_does_not_count(tmp_path: Path) -> None:
    """Linux adds the parent's memory to a new process's ru_maxrss."""
    ballast = np.ones(40_000_000)  # 320 MB
    assert len(pages_of(samples.text_pdf(tmp_path, 2), limits=Limits(memory_mb=250))) == 2
    assert ballast[0] == 1


def test_a_page_that_kills_or_hangs_the_process_is_skipped(tmp_path: Path) -> None:
    """The process is killed at page 3 and stopped (as if it hung) at page 5: the rest comes nevertheless."""
    path = samples.text_pdf(tmp_path, 7)
    skipped: list[tuple[int, str]] = []
    numbers = []
    limits = Limits(seconds_per_page=0.5)
    with Renderer(limits, "pdfium") as renderer:
        # a page of 9 MB does not fit in the pipe, so the process cannot run ahead of this loop
        for page in renderer.pages(path, 200, on_skip=lambda n, why: skipped.append((n, why))):
            numbers.append(page.number)
            child = renderer._child
            assert child is not None
            if page.number == 2:
                time.sleep(0.5)
                os.kill(child.pid, signal.SIGKILL)
            if page.number == 4:
                time.sleep(0.5)
                os.kill(child.pid, signal.SIGSTOP)
    assert numbers == [1, 2, 4, 6, 7]
    assert [number for number, _ in skipped] == [3, 5]
    assert "crashes" in skipped[0][1]
    assert "longer than 0.5 seconds" in skipped[1][1]


def test_stopping_the_iteration_ends_the_process(tmp_path: Path) -> None:
    with Renderer() as renderer:
        pages = renderer.pages(samples.text_pdf(tmp_path, 30), 100)
        next(pages)
        child = renderer._child
        assert child is not None
        pages.close()
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)


def test_one_process_serves_many_requests(tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 3)
    with Renderer() as renderer:
        assert renderer.count(path) == 3
        child = renderer._child
        assert renderer.page(path, 2, 300).width == 300
        with pytest.raises(UnreadableDocument):
            renderer.count(samples.corrupt_pdf(tmp_path))
        assert renderer.count(path) == 3
        assert renderer._child is child


def test_render_page_says_when_there_is_no_such_page(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no page 4"):
        render_page(samples.text_pdf(tmp_path, 3), 4, 100)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.png", "RGB"),
        ("a.png", "RGBA"),
        ("a.png", "LA"),
        ("a.png", "P"),
        ("a.png", "1"),
        ("a.png", "I;16"),
        ("a.jpg", "CMYK"),
        ("a.jpg", "L"),
        ("a.tiff", "CMYK"),
        ("a.tiff", "I;16"),
        ("a.tiff", "F"),
        ("a.webp", "RGBA"),
    ],
)
def test_images_of_every_mode_become_rgb_on_white(tmp_path: Path, name: str, mode: str) -> None:
    (page,) = pages_of(samples.picture(tmp_path, name, mode), 96)
    pixels = np.asarray(page.image)
    assert pixels.shape == (300, 400, 3)
    assert pixels[150, 80].max() < 30  # the bar
    assert pixels[150, 300].min() > 225  # the paper


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    (page,) = pages_of(samples.sideways_jpeg(tmp_path), 96)
    pixels = np.asarray(page.image.convert("L"))
    assert pixels.shape == (400, 300)
    assert pixels[50].mean() < 50
    assert pixels[350].mean() > 200


def test_every_frame_of_a_tiff_is_a_page_at_its_resolution(tmp_path: Path) -> None:
    path = samples.multipage_tiff(tmp_path)
    assert page_count(path) == 3
    pages = pages_of(path, 100)
    assert [page.number for page in pages] == [1, 2, 3]
    assert [page.image.size for page in pages] == [(200, 175), (200, 200), (200, 225)]  # 200 dpi drawn at 100
    assert [page.number for page in pages_of(path, 100, skip={2})] == [1, 3]


@pytest.mark.slow
@pytest.mark.parametrize("renderer", RENDERERS)
def test_memory_stays_flat_over_hundreds_of_pages(tmp_path: Path, renderer: str) -> None:
    """The process may use no more for 400 pages than it has used for the first 80, give or take 15 MB."""
    path = samples.text_pdf(tmp_path, 400)
    early = late = 0
    with Renderer(renderer=renderer) as process:  # type: ignore[arg-type]
        for page in process.pages(path, 60):
            child = process._child
            assert child is not None
            if page.number == 80:
                early = _peak_rss(child.pid)
            if page.number == 399:
                late = _peak_rss(child.pid)
    assert early
    assert late - early < 15_000


def _peak_rss(pid: int) -> int:
    """In kB, from Linux's /proc; skips elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("needs /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])
