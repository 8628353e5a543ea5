"""Layers (optional content) of a PDF: annotations on layers that are off, which pdfium draws all the same."""

from __future__ import annotations

import logging
from collections.abc import Set
from functools import cached_property
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.annotations import annotations_of

log = logging.getLogger(__name__)

_KEY = b"OC"
#: operators within operators of a visibility expression that are looked into (guard)
_DEEPEST = 20


class Layers:
    """The layers of one file, parsed where a page has an annotation that stands on one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hide_annotations(self, page: pdfium.PdfPage, number: int) -> bool:
        """Take the annotations on layers that are off from the page, counted from 1; whether there were any."""
        if not any(pdfium_c.FPDFAnnot_HasKey(one, _KEY) for _, one in annotations_of(page)):
            return False
        try:
            hidden = self._hidden(number)
        except Exception:  # whatever pypdf trips over: such annotations are shown
            log.exception("layers of page %d", number)
            return False
        for index in sorted(hidden, reverse=True):
            pdfium_c.FPDFPage_RemoveAnnot(page, index)
        return bool(hidden)

    def _hidden(self, number: int) -> Set[int]:
        """Indices of the page's annotations that are on layers that are off."""
        annotations = self._reader.pages[number - 1].get("/Annots", []).get_object()
        return {
            index
            for index, annotation in enumerate(annotations)
            if "/OC" in annotation.get_object() and not self._is_on(annotation.get_object().raw_get("/OC"))
        }

    @cached_property
    def _reader(self) -> Any:
        from pypdf import PdfReader  # here, since it takes long to import, and hardly a file comes so far

        return PdfReader(self._path)

    @cached_property
    def _states(self) -> tuple[bool, Set[int], Set[int]]:
        """Whether layers are on by default, and the objects of those that are on and off by name."""
        layers = self._reader.root_object.get("/OCProperties", {})
        shown = layers.get_object().get("/D", {}).get_object() if layers else {}
        on, off = (
            {entry.idnum for entry in shown.get(key, []).get_object()} if key in shown else set()
            for key in ("/ON", "/OFF")
        )
        return shown.get("/BaseState", "/ON") != "/OFF", on, off

    def _is_on(self, reference: Any) -> bool:
        """Whether a layer, or what is bound to some of them, is shown (ISO 32000-2, 8.11.2)."""
        group = reference.get_object()
        if group.get("/Type") != "/OCMD":
            base, on, off = self._states
            number = getattr(reference, "idnum", 0)
            return number not in off and (base or number in on)
        if "/VE" in group:
            return self._holds(group["/VE"], _DEEPEST)
        found = group.get("/OCGs") or []
        members = [group.raw_get("/OCGs")] if hasattr(found, "keys") else list(found)
        states = [self._is_on(member) for member in members if member.get_object() is not None]
        policy = group.get("/P", "/AnyOn") if states else "/AllOn"
        shown = {"/AllOn": all(states), "/AnyOff": not all(states), "/AllOff": not any(states)}
        return shown.get(policy, any(states))

    def _holds(self, expression: Any, depth: int) -> bool:
        """A visibility expression: a layer, or an operator with its operands."""
        found = expression.get_object()
        if hasattr(found, "keys"):
            return self._is_on(expression)
        if not depth or not found:
            return True
        operator, *operands = found
        states = [self._holds(operand, depth - 1) for operand in operands]
        if operator == "/Not":
            return not any(states)
        return any(states) if operator == "/Or" else all(states)
