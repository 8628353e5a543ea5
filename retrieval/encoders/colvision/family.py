"""One architecture of the family, described: its inputs, which token shows which cell of the page, its resolution."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from pagelight.retrieval.errors import ModelUnsupported
from pagelight.retrieval.types import Ints, PatchGrid

#: longer side and area of A4 and Letter, roughly, in inches and square inches (form)
LONGER_SIDE, AREA = 11.7, 8.3 * 11.7
#: tiles of a page across and down at most, in the tags of the Idefics3 kind (form)
TILES_ACROSS = 6
#: dots per inch at least and at most (limit)
LOWEST, HIGHEST = 72, 200
# A word keeps its inner hyphens, points and apostrophes; scripts without spaces give a word a character.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|[^\W぀-ヿ㐀-鿿豈-﫿]+(?:[-'’.,/][^\W぀-ヿ㐀-鿿豈-﫿]+)*")


def dpi_of_side(n_pixels: float) -> int:
    """The resolution at which a page's longer side has so many pixels, within bounds.

    >>> dpi_of_side(2048)
    175
    """
    return max(LOWEST, min(HIGHEST, round(n_pixels / LONGER_SIDE)))


def dpi_of_area(n_pixels: float) -> int:
    """The resolution at which a page has so many pixels in all, within bounds.

    >>> dpi_of_area(768 * 28 * 28)
    79
    """
    return max(LOWEST, min(HIGHEST, round(math.sqrt(n_pixels / AREA))))


@dataclass(frozen=True, slots=True, eq=False)
class PageLayout:
    """grid: the page's cells; tokens: (n_cells,) int64, the position in the sequence of each cell's token"""

    grid: PatchGrid
    tokens: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.tokens.shape != (self.grid.n_cells,):
            raise ModelUnsupported(
                f"The model gives {self.tokens.size} patches for a page of "
                f"{self.grid.n_rows} x {self.grid.n_cols} cells; its processor and its weights do not fit together."
            )


def square(image_tokens: NDArray[np.int64]) -> PageLayout:
    """ColPali: the page is stretched to a square of n x n patches, row-major.

    >>> square(np.arange(4)).grid
    PatchGrid(n_rows=2, n_cols=2)
    """
    side = math.isqrt(len(image_tokens))
    return PageLayout(PatchGrid(side, side), image_tokens)


def rows(image_tokens: NDArray[np.int64], n_rows: int, n_cols: int) -> PageLayout:
    """ColQwen2, NeoMME: the page at its own shape, row-major."""
    return PageLayout(PatchGrid(n_rows, n_cols), image_tokens)


def tiles(
    image_tokens: NDArray[np.int64],
    ids: NDArray[np.int64],
    tile_of_tag: Mapping[int, tuple[int, int]],
    side: int,
) -> PageLayout:
    """ColModernVBERT, ColIdefics3: the page in tiles of side x side cells, and once more as a whole.

    image_tokens: positions of the image tokens; ids: the sequence's token ids
    tile_of_tag: id of the tag before a tile's tokens → (row, column) of the tile

    The whole page comes last, after a tag of its own; its tokens have no cell (they see everything at once)
    unless the page is small enough to have no tiles.
    """
    runs = np.split(image_tokens, np.arange(side * side, len(image_tokens), side * side))
    placed = [(tile_of_tag.get(int(ids[run[0] - 1])), run) for run in runs]
    tiled = [(place, run) for place, run in placed if place is not None]
    if not tiled:
        return PageLayout(PatchGrid(side, side), runs[-1])
    n_rows = (1 + max(place[0] for place, _ in tiled)) * side
    n_cols = (1 + max(place[1] for place, _ in tiled)) * side
    tokens = np.full((n_rows, n_cols), -1, np.int64)
    for (row, col), run in tiled:
        tokens[row * side : (row + 1) * side, col * side : (col + 1) * side] = run.reshape(side, side)
    if (tokens < 0).any():
        raise ModelUnsupported("The model's processor left out a tile of the page.")
    return PageLayout(PatchGrid(n_rows, n_cols), tokens.reshape(-1))


def positions(ids: NDArray[np.int64], mask: NDArray[np.int64], token_id: int) -> NDArray[np.int64]:
    """Positions of a token in a sequence, padding left aside."""
    return np.flatnonzero((ids == token_id) & (mask != 0))


def tile_tags(token_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Tags `<row_1_col_1>` … `<row_6_col_6>` in row-major order → their tile."""
    return {token: divmod(index, TILES_ACROSS) for index, token in enumerate(token_ids)}


#: a token that no character of the query stands behind (form)
NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """Pages ready for the model.

    tensors: the model's arguments; attention_mask: (n_pages, n_tokens), 0 at padding; layouts: one a page
    """

    tensors: Mapping[str, Tensor]
    attention_mask: Tensor
    layouts: Sequence[PageLayout]


@dataclass(frozen=True, slots=True, eq=False)
class QueryInputs:
    """One query ready for the model.

    tensors: the model's arguments; attention_mask: (1, n_tokens)
    spans: for each token the characters (start, end) of the query that it stands for; NOWHERE for the tokens of
        prompt, padding and augmentation
    """

    tensors: Mapping[str, Tensor]
    attention_mask: Tensor
    spans: Sequence[tuple[int, int]]


class Family(Protocol):
    """A loaded model with its processor.

    causal: a token sees only those before it
    tokenizer: of transformers
    dim: length of a vector
    dpi: the resolution beyond which the model sees no more
    """

    causal: bool
    model: Any
    tokenizer: Any
    dim: int

    @property
    def dpi(self) -> int: ...

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        """RGB images to the model's arguments, on the CPU."""

    def query(self, text: str) -> QueryInputs:
        """A query to the model's arguments, on the CPU."""

    def attentions(self) -> Sequence[nn.Module]:
        """The attention modules of the layers that read text and patches together, first to last."""


def words_of(text: str) -> list[tuple[int, int]]:
    """The characters (start, end) of each word.

    >>> text = "What's the 2,300 t total?"
    >>> [text[a:b] for a, b in words_of(text)]
    ["What's", 'the', '2,300', 't', 'total']
    """
    return [match.span() for match in _WORD.finditer(text)] or [
        match.span() for match in re.finditer(r"\S+", text)
    ]


def word_of_token(words: Sequence[tuple[int, int]], tokens: Sequence[tuple[int, int]]) -> Ints:
    """(n_tokens,): the word that each token shares most characters with, or -1.

    >>> word_of_token([(0, 5), (6, 9)], [(0, 0), (0, 2), (2, 5), (5, 9), (9, 10)]).tolist()
    [-1, 0, 0, 1, -1]
    """
    owners = np.full(len(tokens), -1, np.int32)
    for token, (start, end) in enumerate(tokens):
        shared = [min(end, b) - max(start, a) for a, b in words]
        if shared and max(shared) > 0:
            owners[token] = int(np.argmax(shared))
    return owners


def control_tokens(tokenizer: Any) -> list[str]:
    """Tokens that mean something else than their letters to a tokenizer of transformers."""
    return [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]


def inert(text: str, special_tokens: Iterable[str]) -> str:
    """The text, as long as before, with nothing in it that a tokenizer takes for one of its control tokens.

    >>> inert("what is <image> in LaTeX?", ["<image>", "a"])
    'what is  image> in LaTeX?'
    """
    for token in special_tokens:
        if len(token) > 1 and not token[0].isalnum():
            text = text.replace(token, " " + token[1:])
    return text


def query_spans(offsets: Sequence[Sequence[int]], start: int, length: int) -> list[tuple[int, int]]:
    """Tokens' characters in a whole prompt → in the query that begins at `start` in it; (0, 0) outside of it.

    >>> query_spans([(0, 7), (6, 9), (9, 12), (12, 13)], start=7, length=5)
    [(0, 0), (0, 2), (2, 5), (0, 0)]
    """
    spans = [(max(a - start, 0), min(b - start, length)) for a, b in offsets]
    return [(a, b) if a < b else (0, 0) for a, b in spans]
