"""Notes on a PDF as a whole: attached files, forms that only Adobe's programs show."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

log = logging.getLogger(__name__)

#: Attached files that are named; the others are counted (limit)
_NAMED = 3
_XFA = (
    "It is an XFA form, of which only a placeholder can be read; open it in Adobe Reader, print it to a PDF "
    "and add that."
)
#: Characters of the first page that are looked at, and what such placeholders (Adobe LiveCycle's own sheet) say there (limit)
_LOOKED_AT = 2000
_PLACEHOLDER = "adobe reader"
_WAITING = (
    "please wait",
    "bitte warten",
    "veuillez patienter",
    "espere",
    "attendere",
    "even geduld",
    "aguarde",
)


def document_notes(pdf: pdfium.PdfDocument, unread: Sequence[str]) -> list[str]:
    """Sentences; damage means none. unread: names of attached files that do not become documents"""
    notes = []
    try:
        if unread:
            notes.append(unread_text(unread))
        if pdfium_c.FPDF_GetFormType(pdf) == pdfium_c.FORMTYPE_XFA_FULL or _is_placeholder(pdf):
            notes.append(_XFA)
    except Exception:  # no reason to lose the document
        log.exception("notes on a document")
    return notes


def unread_text(names: Sequence[str]) -> str:
    """
    >>> unread_text(["a.zip"])
    '1 attached file is not searched (a.zip); save it and add it.'
    """
    named = ", ".join(name or "unnamed" for name in names[:_NAMED])
    named += f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    if len(names) == 1:
        return f"1 attached file is not searched ({named}); save it and add it."
    return f"{len(names)} attached files are not searched ({named}); save them and add them."


def _is_placeholder(pdf: pdfium.PdfDocument) -> bool:
    if len(pdf) != 1:
        return False
    page = pdf[0]
    textpage = page.get_textpage()
    try:
        text = " ".join(textpage.get_text_bounded()[:_LOOKED_AT].lower().split())
    finally:
        textpage.close()
        page.close()
    is_form = pdfium_c.FPDF_GetFormType(pdf) == pdfium_c.FORMTYPE_XFA_FOREGROUND
    return (is_form or _PLACEHOLDER in text) and any(part in text for part in _WAITING)
