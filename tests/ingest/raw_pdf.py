"""Makes PDFs of one page object by object, for what no library writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.pdf import PdfFile
from pagelight.ingest.render.rendered_page import DrawnPage

HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding %s >>"
SHEET = "/MediaBox [0 0 400 600]"


def stream(content: str, entries: str = "") -> str:
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def form(content: str, entries: str = "", box: str = "[0 0 400 600]") -> str:
    """A form XObject, or an annotation's look. Its font is /F1, too."""
    return stream(
        content,
        f"/Type /XObject /Subtype /Form /BBox {box} {entries} /Resources << /Font << /F1 5 0 R /Helv 5 0 R >> >>",
    )


def text(words: str, x: float, y: float, size: float = 12, before: str = "") -> str:
    return f"BT {before} /F1 {size} Tf {x} {y} Td ({words}) Tj ET\n"


def unicode_map(characters: Mapping[str, str]) -> str:
    """A font's map to Unicode. characters: their numbers in the font, and what they are in UTF-16, all in hex"""
    rows = "".join(f"<{number}> <{told}>\n" for number, told in characters.items())
    return stream(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> "
        f"endcodespacerange {len(characters)} beginbfchar\n{rows}endbfchar endcmap end end"
    )


def raw_pdf(
    path: Path,
    content: str,
    *,
    resources: str = "",
    page: str = SHEET,
    tree: str = "",
    catalogue: str = "",
    objects: Mapping[int, str] | None = None,
) -> Path:
    """resources, page, tree, catalogue: further entries of these dictionaries; objects: further ones, or others of the first five"""
    found = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        2: f"<< /Type /Pages /Kids [3 0 R] /Count 1 {tree} >>",
        3: f"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> {page} >>",
        4: stream(content),
        5: HELVETICA % "",
        **(objects or {}),
    }
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(found.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start, size = len(out), max(found) + 1
    rows = [
        f"{places.get(number, 0):010d} {'00000 n' if number in places else '65535 f'} \n"
        for number in range(size)
    ]
    out += f"xref\n0 {size}\n{''.join(rows)}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(out)
    return path


def drawn(path: Path, renderer: str = "pdfium") -> DrawnPage:
    """Its only page, drawn in this process."""
    file = PdfFile(path, Limits(), renderer)
    try:
        (page,) = file.draw([1], 100, 0, True, lambda *_: None)
    finally:
        file.close()
    assert isinstance(page, DrawnPage), page.reason
    return page
