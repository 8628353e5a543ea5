"""Slant of a picture's lines of text: told from its ink, and taken out by turning the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pagelight.retrieval.types import Floats

_Numbers = NDArray[np.floating[Any]]

#: grey of paper (form)
_PAPER = 255


@dataclass(frozen=True, slots=True)
class SlantParameters:
    """How lines of text are looked for at any angle.

    side: pixels of the picture's long side: lines of text are then 8 pixels apart and more (geometry)
    around: pixels to each side whose mean is taken for the paper (geometry)
    ink: levels by which ink differs from the paper, at least (geometry)
    strongest: all but this share of the pixels differ less than the strongest ink, half of which is ink, too (geometry)
    most_ink: pixels of ink that are looked at (speed)
    lines: times the usual change between rows of pixels that there is at the angle of lines of text, at least: text has 6 to 50, photos up to
        4 (geometry)
    coarse: degrees between the angles that are tried first: half of them moves the end of a line of text by less than its
        distance from the next line (geometry)
    fine: degrees between those that are tried around the best of them (geometry)
    along: share by which steps from word to word along a line lead across it, at most (geometry)
    fewest_steps: steps along lines from which on their direction is told (geometry)
    clear: share of them that go one way, at least (geometry)
    oblique: degrees from an axis from which on words are about as high as wide, with all that is around them (geometry)
    """

    side: int = 1000
    around: int = 12
    ink: int = 24
    strongest: float = 0.995
    most_ink: int = 10_000
    lines: float = 5.0
    coarse: float = 1.0
    fine: float = 0.1
    along: float = 0.25
    fewest_steps: int = 5
    clear: float = 0.7
    oblique: float = 25.0


SLANT = SlantParameters()


def slant_of(gray: NDArray[np.uint8], parameters: SlantParameters = SLANT) -> float:
    """Degrees, -90 to 90, by which the picture's lines of text rise to the right; 0 where it shows none."""
    ink = _ink(gray, parameters)
    angles = np.arange(-90, 90, parameters.coarse)
    sharpness = _sharpness(ink, angles)
    if sharpness.max() < parameters.lines * np.median(sharpness) or not sharpness.any():
        return 0.0
    around = np.arange(-parameters.coarse, parameters.coarse + parameters.fine / 2, parameters.fine)
    angles = angles[sharpness.argmax()] + around
    return float((angles[_sharpness(ink, angles).argmax()] + 90) % 180 - 90)


def turned_by(gray: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """The picture turned clockwise about its middle, on a sheet as large as it takes."""
    picture = Image.fromarray(gray).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)
    return np.asarray(picture)


def points_on_turned(
    points: _Numbers, degrees: float, size: tuple[int, int], turned: tuple[int, int]
) -> Floats:
    """(n, 2) relative points of a picture, on the picture turned by so much. size, turned: (width, height) of both"""
    return ((points - 0.5) * size @ _turn(degrees) / turned + 0.5).astype(np.float32)


def boxes_back(boxes: Floats, degrees: float, size: tuple[int, int], turned: tuple[int, int]) -> Floats:
    """(n, 4) relative boxes on a picture turned by so much, on the picture as it was. size, turned: (width, height) of both"""
    around_middle = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) - 0.5
    corners = around_middle * turned @ _turn(-degrees) / size + 0.5
    around = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    return np.asarray(np.clip(around, 0, 1), np.float32)


def course_along(
    degrees: float, boxes: Floats, size: tuple[int, int], parameters: SlantParameters = SLANT
) -> int:
    """Whether words in reading order (n, 4) go on along lines that rise so much (1), against them (-1), or another way (0).

    size: (width, height) of their picture
    """
    if len(boxes) < 2:
        return 0
    steps = np.diff((boxes[:, :2] + boxes[:, 2:]) / 2 * size, axis=0)
    along, across = (steps @ _turn(degrees)).T
    is_along = np.abs(across) < parameters.along * np.abs(along)
    is_across = np.abs(along) < parameters.along * np.abs(across)  # down a column of a table
    width, height = ((boxes[:, 2:] - boxes[:, :2]) * size).T
    are_level = np.median(width - height) > 0
    is_oblique = parameters.oblique < abs(degrees) < 90 - parameters.oblique
    is_other_axis = are_level != (abs(degrees) < 45) and not is_oblique
    if (
        is_other_axis
        or is_along.sum() < parameters.fewest_steps
        or (is_along | is_across).sum() < len(steps) / 2
    ):
        return 0
    ahead = (along[is_along] > 0).mean()
    return 1 if ahead >= parameters.clear else -1 if ahead <= 1 - parameters.clear else 0


def _turn(degrees: float) -> _Numbers:
    """(2, 2): points @ this are turned clockwise, y being counted downwards."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _ink(gray: NDArray[np.uint8], parameters: SlantParameters) -> Floats:
    """(n, 2) pixels with ink, of the reduced picture."""
    picture = Image.fromarray(gray)
    picture.thumbnail((parameters.side, parameters.side))
    paper = np.asarray(picture.filter(ImageFilter.BoxBlur(parameters.around)), np.int16)
    darker = paper - np.asarray(picture, np.int16)
    light, dark = np.quantile(darker, [1 - parameters.strongest, parameters.strongest])
    strongest = (
        dark if dark >= -light else light
    )  # beside ink its paper differs from the mean, too, the other way
    is_ink = np.sign(strongest) * darker >= max(abs(strongest) / 2, parameters.ink)
    rows, columns = np.nonzero(is_ink)
    points = np.stack([columns, rows], axis=1)
    rng = np.random.default_rng(0)  # what is regular would make patterns of its own
    if len(points) > parameters.most_ink:
        points = rng.choice(points, parameters.most_ink, replace=False)
    return (points + rng.random(points.shape)).astype(np.float32)


def _sharpness(ink: Floats, angles: _Numbers) -> _Numbers:
    """(n,) how much rows of pixels change from one to the next at each angle: most at that of lines of text."""
    found = np.zeros(len(angles))
    middle = ink - ink.mean(axis=0) if len(ink) else ink
    for index, angle in enumerate(angles if len(ink) else ()):
        rows = middle @ _turn(angle)[:, 1]
        profile = np.bincount((rows - rows.min()).astype(np.int32)).astype(np.float64)
        found[index] = (np.diff(profile) ** 2).sum()
    return found
