"""The description of one architecture of the family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.encoders.colvision.layout import PageLayout

#: a token that no character of the query stands behind
NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """Pages ready for the model.

    tensors: the model's arguments; attention_mask: (n_pages, n_tokens), 0 at padding; layouts: one a page
    """

    tensors: Mapping[str, Tensor]
    attention_mask: Tensor
    layouts: Sequence[PageLayout]


@dataclass(frozen=True, slots=True, eq=False)
class QueryInputs:
    """One query ready for the model.

    tensors: the model's arguments; attention_mask: (1, n_tokens)
    spans: for each token the characters (start, end) of the query that it stands for; NOWHERE for the tokens of
        prompt, padding and augmentation
    """

    tensors: Mapping[str, Tensor]
    attention_mask: Tensor
    spans: Sequence[tuple[int, int]]


class Family(Protocol):
    """A loaded model with its processor.

    causal: a token sees only those before it
    tokenizer: of transformers
    dim: length of a vector
    dpi: the resolution beyond which the model sees no more
    """

    causal: bool
    model: Any
    tokenizer: Any
    dim: int

    @property
    def dpi(self) -> int: ...

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        """RGB images to the model's arguments, on the CPU."""

    def query(self, text: str) -> QueryInputs:
        """A query to the model's arguments, on the CPU."""

    def attentions(self) -> Sequence[nn.Module]:
        """The attention modules of the layers that read text and patches together, first to last."""
