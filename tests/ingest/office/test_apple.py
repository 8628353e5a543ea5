"""Documents of Apple's Pages, Numbers and Keynote, by what LibreOffice reads of them or the preview in them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pagelight.app.folders import folder_content
from pagelight.ingest.jobs import Jobs
from pagelight.ingest.library import Library
from pagelight.ingest.office.converter import convert, soffice
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.office_types import type_of
from pagelight.retrieval.errors import UnreadableDocument
from tests.cases import CASES
from tests.ingest.drawn_bar import bar_on_paper, is_ink_on_paper
from tests.ingest.office.made_files import zipped
from tests.ingest.rendered_pages import pages_of

pytestmark = pytest.mark.skipif(soffice() is None, reason="no LibreOffice")

DOCUMENT = {"Index/Document.iwa": "lamp", "Metadata/DocumentIdentifier": "lamp"}


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(bar_on_paper(np.uint8, 255, 0)).save(buffer, "JPEG")
    return buffer.getvalue()


def test_the_preview_of_all_pages_is_the_document(tmp_path: Path) -> None:
    path = tmp_path / "a.pages"
    path.write_bytes(
        zipped({"index.xml": "lamp", "QuickLook/Preview.pdf": (CASES / "10-spaced-letters.pdf").read_bytes()})
    )
    assert type_of(path) is FileType.IWORK
    convert(path, tmp_path / "a.pdf", FileType.IWORK, Limits())
    (page,) = pages_of(tmp_path / "a.pdf", 100)
    assert page.words.texts[:2] == ("INVOICE", "NUMBER")


def test_the_picture_stands_in_where_nothing_else_can_be_read(
    library: Library, jobs: Jobs, tmp_path: Path
) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(zipped({**DOCUMENT, "preview.jpg": picture()}))
    assert folder_content(tmp_path).documents == [path]
    convert(path, tmp_path / "a.pdf", FileType.IWORK, Limits())
    (page,) = pages_of(tmp_path / "a.pdf", 72)
    assert is_ink_on_paper(page.image)
    assert jobs.wait(jobs.submit([(path, "a.key")]), 120)
    (document,) = library.documents()
    assert document.state == "indexed"
    assert "of which a part may be missing" in document.reason


@pytest.mark.parametrize(
    "parts", [{}, {"preview.jpg": b"\xff\xd8\xff"}, {"QuickLook/Preview.pdf": b"%PDF-1.4"}]
)
def test_one_without_a_preview_is_told_what_to_do(tmp_path: Path, parts: dict[str, bytes]) -> None:
    (tmp_path / "a").write_bytes(zipped({**DOCUMENT, **parts}))
    with pytest.raises(UnreadableDocument, match="export it as a PDF there"):
        convert(tmp_path / "a", tmp_path / "a.pdf", FileType.IWORK, Limits())


def test_a_key_in_plain_text_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "server.key").write_text("-----BEGIN PRIVATE KEY-----\nlamp\n")
    assert folder_content(tmp_path).documents == []
