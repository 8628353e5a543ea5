"""Strategies in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning.pooling import Pool
from pagelight.retrieval.pruning.selection import DocPruner
from pagelight.retrieval.pruning.strategy import Pruning, number
from pagelight.retrieval.types import PageEmbedding


@dataclass(frozen=True, slots=True)
class Chain:
    """`first+second+…`: each strategy prunes what the one before it left."""

    steps: tuple[Pruning, ...]

    def __post_init__(self) -> None:
        kinds = {step.importance for step in self.steps} - {Importance.NONE}
        if len(kinds) > 1:
            raise InvalidPruning(
                f"One pruning can read one kind of importance, and {self.spec} reads {len(kinds)}: "
                f"{', '.join(sorted(kinds))}."
            )

    @property
    def importance(self) -> Importance:
        kinds = [step.importance for step in self.steps if step.importance is not Importance.NONE]
        return kinds[0] if kinds else Importance.NONE

    @property
    def spec(self) -> str:
        return "+".join(step.spec for step in self.steps)

    def apply(self, page: PageEmbedding) -> PageEmbedding:
        for step in self.steps:
            page = step.apply(page)
        return page


@dataclass(frozen=True, slots=True)
class PruneThenMerge:
    """`merge:k,m`: DocPruner with a mild k, then hierarchical pooling by m (arXiv 2602.19549)."""

    k: float = -0.5
    m: float = 2
    importance: ClassVar[Importance] = Importance.OWN

    @property
    def spec(self) -> str:
        return f"merge:k={number(self.k)},m={number(self.m)}"

    def apply(self, page: PageEmbedding) -> PageEmbedding:
        return Pool(self.m).apply(DocPruner(self.k).apply(page))
