"""Encoded pages on disk, so that a page meets the encoder once however many settings are measured.

One folder an encoder, one below it a file (by content); a page is written as soon as it is encoded, so that a run
that was stopped goes on where it was:

    00001.npy    vectors as float16, the precision of the default store, not compressed: each setting reads them
    00001.npz    the rest; a page is there once this is
    00001.webp   its picture, for reports
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw

from pagelight.retrieval.encoders.encoder import Encoder, Importance
from pagelight.retrieval.pruning.ink import with_ink
from pagelight.retrieval.types import Floats, PageEmbedding, PageWords, PatchGrid

#: width of the kept picture of each page
THUMBNAIL_WIDTH = 720
#: another layout of these files gives another folder
_LAYOUT = b"npy beside npz"


class RenderedPage(Protocol):
    """What a renderer yields (`ingest.render.RenderedPage` is one)."""

    @property
    def number(self) -> int: ...
    @property
    def image(self) -> Image.Image: ...
    @property
    def words(self) -> PageWords: ...


#: (path, dpi, first page) -> pages in order from that page on
Render = Callable[[Path, int, int], Iterator[RenderedPage]]


@dataclass(frozen=True, slots=True, eq=False)
class CachedPage:
    """A page as the encoder left it, with its words. seconds: what encoding it took."""

    document: str
    document_id: str
    page: int
    embedding: PageEmbedding
    words: PageWords
    seconds: float


@dataclass(frozen=True, slots=True)
class CachedDocument:
    """Where a document's encoded pages lie. pages: the numbers of those that could be rendered"""

    name: str
    document_id: str
    folder: Path
    pages: tuple[int, ...]

    def load(self, page: int, importance: Importance = Importance.OWN) -> CachedPage:
        """The encoded page (counted from 1), with the encoder's own importance or with INK."""
        vectors = np.load(self.folder / f"{page:05d}.npy", mmap_mode="r").astype(np.float32)
        with np.load(self.folder / f"{page:05d}.npz") as kept:
            grid = PatchGrid(*(int(n) for n in kept["grid"]))
            embedding = PageEmbedding(
                vectors,
                grid,
                kept["cell_to_vector"].astype(np.int32),
                kept["ink" if importance is Importance.INK else "importance"],
                kept["counts"],
                kept["kinds"],
                int(kept["n_special"]),
            )
            texts = json.loads(kept["texts"].tobytes().decode("utf8"))
            words = PageWords(tuple(texts), kept["boxes"])
            seconds = float(kept["seconds"])
        return CachedPage(self.name, self.document_id, page, embedding, words, seconds)

    def thumbnail(self, page: int) -> Path:
        """A WebP picture of the page."""
        return self.folder / f"{page:05d}.webp"


class EmbeddingCache:
    """Encoded pages of one encoder at its resolution."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        info = encoder.info
        name = re.sub(r"[^\w.-]+", "-", info.name).strip("-") or "encoder"
        self.folder = folder / f"{name}-{info.dpi}dpi-{fingerprint(encoder)}"

    def document(
        self, name: str, path: Path, render: Render, on_page: Callable[[int], None] = lambda _: None
    ) -> CachedDocument:
        """Encode what is missing of the file at `path`. `on_page` hears each page's number when it is there.

        Raises what `render` raises; pages encoded before stay.
        """
        document_id = sha256(path)
        folder = self.folder / document_id
        folder.mkdir(parents=True, exist_ok=True)
        whole = folder / "pages.json"
        if not whole.exists():
            have = _numbers(folder)
            for number in have:
                on_page(number)
            batch: list[RenderedPage] = []
            for rendered in render(path, self._encoder.info.dpi, max(have, default=0) + 1):
                batch.append(rendered)
                if len(batch) == self._encoder.info.batch:
                    self._encode(batch, folder, on_page)
                    batch = []
            if batch:
                self._encode(batch, folder, on_page)
            _write(whole, json.dumps({"pages": _numbers(folder)}).encode())
        else:
            for number in _numbers(folder):
                on_page(number)
        return CachedDocument(name, document_id, folder, _numbers(folder))

    def _encode(self, batch: Sequence[RenderedPage], folder: Path, on_page: Callable[[int], None]) -> None:
        start = time.perf_counter()
        embeddings = self._encoder.encode_pages([page.image for page in batch])
        seconds = (time.perf_counter() - start) / len(batch)
        for page, embedding in zip(batch, embeddings, strict=True):
            picture = page.image.convert("RGB")
            picture.thumbnail((THUMBNAIL_WIDTH, 2 * THUMBNAIL_WIDTH), Image.Resampling.LANCZOS)
            picture.save(folder / f"{page.number:05d}.webp", quality=55, method=2)
            ink = with_ink(embedding, page.image).importance
            _save(folder / f"{page.number:05d}.npz", embedding, ink, page.words, seconds)
            on_page(page.number)


def _save(path: Path, embedding: PageEmbedding, ink: Floats, words: PageWords, seconds: float) -> None:
    np.save(path.with_suffix(".npy"), embedding.vectors.astype(np.float16))
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        np.savez_compressed(
            file,
            grid=np.array([embedding.grid.n_rows, embedding.grid.n_cols], np.int32),
            cell_to_vector=embedding.cell_to_vector.astype(np.int32),
            importance=embedding.importance.astype(np.float32),
            ink=ink,
            counts=embedding.counts.astype(np.int32),
            kinds=embedding.kinds,
            n_special=np.int64(embedding.n_special),
            texts=np.frombuffer(json.dumps(list(words.texts)).encode("utf8"), np.uint8),
            boxes=words.boxes.astype(np.float32),
            seconds=np.float64(seconds),
        )
    half.replace(path)


def _numbers(folder: Path) -> tuple[int, ...]:
    """The pages that are there, in order."""
    return tuple(sorted(int(path.stem) for path in folder.glob("*.npz")))


def _write(path: Path, content: bytes) -> None:
    half = path.with_suffix(".part")
    half.write_bytes(content)
    half.replace(path)


def sha256(path: Path) -> str:
    """The file's content as its name: hexadecimal SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(encoder: Encoder) -> str:
    """What the encoder makes of one drawn page, as 12 letters: other weights or code give another cache."""
    page = Image.new("RGB", (320, 400), "white")
    draw = ImageDraw.Draw(page)
    for row, text in enumerate(
        ("Quarterly revenue 2019", "net income 1,234.5", "Figure 3: map", "total 42 %")
    ):
        draw.text((24, 40 + 48 * row), text, fill="black", font_size=14 + 6 * row)
    draw.rectangle((60, 260, 200, 360), fill=(40, 90, 160))
    embedding = encoder.encode_pages([page])[0]
    sizes = [len(embedding), embedding.grid.n_cells, np.nan_to_num(embedding.importance).sum()]
    summary = np.concatenate([embedding.vectors.astype(np.float64).sum(axis=0), sizes])
    rounded = np.round(summary, 2) + 0.0  # + 0.0 turns -0.0 into 0.0
    return hashlib.sha256(_LAYOUT + rounded.tobytes()).hexdigest()[:12]
