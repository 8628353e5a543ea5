"""Detections of words at several sizes: recognized, each once, and read again where they are unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.placement import (
    PLACEMENT,
    Gray,
    PlacementParameters,
    doubles,
    suppress,
)
from pagelight.retrieval.encoders.builtin.reader.line_reading import LineReader
from pagelight.retrieval.encoders.builtin.reader.page_inference import CellReadings
from pagelight.retrieval.encoders.builtin.reader.recognition import WORD_DIM, Recognizer
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.text.analyzer import number_form
from pagelight.retrieval.types import Floats, Ints, PatchGrid


@dataclass(frozen=True, slots=True)
class DetectedWordParameters:
    """Which detections stand as words, and which of them are sure.

    candidate: a cell with less saliency is no candidate for a word (practice pages)
    surely_read: cosine to a word of the vocabulary from which a word is surely read (practice pages)
    wide: font sizes; narrower words tell nothing of that: marks and strokes of turned text look like short words (geometry)
    placement: which detections stand
    """

    candidate: float = 0.3
    surely_read: float = 0.85
    wide: float = 2.0
    placement: PlacementParameters = PLACEMENT


DETECTED_WORDS = DetectedWordParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """n places of one readings that may hold a word.

    rows, cols (n,) of their cells; left, right, sizes (n,) pixels; saliency (n,); boxes (n, 4) relative
    """

    readings: CellReadings
    rows: Ints
    cols: Ints
    left: Floats
    right: Floats
    sizes: Floats
    saliency: Floats
    boxes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Detections of all sizes, the cells of the page first.

    saliency (n,); boxes (n, 4), relative; vectors (n, dim); texts: n, "" where nothing is known
    importance (n,), owner (n_cells,): see `suppress`; known (n,): which are words of the vocabulary for sure
    n_words: detections that stood at first; legible: the share of them that is surely read, as a word of some width
    """

    saliency: Floats
    boxes: Floats
    vectors: Floats
    texts: Sequence[str]
    importance: Floats
    owner: Ints
    known: NDArray[np.bool_]
    n_words: int
    legible: float

    def standing(self, least: float) -> NDArray[np.bool_]:
        """(n,): those that no surer one covers, from this saliency on."""
        stands: NDArray[np.bool_] = (self.importance == self.saliency) & (self.saliency >= least)
        return stands


def recognized(
    found: Sequence[Detections],
    grid: PatchGrid,
    recognizer: Recognizer,
    dim: int,
    parameters: DetectedWordParameters,
) -> Words:
    """The detections of one size after the other, with the words of those that stand."""
    saliency = np.concatenate([f.saliency for f in found])
    boxes = np.concatenate([f.boxes for f in found])
    importance, owner = suppress(saliency, boxes, grid, parameters.candidate, parameters.placement)
    stands = (importance == saliency) & (saliency >= parameters.candidate)
    vectors = np.zeros((len(saliency), dim), np.float32)
    texts = [""] * len(saliency)
    known = np.zeros(len(saliency), np.bool_)
    start, n_read = 0, 0
    for f in found:
        chosen = np.flatnonzero(stands[start : start + len(f.rows)])
        own = start + chosen
        seen = f.readings.vectors[f.rows, f.cols]
        vectors[start : start + len(f.rows), : seen.shape[1]] = seen
        letters, lengths = recognizer.strips(
            f.readings.letters, f.rows[chosen], f.left[chosen], f.right[chosen]
        )
        resolved, closest, words = recognizer.resolve(seen[chosen], letters, lengths, f.sizes[chosen])
        vectors[own, : seen.shape[1]] = resolved
        for i, word in zip(own.tolist(), words, strict=True):
            texts[i] = word
        wide = f.right[chosen] - f.left[chosen] > parameters.wide * f.sizes[chosen]
        n_read += int(((closest > parameters.surely_read) & wide).sum())
        known[own] = recognizer.surely_known(words, closest)
        start += len(f.rows)
    n_words = int(stands.sum())
    legible = n_read / max(n_words, 1)
    return Words(saliency, boxes, vectors, texts, importance, owner, known, n_words, legible)


def read_again(
    gray: Gray,
    detected: Words,
    grid: PatchGrid,
    recognizer: Recognizer,
    lines: LineReader,
    parameters: DetectedWordParameters,
) -> Words:
    """Each word once, and what the line net reads in place of detections that are none of the vocabulary for sure."""
    own = np.flatnonzero(detected.standing(parameters.candidate))
    found = lines.read(gray, detected.boxes[own], detected.known[own])
    n, more = len(detected.saliency), len(found.texts)
    saliency = np.concatenate([detected.saliency, found.sure])
    saliency[own[found.gone]] = 0
    boxes = np.concatenate([detected.boxes, found.boxes])
    texts = [*detected.texts, *found.texts]
    vectors = np.zeros((more, detected.vectors.shape[1]), np.float32)
    vectors[:, :WORD_DIM] = l2_normalized(recognizer.vectors([number_form(text) for text in found.texts]))
    kept = own[~found.gone]
    # words of the vocabulary first, then what was read again
    sure = np.concatenate([saliency[kept] + 2.0 * detected.known[kept], found.sure + np.ones(more)])
    kept = np.append(kept, n + np.arange(more))
    saliency[kept[doubles([texts[i] for i in kept.tolist()], boxes[kept], sure, parameters.placement)]] = 0
    importance, owner = suppress(saliency, boxes, grid, parameters.candidate, parameters.placement)
    return replace(
        detected,
        saliency=saliency,
        boxes=boxes,
        vectors=np.concatenate([detected.vectors, vectors]),
        texts=texts,
        importance=importance,
        owner=owner,
        known=np.append(detected.known, np.zeros(more, np.bool_)),
    )
