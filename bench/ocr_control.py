"""What OCR reaches on the same pages: `python -m bench.ocr_control DATASET --cache FOLDER`.

Every page is rendered and read by Tesseract (the documents' own words stay unused), then ranked by BM25:
the control that a visual model has to beat on image-only search. Read texts stay in the cache folder.
With --own-words the documents' own words are ranked instead, and nothing is read.
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
from pdf2image import convert_from_path, pdfinfo_from_path
from tqdm import tqdm

from bench import tesseract
from bench.bm25 import Bm25
from pagelight.app.evaluation.dataset import read_dataset
from pagelight.app.evaluation.metrics import Run, score_run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.ocr_control", description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("bench/out/ocr"), help="where read texts are kept")
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="PATTERN=LANG",
        help="language of the documents whose name fits, for example '*_fr.pdf=fra' (default: eng)",
    )
    parser.add_argument("--nice", type=int, default=15)
    parser.add_argument("--own-words", action="store_true", help="rank the documents' own words")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if not options.own_words and not tesseract.available():
        print("tesseract is not installed (Debian: apt install tesseract-ocr)", file=sys.stderr)
        return 1
    dataset = read_dataset(options.dataset)
    rules = [tuple(rule.rsplit("=", 1)) for rule in options.language]

    places: list[tuple[str, int]] = []
    texts: list[str] = []
    places_without: set[tuple[str, int]] = set()
    seconds = 0.0
    for document in tqdm(dataset.documents, unit="document"):
        language = next((lang for pattern, lang in rules if fnmatch.fnmatch(document.name, pattern)), "eng")
        own = own_texts(document.path)
        places_without |= {(document.name, i + 1) for i, text in enumerate(own) if not text.strip()}
        read = (
            ((i + 1, text, 0.0) for i, text in enumerate(own))
            if options.own_words
            else read_document(document.path, language, options.cache, options.nice)
        )
        for number, text, spent in read:
            places.append((document.name, number))
            texts.append(text)
            seconds += spent
    index = Bm25(texts)
    run: Run = {
        query.query_id: [places[i] for i in index.search(query.text, limit=10)] for query in dataset.queries
    }
    scores = score_run(dataset.queries, run)
    rows: dict[str, list[float]] = defaultdict(list)
    for query in dataset.queries:
        wordless = ["without words"] if places_without.issuperset(query.relevant) else []
        for key in ("all", query.type, *wordless):
            rows[key].append(scores[query.query_id].ndcg5)
    summary = {
        "pages": len(texts),
        "queries": len(dataset.queries),
        "read_pages_per_second": len(texts) / seconds if seconds else None,
        "ndcg@5": {key: sum(values) / len(values) for key, values in rows.items()},
    }
    if options.json:
        print(json.dumps(summary, indent=2))
        return 0
    if seconds:
        print(f"{len(texts)} pages, read at {len(texts) / seconds:.2f} pages/s (render and OCR, one core)")
    for key, values in rows.items():
        print(f"{key:24s} n={len(values):4d}  nDCG@5={sum(values) / len(values):.3f}")
    return 0


def own_texts(path: Path) -> list[str]:
    """The text that each page of a PDF brings; empty for scans."""
    document = pdfium.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def read_document(path: Path, language: str, cache: Path, nice: int) -> Iterator[tuple[int, str, float]]:
    """Yield (page number, text, seconds that reading took when it was first done)."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    folder = cache / f"{digest}-{language}-{tesseract.DPI}"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, int(pdfinfo_from_path(str(path))["Pages"]) + 1):
        kept = folder / f"{number:05d}.json"
        if not kept.exists():
            start = time.perf_counter()
            image = convert_from_path(str(path), dpi=tesseract.DPI, first_page=number, last_page=number)[0]
            text = tesseract.read(image, language, nice)
            half = kept.with_suffix(".part")
            half.write_text(
                json.dumps({"text": text, "seconds": time.perf_counter() - start}), encoding="utf8"
            )
            half.replace(kept)
        page = json.loads(kept.read_text(encoding="utf8"))
        yield number, page["text"], page["seconds"]


if __name__ == "__main__":
    sys.exit(main())
