"""Precision of stored vectors, and how they are compared: the values of `IndexConfig.precision`."""

from __future__ import annotations

from dataclasses import dataclass

from pagelight.retrieval.errors import InvalidSetting
from pagelight.retrieval.store.packing import Grain


@dataclass(frozen=True, slots=True)
class Precision:
    """One way to keep vectors.

    datatype: of the kept vectors, in Qdrant's words; turbo8 and turbo4 are rotated and rounded to 8 and 4 bits
        (TurboQuant, Zandieh et al. 2025, arXiv 2504.19874), nothing finer is kept
    copy: a coarser copy that a first scan reads, None for none; the best of it are rescored from the kept vectors
    oversampling: how many times the wanted number of pages the first scan hands on
    bytes_per_number: on disk, the copy included
    """

    datatype: str
    copy: str | None
    oversampling: float
    bytes_per_number: float

    @property
    def grain(self) -> Grain:
        """How finely vectors are packed where an index packs them."""
        if self.datatype in ("float32", "float16") and self.copy is None:
            return Grain.FINE
        return Grain.PAIRS if self.datatype == "turbo4" else Grain.COARSE

    def first_scan(self, limit: int) -> float | None:
        """Oversampling for the `limit` best pages, 50 pages at least; None to compare all kept vectors at once."""
        return None if self.copy is None else max(self.oversampling, 50 / limit)


PRECISIONS: dict[str, Precision] = {
    "fp32": Precision("float32", None, 1.0, 4.0),
    "fp16": Precision("float16", None, 1.0, 2.0),
    "turbo8": Precision("turbo8", None, 1.0, 1.0),
    "turbo4": Precision("turbo4", None, 1.0, 0.5),
    "int8": Precision("float16", "int8", 2.0, 3.0),
    "turbo2": Precision("float16", "turbo2", 4.0, 2.25),
    "turbo1": Precision("float16", "turbo1", 8.0, 2.125),
    "binary": Precision("float16", "binary", 8.0, 2.125),
}


#: how passages are kept: in 4 bits they rank within .003 nDCG@5 of 32 (docs/encoder-log.md); a server has to be of version
#: 1.19 for that, so that there they take 16
MEANING_PRECISION, SERVER_MEANING_PRECISION = PRECISIONS["turbo4"], PRECISIONS["fp16"]


def parse_precision(name: str) -> Precision:
    """The precision of that name. Raises InvalidSetting."""
    try:
        return PRECISIONS[name]
    except KeyError:
        raise InvalidSetting(f"precision: expected one of {', '.join(PRECISIONS)}, got {name!r}") from None
