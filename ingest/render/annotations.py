"""Annotations of a PDF page: form fields, typed notes, stamps, marks. What people see or wrote of them joins the page.

pdfium's text of a page is that of its content alone.
"""

from __future__ import annotations

import ctypes
import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.characters import shown_boxes
from pagelight.ingest.render.pdf_words import clean_text
from pagelight.retrieval.types import Floats, PageWords

#: annotations that are drawn without words of their own, or not at all
_SILENT = frozenset((pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP))
#: notes and marks with a comment that opens when they are pointed at
_COMMENTED = frozenset(
    (
        pdfium_c.FPDF_ANNOT_TEXT,
        pdfium_c.FPDF_ANNOT_LINE,
        pdfium_c.FPDF_ANNOT_SQUARE,
        pdfium_c.FPDF_ANNOT_CIRCLE,
        pdfium_c.FPDF_ANNOT_POLYGON,
        pdfium_c.FPDF_ANNOT_POLYLINE,
        pdfium_c.FPDF_ANNOT_HIGHLIGHT,
        pdfium_c.FPDF_ANNOT_UNDERLINE,
        pdfium_c.FPDF_ANNOT_SQUIGGLY,
        pdfium_c.FPDF_ANNOT_STRIKEOUT,
        pdfium_c.FPDF_ANNOT_STAMP,
        pdfium_c.FPDF_ANNOT_CARET,
        pdfium_c.FPDF_ANNOT_INK,
        pdfium_c.FPDF_ANNOT_FILEATTACHMENT,
    )
)
_UNSEEN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
#: form fields with a text to read, and bits of their flags (ISO 32000-2, table 230)
_TEXT_FIELDS = frozenset((pdfium_c.FPDF_FORMFIELD_TEXTFIELD, pdfium_c.FPDF_FORMFIELD_COMBOBOX))
_LIST = pdfium_c.FPDF_FORMFIELD_LISTBOX
_PASSWORD = 1 << 13
_NORMAL = pdfium_c.FPDF_ANNOT_APPEARANCEMODE_NORMAL
#: operators that write something, or draw what may (ISO 32000-2, annex A) (form)
_WRITES = re.compile(r"\b(?:Tj|TJ|Do)\b|['\"]")
#: pixels a unit of a drawing that nobody looks at (form)
_SCALE = 0.01
#: points to each side of the sign that readers draw for a sticky note, whatever place it has (form)
_SIGN = 18.0
#: options of a list that are looked at (limit)
_MOST_OPTIONS = 1000
#: bytes of one text that are read (limit)
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Written:
    """Text that somebody wrote onto the page. box: left, bottom, right, top in page units

    is_drawn: whether it stands on the page itself; a sticky note opens when it is pointed at
    is_field: whether nothing is to be read where nothing is drawn, as it may be for a field
    is_list: whether it is chosen from a list, which may show other lines of it
    """

    text: str
    box: tuple[float, float, float, float]
    is_drawn: bool = True
    is_field: bool = False
    is_list: bool = False


def has_writing(page: pdfium.PdfPage) -> bool:
    """Whether the page has annotations that may show words, or hide some."""
    return any(
        pdfium_c.FPDFAnnot_GetSubtype(annotation) not in _SILENT for _, annotation in annotations_of(page)
    )


def drop_empty_looks(pdf: pdfium.PdfDocument, page: pdfium.PdfPage) -> bool:
    """Take looks without a word from fields that have a value, so that pdfium draws it when the page is opened again; whether there were any.

    Programs that fill in a form often leave its looks to those that show it.
    """
    form, found = pdf.formenv, False
    if form is None:
        return False
    for _, annotation in annotations_of(page):
        if (
            pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET
            and pdfium_c.FPDFAnnot_HasKey(annotation, b"AP")
            and not _WRITES.search(_look(annotation))
            and _field_text(form, annotation).strip()
        ):
            found |= bool(pdfium_c.FPDFAnnot_SetAP(annotation, _NORMAL, None))
    return found


def _look(annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    """How it is drawn, in the operators of a page; empty where it has no look of its own."""
    return _utf16(lambda *room: pdfium_c.FPDFAnnot_GetAP(annotation, _NORMAL, *room))


def flatten(page: pdfium.PdfPage) -> bool:
    """Make what people see of the annotations part of the page, which shows when the page is opened again."""
    page.render(scale=_SCALE)  # pdfium makes the looks that a file leaves to its readers when it draws them
    unseen = [
        index
        for index, annotation in annotations_of(page)
        if pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN
    ]
    for index in reversed(unseen):
        pdfium_c.FPDFPage_RemoveAnnot(page, index)
    shown = (
        page.get_bbox()
    )  # pdfium takes a sheet of letter paper where the page inherits its own, and all of a larger crop box
    page.set_mediabox(*shown)
    page.set_cropbox(*shown)
    flag = pdfium_c.FLAT_NORMALDISPLAY
    return bool(pdfium_c.FPDFPage_Flatten(page, flag) == pdfium_c.FLATTEN_SUCCESS)


def written(pdf: pdfium.PdfDocument, page: pdfium.PdfPage) -> list[Written]:
    """The texts of fields and notes that people see; of a page that is not flattened yet."""
    found = []
    for _, annotation in annotations_of(page):
        if pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
            continue
        text = _text(pdf, annotation)
        rect = pdfium_c.FS_RECTF()
        if text.strip() and pdfium_c.FPDFAnnot_GetRect(annotation, rect):
            kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
            box = rect.left, rect.bottom, rect.right, rect.top
            if kind == pdfium_c.FPDF_ANNOT_TEXT:
                box = (
                    rect.left,
                    min(rect.bottom, rect.top - _SIGN),
                    max(rect.right, rect.left + _SIGN),
                    rect.top,
                )
            is_field = kind == pdfium_c.FPDF_ANNOT_WIDGET
            is_list = is_field and pdfium_c.FPDFAnnot_GetFormFieldType(pdf.formenv, annotation) == _LIST
            found.append(Written(text, box, kind not in _COMMENTED, is_field, is_list))
    return found


def annotations_of(page: pdfium.PdfPage) -> Iterator[tuple[int, pdfium_c.FPDF_ANNOTATION]]:
    """The page's annotations with their indices, each open while it is looked at."""
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield index, annotation
            finally:
                pdfium_c.FPDFPage_CloseAnnot(annotation)


def _text(pdf: pdfium.PdfDocument, annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    """The annotation's text where it is a typed or sticky note, a filled-in field or a choice; no passwords."""
    kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
    if kind == pdfium_c.FPDF_ANNOT_FREETEXT:
        return _contents(annotation)
    if kind in _COMMENTED:
        is_bare = kind == pdfium_c.FPDF_ANNOT_STAMP and not pdfium_c.FPDFAnnot_HasKey(annotation, b"AP")
        name = _spelled(_string(annotation, b"Name")) if is_bare else ""
        return f"{name} {_contents(annotation)}"
    form = pdf.formenv
    return _field_text(form, annotation) if kind == pdfium_c.FPDF_ANNOT_WIDGET and form is not None else ""


def _field_text(form: pdfium.PdfFormEnv, annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    """What was typed into a field or chosen of a list; nothing where that is a password."""
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind == _LIST:
        return " ".join(
            _utf16(partial(pdfium_c.FPDFAnnot_GetOptionLabel, form, annotation, index))
            for index in range(min(pdfium_c.FPDFAnnot_GetOptionCount(form, annotation), _MOST_OPTIONS))
            if pdfium_c.FPDFAnnot_IsOptionSelected(form, annotation, index)
        )
    if kind not in _TEXT_FIELDS or pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    return _utf16(lambda *room: pdfium_c.FPDFAnnot_GetFormFieldValue(form, annotation, *room))


def _contents(annotation: pdfium_c.FPDF_ANNOTATION) -> str:
    return _string(annotation, b"Contents") or _without_tags(_string(annotation, b"RC"))


def _string(annotation: pdfium_c.FPDF_ANNOTATION, key: bytes) -> str:
    return _utf16(lambda *room: pdfium_c.FPDFAnnot_GetStringValue(annotation, key, *room))


def _without_tags(text: str) -> str:
    """Rich text, which is XHTML, as plain text."""
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def _spelled(name: str) -> str:
    """The words on a stamp of a known name, which readers draw by themselves (ISO 32000-2, 12.5.6.12).

    >>> _spelled("NotForPublicRelease"), _spelled("SBConfidential"), _spelled("#23DApproved")
    ('Not For Public Release', 'Confidential', 'Approved')
    """
    name = re.sub(r"^(#23D|#D|#|SB|SH|D(?=[A-Z]))", "", name)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _utf16(read: Callable[[Any, int], int]) -> str:
    """read: writes UTF-16 with a final zero into a buffer of so many bytes, and says how many it takes"""
    n_bytes = min(read(None, 0), _LONGEST)
    buffer = (ctypes.c_ushort * (n_bytes // 2 + 1))()
    read(buffer, n_bytes)
    return bytes(buffer)[: max(n_bytes - 2, 0)].decode("utf-16-le", "replace")


def with_written(words: PageWords, page: pdfium.PdfPage, texts: Sequence[Written]) -> PageWords:
    """The page's words with those of fields and notes as they were written.

    Fields with a cell for each letter fall into letters when they are drawn; a font may lack letters of the text, which other
    readers then take from another one; a field may be too short for its text, and a sticky note is drawn as a sign: those
    words have the box of the whole field or sign.
    """
    for one in texts:
        said = [word for piece in one.text.split() if (word := clean_text(piece))]
        box = np.clip(shown_boxes(page, np.array([one.box], np.float64)), 0, 1).astype(np.float32)[0]
        middles = (words.boxes[:, :2] + words.boxes[:, 2:]) / 2
        inside = np.flatnonzero(((middles >= box[:2]) & (middles <= box[2:])).all(axis=1)).tolist()
        drawn = [words.texts[i] for i in inside] if one.is_drawn else []
        if not one.is_drawn and {words.texts[i] for i in inside}.issuperset(said):
            continue  # the comment on a mark repeats what is marked
        if not one.is_drawn or (not drawn and not (one.is_field and _is_western(one.text))):
            words = _with_words(words, said, box)
        elif one.is_list:
            words = _with_words(words, [word for word in said if word not in drawn], box)
        elif len(said) > len(drawn) > 1 and said[: len(drawn) - 1] == drawn[:-1]:  # the field is too short
            words = _with_words(words, said[len(drawn) - (said[len(drawn) - 1] != drawn[-1]) :], box)
        elif drawn != said and "".join(drawn) == "".join(said):
            words = _joined(words, inside, said)
    return words


def _with_words(words: PageWords, said: Sequence[str], box: Floats) -> PageWords:
    """Words more, all of them with one box."""
    boxes = np.concatenate([words.boxes, np.tile(box, (len(said), 1))])
    return PageWords((*words.texts, *said), boxes)


def _is_western(text: str) -> bool:
    """Whether the fonts that every reader has can write it."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _joined(words: PageWords, letters: Sequence[int], said: Sequence[str]) -> PageWords:
    """Pieces that follow each other as the words that they make; a word has the box of its pieces."""
    boxes = []
    ends = np.cumsum([len(words.texts[i]) for i in letters])  # letters up to each piece's end
    end = 0
    for word in said:
        start, end = end, end + len(word)
        own = letters[int(np.searchsorted(ends, start, "right")) : int(np.searchsorted(ends, end)) + 1]
        boxes.append([*words.boxes[own, :2].min(axis=0), *words.boxes[own, 2:].max(axis=0)])
    first = letters[0]
    others = sorted(set(range(first, len(words))) - set(letters))
    return PageWords(
        (*words.texts[:first], *said, *(words.texts[i] for i in others)),
        np.concatenate([words.boxes[:first], np.array(boxes, np.float32), words.boxes[others]]),
    )
