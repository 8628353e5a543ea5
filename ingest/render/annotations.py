"""Annotations of a PDF page that hold text: form fields, typed notes, stamps."""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

#: annotations that are drawn without words of their own, or not at all
_SILENT = frozenset((pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP))


def has_writing(page: pdfium.PdfPage) -> bool:
    """Whether the page has annotations that may show words."""
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if kind not in _SILENT:
            return True
    return False
