"""The interface of pruning strategies."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.types import Floats, PageEmbedding


class Pruning(Protocol):
    """A strategy with its parameters.

    spec: canonical, parses to an equal strategy; recorded in the index
    importance: the kind that `apply` reads; see `encoder_for`
    """

    @property
    def spec(self) -> str: ...

    @property
    def importance(self) -> Importance: ...

    def apply(self, page: PageEmbedding) -> PageEmbedding:
        """The pruned page; at least one vector and every special vector survive. `page` is not changed."""


def patch_importance(page: PageEmbedding) -> Floats:
    """(n_patches,): the importance of the vectors that have a place.

    Raises InvalidPruning where the encoder gave none.
    """
    importance = page.importance[page.n_special :]
    if np.isnan(importance).any():
        raise InvalidPruning(
            "This encoder gives its patches no importance, which this pruning needs; "
            "use none, random:0.4, pool:3, near:0.3 or repeats:0.9."
        )
    return importance


def number(value: float) -> str:
    """A number as specs write it.

    >>> number(-0.25), number(3.0)
    ('-0.25', '3')
    """
    return f"{value:.6g}"
