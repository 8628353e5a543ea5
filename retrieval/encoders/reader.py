"""The reader: two small nets that put a word on a page and the same word in a query at one place of a 128-d space.

`PageReader` looks at a gray page and says for every cell of 8 x 16 pixels whether a word has its centre there
(saliency), which word (features, from which `vectors` makes the 128-d vector) and how far it reaches (extents).
`WordTower` turns a written word into its 128-d vector from hashed letter groups, so that no word is unknown.
Sizes: pages at about 100 dpi; words of 8 to 26 pixels' font size are read, larger ones on the page at a half or a
quarter of its size with the same weights.
"""

import re
import unicodedata
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

CELL_HEIGHT, CELL_WIDTH = 8, 16  # pixels of the page under one cell
DIM = 128
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789.,-'%$"
N_CHARACTERS = len(ALPHABET) + 2  # class 0: blank; the last class: any other character
TOKEN = re.compile(r"\d[\d.,]*\d|[^\W_]+")
_SINGLE = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_BUCKETS = 1 << 15


def fold(text: str) -> str:
    """Lower case without accents; ligatures and superscripts become plain characters."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_SINGLE))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, folded, in order.

    >>> tokens("Umsätze 2019: 1,234.5 Mio. €")
    ['umsatze', '2019', '1,234.5', 'mio']
    """
    return [fold(match.group()) for match in TOKEN.finditer(text)]


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

    def __init__(self, width: int = 256, dim: int = DIM) -> None:
        super().__init__()
        self.grams = nn.EmbeddingBag(_BUCKETS, width, mode="sum")
        nn.init.normal_(self.grams.weight, std=0.3)
        self.mix = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 512), nn.GELU(), nn.Linear(512, width))
        self.out = nn.Linear(width, dim)

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


class _ConvNorm(nn.Module):
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


class _Residual(nn.Module):
    def __init__(self, n: int, first: tuple[int, int], second: tuple[int, int], *, folded: bool) -> None:
        super().__init__()
        self.first = _ConvNorm(n, n, first, folded=folded)
        self.second = _ConvNorm(n, n, second, folded=folded, linear=True)
        if isinstance(self.second.norm, nn.BatchNorm2d):
            nn.init.zeros_(self.second.norm.weight)  # starts as the identity

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.second(self.first(x))
        return functional.relu(added)


class _RowAttention(nn.Module):
    """Self-attention along each row of cells with a learned bias by offset: a cell gathers its whole word."""

    SPAN = 64  # offsets beyond this share one bias

    def __init__(self, n: int, heads: int = 4, *, identity: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(n)
        self.qkv = nn.Linear(n, 3 * n)
        self.merge = nn.Linear(n, n)
        offsets = torch.arange(-self.SPAN, self.SPAN + 1).abs().float()
        self.bias = nn.Parameter(torch.stack([-offsets / (2.0 * 2**head) for head in range(heads)]))
        last = nn.Linear(2 * n, n)
        self.mix = nn.Sequential(nn.LayerNorm(n), nn.Linear(n, 2 * n), nn.GELU(), last)
        if identity:  # passes its input on until it has been trained
            for layer in (self.merge, last):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        n_batch, n, n_rows, n_cols = x.shape
        cells = x.permute(0, 2, 3, 1).reshape(n_batch * n_rows, n_cols, n)
        qkv = self.qkv(self.norm(cells)).view(n_batch * n_rows, n_cols, 3, self.heads, n // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (n_batch * n_rows, heads, n_cols, n / heads)
        column = torch.arange(n_cols, device=x.device)
        offset = (column[:, None] - column[None]).clamp(-self.SPAN, self.SPAN) + self.SPAN
        bias = self.bias[:, offset].to(q.dtype)[None].expand(n_batch * n_rows, -1, -1, -1)
        gathered = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        cells = cells + self.merge(gathered.transpose(1, 2).reshape(n_batch * n_rows, n_cols, n))
        cells = cells + self.mix(cells)
        grid: Tensor = cells.view(n_batch, n_rows, n_cols, n).permute(0, 3, 1, 2)
        return grid


class Cells(NamedTuple):
    """What the reader says of a page, cell by cell."""

    features: Tensor  # (n_batch, 192, n_rows, n_cols); `PageReader.vectors` makes 128-d vectors of those kept
    saliency: Tensor  # (n_batch, n_rows, n_cols): logit that a word's centre lies in the cell
    extents: Tensor  # (n_batch, 3, n_rows, n_cols): pixels to the word's left edge, right edge; font size


class PageReader(nn.Module):
    """Gray pages -> `Cells`. Inputs come from `prepare`: (n_batch, 1, height, width), sides multiples of 16."""

    N_STEM, N_MIDDLE, N_TOP = 48, 96, 192

    def __init__(self, *, folded: bool = False) -> None:
        super().__init__()
        a, b, c = self.N_STEM, self.N_MIDDLE, self.N_TOP
        self.stem = nn.Sequential(
            _ConvNorm(1, a, (8, 8), stride=(4, 4), padding=(2, 2), folded=folded),
            _Residual(a, (3, 3), (3, 3), folded=folded),
        )  # cells of 4 x 4 pixels
        self.middle = nn.Sequential(
            _ConvNorm(a, b, (3, 3), stride=(2, 1), folded=folded),
            _Residual(b, (3, 3), (1, 5), folded=folded),
            _Residual(b, (3, 3), (1, 5), folded=folded),
        )  # cells of 8 x 4 pixels: about one letter
        self.characters = nn.Conv2d(b, N_CHARACTERS, 1)
        self.down = _ConvNorm(b, c, (3, 7), stride=(1, 4), padding=(1, 2), folded=folded)  # cells of 8 x 16
        self.top = _Residual(c, (1, 5), (1, 5), folded=folded)
        self.rows = nn.Sequential(_RowAttention(c), _RowAttention(c, identity=True))
        self.vector = nn.Conv2d(c, DIM, 1)
        self.salient = nn.Conv2d(c, 1, 1)
        self.extent = nn.Conv2d(c, 3, 1)
        nn.init.zeros_(self.extent.weight)

    def letters(self, pages: Tensor) -> Tensor:
        """(n_batch, 1, height, width) -> (n_batch, 96, height / 8, width / 4): what is under each letter's cell."""
        x: Tensor = self.middle(self.stem(pages))
        return x

    def cells(self, letters: Tensor) -> Cells:
        features = self.rows(self.top(self.down(letters)))
        extents = CELL_WIDTH * self.extent(features).float().clamp(-4, 4).exp()
        return Cells(features, self.salient(features)[:, 0].float(), extents)

    def forward(self, pages: Tensor) -> Cells:
        return self.cells(self.letters(pages))

    def vectors(self, features: Tensor) -> Tensor:
        """(n, 192) features of chosen cells -> (n, 128) float32, L2-normalized."""
        x = functional.linear(features, self.vector.weight[:, :, 0, 0], self.vector.bias)
        return functional.normalize(x.float(), dim=-1)


def prepare(gray: Tensor) -> Tensor:
    """(n_batch, height, width) uint8, sides multiples of 16 -> the reader's input, channels last, white = 2."""
    if gray.ndim != 3 or gray.shape[1] % 16 or gray.shape[2] % 16:
        raise ValueError(
            f"expected (n_batch, height, width) with sides multiples of 16, got {tuple(gray.shape)}"
        )
    x = gray.float().div(255).sub(0.5).mul(4)[:, None]
    return x.contiguous(memory_format=torch.channels_last)


def folded_state(reader: PageReader) -> dict[str, Tensor]:
    """A trained reader's weights with every batch norm folded into its convolution, for `PageReader(folded=True)`."""
    state = reader.state_dict()
    norms = {name: m for name, m in reader.named_modules() if isinstance(m, _ConvNorm)}
    for name, module in norms.items():
        norm = module.norm
        if not isinstance(norm, nn.BatchNorm2d) or norm.running_var is None or norm.running_mean is None:
            raise ValueError(f"expected a batch norm in {name}, got {type(norm).__name__}")
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        state = {key: value for key, value in state.items() if not key.startswith(f"{name}.norm.")}
        state[f"{name}.conv.weight"] = module.conv.weight * scale[:, None, None, None]
        state[f"{name}.conv.bias"] = norm.bias - norm.running_mean * scale
    return {key: value.detach().float().contiguous() for key, value in state.items()}


def load_reader(path: Path) -> tuple[PageReader, WordTower]:
    """Both nets from one safetensors file (`page.*`, `word.*`), ready for inference in float32."""
    state = {key: value.float() for key, value in load_file(path).items()}
    page, word = PageReader(folded=True), WordTower()
    page.load_state_dict({k.removeprefix("page."): v for k, v in state.items() if k.startswith("page.")})
    word.load_state_dict({k.removeprefix("word."): v for k, v in state.items() if k.startswith("word.")})
    page.eval().requires_grad_(False)
    word.eval().requires_grad_(False)
    return page.to(memory_format=torch.channels_last), word  # type: ignore[call-overload]
