"""Words of form fields and typed notes that a page's drawing does not give whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium

from pagelight.ingest.render.annotations import Written
from pagelight.ingest.render.characters import shown_boxes
from pagelight.ingest.render.pdf_words import clean_text
from pagelight.retrieval.types import Floats, PageWords


def with_written(words: PageWords, page: pdfium.PdfPage, texts: Sequence[Written]) -> PageWords:
    """The page's words with those of fields and notes as they were written.

    Fields with a cell for each letter fall into letters when they are drawn; a font may lack letters of the text, which other
    readers then take from another one; a field may be too short for its text, and a sticky note is drawn as a sign: those
    words have the box of the whole field or sign.
    """
    for one in texts:
        said = [word for piece in one.text.split() if (word := clean_text(piece))]
        box = np.clip(shown_boxes(page, np.array([one.box], np.float64)), 0, 1).astype(np.float32)[0]
        middles = (words.boxes[:, :2] + words.boxes[:, 2:]) / 2
        inside = np.flatnonzero(((middles >= box[:2]) & (middles <= box[2:])).all(axis=1)).tolist()
        drawn = [words.texts[i] for i in inside] if one.is_drawn else []
        if not one.is_drawn and {words.texts[i] for i in inside}.issuperset(said):
            continue  # the comment on a mark repeats what is marked
        if not one.is_drawn or (not drawn and not (one.is_field and _is_western(one.text))):
            words = _with_words(words, said, box)
        elif len(said) > len(drawn) > 1 and said[: len(drawn) - 1] == drawn[:-1]:  # the field is too short
            words = _with_words(words, said[len(drawn) - (said[len(drawn) - 1] != drawn[-1]) :], box)
        elif drawn != said and "".join(drawn) == "".join(said):
            words = _joined(words, inside, said)
    return words


def _with_words(words: PageWords, said: Sequence[str], box: Floats) -> PageWords:
    """Words more, all of them with one box."""
    boxes = np.concatenate([words.boxes, np.tile(box, (len(said), 1))])
    return PageWords((*words.texts, *said), boxes)


def _is_western(text: str) -> bool:
    """Whether the fonts that every reader has can write it."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _joined(words: PageWords, letters: Sequence[int], said: Sequence[str]) -> PageWords:
    """Pieces that follow each other as the words that they make; a word has the box of its pieces."""
    boxes = []
    ends = np.cumsum([len(words.texts[i]) for i in letters])  # letters up to each piece's end
    end = 0
    for word in said:
        start, end = end, end + len(word)
        own = letters[int(np.searchsorted(ends, start, "right")) : int(np.searchsorted(ends, end)) + 1]
        boxes.append([*words.boxes[own, :2].min(axis=0), *words.boxes[own, 2:].max(axis=0)])
    first = letters[0]
    others = sorted(set(range(first, len(words))) - set(letters))
    return PageWords(
        (*words.texts[:first], *said, *(words.texts[i] for i in others)),
        np.concatenate([words.boxes[:first], np.array(boxes, np.float32), words.boxes[others]]),
    )
