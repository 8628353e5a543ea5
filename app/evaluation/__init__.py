"""Evaluation: retrieval measured on a dataset, or on one's own documents without labels."""

from pagelight.app.evaluation.command import open_dataset
from pagelight.app.evaluation.evaluate import Evaluation, evaluate, own_documents
from pagelight.app.evaluation.rows import rows
from pagelight.app.evaluation.text_table import table

__all__ = ["Evaluation", "evaluate", "open_dataset", "own_documents", "rows", "table"]
