"""Measuring retrieval on a dataset, or on one's own documents without labels.

dataset.py, beir.py, sources.py   what is searched and what should be found: folders, BEIR's form, the hub
known_item.py                     queries made from the documents' own words
cache.py                          encoded pages on disk, so that a page meets the encoder once
measure.py, asking.py             one pruning setting: a real index, the real search, the real highlights
held.py                           pages and answers in memory while they are asked for again and again
evaluate.py                       many settings on one dataset, with baseline and controls
metrics.py, highlight.py          nDCG, recall and bootstrap intervals; where highlights point
rows.py                           results as JSON and as text
report.py, chart.py, worst.py     results as a page to look at
"""

from pagelight.app.evaluation.evaluate import Evaluation, evaluate, own_documents
from pagelight.app.evaluation.rows import rows, table
from pagelight.app.evaluation.sources import open_dataset

__all__ = ["Evaluation", "evaluate", "open_dataset", "own_documents", "rows", "table"]
