"""Files that cannot be rendered, or only in part: what is told of them, and what comes nevertheless."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from pagelight.ingest.render.renderer import Limits
from pagelight.retrieval.errors import (
    DocumentError,
    DocumentTooLarge,
    EncryptedDocument,
    InvalidSetting,
    UnreadableDocument,
)
from tests import samples
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


def test_files_over_a_limit_are_refused(tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path, 4)
    with pytest.raises(DocumentTooLarge, match="4 pages, the limit is 3"):
        pages_of(path, limits=Limits(max_pages=3))
    with pytest.raises(DocumentTooLarge, match="the limit is 100 bytes"):
        pages_of(path, limits=Limits(max_bytes=100))
    with pytest.raises(InvalidSetting, match="max_pages: expected more than 0"):
        Limits(max_pages=0)
