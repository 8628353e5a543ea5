"""The reader: two small nets that give a word on a page and the same word in a query the same vector of 128 numbers.

`PageReader` looks at a gray page and says for every cell of 8 x 16 pixels whether a word may have its centre there, and for
every cell of 8 x 4 which letter lies under it; at the places that are worth it, it says which word stands there (features,
from which `vectors` makes the 128-d vector), how sure that is (saliency) and how far the word reaches (extents).
`WordTower` turns a written word into its 128-d vector from hashed letter groups, so that no word is unknown.
Sizes: pages at about 100 dpi; words of 8 to 26 pixels' font size are read, larger ones on the page at a half or a
quarter of its size with the same weights.
"""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

#: pixels of the page under one cell (net)
CELL_HEIGHT, CELL_WIDTH = 8, 16
#: length of a word's vector (net)
DIM = 128
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789.,-'%$"
#: class 0: blank; the last class: any other character (net)
N_CHARACTERS = len(ALPHABET) + 2
#: rows of the table of letter groups (net)
_BUCKETS = 1 << 15
#: its columns (net)
_WIDTH = 256


def word_features(word: str) -> list[int]:
    """Hashed ids of a folded word's bigrams, trigrams, first and last six characters by position, and length."""
    edged = f"^{word}$"
    grams = [edged[i : i + 2] for i in range(len(edged) - 1)] + [
        edged[i : i + 3] for i in range(len(edged) - 2)
    ]
    grams += [f"s{i}{c}" for i, c in enumerate(word[:6])] + [f"e{i}{c}" for i, c in enumerate(word[::-1][:6])]
    grams.append(f"L{min(len(word), 20)}")
    return [zlib.crc32(gram.encode()) % _BUCKETS for gram in grams]


class WordTower(nn.Module):
    """Folded words -> (n_words, 128) float32, L2-normalized."""

    def __init__(self) -> None:
        super().__init__()
        self.grams = nn.EmbeddingBag(_BUCKETS, _WIDTH, mode="sum")
        nn.init.normal_(self.grams.weight, std=0.3)
        self.mix = nn.Sequential(
            nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, 512), nn.GELU(), nn.Linear(512, _WIDTH)
        )
        self.out = nn.Linear(_WIDTH, DIM)

    def forward(self, words: Sequence[str]) -> Tensor:
        ids: list[int] = []
        offsets: list[int] = []
        for word in words:
            offsets.append(len(ids))
            ids += word_features(word)
        device = self.out.weight.device
        summed = self.grams(
            torch.tensor(ids, dtype=torch.long, device=device),
            torch.tensor(offsets, dtype=torch.long, device=device),
        )  # (n_words, width)
        x = functional.layer_norm(summed, summed.shape[-1:])
        return functional.normalize(self.out(x + self.mix(x)).float(), dim=-1)


class ConvNorm(nn.Module):
    """Convolution, batch norm (folded into the convolution for inference), ReLU unless `linear`."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: tuple[int, int],
        *,
        folded: bool,
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] | None = None,
        linear: bool = False,
    ) -> None:
        super().__init__()
        same = (kernel[0] // 2, kernel[1] // 2)
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, padding or same, bias=folded)
        self.norm = nn.Identity() if folded else nn.BatchNorm2d(n_out)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        return x if self.linear else functional.relu(x, inplace=True)


class Residual(nn.Module):
    def __init__(self, n: int, first: tuple[int, int], second: tuple[int, int], *, folded: bool) -> None:
        super().__init__()
        self.first = ConvNorm(n, n, first, folded=folded)
        self.second = ConvNorm(n, n, second, folded=folded, linear=True)
        if isinstance(self.second.norm, nn.BatchNorm2d):
            nn.init.zeros_(self.second.norm.weight)  # starts as the identity

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.second(self.first(x))
        return functional.relu(added)


class _Gather(nn.Module):
    """A place looks at the cells beside it, by content and by a learned bias for each offset, and thinks about it.

    Attention with the keys' weights moved to the query, and the values' behind the sum: the same numbers, without keys and
    values of cells that nobody looks at.
    """

    SPAN = 10  # cells to either side: half of the longest word at the largest size
    HEADS, HEAD_DIM = 8, 16

    def __init__(self, n_cell: int, n: int) -> None:
        super().__init__()
        inner = self.HEADS * self.HEAD_DIM
        self.norm = nn.LayerNorm(n)
        self.query = nn.Linear(n, inner)
        self.keys = nn.Linear(n_cell, 2 * inner)  # keys, then values; a key's constant has no effect
        offsets = torch.arange(-self.SPAN, self.SPAN + 1).float()
        looks_at = torch.linspace(-5, 5, self.HEADS)  # each head begins at another part of the word
        self.bias = nn.Parameter(-(offsets - looks_at[:, None]).abs() / 1.5)
        self.merge = nn.Linear(inner, n)
        self.mix = nn.Sequential(nn.LayerNorm(n), nn.Linear(n, 3 * n), nn.GELU(), nn.Linear(3 * n, n))

    def forward(self, x: Tensor, beside: Tensor, outside: Tensor) -> Tensor:
        """x: (m, n); beside: (m, span, n_cell) the cells around each place; outside: (m, span) where there is none -> (m, n)"""
        keys, values = self.keys.weight.view(2, self.HEADS, self.HEAD_DIM, -1).unbind()
        query = self.query(self.norm(x)).view(-1, self.HEADS, self.HEAD_DIM) / self.HEAD_DIM**0.5
        asked = (query.transpose(0, 1) @ keys).transpose(0, 1)  # (m, heads, n_cell)
        fit = asked @ beside.transpose(1, 2) + self.bias  # (m, heads, span)
        share = fit.float().masked_fill(outside[:, None], -torch.inf).softmax(2).to(beside.dtype)
        seen = (share @ beside).transpose(0, 1) @ values.transpose(1, 2)  # (heads, m, head_dim)
        constant = self.keys.bias[self.HEADS * self.HEAD_DIM :]
        x = x + self.merge(seen.transpose(0, 1).flatten(1) + constant)
        gathered: Tensor = x + self.mix(x)
        return gathered


class Cells(NamedTuple):
    """A first look at a page, cell by cell."""

    features: Tensor  # (n_batch, n_channels, n_rows, n_cols)
    saliency: Tensor  # (n_batch, n_rows, n_cols): logit that a word's centre lies in the cell


class Words(NamedTuple):
    """A close look at m places."""

    features: Tensor  # (m, 192); `PageReader.vectors` makes 128-d vectors of them
    saliency: Tensor  # (m,): logit that a word's centre lies there
    extents: Tensor  # (m, 3): pixels to the word's left edge, right edge; font size


class PageReader(nn.Module):
    """Gray pages -> `Cells`, and `Words` of the places that are worth a closer look.

    Inputs come from `prepare`: (n_batch, 1, height, width), sides multiples of 16. Of a page's 13,000 cells some 1,000
    may hold a word: only for those the row is gathered.
    """

    WIDTHS = (24, 48, 96)  # channels of the stem, of the letters, of the cells
    N_WORD = 192
    TOGETHER = 128  # places that are looked at together: the cells around them fit into a core's cache

    def __init__(self, *, folded: bool = False, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        (a, b, c), n = widths, self.N_WORD
        self.stem = nn.Sequential(
            ConvNorm(1, a, (8, 8), stride=(4, 4), padding=(2, 2), folded=folded),
            Residual(a, (3, 3), (3, 3), folded=folded),
        )  # cells of 4 x 4 pixels
        self.middle = nn.Sequential(
            ConvNorm(a, b, (3, 3), stride=(2, 1), folded=folded),
            Residual(b, (3, 3), (1, 5), folded=folded),
            Residual(b, (3, 3), (1, 5), folded=folded),
        )  # cells of 8 x 4 pixels: about one letter
        self.characters = nn.Conv2d(b, N_CHARACTERS, 1)
        self.down = ConvNorm(b, c, (3, 7), stride=(1, 4), padding=(1, 2), folded=folded)  # cells of 8 x 16
        self.top = Residual(c, (1, 5), (1, 5), folded=folded)
        self.salient = nn.Conv2d(c, 1, 1)
        self.enter = nn.Linear(c, n)
        self.gather = nn.ModuleList([_Gather(c, n), _Gather(c, n)])
        self.vector = nn.Linear(n, DIM)
        self.surely = nn.Linear(n, 1)
        self.extent = nn.Linear(n, 3)
        nn.init.zeros_(self.extent.weight)

    def letters(self, pages: Tensor) -> Tensor:
        """(n_batch, 1, height, width) -> (n_batch, n_channels, height / 8, width / 4): what is under each letter's cell."""
        x: Tensor = self.middle(self.stem(pages))
        return x

    def cells(self, letters: Tensor) -> Cells:
        features = self.top(self.down(letters))
        return Cells(features, self.salient(features)[:, 0].float())

    def words(self, features: Tensor, places: Tensor) -> Words:
        """features: of `Cells`; places: (m, 3) int64 page, row and column."""
        span = _Gather.SPAN
        by_cell = functional.pad(features.permute(0, 2, 3, 1), (0, 0, span, span))
        n_rows, n_cols = by_cell.shape[1:3]
        cells = by_cell.flatten(0, 2)
        page, row, column = places.t()
        leftmost = (page * n_rows + row) * n_cols + column  # of the cells around a place
        offsets = torch.arange(2 * span + 1, device=features.device)
        found = [features.new_zeros(0, self.N_WORD)]
        for start in range(0, len(places), self.TOGETHER):
            part = slice(start, start + self.TOGETHER)
            beside = cells[leftmost[part, None] + offsets]  # (m, span, n_top)
            at = column[part, None] + offsets
            outside = (at < span) | (at >= n_cols - span)
            word = self.enter(beside[:, span])
            for gather in self.gather:
                word = gather(word, beside, outside)
            found.append(word)
        x = torch.cat(found)
        extents = CELL_WIDTH * self.extent(x).float().clamp(-4, 4).exp()
        return Words(x, self.surely(x)[:, 0].float(), extents)

    def forward(self, pages: Tensor) -> Cells:
        return self.cells(self.letters(pages))

    def vectors(self, features: Tensor) -> Tensor:
        """(m, 192) features of words -> (m, 128) float32, L2-normalized."""
        return functional.normalize(self.vector(features).float(), dim=-1)


def prepare(gray: Tensor) -> Tensor:
    """(n_batch, height, width) uint8, sides multiples of 16 -> the reader's input, channels last, white = 2."""
    if gray.ndim != 3 or gray.shape[1] % 16 or gray.shape[2] % 16:
        raise ValueError(
            f"expected (n_batch, height, width) with sides multiples of 16, got {tuple(gray.shape)}"
        )
    x = gray.float().mul_(4 / 255).sub_(2)[:, None]
    return x.contiguous(memory_format=torch.channels_last)


def folded_state(reader: PageReader) -> dict[str, Tensor]:
    """A trained reader's weights with every batch norm folded into its convolution, for `PageReader(folded=True)`."""
    state = reader.state_dict()
    norms = {name: m for name, m in reader.named_modules() if isinstance(m, ConvNorm)}
    for name, module in norms.items():
        norm = module.norm
        if not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None or norm.running_mean is None:
            raise ValueError(f"expected a batch norm in {name}, got {type(norm).__name__}")
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        state = {key: value for key, value in state.items() if not key.startswith(f"{name}.norm.")}
        state[f"{name}.conv.weight"] = module.conv.weight * scale[:, None, None, None]
        state[f"{name}.conv.bias"] = norm.bias - norm.running_mean * scale
    return {key: value.detach().float().contiguous() for key, value in state.items()}


def widths_of(state: Mapping[str, Tensor]) -> tuple[int, int, int]:
    """The `widths` of the `PageReader` that these weights are of."""
    stem, letters, cells = (len(state[f"{name}.conv.weight"]) for name in ("stem.0", "middle.0", "down"))
    return stem, letters, cells


def load_reader(path: Path) -> tuple[PageReader, WordTower]:
    """Both nets from one safetensors file (`page.*`, `word.*`), ready for inference in float32."""
    state = {key: value.float() for key, value in load_file(path).items()}
    weights = {k.removeprefix("page."): v for k, v in state.items() if k.startswith("page.")}
    page, word = PageReader(folded=True, widths=widths_of(weights)), WordTower()
    page.load_state_dict(weights)
    word.load_state_dict({k.removeprefix("word."): v for k, v in state.items() if k.startswith("word.")})
    page.eval().requires_grad_(False)
    word.eval().requires_grad_(False)
    return page.to(memory_format=torch.channels_last), word  # type: ignore[call-overload]
