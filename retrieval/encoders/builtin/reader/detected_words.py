"""Detections of words at several sizes: recognized, each once, and read again where they are unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    stands (n,): those that no surer one covers; surely_read (n,): as a word of some width; known (n,): as one of the vocabulary
    """

    saliency: Floats
    boxes: Floats
    vectors: Floats
    texts: Sequence[str]
    stands: NDArray[np.bool_]
    surely_read: NDArray[np.bool_]
    known: NDArray[np.bool_]


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
    importance, _ = suppress(saliency, boxes, grid, parameters.candidate, parameters.placement)
    stands = (importance == saliency) & (saliency >= parameters.candidate)
    vectors = np.zeros((len(saliency), dim), np.float32)
    texts = [""] * len(saliency)
    surely_read, known = np.zeros((2, len(saliency)), np.bool_)
    start = 0
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
        surely_read[own] = (closest > parameters.surely_read) & wide
        known[own] = recognizer.surely_known(words, closest)
        start += len(f.rows)
    return Words(saliency, boxes, vectors, texts, stands, surely_read, known)


def read_again(
    gray: Gray,
    detected: Words,
    recognizer: Recognizer,
    lines: LineReader,
    parameters: DetectedWordParameters,
) -> Words:
    """Each word once, and what the line net reads in place of detections that are none of the vocabulary for sure."""
    own = np.flatnonzero(detected.stands)
    saliency = detected.saliency.copy()
    found = lines.read(gray, detected.boxes[own], detected.known[own])
    saliency[own[found.gone]] = 0
    vectors = np.zeros((len(found.texts), detected.vectors.shape[1]), np.float32)
    vectors[:, :WORD_DIM] = l2_normalized(recognizer.vectors([number_form(text) for text in found.texts]))
    none = np.zeros(len(found.texts), np.bool_)
    words = Words(
        np.concatenate([saliency, found.sure]),
        np.concatenate([detected.boxes, found.boxes]),
        np.concatenate([detected.vectors, vectors]),
        [*detected.texts, *found.texts],
        np.concatenate([detected.stands, ~none]),
        np.concatenate([detected.surely_read, none]),
        np.concatenate([detected.known, none]),
    )
    own = np.flatnonzero(words.stands & (words.saliency > 0))
    sure = words.saliency[own] + 2 * words.known[own] + (own >= len(saliency))
    twice = doubles([words.texts[i] for i in own.tolist()], words.boxes[own], sure, parameters.placement)
    words.saliency[own[twice]] = 0
    return words
