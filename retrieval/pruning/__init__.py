"""Pruning: fewer vectors a page, and still a known place for each of them.

Every strategy is a pure function from `PageEmbedding` to `PageEmbedding`, made from a spec string.
"""

from pagelight.retrieval.pruning.budget import Budget, calibrate
from pagelight.retrieval.pruning.ink import encoder_for
from pagelight.retrieval.pruning.spec import parse_pruning, pruned_meaning
from pagelight.retrieval.pruning.strategy import Pruning

__all__ = ["Budget", "Pruning", "calibrate", "encoder_for", "parse_pruning", "pruned_meaning"]
