"""The built-in encoder: small, offline, on a CPU.

A page is read at three sizes by the reader, which says where words are and gives each a vector; the looks net
adds one vector for each chart, table, map, photograph … A query's words become vectors of the same space; the
lexicon adds inflections and near meanings, and the look that a word asks for, as weaker alternatives.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from retrieval.encoders.lexicon import Lexicon
from retrieval.encoders.looks import LOOK_VECTORS, LOOKS, LookNet, load_looks, query_looks
from retrieval.encoders.placement import add_regions, fit, suppress, turn_back
from retrieval.encoders.protocol import EncoderInfo
from retrieval.encoders.reader import (
    CELL_HEIGHT,
    CELL_WIDTH,
    DIM,
    TOKEN,
    PageReader,
    WordTower,
    fold,
    load_reader,
    prepare,
)
from retrieval.scoring import TermScoring
from retrieval.types import Floats, Ints, PageEmbedding, PatchGrid, QueryEmbedding

ASSETS = Path(__file__).parents[2] / "assets" / "encoder"
#: the reader sees pages with their long side in this range of pixels (A4 at 130 dpi has 1520): at 100 dpi small
#: print is read much worse
LONG_SIDES = (1300, 1800)
#: the page is read at these sizes, so that footnotes and titles are read by the same weights
SCALES = (1.0, 0.5, 0.25)
#: a cell with less saliency is no candidate for a word
CANDIDATE = 0.3
#: looks that are words, which the reader knows better
PLAIN = ("text", "heading")
#: regions below this confidence are left out
LEAST_SURE = 0.25
#: how many words one look counts for
LOOK_COUNT = 4
#: share of a word's weight that its alternatives get at most
ALTERNATIVE = 0.3
MAX_TOKENS = 48


_CLOCKWISE = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """Word detections of a page: vectors (n, 128), saliency (n,), boxes (n, 4) relative."""

    vectors: Floats
    saliency: Floats
    boxes: Floats


class BuiltinEncoder:
    """`Encoder` over the weights in `assets/encoder`."""

    def __init__(
        self,
        page: PageReader,
        word: WordTower,
        looks: LookNet,
        lexicon: Lexicon,
        scoring: TermScoring,
        version: str = "",
    ) -> None:
        self._page, self._word, self._looks, self._lexicon = page, word, looks, lexicon
        self._scoring = scoring
        self._version = version
        self._bf16: bool | None = None

    @classmethod
    def load(cls, folder: Path = ASSETS) -> BuiltinEncoder:
        page, word = load_reader(folder / "reader.safetensors")
        facts = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        scoring = TermScoring(facts["midpoint"], facts["slope"], facts["floor"])
        looks = load_looks(folder / "looks.safetensors")
        digest = hashlib.sha256()
        for name in ("reader.safetensors", "looks.safetensors"):
            digest.update((folder / name).read_bytes())
        lexicon = Lexicon.load(folder / "lexicon.npz")
        return cls(page, word, looks, lexicon, scoring, version=digest.hexdigest()[:8])

    @property
    def info(self) -> EncoderInfo:
        # the weights are part of the name: an index made with others cannot be searched with these
        name = f"builtin-{self._version}" if self._version else "builtin"
        return EncoderInfo(
            name,
            DIM,
            "importance:0.5+repeats:0.95",
            dpi=130,
            licence="MIT; its lexicon CC BY-SA 4.0",
            batch=2,
        )

    @property
    def scoring(self) -> TermScoring | None:
        return self._scoring

    # Pages

    @torch.inference_mode()
    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        return [self._encode_page(image) for image in images]

    def _encode_page(self, image: Image.Image) -> PageEmbedding:
        looks = self._looks.find(image)
        upright = image.transpose(_CLOCKWISE[looks.turned]) if looks.turned else image
        page, owner = self._read(upright)
        if looks.turned:
            page, owner = turn_back(page, owner, looks.turned)
        regions = [r for r in looks.regions if r.name not in PLAIN and r.confidence >= LEAST_SURE]
        sure = np.array([r.confidence for r in regions], np.float32)
        vectors = LOOK_VECTORS[[LOOKS.index(r.name) for r in regions]] * sure[:, None]
        # a region is worth more than the least word that is kept, however unsure
        return add_regions(
            page, owner, [r.box for r in regions], vectors, (0.5 + sure / 2).astype(np.float32), LOOK_COUNT
        )

    def _read(self, image: Image.Image) -> tuple[PageEmbedding, Ints]:
        """An upright page's words, and the detection that owns each cell (n_cells,), or -1."""
        gray = fit(image, *LONG_SIDES)
        grid = PatchGrid(gray.height // CELL_HEIGHT, gray.width // CELL_WIDTH)
        words = [self._detect(gray, scale) for scale in SCALES if min(gray.size) * scale >= 64]
        vectors = np.concatenate([w.vectors for w in words])
        boxes = np.concatenate([w.boxes for w in words])
        saliency = np.concatenate([w.saliency for w in words])
        importance, owner = suppress(saliency, boxes, grid, CANDIDATE)
        cells = np.where(owner >= 0, owner, np.arange(grid.n_cells)).astype(np.int32)
        return PageEmbedding(vectors, grid, cells, importance, np.ones(len(vectors), np.int32)), owner

    def _detect(self, gray: Image.Image, scale: float) -> _Words:
        """At full size every cell, at smaller sizes the candidates only."""
        width, height = round(gray.width * scale), round(gray.height * scale)
        pixels = np.full((-(-height // 16) * 16, -(-width // 16) * 16), 255, np.uint8)
        small = gray if scale == 1 else gray.resize((width, height), Image.Resampling.BOX)
        pixels[:height, :width] = np.asarray(small)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._pays_bf16()):
            cells = self._page(prepare(torch.from_numpy(pixels)[None]))
        saliency = torch.sigmoid(cells.saliency[0])  # (n_rows, n_cols)
        rows, cols = torch.nonzero(saliency >= (0.0 if scale == 1 else CANDIDATE), as_tuple=True)
        vectors = self._page.vectors(cells.features[0, :, rows, cols].T.float())
        left, right, size = cells.extents[0, :, rows, cols]
        x = cols * CELL_WIDTH + CELL_WIDTH / 2
        y = rows * CELL_HEIGHT + CELL_HEIGHT / 2
        boxes = torch.stack([x - left, y - 0.55 * size, x + right, y + 0.5 * size], dim=1)
        boxes = boxes / torch.tensor([width, height, width, height])
        return _Words(
            vectors.numpy(), saliency[rows, cols].numpy(), boxes.clamp(0, 1).numpy().astype(np.float32)
        )

    def _pays_bf16(self) -> bool:
        """Whether bfloat16 is faster here: native on some processors, five times slower on others."""
        if self._bf16 is None:
            self._bf16 = False
            crop = prepare(torch.full((1, 512, 512), 255, dtype=torch.uint8))
            seconds = {False: float("inf"), True: float("inf")}
            for enabled in (False, True) * 3:  # the best of three: a busy machine disturbs single ones
                with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                    start = time.perf_counter()
                    self._page(crop)
                    seconds[enabled] = min(seconds[enabled], time.perf_counter() - start)
            self._bf16 = seconds[True] < 0.8 * seconds[False]
        return self._bf16

    # Queries

    @torch.inference_mode()
    def encode_query(self, text: str) -> QueryEmbedding:
        typed = [m.group() for m in TOKEN.finditer(text)]
        folded = [fold(word) for word in typed]
        spelled: list[tuple[int, str, float]] = []  # (word, spelling, weight)
        for i, word in enumerate(folded):
            own = self._lexicon.weight(word)
            spelled.append((i, word, own))
            spelled += [(i, other, own * ALTERNATIVE * share) for other, share in self._lexicon.expand(word)]
        spelled = sorted(spelled, key=lambda s: -s[2])[:MAX_TOKENS]
        vectors = self._word([s[1] for s in spelled]).numpy() if spelled else np.zeros((0, DIM), np.float32)
        looks = _look_tokens(text, folded)
        return QueryEmbedding(
            text,
            tuple(typed),
            np.concatenate([vectors, *(vector[None] for _, vector, _ in looks)]).astype(np.float32),
            np.array([i for i, *_ in (*spelled, *looks)], np.int32),
            np.array([weight for *_, weight in (*spelled, *looks)], np.float32),
            (*(spelling for _, spelling, _ in spelled), *("" for _ in looks)),
        )


def _look_tokens(text: str, folded: Sequence[str]) -> list[tuple[int, Floats, float]]:
    """(word, vector, weight) for each look that the query asks for; each word of a phrase asks for it."""
    tokens = []
    for phrase, wanted in query_looks(text):
        for index in (i for i, word in enumerate(folded) if word in phrase):
            tokens += [(index, LOOK_VECTORS[LOOKS.index(name)], weight) for name, weight in wanted.items()]
    return tokens
