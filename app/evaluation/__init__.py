"""Measuring retrieval on a dataset, or on one's own documents without labels.

dataset.py, beir.py, sources.py   what is searched and what should be found: folders, BEIR's form, the hub
judged.py                         what people said of hits, as such a dataset
known_item.py, off_topic.py       queries made from the documents' own words; queries that nothing answers
corpus.py                         the dataset's documents, indexed by the application's own loop
cached_encoder.py                 encoded pages on disk, so that a page meets the encoder once
measure.py, run_queries.py        one pruning setting: a real index, the real search, the real highlights
memory_store.py                   pages and answers in memory while they are asked for again and again
evaluate.py, controls.py          many settings on one dataset, with baseline and controls
metrics.py, pointing.py           nDCG, recall and bootstrap intervals; where highlights point
reliability.py                    whether the strength of a hit is what it claims to be
rows.py, text_table.py            results as JSON and as text
report.py, report_table.py, chart.py, curve_figure.py, compare.py, worst.py   results as a page to look at
"""

from pagelight.app.evaluation.command import open_dataset
from pagelight.app.evaluation.evaluate import Evaluation, evaluate, own_documents
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.text_table import table

__all__ = ["Evaluation", "evaluate", "open_dataset", "own_documents", "rows", "table"]
