"""Tables and texts of old versions of Office, and those that other programs export for it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pagelight.ingest.office.converter import check_document, convert, soffice
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from tests.ingest.rendered_pages import pages_of

pytestmark = pytest.mark.skipif(soffice() is None, reason="LibreOffice is not installed")
SHEET = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Fees"><Table><Row><Cell>'
    '<Data ss:Type="String">lamp</Data></Cell></Row></Table></Worksheet></Workbook>'
)
TEXT = (
    '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
    '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r>'
    "<w:t>lamp</w:t></w:r></w:p></w:body></w:wordDocument>"
)


def bare_sheet(version: int) -> bytes:
    """A sheet in Excel's form 2, 3 or 4, with a word in its first cell."""

    def record(number: int, content: bytes) -> bytes:
        return struct.pack("<HH", number, len(content)) + content

    first = struct.pack("<HHH", version << 8, 0x10, 0)
    if version == 2:
        cells = record(0x04, struct.pack("<HH", 0, 0) + bytes(3) + b"\x04lamp")
        return record(0x09, first[:4]) + cells + record(0x0A, b"")
    style = {3: record(0x0243, bytes(12)), 4: record(0x0443, bytes(12))}[version]
    cells = record(0x0204, struct.pack("<HHHH", 0, 0, 0, 4) + b"lamp")
    return record(0x0209 if version == 3 else 0x0409, first) + 16 * style + cells + record(0x0A, b"")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.xls", bare_sheet(2), FileType.XLS),
        ("a.xls", bare_sheet(3), FileType.XLS),
        ("a.xls", bare_sheet(4), FileType.XLS),
        ("a.xls", SHEET.encode(), FileType.XLS),
        ("a.xml", TEXT.encode(), FileType.DOC),
        ("a.xls", b"lamp\tfee\r\nrope\t12\r\n", FileType.TEXT),
        ("a.xls", b"<table><tr><td>lamp</td></tr></table>", FileType.HTML),
    ],
)
def test_what_other_versions_and_programs_wrote_is_read(
    tmp_path: Path, name: str, content: bytes, expected: FileType
) -> None:
    path, made = tmp_path / name, tmp_path / "made.pdf"
    path.write_bytes(content)
    found = check_document(path, Limits(), name=name)
    assert found is expected
    convert(path, made, found, Limits())
    assert "lamp" in [text for page in pages_of(made, 50) for text in page.words.texts]
