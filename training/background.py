"""Passages about anything: `python -m training.background /usr/share/wordnet/data.noun assets/encoder`.

How close a passage has to be to a query to be more than chance hangs on the query. The text encoder compares it with
these: sentences of our own in eleven languages (`background.txt`), and definitions from all over the nouns of Princeton
WordNet 3.0 (Debian's package wordnet-base). What is written is their vectors, in eight bits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pagelight.retrieval.encoders.builtin.meaning.text_encoder import BACKGROUND, TextModel

#: definitions that are taken, and words of one
DEFINITIONS = 400
SHORTEST, LONGEST = 8, 30
#: int8 steps of 1
STEPS = 127


def main(nouns: Path, folder: Path) -> None:
    """Write background.npz into the encoder's folder."""
    own = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    found = list(definitions(nouns))
    chosen = [found[i] for i in np.linspace(0, len(found) - 1, DEFINITIONS).astype(int)]
    vectors = TextModel.load(folder).encode_passages([*own, *chosen])
    np.savez_compressed(folder / BACKGROUND, vectors=np.round(vectors * STEPS).astype(np.int8))


def definitions(nouns: Path) -> Iterator[str]:
    """ "noun: what it is; "and an example"", for nouns whose definition has a sentence's length."""
    for line in nouns.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(" "):  # the licence
            continue
        senses, _, said = line.partition("|")
        text = f"{senses.split()[4].replace('_', ' ')}: {said.strip()}"
        if SHORTEST <= len(text.split()) <= LONGEST:
            yield text


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
