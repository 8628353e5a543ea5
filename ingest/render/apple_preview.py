"""Documents of Apple's Pages, Numbers and Keynote: the preview in them, where LibreOffice cannot read them as well, in a process of its own."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from pagelight.ingest.render.limited_process import run_limited
from pagelight.ingest.render.limits import Limits

#: previews of all pages, which older versions keep, and of the first (form)
_PDF, _PICTURES = "QuickLook/Preview.pdf", ("preview.jpg", "QuickLook/Thumbnail.jpg")
#: bytes of a preview, at most (limit)
_MOST_BYTES = 200_000_000
#: dots an inch of such pictures: of a screen (form)
_DPI = 72.0
#: pages of the PDF among which text is looked for (limit)
_LOOKED_AT = 50


def has_whole_preview(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return _PDF in archive.namelist()


def best_pdf(source: Path, made: Path, target: Path, limits: Limits, seconds: float) -> Path:
    """The PDF in the document, or what LibreOffice made where that has text, or else the picture in it, written to `target`.

    made: LibreOffice's, which may be missing
    """
    with contextlib.suppress(subprocess.TimeoutExpired):
        run_limited(__name__, (str(source), str(made), str(target)), limits, seconds)
    return target if target.exists() else made


def _write(source: Path, made: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        if _PDF in names:
            content = _read(archive, _PDF)
            if len(pdfium.PdfDocument(content)):
                target.write_bytes(content)
                return
        if made.exists() and _has_text(made):
            return
        name = next(name for name in _PICTURES if name in names)
        with Image.open(io.BytesIO(_read(archive, name)), formats=["JPEG"]) as picture:
            picture.convert("RGB").save(target, "PDF", resolution=_DPI)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(_MOST_BYTES)


def _has_text(path: Path) -> bool:
    pdf = pdfium.PdfDocument(path)
    return any(
        pdf[index].get_textpage().get_text_range().strip() for index in range(min(len(pdf), _LOOKED_AT))
    )


def main() -> None:
    source, made, target = map(Path, sys.argv[1:])
    _write(source, made, target)


if __name__ == "__main__":
    main()
