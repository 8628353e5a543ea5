"""Documents, their states and their files."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from pagelight.ingest.library import Library
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import DocumentTooLarge, NotFound, UnreadableDocument
from tests import samples

HOSTILE = [
    "../../etc/passwd",
    "<script>alert(1)</script>.pdf",
    "a\0b.pdf",
    "'; DROP TABLE documents; --",
    "",
    "\ud800",
    "💡\n.pdf",
]


def test_a_document_is_named_by_its_content(library: Library, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path)
    document, wanted = library.add(path, "Annual report.pdf")
    assert wanted
    assert document.document_id == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (document.name, document.state, document.pages) == ("Annual report.pdf", "queued", 0)
    assert library.file(document.document_id).read_bytes() == path.read_bytes()
    assert list((library.folder / "incoming").iterdir()) == []


def test_the_same_content_under_another_name_is_the_same_document(library: Library, tmp_path: Path) -> None:
    path = samples.text_pdf(tmp_path)
    first, _ = library.add(path, "a.pdf")
    second, wanted = library.add(path, "b.pdf")
    assert wanted  # still to be indexed
    assert (second.document_id, second.other_names) == (first.document_id, ("b.pdf",))
    library.set_state(first.document_id, "indexed", pages=3, pages_indexed=3)
    again, wanted = library.add(path, "c.pdf")
    assert not wanted
    assert (again.name, again.pages_indexed) == ("a.pdf", 3)
    assert library.documents() == [again]
    assert [library.find(name) for name in ("a.pdf", "b.pdf", "c.pdf")] == [again] * 3


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_document_that_failed_can_be_added_again(library: Library, tmp_path: Path, state: str) -> None:
    path = samples.text_pdf(tmp_path)
    document, _ = library.add(path, "a.pdf")
    library.set_state(document.document_id, state, "because")  # type: ignore[arg-type]
    again, wanted = library.add(path, "a.pdf")
    assert wanted
    assert (again.state, again.reason) == ("queued", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_data(library: Library, tmp_path: Path, name: str) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), name)
    assert library.find(name) == document
    assert library.file(document.document_id).is_relative_to(library.folder)
    assert len(library.documents()) == 1


def test_a_file_that_is_written_to_while_it_is_copied_is_no_document(
    library: Library, tmp_path: Path
) -> None:
    """Half a file would be a document of its own."""
    path = samples.text_pdf(tmp_path)
    whole = path.read_bytes()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            path.write_bytes(whole + os.urandom(200_000))

    path.write_bytes(whole + bytes(2_000_000))
    thread = threading.Thread(target=write)
    thread.start()
    try:
        refused = 0
        for _ in range(100):
            try:
                library.add(path, "a.pdf")
            except UnreadableDocument:
                refused += 1
                break
    finally:
        stop.set()
        thread.join()
    assert refused
    assert list(library.files.incoming.iterdir()) == []


def test_find_takes_names_ids_and_the_start_of_an_id(library: Library, tmp_path: Path) -> None:
    one, _ = library.add(samples.text_pdf(tmp_path, seed="one"), "same.pdf")
    two, _ = library.add(samples.text_pdf(tmp_path, seed="two"), "same.pdf")
    one = library.get(one.document_id)
    assert one.older
    assert library.find(one.document_id) == one
    assert library.find(one.document_id[:10]) == one
    assert library.find("same.pdf") == two
    assert library.find_all("same.pdf") == [two, one]
    assert library.find_all("other.pdf") == []
    with pytest.raises(NotFound, match=r"other\.pdf"):
        library.find("other.pdf")
    with pytest.raises(NotFound):
        library.file("../" + one.document_id)


def test_delete_removes_row_file_and_cached_images(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    file = library.file(document.document_id)
    cached = library.cache / document.document_id / "1-320.webp"
    cached.parent.mkdir()
    cached.write_bytes(b"image")
    library.delete(document.document_id)
    library.delete(document.document_id)
    assert not file.exists()
    assert not cached.parent.exists()
    assert library.documents() == []


def test_files_that_are_refused_leave_nothing_behind(library: Library, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    with pytest.raises(UnreadableDocument, match="empty"):
        library.add(empty, "empty.pdf")
    small = Library(tmp_path / "small", Limits(max_bytes=100))
    with pytest.raises(DocumentTooLarge, match="max_bytes"):
        small.add(samples.text_pdf(tmp_path), "a.pdf")
    small.close()
    for folder in (library.folder, small.folder):
        assert [p for p in (folder / "files").rglob("*") if p.is_file()] == []


def test_documents_survive_closing_and_old_halves_of_files_do_not(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    half, fresh = library.folder / "incoming" / "half", library.folder / "incoming" / "fresh"
    half.touch()
    fresh.touch()
    os.utime(half, (time.time() - 10_000,) * 2)
    library.close()
    again = Library(library.folder)
    assert again.documents() == [document]
    assert not half.exists()
    assert fresh.exists()  # another process may be writing it
    again.close()


def test_reasons_are_one_line(library: Library, tmp_path: Path) -> None:
    document, _ = library.add(samples.text_pdf(tmp_path), "a.pdf")
    library.set_state(document.document_id, "failed", "first\nsecond\tthird")
    assert library.get(document.document_id).reason == "first second third"
