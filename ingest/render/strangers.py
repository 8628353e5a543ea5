"""Files of other types, and the way to a PDF of them: archives, drawings, documents of other programs."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

BY_OFFICE = "open it in an office program (LibreOffice is free), export it as a PDF and add that."
_AS_PNG = "save it as PNG or PDF and add that."
_ARCHIVE = "This is an archive; unpack it and add the files in it."
APPLES = "This is a document of Apple's Pages, Numbers or Keynote; export it as a PDF there and add that."
_DRAWING = f"This is a drawing (SVG); {_AS_PNG}"
_KNOWN = (
    (b"\xd0\xcf\x11\xe0", f"This is a protected Office document or a saved e-mail; {BY_OFFICE}"),
    (b"{\\rtf", f"This is a rich text document; {BY_OFFICE}"),
    (b"%!PS", "This is PostScript; convert it to a PDF and add that."),
    (b"\xc5\xd0\xd3\xc6", "This is PostScript; convert it to a PDF and add that."),
    (b"8BPS", f"This is a Photoshop picture of more than eight bits; {_AS_PNG}"),
    (b"\xff\x0a", f"This is a JPEG XL picture; {_AS_PNG}"),
    (b"\0\0\0\x0cJXL ", f"This is a JPEG XL picture; {_AS_PNG}"),
    (b"II\xbc", f"This is a JPEG XR picture; {_AS_PNG}"),
    (b"gimp xcf", f"This is a GIMP picture; {_AS_PNG}"),
    (b"v/1\x01", f"This is an OpenEXR picture; {_AS_PNG}"),
    (b"\xd7\xcd\xc6\x9a", f"This is a Windows metafile; {BY_OFFICE}"),
    (b"AT&TFORM", "This is a DjVu document; convert it to a PDF and add that."),
)
#: archives but ZIP and tar, by their first bytes
_ARCHIVES = (
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"LZIP",
)
#: where a tar has its sign (POSIX.1-1988) (form)
_TAR_SIGN = slice(257, 262)
#: bytes of what is packed that are looked at (limit)
_HEAD = 4096
_SVG = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!doctype svg[^>]*>\s*)?(<!--(?:(?!-->).)*-->\s*)*<svg[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")


def is_archive(head: bytes) -> bool:
    """Whether the file is an archive that other files lie in, ZIP aside.

    >>> is_archive(b"Rar!"), is_archive(bytes(257) + b"ustar"), is_archive(b"%PDF-1.7")
    (True, True, False)
    """
    return head.startswith(_ARCHIVES) or head[_TAR_SIGN] == b"ustar"


def is_web_page(head: bytes) -> bool:
    return head.lstrip().lower().startswith(_WEB_PAGE)


def what_it_is(path: Path, head: bytes) -> str:
    """A sentence that says what a file is, by its first bytes, and what to do with it; empty where that is not known."""
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path)
    if is_archive(head):
        return _DRAWING if _SVG.match(_unpacked(head)) else _ARCHIVE
    for magic, reason in _KNOWN:
        if head.startswith(magic):
            return reason
    if _SVG.match(head) or b"<svg" in head[:_HEAD]:
        return _DRAWING
    if is_web_page(head):
        return "This is a web page; print it to a PDF in a browser and add that."
    return ""


def is_apples(names: Iterable[str]) -> bool:
    """Whether they are those of the parts of a document of Apple's Pages, Numbers or Keynote."""
    return any(
        name.startswith(("Index/", "Index.zip", "QuickLook/", "index.apxl", "index.xml")) for name in names
    )


def _of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return (
            "This is a part of an Office document, an e-book or an archive; get the whole file and add that."
        )
    if is_apples(names):
        return APPLES
    if "[Content_Types].xml" in names or "mimetype" in names:
        return f"This is an Office document of a rare kind; {BY_OFFICE}"
    return _ARCHIVE


def _unpacked(head: bytes) -> bytes:
    """The first bytes of what is packed by gzip; empty where it is packed otherwise."""
    if not head.startswith(b"\x1f\x8b"):
        return b""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _HEAD)
    except zlib.error:
        return b""
