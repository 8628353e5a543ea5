"""PDFs inside PDFs: documents of their own, which go with the one that they hang on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from reportlab.pdfgen.canvas import Canvas

from pagelight.ingest import document_rows
from pagelight.ingest.document import Document
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.retrieval.errors import NotFound
from pagelight.retrieval.store.embedded import EdgeStore
from tests.cases import CASES


def _pdf(text: str, attached: Mapping[str, bytes] | None = None) -> bytes:
    """One page with a line of text, and attached files."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    canvas.drawString(72, 700, text)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    for name, content in (attached or {}).items():
        writer.add_attachment(name, content)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _add(jobs: Jobs, folder: Path, name: str, content: bytes) -> list[tuple[str, str]]:
    """Index a file; (name, state) of the job's files."""
    path = folder / name
    path.write_bytes(content)
    job = jobs.submit([(path, name)])
    assert jobs.wait(job, 60)
    return [(file.name, file.state) for file in jobs.status(job).files]


def _by_name(library: Library) -> dict[str, Document]:
    return {document.name: document for document in library.documents()}


def test_case_15_an_attached_pdf_is_a_document(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    content = (CASES / "15-portfolio.pdf").read_bytes()
    files = _add(jobs, tmp_path, "portfolio.pdf", content)
    assert files == [("portfolio.pdf", "indexed"), ("portfolio.pdf › contract.pdf", "indexed")]
    found = _by_name(library)
    parent, child = found["portfolio.pdf"], found["portfolio.pdf › contract.pdf"]
    assert (parent.reason, parent.parent) == ("", "")
    assert (child.parent, child.pages_indexed) == (parent.document_id, 1)


def test_attached_pdfs_of_all_depths_are_documents_and_other_files_are_named(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    inner = _pdf("inner")
    middle = _pdf("middle", {"inner.pdf": inner, "sums.xlsx": b"PK\x03\x04 sums"})
    files = _add(jobs, tmp_path, "outer.pdf", _pdf("outer", {"middle.pdf": middle, "again.pdf": inner}))
    assert sorted(name for name, state in files if state == "indexed") == [
        "outer.pdf",
        "outer.pdf › again.pdf",
        "outer.pdf › middle.pdf",
    ]
    found = _by_name(library)
    assert len(found) == 3  # the same content twice is one document
    assert "1 attached file is not searched (sums.xlsx)" in found["outer.pdf › middle.pdf"].reason


def test_a_file_attached_to_a_place_of_a_page_counts(library: Library, jobs: Jobs, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("outer"))))
    _annotate(writer, "/FileAttachment", "/FS", _file(writer, "pinned.pdf"))
    buffer = io.BytesIO()
    writer.write(buffer)
    _add(jobs, tmp_path, "outer.pdf", buffer.getvalue())
    assert "outer.pdf › pinned.pdf" in _by_name(library)


def _file(writer: PdfWriter, name: str) -> DictionaryObject:
    """A file inside the PDF that nothing refers to yet."""
    stream = StreamObject()
    stream.set_data(_pdf("pinned"))
    stream[NameObject("/Type")] = NameObject("/EmbeddedFile")
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Filespec"),
            NameObject("/F"): TextStringObject(name),
            NameObject("/UF"): TextStringObject(name),
            NameObject("/EF"): DictionaryObject({NameObject("/F"): writer._add_object(stream)}),
        }
    )


def _annotate(writer: PdfWriter, subtype: str, key: str, value: DictionaryObject) -> None:
    annotation = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(subtype),
            NameObject("/Rect"): ArrayObject([FloatObject(edge) for edge in (10, 10, 30, 30)]),
            NameObject("/F"): NumberObject(4),
            NameObject(key): value,
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])


@pytest.mark.parametrize("place", ["document", "page", "rich media"])
@pytest.mark.parametrize("password", [None, ""])
def test_associated_files_and_those_of_rich_media_count(
    library: Library, jobs: Jobs, tmp_path: Path, place: str, password: str | None
) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("outer", {"known.pdf": _pdf("known")}))))
    file = _file(writer, "associated.pdf")
    if place == "rich media":
        names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), file])})
        content = DictionaryObject({NameObject("/Assets"): names})
        _annotate(writer, "/RichMedia", "/RichMediaContent", content)
    else:
        holder = writer.pages[0] if place == "page" else writer._root_object
        holder[NameObject("/AF")] = ArrayObject([writer._add_object(file)])
    if password is not None:
        writer.encrypt(password, "owner")
    buffer = io.BytesIO()
    writer.write(buffer)
    _add(jobs, tmp_path, "outer.pdf", buffer.getvalue())
    assert set(_by_name(library)) == {
        "outer.pdf",
        "outer.pdf › associated.pdf",
        "outer.pdf › known.pdf",
    }


@pytest.mark.parametrize("keys", [("/UF", "/F"), ("/F", "/UF"), ("/Desc", "/F"), ("/UF", "/Unix")])
@pytest.mark.parametrize("is_pinned", [False, True])
def test_files_whose_names_and_contents_have_other_keys_count(
    library: Library, jobs: Jobs, tmp_path: Path, keys: tuple[str, str], is_pinned: bool
) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("outer"))))
    file = _file(writer, "a.pdf")
    stream = file["/EF"]["/F"].indirect_reference  # type: ignore[index]
    for key in ("/F", "/UF"):
        file.pop(key, None)
    file[NameObject(keys[0])] = TextStringObject("a.pdf")
    file[NameObject("/EF")] = DictionaryObject({NameObject(keys[1]): stream})
    if is_pinned:
        _annotate(writer, "/FileAttachment", "/FS", file)
    else:
        tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), file])})
        writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): tree})
    buffer = io.BytesIO()
    writer.write(buffer)
    _add(jobs, tmp_path, "outer.pdf", buffer.getvalue())
    name = "unnamed" if keys[0] == "/Desc" else "a.pdf"
    assert set(_by_name(library)) == {"outer.pdf", f"outer.pdf › {name}"}


def test_what_is_attached_goes_with_its_document(
    library: Library, jobs: Jobs, store: EdgeStore, tmp_path: Path
) -> None:
    inner = _pdf("inner")
    _add(jobs, tmp_path, "outer.pdf", _pdf("outer", {"middle.pdf": _pdf("middle", {"inner.pdf": inner})}))
    outer = library.find("outer.pdf").document_id
    assert store.stats().n_pages == 3
    library.hide([outer])
    assert library.documents() == []
    library.unhide([outer])
    assert len(library.documents()) == 3
    jobs._pipeline.remove(outer)
    assert library.documents() == []
    assert store.stats().n_pages == 0
    assert list(library.files.ids()) == []


def test_what_was_added_by_itself_or_hangs_elsewhere_stays(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    own, shared = _pdf("own"), _pdf("shared")
    _add(jobs, tmp_path, "own.pdf", own)
    _add(jobs, tmp_path, "one.pdf", _pdf("one", {"own.pdf": own, "shared.pdf": shared}))
    _add(jobs, tmp_path, "two.pdf", _pdf("two", {"shared.pdf": shared}))
    jobs._pipeline.remove(library.find("one.pdf").document_id)
    assert set(_by_name(library)) == {"own.pdf", "two.pdf", "one.pdf › shared.pdf"}
    jobs._pipeline.remove(library.find("two.pdf").document_id)
    assert set(_by_name(library)) == {"own.pdf"}


def test_namesakes_are_numbered_and_nothing_is_left_behind(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("outer"))))
    for text in ("first", "second"):
        writer.add_attachment("a.pdf", _pdf(text))
    buffer = io.BytesIO()
    writer.write(buffer)
    _add(jobs, tmp_path, "outer.pdf", buffer.getvalue())
    assert set(_by_name(library)) == {"outer.pdf", "outer.pdf › a.pdf", "outer.pdf › a.pdf (2)"}
    assert list(library.files.incoming.iterdir()) == []


def test_depth_and_number_are_limited(
    library: Library, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_rows, "MAX_DOCUMENTS", 5)
    content = _pdf("innermost")
    for level in range(6):
        content = _pdf(f"level {level}", {"in.pdf": content})
    files = _add(jobs, tmp_path, "deep.pdf", content)
    assert [state for _, state in files] == ["indexed"] * 4 + ["failed"]
    files = _add(
        jobs, tmp_path, "wide.pdf", _pdf("wide", {f"{n}.pdf": _pdf(f"number {n}") for n in range(8)})
    )
    assert [state for _, state in files].count("indexed") == 6
    assert [state for _, state in files].count("failed") == 3


def test_nothing_hangs_on_a_document_that_is_gone(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(_pdf("a"))
    with pytest.raises(NotFound):
        library.add(tmp_path / "a.pdf", "a.pdf", attached_to="0" * 64)
    assert library.documents() == []
