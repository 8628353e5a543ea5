"""What the page's reader is unsure of, read once more: strips of its lines by the line net, character by character.

The page's reader knows words and leans on its vocabulary; numbers, codes and names are none of it. A strip is a run of detections
of a line that are no words for sure. What is read there takes the place of those that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pagelight.retrieval.encoders.builtin.placement import Gray
from pagelight.retrieval.encoders.builtin.reader.arithmetic import fastest, in_bf16
from pagelight.retrieval.encoders.builtin.reader.line_net import CHARACTERS, COLUMN, HEIGHT, LineNet
from pagelight.retrieval.encoders.builtin.reader.line_strips import (
    BOX_HEIGHT,
    STRIPS,
    Strip,
    StripParameters,
    cut,
    find_strips,
    ink,
    width_of,
)
from pagelight.retrieval.text.analyzer import TOKEN
from pagelight.retrieval.types import Floats, Ints

#: what stands for a character that the net has no name for
_ANY = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class LineReadingParameters:
    """Strips, and what of them is believed.

    strips: how they are found and cut
    early: font sizes by which a character begins before the columns that show it: the net waits until it has seen most of it
        (drawn pages)
    share: of a detection that lies under what was read, from which it is the same thing (geometry)
    believed: mean probability of the characters of a word from which it is believed (practice pages)
    sample: strips of a page that has more of them, by which is told whether it is print at all (speed)
    print: share of those whose characters are believed, at least: .7 to 1 on pages in Latin letters, up to .3 on pages in others
        (practice pages)
    step: columns; strips are read with widths that are multiples of it, so that many have the same (speed)
    together: columns of strips that are read at once, at most, unless a single one has more (memory)
    """

    strips: StripParameters = STRIPS
    early: float = 0.35
    share: float = 0.5
    believed: float = 0.7
    sample: int = 32
    print: float = 0.45
    step: int = 16
    together: int = 512


LINE_READING = LineReadingParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """text; starts, ends (n,): columns of its characters; sure (n,): their probabilities"""

    text: str
    starts: Ints
    ends: Ints
    sure: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LineWords:
    """texts: k folded words; boxes (k, 4), relative; sure (k,) 0..1; gone (n,): detections whose place they take"""

    texts: tuple[str, ...]
    boxes: Floats
    sure: Floats
    gone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Believed:
    """Of one strip: k texts, boxes (k, 4), relative, sure (k,); gone: indices of detections"""

    texts: list[str]
    boxes: Floats
    sure: Floats
    gone: Ints


class LineReader:
    """Reads strips of a page."""

    def __init__(self, net: LineNet, parameters: LineReadingParameters = LINE_READING) -> None:
        self._net, self._parameters = net, parameters
        self._bf16: bool | None = None

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Measure what suits the processor, before several threads read at once."""
        if self._bf16 is None:
            some = torch.rand(4, 1, HEIGHT, 480).to(memory_format=torch.channels_last)
            ways = {"float32": lambda: self._net(some), "bfloat16": in_bf16(lambda: self._net(some))}
            self._bf16 = fastest(ways) == "bfloat16"

    @torch.inference_mode()
    def read(self, gray: Gray, boxes: Floats, known: NDArray[np.bool_]) -> LineWords:
        """What stands where detections are no words of the vocabulary for sure.

        boxes: (n, 4) of detections, relative; known: (n,) those that are
        """
        strips = list(find_strips(boxes, ~known, gray.shape, self._parameters.strips))
        found = [self._believed(strip, seen, boxes, gray.shape) for strip, seen in self._seen(gray, strips)]
        gone = np.zeros(len(boxes), np.bool_)
        gone[np.concatenate([np.zeros(0, np.int32), *[one.gone for one in found]])] = True
        return LineWords(
            tuple(text for one in found for text in one.texts),
            np.concatenate([np.zeros((0, 4), np.float32), *[one.boxes for one in found]]),
            np.concatenate([np.zeros(0, np.float32), *[one.sure for one in found]]),
            gone,
        )

    def _seen(self, gray: Gray, strips: Sequence[Strip]) -> list[tuple[Strip, Decoded]]:
        """The strips with what stands in them; none where too few of a sample hold Latin letters or digits: pages in other
        scripts and drawings have hundreds of strips that hold none."""
        p = self._parameters
        every = max(len(strips) // p.sample, 1)
        sample = strips[::every]
        seen = list(zip(sample, self._decoded(gray, sample), strict=True))
        if every == 1:
            return seen
        believed = [len(one.sure) > 0 and float(one.sure.mean()) >= p.believed for _, one in seen]
        if sum(believed) < p.print * len(sample):
            return []
        others = [strip for i, strip in enumerate(strips) if i % every]
        return seen + list(zip(others, self._decoded(gray, others), strict=True))

    def _decoded(self, gray: Gray, strips: Sequence[Strip]) -> list[Decoded]:
        """Strips of like widths are read at once."""
        p = self._parameters
        cuts = [ink(cut(gray, s.left, s.right, s.middle, s.size, p.strips)) for s in strips]
        n_columns = np.array([image.shape[1] // COLUMN for image in cuts], np.int64)
        found: list[Decoded | None] = [None] * len(cuts)
        for batch, n_rows, wide in _batches(n_columns, p.step, p.together):
            together = np.zeros((n_rows, 1, HEIGHT, wide * COLUMN), np.float32)
            for row, i in enumerate(batch.tolist()):
                together[row, 0, :, : cuts[i].shape[1]] = cuts[i]
            pixels = torch.from_numpy(together / 255).to(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=bool(self._bf16)):
                logits = self._net(pixels)
            seen = logits.float().log_softmax(2).numpy()
            for row, i in enumerate(batch.tolist()):
                found[i] = decoded(seen[row, : n_columns[i]])
        return [one for one in found if one is not None]

    def _believed(self, strip: Strip, seen: Decoded, boxes: Floats, shape: tuple[int, ...]) -> _Believed:
        """The words of a strip that are sure enough. boxes: of all detections; shape: of the page, in pixels"""
        p = self._parameters
        height, width = shape
        n_columns = width_of(strip.left, strip.right, strip.size, p.strips) // COLUMN
        step = (strip.right - strip.left) / n_columns
        own = boxes[strip.own]
        texts: list[str] = []
        places: list[tuple[float, float]] = []
        sure: list[float] = []
        gone = np.zeros(len(own), np.bool_)
        for match in TOKEN.finditer(seen.text):
            first, last = match.span()
            certain = float(seen.sure[first:last].mean())
            if certain < p.believed:
                continue
            left = max(strip.left + step * float(seen.starts[first]) - p.early * strip.size, 0.0) / width
            right = (strip.left + step * float(seen.ends[last - 1])) / width
            under = np.minimum(own[:, 2], right) - np.maximum(own[:, 0], left)
            covered = under > p.share * np.minimum(own[:, 2] - own[:, 0], right - left)
            is_cut = seen.starts[first] == 0 or seen.ends[last - 1] == n_columns
            if is_cut and not covered.any():
                continue  # of a word beside the strip
            gone |= covered
            texts.append(match[0])
            places.append((left, right))
            sure.append(certain)
        x = np.array(places, np.float32).reshape(-1, 2)
        y = np.full(len(x), strip.middle / height, np.float32)
        half = strip.size * BOX_HEIGHT / 2 / height
        return _Believed(
            texts,
            np.stack([x[:, 0], y - half, x[:, 1], y + half], axis=1).astype(np.float32),
            np.array(sure, np.float32),
            strip.own[gone],
        )


def _batches(
    n_columns: NDArray[np.int64], step: int, most: int
) -> Iterator[tuple[NDArray[np.int64], int, int]]:
    """(indices of strips of like widths, rows and columns of the batch that holds them): few different shapes, since the
    convolutions for a new one take longer to prepare than to compute. n_columns: (n,) of strips"""
    wide = -(-n_columns // step) * step
    for columns in np.unique(wide).tolist():
        own = np.flatnonzero(wide == columns)
        full = 1 << max((most // columns).bit_length() - 1, 0)
        for start in range(0, len(own), full):
            part = own[start : start + full]
            yield part, 1 << (len(part) - 1).bit_length(), columns


def decoded(seen: Floats) -> Decoded:
    """The likeliest characters of (n_columns, N_CLASSES) log probabilities, one for each run of a class."""
    best = seen.argmax(axis=1)
    begins = np.flatnonzero(np.diff(best, prepend=-1) != 0)
    ends = np.append(begins[1:], len(best))
    kept = best[begins] > 0
    begins, ends = begins[kept], ends[kept]
    named = best[begins]
    sure = np.array(
        [np.exp(seen[a:b, c].max()) for a, b, c in zip(begins, ends, named, strict=True)], np.float32
    )
    text = "".join(CHARACTERS[c - 1] if c <= len(CHARACTERS) else _ANY for c in named.tolist())
    return Decoded(text, begins.astype(np.int32), ends.astype(np.int32), sure)
