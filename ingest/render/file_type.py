"""The type of a file, told by its first bytes; names and extensions are only data."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pagelight.ingest.render.limits import Limits, size_text
from pagelight.ingest.render.strangers import BY_OFFICE, is_archive, is_web_page, what_it_is
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

#: PDF 1.7, appendix H.3.4.1: viewers accept the header anywhere in the first 1024 bytes (form)
_HEAD = 1024
#: bytes that are looked at: letters and web servers' answers put more than that before it (limit)
HEAD_BYTES = 1 << 16
#: a header with an object behind it: text that only mentions "%PDF-1.4" has none
_FAR_HEADER = re.compile(rb"%PDF-\d\.\d\s[^\r\n]{0,200}?\s*(?:%[^\r\n]*[\r\n]+\s*)*\d+ \d+ obj\b")
_HEADER = b"%PDF-1.7\n"
#: larger files are not mended: they are held in memory for it (limit)
_MAX_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class TextFileParameters:
    """Signs of files of text, which have no signature.

    text_share: share of bytes that text is made of; the others are slips of an encoding (looked at)
    least_headers: headers of a mail that have to be there (RFC 5322 asks for two; one may be missing in each)
    """

    text_share: float = 0.97
    least_headers: int = 3


TEXT_FILES = TextFileParameters()


class FileType(StrEnum):
    """The types that can be indexed; the value is the usual extension."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    TIFF = "tiff"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    AVIF = "avif"
    JP2 = "jp2"
    HEIC = "heic"
    ICO = "ico"
    ICNS = "icns"
    PNM = "pnm"
    PCX = "pcx"
    SGI = "sgi"
    QOI = "qoi"
    TGA = "tga"
    DDS = "dds"
    PSD = "psd"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    IWORK = "iwork"
    RTF = "rtf"
    HTML = "html"
    EPUB = "epub"
    MARKDOWN = "md"
    TEXT = "txt"
    EML = "eml"

    @property
    def is_converted(self) -> bool:
        """Whether its pages are those of a PDF that LibreOffice makes of it."""
        return self in _CONVERTED


#: office and web files
_CONVERTED = frozenset(
    map(FileType, "doc xls ppt docx pptx xlsx odt ods odp iwork rtf html epub md txt eml".split())
)
#: the kinds of files that can be added, for people
KINDS = "PDF, PNG, JPEG, TIFF, WebP, GIF, BMP, AVIF, JPEG 2000 or HEIC"


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", FileType.PNG),
    (b"\xff\xd8\xff", FileType.JPEG),
    (b"II*\0", FileType.TIFF),
    (b"MM\0*", FileType.TIFF),
    (b"II+\0", FileType.TIFF),
    (b"MM\0+", FileType.TIFF),
    (b"GIF87a", FileType.GIF),
    (b"GIF89a", FileType.GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", FileType.JP2),
    (b"\xff\x4f\xff\x51", FileType.JP2),
    (b"icns", FileType.ICNS),
    (b"qoif", FileType.QOI),
    (b"DDS \x7c\0\0\0", FileType.DDS),
)
#: the same where a few bytes would not tell it from others
_MAGIC_FORMS = (
    (re.compile(rb"P[1-6]\s(?:\s|#[^\n]*\n)*\d+\s(?:\s|#[^\n]*\n)*\d+\s"), FileType.PNM),
    (re.compile(rb"\x00\x00\x01\x00[^\x00]\x00...\x00", re.DOTALL), FileType.ICO),
    (re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]"), FileType.PCX),
    (re.compile(rb"\x01\xda[\x00\x01][\x01\x02]"), FileType.SGI),
    # eight bits a channel, in greys, palettes, RGB, CMYK and CIELab
    (re.compile(rb"8BPS\0\x01.{6}\0..{8}\0\x08\0[\x01-\x04\x09]", re.DOTALL), FileType.PSD),
    # no colour map with colours or greys, or one with indices; size, depth and the order of rows
    (
        re.compile(
            rb".(?:\0[\x02\x03\x0a\x0b]\0{5}|\x01[\x01\x09]..(?:[^\0].|\0[^\0])[\x10\x18\x20]).{8}"
            rb"[\x01\x08\x0f\x10\x18\x20][\0\x01\x08\x10\x11\x18\x20\x21\x28\x30]",
            re.DOTALL,
        ),
        FileType.TGA,
    ),
)
#: brands of ISO base media files (ISO/IEC 23008-12, AV1 Image File Format)
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), FileType.AVIF),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"), FileType.HEIC),
}
#: sizes of the second header of a BMP, from OS/2's first to Windows' fifth
_BMP_HEADERS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))

#: a file that is mostly such bytes is text: letters, figures, marks, line ends, anything beyond ASCII
_TEXT = frozenset((*range(32, 127), *range(128, 256), 9, 10, 12, 13, 27))


#: ZIP archives, old Office documents and rich text, which hold other files
_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")


def recognise(head: bytes) -> FileType | None:
    """The type of a file from its first `HEAD_BYTES`, or None.

    >>> recognise(b"%PDF-1.7").value, recognise(b"GIF89a").value, recognise(b"Dear sir,")
    ('pdf', 'gif', None)
    """
    for magic, file_type in _MAGIC:
        if head.startswith(magic):
            return file_type
    for form, file_type in _MAGIC_FORMS:
        if form.match(head):
            return file_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileType.WEBP
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return FileType.BMP
    may_hold_one = head.startswith(_CONTAINERS) or is_archive(head) or is_web_page(head)
    is_pdf = not may_hold_one and (_is_pdf(head[:_HEAD]) or find_header(head) > 0)
    return FileType.PDF if is_pdf else None


def _by_brand(head: bytes) -> FileType | None:
    """The major brand, or else the first compatible one that is known."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    known = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
    # "mif1" and "msf1" say no more than that it is a picture: AVIF files name it too
    return FileType.AVIF if FileType.AVIF in known else known[0] if known else None


def _is_pdf(head: bytes) -> bool:
    """A header, or where that is lost the first object; text that only mentions "%PDF-" is none.

    >>> _is_pdf(b"junk\\n%PDF-1.4"), _is_pdf(b"A file that starts with %PDF-1.4 is"), _is_pdf(b"1 0 obj\\n<<")
    (True, False, True)
    """
    at = head.find(b"%PDF-")
    if at < 0:
        return re.match(rb"\s*(%[^\r\n]*[\r\n]+\s*)*\d+ \d+ obj\b", head) is not None
    is_text = at > 0 and all(byte in _TEXT for byte in head[:at])
    starts_line = head[:at].strip(b"\xef\xbb\xbf \t") == b"" or head[at - 1] in b"\r\n"
    return starts_line or not is_text


def looks_like_text(head: bytes) -> bool:
    """Whether a file that begins so is text, in one encoding or another."""
    return sum(byte in _TEXT for byte in head) >= TEXT_FILES.text_share * len(head)


def check_file(path: Path, limits: Limits) -> FileType:
    """The file's type, after looking at nothing but its size and its first bytes.

    Raises UnreadableDocument (missing, not a plain file, empty, unknown type) and DocumentTooLarge.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableDocument("This is not a plain file.")
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        raise UnreadableDocument(f"The file cannot be opened: {reason}.") from error
    if not head:
        raise UnreadableDocument("The file is empty.")
    if status.st_size > limits.max_bytes:
        raise DocumentTooLarge(
            f"The file has {size_text(status.st_size)}, the limit is {size_text(limits.max_bytes)}; "
            "split it or raise max_bytes."
        )
    file_type = recognise(head)
    if file_type is None:
        if reason := what_it_is(path, head):
            raise UnreadableDocument(reason)
        if looks_like_text(head[:_HEAD]):
            raise UnreadableDocument(f"This is plain text, not a PDF or a picture; {BY_OFFICE}")
        raise UnreadableDocument(f"This is not a {KINDS} file; print or export it as a PDF and add that.")
    return file_type


def quotes_a_pdf(path: Path) -> bool:
    """Whether a PDF's header stands behind text: that of a server, or one that tells how a PDF looks."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    before = head[: max(head.find(b"%PDF-"), 0)].strip()
    return before != b"" and all(byte in _TEXT for byte in before)


def find_header(content: bytes) -> int:
    """Place of the header that the document begins with, or -1.

    >>> find_header(b"From: a\\n\\n%PDF-1.4\\n1 0 obj"), find_header(b"what %PDF-1.4 means")
    (9, -1)
    """
    found = _FAR_HEADER.search(content)
    return found.start() if found else -1


def with_header(path: Path) -> bytes | None:
    """The file's content from its header on, with one where there is none; None where that would change nothing."""
    if path.stat().st_size > _MAX_BYTES:
        return None
    content = path.read_bytes()
    at = find_header(content)
    if at == 0:
        return None
    return content[at:] if at > 0 else _HEADER + content
