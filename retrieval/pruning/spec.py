"""Spec strings: `docpruner:k=-0.25`, `ratio:0.4`, `importance:0.5+repeats:0.9`.

A spec is a name, optionally a colon and parameters separated by commas: `key=value`, or a bare value for the
strategy's first parameter, or the name of a flag. Specs joined by `+` are applied in a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning.budget import Budget
from pagelight.retrieval.pruning.pooling import Fixed, Near, Passages, Pool, Repeats, fitting
from pagelight.retrieval.pruning.selection import (
    DocPruner,
    Ink,
    Keep,
    Random,
    Ratio,
    Sap,
    Threshold,
    Unspelled,
)
from pagelight.retrieval.pruning.strategy import NO_WORDS, Pruning, number
from pagelight.retrieval.types import PageEmbedding, PageMeaning, PageWords


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

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        for step in self.steps:
            page = step.apply(page, words)
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

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return Pool(self.m).apply(DocPruner(self.k).apply(page))


#: one example of each strategy, in the order of the docs
FORMS = (
    "none",
    "docpruner:k=-0.25",
    "importance:t=0.5",
    "ratio:0.4",
    "sap:0.2",
    "ink",
    "random:0.4",
    "random:0.4,ink",
    "pool:3",
    "merge:k=-0.5,m=2",
    "fixed:64",
    "near:0.33",
    "repeats:s=0.9",
    "budget:0.3",
    "unspelled",
    "passages:0.5",
)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """key: as in a spec; low, high: the range that is allowed, both ends included"""

    key: str
    low: float
    high: float

    def parse(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise InvalidPruning(f"{self.key}: expected a number, got {text!r}") from None
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise InvalidPruning(f"{self.key}: expected {self.low:g} to {self.high:g}, got {text}")
        return value


@dataclass(frozen=True, slots=True)
class _Strategy:
    make: Callable[..., Pruning]
    #: field of the strategy → the parameter that sets it, the first of them may be given without its key
    parameters: Mapping[str, _Parameter]
    #: word → field that it sets to True
    flags: Mapping[str, str]


_SHARE = _Parameter("p", 0.001, 1)
_STRATEGIES = {
    "none": _Strategy(Keep, {}, {}),
    "docpruner": _Strategy(DocPruner, {"k": _Parameter("k", -1000, 1000)}, {}),
    "importance": _Strategy(Threshold, {"t": _Parameter("t", -1e6, 1e6)}, {}),
    "ratio": _Strategy(Ratio, {"share": _SHARE}, {}),
    "sap": _Strategy(Sap, {"share": _SHARE}, {}),
    "ink": _Strategy(Ink, {"t": _Parameter("t", 0, 1)}, {}),
    "random": _Strategy(Random, {"share": _SHARE}, {"ink": "ink"}),
    "pool": _Strategy(Pool, {"factor": _Parameter("f", 1, 10_000)}, {}),
    "merge": _Strategy(
        PruneThenMerge, {"k": _Parameter("k", -1000, 1000), "m": _Parameter("m", 1, 10_000)}, {}
    ),
    "near": _Strategy(Near, {"share": _SHARE, "w": _Parameter("w", 0, 1000)}, {}),
    "fixed": _Strategy(Fixed, {"n": _Parameter("n", 1, 10_000)}, {}),
    "unspelled": _Strategy(Unspelled, {}, {}),
    "passages": _Strategy(Passages, {"share": _SHARE}, {}),
    "repeats": _Strategy(Repeats, {"s": _Parameter("s", -1, 1)}, {}),
    "budget": _Strategy(Budget, {"share": _SHARE}, {"importance": "by_importance"}),
}


def pruned_meaning(pruning: Pruning, meaning: PageMeaning) -> PageMeaning:
    """A page's meaning with as many vectors as the pruning leaves, all unless it says `passages`, and as Qdrant takes."""
    steps = pruning.steps if isinstance(pruning, Chain) else (pruning,)
    for step in steps:
        if isinstance(step, Passages):
            meaning = step.merged(meaning)
    return fitting(meaning)


def parse_pruning(spec: str) -> Pruning:
    """The strategy that a spec string names.

    Raises InvalidPruning, in one line with the valid forms.

    >>> parse_pruning("docpruner").spec, parse_pruning(" importance:0.5 + repeats:0.90").spec
    ('docpruner:k=-0.25', 'importance:t=0.5+repeats:s=0.9')
    """
    try:
        steps = tuple(_step(part.strip()) for part in spec.split("+"))
        if len(steps) > 1 and any(isinstance(step, Budget) for step in steps):
            raise InvalidPruning("budget stands alone; calibrate it, then chain what it gives")
        return steps[0] if len(steps) == 1 else Chain(steps)
    except InvalidPruning as error:
        raise InvalidPruning(
            f"Pruning {spec!r} is not understood: {str(error).rstrip('.')}. "
            f"Valid: {' · '.join(FORMS)}, and several joined by +."
        ) from None


def _step(text: str) -> Pruning:
    name, colon, rest = text.partition(":")
    if name not in _STRATEGIES:
        raise InvalidPruning(f"no strategy is called {name!r}")
    strategy = _STRATEGIES[name]
    values: dict[str, float | bool] = {}
    fields = list(strategy.parameters)
    for position, part in enumerate(rest.split(",") if colon else ()):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        field: str
        parsed: float | bool
        if not equals and key in strategy.flags:
            field, parsed = strategy.flags[key], True
        elif not equals and position == 0 and fields:
            field, parsed = fields[0], strategy.parameters[fields[0]].parse(key)
        else:
            field, parsed = _keyed(name, strategy, key, value, bool(equals))
        if field in values:
            raise InvalidPruning(f"{name} is told {key or part!r} twice")
        values[field] = parsed
    return strategy.make(**values)


def _keyed(name: str, strategy: _Strategy, key: str, value: str, equals: bool) -> tuple[str, float]:
    """The field and value of one `key=value`."""
    for field, parameter in strategy.parameters.items():
        if equals and parameter.key == key:
            return field, parameter.parse(value)
    raise InvalidPruning(f"{name} has no parameter {key!r}")
