"""Pruning: fewer vectors a page, and still a known place for each of them.

Every strategy is a pure function from `PageEmbedding` to `PageEmbedding`, made from a spec string.

regroup.py     select and merge: the only two ways a page changes, and where provenance is kept
protocol.py    Pruning, and what importance it asks of the encoder
selection.py   docpruner, ratio, random, importance, sap, ink
pooling.py     pool, near, repeats: merging by meaning, by place and meaning, by repetition
chain.py       strategies in a row; prune-then-merge
spec.py        spec strings
budget.py      a target share to a concrete threshold, calibrated on a sample
ink.py         how much is drawn in each cell of a page
"""

from pagelight.retrieval.pruning.budget import Budget, calibrate
from pagelight.retrieval.pruning.ink import encoder_for
from pagelight.retrieval.pruning.spec import parse_pruning
from pagelight.retrieval.pruning.strategy import Pruning

__all__ = ["Budget", "Pruning", "calibrate", "encoder_for", "parse_pruning"]
