"""Names of what photographs show, which the text model understands as it does the words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from pagelight.retrieval.encoders.builtin.figures.detector import FIGURE_KINDS, DetectedFigure
from pagelight.retrieval.encoders.builtin.figures.picture_net import SIDE, PictureNet
from pagelight.retrieval.encoders.builtin.placement import on_white, upright
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.types import Box

#: the file that `training.pictures` writes
PICTURES = "pictures.safetensors"
#: its tensor of the classes in UTF-8, a line each: the name, and words for it and for what it is a kind of, with tabs between; of
#: what paper itself looks like nothing
NAMES = "names"
_PHOTO = FIGURE_KINDS.index("photo")


@dataclass(frozen=True, slots=True)
class PictureParameters:
    """Regions that are named, and names that are given.

    photo: probability of a photo from which a region is looked at (pages of both sets, by eye)
    smallest: least side of such a region in pixels (pages of both sets, by eye)
    sure: probability of the likeliest name, below which a photo has none (pages of both sets, by eye)
    also: probability of a further name (pages of both sets, by eye)
    most: names at most (pages of both sets, by eye)
    """

    photo: float = 0.3
    smallest: int = 48
    sure: float = 0.3
    also: float = 0.1
    most: int = 3


PICTURE_NAMES = PictureParameters()


class Name(NamedTuple):
    """text: of a thing; words: for it, and for what it is a kind of"""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """box: x0, y0, x1, y1 relative to the page; phrase: what it shows; words: folded words that people ask for it with"""

    box: Box
    phrase: str
    words: tuple[str, ...]


class PictureNamer:
    """The net of a file, loaded when the first photo is seen. Safe for several threads."""

    def __init__(self, path: Path, parameters: PictureParameters = PICTURE_NAMES) -> None:
        self._path, self._parameters = path, parameters
        self._loading = Lock()
        self._loaded: tuple[PictureNet, list[Name]] | None = None

    def named(self, image: Image.Image, figures: Sequence[DetectedFigure], turned: int) -> list[NamedPicture]:
        """The photos among a page's figures that show something that has a name.

        turned: clockwise quarter turns that make the page upright
        """
        found = []
        for figure in figures:
            if figure.kinds[_PHOTO] < self._parameters.photo:
                continue
            corners = np.array(figure.box) * np.tile(image.size, 2)
            left, top, right, bottom = np.rint(corners).astype(int).tolist()
            if min(right - left, bottom - top) < self._parameters.smallest:
                continue
            names = self.names(upright(on_white(image.crop((left, top, right, bottom))), turned))
            if names:
                words = dict.fromkeys(fold(word) for name in names for word in name.words)
                found.append(NamedPicture(figure.box, ", ".join(name.text for name in names), tuple(words)))
        return found

    def names(self, picture: Image.Image) -> list[Name]:
        """Names of what a picture in RGB shows, the likeliest first; none where that is not sure."""
        net, classes = self._net()
        small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float32)
        probabilities = net.probabilities(torch.from_numpy(small).permute(2, 0, 1)[None])[0].numpy()
        order = np.argsort(-probabilities)[: self._parameters.most].tolist()
        if probabilities[order[0]] < self._parameters.sure or not classes[order[0]].text:
            return []
        return [classes[i] for i in order if probabilities[i] >= self._parameters.also and classes[i].text]

    def _net(self) -> tuple[PictureNet, list[Name]]:
        with self._loading:
            if self._loaded is None:
                tensors = load_file(self._path)
                lines = tensors[NAMES].numpy().tobytes().decode().split("\n")
                fields = [line.split("\t") for line in lines]
                classes = [Name(name, tuple(words)) for name, *words in fields]
                self._loaded = PictureNet(tensors), classes
            return self._loaded
