"""Page images for people and their cache."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from pagelight.ingest.library import Library
from pagelight.ingest.page_images import PageImages
from pagelight.retrieval.errors import DocumentError, EncryptedDocument, NotFound
from tests import samples


@pytest.fixture
def images(library: Library) -> Iterator[PageImages]:
    images = PageImages(library)
    yield images
    images.close()


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        return image.size


def test_widths_are_rounded_up_so_that_the_cache_is_used(
    images: PageImages, library: Library, tmp_path: Path
) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    data = images.webp(document.document_id, 2, 500)
    assert size_of(data)[0] == 640
    assert images.webp(document.document_id, 2, 639) == data
    assert [path.name for path in library.cache.glob("*/*")] == ["2-640.webp"]
    assert size_of(images.webp(document.document_id, 2, 10**9))[0] == 2400


def test_cached_images_are_served_without_drawing(
    images: PageImages, library: Library, tmp_path: Path
) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    data = images.webp(document.document_id, 1, 320)
    library.file(document.document_id).unlink()
    assert images.webp(document.document_id, 1, 320) == data


def test_a_small_picture_is_made_from_a_large_one(
    images: PageImages, library: Library, tmp_path: Path
) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    drawn = images.webp(document.document_id, 2, 320)
    width, height = size_of(drawn)
    images.webp(document.document_id, 1, 640)
    library.file(document.document_id).unlink()  # nothing can be drawn any more
    assert size_of(images.webp(document.document_id, 1, 320)) == (width, height)
    assert size_of(images.webp(document.document_id, 1, 160))[0] == 160
    with pytest.raises(DocumentError):
        images.webp(document.document_id, 1, 480)  # the larger one's losses would show


def test_the_cache_forgets_what_was_not_used_for_longest(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path, 8), "a.pdf")
    images = PageImages(library)
    one = len(images.webp(document.document_id, 1, 640))
    images._max_bytes = 4 * one
    for page in range(2, 8):
        images.webp(document.document_id, page, 640)
    left = {path.name for path in library.cache.glob("*/*")}
    assert "7-640.webp" in left
    assert "2-640.webp" not in left
    assert sum(path.stat().st_size for path in library.cache.glob("*/*")) <= 4 * one
    images.close()


@pytest.mark.parametrize("page", [0, -1, 4])
def test_pages_that_do_not_exist_are_not_found(
    images: PageImages, library: Library, tmp_path: Path, page: int
) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path, 3), "a.pdf")
    with pytest.raises(NotFound):
        images.webp(document.document_id, page, 320)


def test_ids_that_are_paths_are_not_found(images: PageImages) -> None:
    with pytest.raises(NotFound):
        images.webp("../../etc/passwd", 1, 320)


def test_a_document_that_cannot_be_read_says_why(
    images: PageImages, library: Library, tmp_path: Path
) -> None:
    document, _ = library.add(samples.encrypted_pdf(tmp_path), "a.pdf")
    with pytest.raises(EncryptedDocument, match="password"):
        images.webp(document.document_id, 1, 320)


def test_several_threads_may_ask_at_once(images: PageImages, library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path, 4), "a.pdf")
    with ThreadPoolExecutor(8) as pool:
        all_data = list(pool.map(lambda n: images.webp(document.document_id, n % 4 + 1, 320), range(24)))
    assert all_data[:4] * 6 == all_data
