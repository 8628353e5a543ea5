"""The record beside an index: what it was made of, and how much is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

from pagelight.retrieval.errors import ModelMismatch, StoreError
from pagelight.retrieval.store.fields import IS_SHALLOW, MEANING, N_LINES, N_PATCHES, N_VECTORS, SEEN, SHALLOW
from pagelight.retrieval.store.page_store import IndexConfig

#: rises when older indexes can no longer be read (form)
LAYOUT = 5
#: the fields of a page's payload that `Totals` sums
COUNTS = [N_VECTORS, N_PATCHES, IS_SHALLOW, N_LINES]


def to_record(config: IndexConfig) -> dict[str, Any]:
    """The record that is written beside the index."""
    return {"layout": LAYOUT, **asdict(config)}


def check_record(record: Mapping[str, Any], config: IndexConfig, place: str, fresh: str) -> None:
    """Raise ModelMismatch unless the index at `place` was made with `config`.

    fresh: how to get an empty index instead, as an imperative clause
    """
    if record.get("layout") != LAYOUT:
        raise StoreError(
            f"{place} was written by another version of Pagelight "
            f"(layout {record.get('layout')}, expected {LAYOUT}); {fresh}"
        )
    wanted = asdict(config)
    if record.get("analyzer") != wanted.pop("analyzer"):
        raise ModelMismatch(
            f"{place} was made with another version of the text analysis "
            f"({record.get('analyzer', 1)}, this Pagelight has {config.analyzer}); {fresh}"
        )
    other = [name for name in wanted if record.get(name) != wanted[name]]
    if other:
        made = ", ".join(f"{name} {record.get(name)}" for name in other)
        asked = ", ".join(f"{name} {wanted[name]}" for name in other)
        raise ModelMismatch(
            f"{place} was indexed with {made}, not {asked}; open it with those settings, or {fresh}"
        )


class CountsFile:
    """The `Totals` of an index beside it, so that opening it does not read every page.

    It is gone while somebody writes: after a crash the pages are counted anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, n_pages: int) -> Totals | None:
        """The counts that were written last, if they are about so many pages."""
        try:
            counts = json.loads(self._path.read_text())
            totals = Totals(**counts)
        except (OSError, ValueError, TypeError):
            return None
        is_whole = len(counts) == len(fields(Totals))  # others were written by an older Pagelight
        return totals if is_whole and totals.n_pages == n_pages else None

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)

    def write(self, totals: Totals) -> None:
        """Write the counts; the index does without where that fails."""
        draft = self._path.with_suffix(".new")
        with suppress(OSError):
            draft.write_text(json.dumps(asdict(totals)))
            draft.replace(self._path)


def has_meaning(payload: Mapping[str, Any]) -> bool:
    """Whether it is known what the page's text means, which pages without text do not have."""
    return bool(payload.get(MEANING, {}).get("n_lines"))


@dataclass(frozen=True, slots=True)
class Totals:
    """Pages with their vectors and patches, summed; n_shallow: pages whose meaning is still to come; n_meant: that have one."""

    n_pages: int = 0
    n_vectors: int = 0
    n_patches: int = 0
    n_shallow: int = 0
    n_meant: int = 0

    @classmethod
    def of(cls, payloads: Iterable[Mapping[str, Any]]) -> Totals:
        pages = vectors = patches = shallow = meant = 0
        for payload in payloads:
            pages += 1
            vectors += int(payload[N_VECTORS])
            patches += int(payload[N_PATCHES])
            shallow += SHALLOW in payload
            meant += has_meaning(payload)
        return cls(pages, vectors, patches, shallow, meant)

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(own + its for own, its in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Totals) -> Totals:
        return Totals(*(own - its for own, its in zip(astuple(self), astuple(other), strict=True)))


def has_entries(vectors: Any) -> bool:
    """Whether a record's vectors have entries of the codebook, by which a search chooses its page."""
    found = vectors.get(SEEN) if isinstance(vectors, dict) else None
    return found is not None and len(found.indices) > 0
