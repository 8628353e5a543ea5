"""Make the table of alternatives: ``python -m training.lexicon.make --out assets/encoder/lexicon.npz``.

Inflections by Snowball stems and WordNet's exceptions, meanings by WordNet and MyThes, both held against the
sentence model (English) or against each other's entries (other languages), parts of German compounds.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES
from training.lexicon import sources
from training.lexicon.english import add_english_meanings, english_vectors
from training.lexicon.forms import add_compounds, add_forms
from training.lexicon.table import MEANINGS, Table

_SIZES = {"en": 70_000, "fr": 45_000, "de": 60_000, "es": 45_000, "it": 45_000}


def add_thesaurus(table: Table, words: dict[str, float], language: int) -> None:
    """A MyThes thesaurus: the nearest common words."""
    for word, near in sources.thesaurus(LANGUAGES[language]).items():
        if word not in words:
            continue
        good = [
            (score + 0.02 * words[other], other, score)
            for other, score in near.items()
            if words.get(other, 0) >= 3 and score >= 0.45
        ]
        for _, other, score in sorted(good, reverse=True)[: MEANINGS - 1]:
            table.add(word, other, language, score * 0.65)


def build(out: Path, sizes: dict[str, int], cache: Path | None = None) -> None:
    """Make the table and save it; prints what it does."""
    started = time.monotonic()
    known = sources.frequencies(sizes)
    table = Table()
    for number, language in enumerate(LANGUAGES):
        for word, zipf in known[language].items():
            table.know(word, number, zipf)
    alone, meant = english_vectors(known["en"], cache)
    print(
        f"{len(table.zipf)} words, {len(meant)} with meanings, {time.monotonic() - started:.0f} s", flush=True
    )
    for number, language in enumerate(LANGUAGES):
        add_forms(table, known[language], number, alone)
        if language in sources.THESAURI:
            add_thesaurus(table, known[language], number)
    add_compounds(table, known["de"])
    add_english_meanings(table, known["en"], alone, meant)
    table.save(out)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("assets/encoder/lexicon.npz"))
    parser.add_argument("--cache", type=Path, help="keeps the sentence model's vectors between runs (.npz)")
    chosen = parser.parse_args()
    build(chosen.out, _SIZES, chosen.cache)


if __name__ == "__main__":
    main()
