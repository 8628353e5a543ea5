"""Files that cannot be rendered, or only in part: what is told of them, and what comes nevertheless."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pikepdf import Encryption, ObjectStreamMode, Pdf
from PIL import Image
from pypdf import PdfWriter

from pagelight.ingest.render.renderer import Limits, RendererName
from pagelight.retrieval.errors import (
    DocumentError,
    DocumentTooLarge,
    EncryptedDocument,
    InvalidSetting,
    UnreadableDocument,
)
from tests import samples
from tests.ingest.raw_pdf import form, raw_pdf, stream, text
from tests.ingest.rendered_pages import RENDERERS, count_of, pages_of


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
        count_of(tmp_path / "nowhere.pdf")
    with pytest.raises(UnreadableDocument, match="not a plain file"):
        count_of(tmp_path)


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


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("share", [0.97, 0.7])
@pytest.mark.parametrize("has_catalogue", [True, False])
def test_what_is_left_of_a_file_that_was_cut_off_is_read(
    tmp_path: Path, renderer: RendererName, share: float, has_catalogue: bool
) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("Harbour", 60, 300), objects={6: stream("0 g " * 400)})
    content = path.read_bytes()
    content = content[: round(share * content.find(b"xref\n"))]
    path.write_bytes(content if has_catalogue else content.replace(b"/Catalog", b"/Unknown"))
    (page,) = pages_of(path, 72, renderer)
    assert page.words.texts == ("Harbour",)


@pytest.mark.parametrize(
    "options", [{"object_stream_mode": ObjectStreamMode.generate}, {"encryption": Encryption(owner="x")}]
)
def test_a_file_whose_end_is_lost_is_read_where_its_objects_are_packed_or_sealed(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("Harbour", 60, 300))
    with Pdf.open(path, allow_overwriting_input=True) as file:
        file.save(path, **options)
    content = path.read_bytes()
    path.write_bytes(content[: content.rfind(b"/XRef" if b"/XRef" in content else b"xref\n0")])
    (page,) = pages_of(path, 72)
    assert page.words.texts == ("Harbour",)


@pytest.mark.parametrize(
    "objects",
    [
        {1: "<< /Type /Catalog >>"},
        {2: "null"},
        {2: "[3 0 R]"},
        {2: "<< /Type /Pages /Count 1 >>"},
        {2: "<< /Type /Pages /Count 1 /Kids 77 0 R >>"},
        {2: "<< /Type /Pages /Count 1 /Kids [8 9] >>"},
    ],
)
def test_pages_whose_tree_is_damaged_are_read(tmp_path: Path, objects: dict[int, str]) -> None:
    path = raw_pdf(tmp_path / "a.pdf", text("Harbour", 60, 300), objects=objects)
    (page,) = pages_of(path, 72)
    assert page.words.texts == ("Harbour",)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".gif"])
@pytest.mark.parametrize("share", [0.999, 0.6])
def test_what_is_left_of_a_picture_that_was_cut_off_is_read(
    tmp_path: Path, suffix: str, share: float
) -> None:
    picture = Image.effect_noise((200, 100), 80)
    path = tmp_path / f"a{suffix}"
    picture.save(path, interlace=0)
    whole = np.asarray(pages_of(path)[0].image)
    content = path.read_bytes()
    path.write_bytes(content[: round(share * len(content)) - 2])
    notes: list[str] = []
    (page,) = pages_of(path, on_note=notes.append)
    assert notes == ["The file is damaged; what is left of it is searched."]
    first = slice(60, 90) if suffix == ".bmp" else slice(0, 30)  # a BMP begins at its lower edge
    assert np.abs(np.asarray(page.image)[first].astype(int) - whole[first]).mean() < 10


def test_a_page_that_takes_too_much_memory_costs_itself_alone(tmp_path: Path) -> None:
    """Forms that contain each other are unfolded as soon as a page is opened, which is done to look for attached files."""
    nested = {
        number: stream(
            "/X Do " * 10,
            f"/Type /XObject /Subtype /Form /Resources << /XObject << /X {number + 1} 0 R >> >>",
        )
        for number in range(20, 32)
    }
    writer = PdfWriter()
    bomb = raw_pdf(
        tmp_path / "bomb.pdf", "/X Do", resources="/XObject << /X 20 0 R >>", objects={**nested, 32: form("")}
    )
    for path in (samples.text_pdf(tmp_path, 1), bomb, samples.text_pdf(tmp_path, 1, "b.pdf")):
        writer.append(path)
    writer.write(tmp_path / "a.pdf")
    skipped: list[int] = []
    attached = tmp_path / "attached"
    attached.mkdir()
    pages = pages_of(
        tmp_path / "a.pdf",
        limits=Limits(memory_mb=300),
        attached=attached,
        on_skip=lambda number, _: skipped.append(number),
    )
    assert [page.number for page in pages] == [1, 3]
    assert skipped == [2]


def test_files_over_a_limit_are_refused(tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 4)
    with pytest.raises(DocumentTooLarge, match="4 pages, the limit is 3"):
        pages_of(path, limits=Limits(max_pages=3))
    with pytest.raises(DocumentTooLarge, match="the limit is 100 bytes"):
        pages_of(path, limits=Limits(max_bytes=100))
    with pytest.raises(InvalidSetting, match="max_pages: expected more than 0"):
        Limits(max_pages=0)
