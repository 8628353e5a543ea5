"""What the built-in encoder reads on page images: `python -m bench.reading FOLDER [--pages N] [--tesseract]`.

FOLDER holds PDFs with a text layer. Each is drawn at the encoder's resolution, and what is read is held against the text layer, as words
of a query are: folded, each as often as it stands there. Pages of few words are left out, and so are text layers that lie, of which
Tesseract and the encoder read hardly anything.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image
from tqdm import tqdm

from bench.bm25 import language_of
from bench.page_text import DPI, POINTS_PER_INCH, read_image
from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS
from pagelight.retrieval.encoders.builtin.reader.recognition import Vocabulary
from pagelight.retrieval.text.analyzer import fold, split_words

#: words of a page that counts, at least; characters of a word that counts
FEWEST, SHORTEST = 40, 2
#: share of its words that somebody reads, of a page whose text layer is believed
BELIEVED = 0.3
KINDS = ("in the vocabulary", "other words", "numbers", "digits and letters")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=2, help="of each document, the first that count")
    parser.add_argument("--tesseract", action="store_true", help="beside Tesseract, the control")
    options = parser.parse_args(arguments)
    encoder = load_encoder()
    known = frozenset(Vocabulary.load(ASSETS / "vocabulary.npz").words)
    there: Counter[str] = Counter()
    read: dict[str, Counter[str]] = {"reader": Counter()} | (
        {"Tesseract": Counter()} if options.tesseract else {}
    )
    n_read: Counter[str] = Counter()
    n_pages = 0
    for pdf in tqdm(sorted(options.folder.rglob("*.pdf")), unit=" documents", disable=None):
        for words, draw, language in _pages(pdf, options.pages):
            page = encoder.encode_pages([draw(encoder.info.dpi).convert("RGB")])[0]
            found = {"reader": _words(" ".join(page.read.texts))}
            if options.tesseract:
                found["Tesseract"] = _words(read_image(draw(DPI), language))
            if max((own & words).total() for own in found.values()) < BELIEVED * words.total():
                continue
            n_pages += 1
            there += _by_kind(words, known)
            for name, own in found.items():
                n_read[name] += own.total()
                read[name] += _by_kind(own & words, known)
    if not n_pages:
        print(f"{options.folder}: no PDF with pages of text", file=sys.stderr)
        return 1
    _print(n_pages, there, read, n_read)
    return 0


def _pages(pdf: Path, most: int) -> Iterator[tuple[Counter[str], Callable[[int], Image.Image], str]]:
    """(words, how it is drawn at a resolution, Tesseract's language) of the first pages that count."""
    document = pdfium.PdfDocument(pdf)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
        language = language_of(" ".join(texts)).tesseract
        counted = [(number, _words(text)) for number, text in enumerate(texts)]
        for number, words in [one for one in counted if one[1].total() >= FEWEST][:most]:
            page = document[number]
            yield words, lambda dpi, page=page: page.render(scale=dpi / POINTS_PER_INCH).to_pil(), language
    finally:
        document.close()


def _words(text: str) -> Counter[str]:
    return Counter(word for word in map(fold, split_words(text)) if len(word) >= SHORTEST)


def _by_kind(words: Counter[str], known: frozenset[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for word, n in words.items():
        found[_kind(word, known)] += n
    return found


def _kind(word: str, known: frozenset[str]) -> str:
    in_vocabulary, other, number, mixed = KINDS
    if word[0].isdigit() and not any(map(str.isalpha, word)):
        return number
    if any(map(str.isdigit, word)):
        return mixed
    return in_vocabulary if word in known else other


def _print(n_pages: int, there: Counter[str], read: dict[str, Counter[str]], n_read: Counter[str]) -> None:
    print(f"pages: {n_pages}, words: {there.total()}; the share of them that is read\n")
    print(f"| | words | {' | '.join(read)} |\n|---|---:|{'---:|' * len(read)}")
    for kind in KINDS:
        shares = (f"{own[kind] / max(there[kind], 1):.3f}" for own in read.values())
        print(f"| {kind} | {there[kind]} | {' | '.join(shares)} |")
    print(
        f"| all | {there.total()} | {' | '.join(f'{own.total() / there.total():.3f}' for own in read.values())} |"
    )
    of_read = (f"{own.total() / max(n_read[name], 1):.3f}" for name, own in read.items())
    print(f"| of what is read, what is there | | {' | '.join(of_read)} |")


if __name__ == "__main__":
    sys.exit(main())
