"""The interface of encoders to the rest of Pagelight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from PIL import Image

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Floats, PageEmbedding, PageMeaning, PageWords, QueryEmbedding


class Importance(StrEnum):
    """Kinds of importance of a page's patches; a pruning strategy names the kind that it reads.

    NONE: the strategy reads no importance
    OWN: whatever the encoder gives by itself: the global token's attention, or a learned saliency
    IN_DEGREE: attention that a patch receives from the other patches in the middle layers (SAP)
    INK: how much is drawn in the patch's cell
    """

    NONE = "none"
    OWN = "own"
    IN_DEGREE = "in-degree"
    INK = "ink"


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """Facts that a person wants to know of a model before choosing it.

    name: as given to `load_encoder` (it is recorded in the index)
    dim: length of a vector
    pruning: the pruning spec that suits it
    dpi: the resolution at which it wants its pages rendered
    batch: pages that `encode_pages` takes best at once
    codebook: name of the centroids that a first search goes by, where the encoder has any
    side_by_side: calls of `encode_pages` that may run at once; where there are two, no core waits for a batch's last page
    """

    name: str
    dim: int
    pruning: str
    dpi: int = 150
    batch: int = 4
    side_by_side: int = 1
    codebook: str | None = None


class Encoder(Protocol):
    """Pages to patch vectors, queries to token vectors, in one space."""

    @property
    def info(self) -> EncoderInfo: ...

    @property
    def scoring(self) -> TermScoring | None:
        """A sharper late-interaction score than MaxSim, or None (the ColPali family)."""

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        """One unpruned embedding an image; any sizes and modes, nothing is drawn on them."""

    def encode_query(self, text: str) -> QueryEmbedding:
        """Token vectors of a query that is not empty."""


class TextEncoder(Protocol):
    """A sense of what text means: a page's words to vectors of its passages. Queries bring theirs in `QueryEmbedding.meaning`."""

    @property
    def dim(self) -> int:
        """Length of a passage's vector."""

    @property
    def background(self) -> Floats:
        """(n, dim): passages about anything, which tell how close one comes to a query by chance; none where n is 0."""

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        """The passages of each page, whose words are in reading order."""

    def plausibility(self, texts: Sequence[str]) -> float:
        """Plausibility of these words' characters in any language that is known: a mean natural logarithm."""


@runtime_checkable
class UnderstandsText(Protocol):
    """An encoder that may have a sense of what text means beside what it sees."""

    @property
    def text_encoder(self) -> TextEncoder | None: ...


def text_encoder(encoder: Encoder) -> TextEncoder | None:
    """The encoder's sense of what text means, or None."""
    return encoder.text_encoder if isinstance(encoder, UnderstandsText) else None
