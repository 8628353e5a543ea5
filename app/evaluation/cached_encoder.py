"""An encoder that keeps on disk what it made of each page image, so that a page is encoded once for all settings.

One folder for each encoder. A page is written as soon as it is encoded, so that a run that was stopped goes on where
it was:

    3f/3f2a….npy    vectors as float16, the precision of the default store, not compressed: each setting reads them
    3f/3f2a….npz    the rest of the embedding, and the seconds that encoding took; a page is there once this is
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo, TextEncoder, text_encoder
from pagelight.retrieval.pruning import Pruning, encoder_for
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Floats, PageEmbedding, PageMeaning, PageWords, PatchGrid, QueryEmbedding

#: another layout of these files gives another folder
_LAYOUT = b"images by content, with what was read and what pictures show"

#: fields of an embedding that are words
_WORDS = ("read", "shown")


class CachedEncoder:
    """`Encoder` in front of another; the same image is encoded once. Safe for several threads."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._caches = folder
        name = re.sub(r"[^\w.-]+", "-", encoder.info.name).strip("-") or "encoder"
        self.folder = folder / f"{name}-{fingerprint(encoder)}"
        text = text_encoder(encoder)
        self._text = _CachedTextEncoder(text) if text else None
        self._lock = threading.Lock()
        self._running = 0
        #: what encoding took of the pages that were handed out, whenever they were encoded
        self.seconds = 0.0

    @property
    def info(self) -> EncoderInfo:
        return self._encoder.info

    @property
    def scoring(self) -> TermScoring | None:
        return self._encoder.scoring

    @property
    def text_encoder(self) -> TextEncoder | None:
        return self._text

    def reading(self, pruning: Pruning) -> CachedEncoder:
        """The same model, giving the importance that the pruning reads, with a cache of its own."""
        return CachedEncoder(encoder_for(pruning, self._encoder), self._caches)

    def encode_query(self, text: str) -> QueryEmbedding:
        return self._encoder.encode_query(text)

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        """The encoder's own embeddings, rounded to float16."""
        paths = [self._path(image) for image in images]
        missing = {path: image for path, image in zip(paths, images, strict=True) if not path.exists()}
        if missing:
            self._encode(missing)
        pages = [_load(path) for path in paths]
        with self._lock:
            self.seconds += sum(seconds for _, seconds in pages)
        return [embedding for embedding, _ in pages]

    def _encode(self, missing: dict[Path, Image.Image]) -> None:
        with self._lock:
            self._running += 1
            side_by_side = self._running
        start = time.perf_counter()
        try:
            embeddings = self._encoder.encode_pages(list(missing.values()))
        finally:
            with self._lock:
                side_by_side = max(side_by_side, self._running)
                self._running -= 1
        # batches that are encoded at once share the processor
        seconds = (time.perf_counter() - start) / side_by_side / len(missing)
        for path, embedding in zip(missing, embeddings, strict=True):
            _save(path, embedding, seconds)

    def _path(self, image: Image.Image) -> Path:
        digest = hashlib.sha256(f"{image.mode} {image.size}".encode())
        digest.update(image.tobytes())
        name = digest.hexdigest()
        return self.folder / name[:2] / f"{name}.npz"


def _save(path: Path, embedding: PageEmbedding, seconds: float) -> None:
    """Every field of the embedding, under its own name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields: dict[str, Any] = {
        field.name: getattr(embedding, field.name) for field in dataclasses.fields(embedding)
    }
    np.save(path.with_suffix(".npy"), fields.pop("vectors").astype(np.float16))
    grid = fields.pop("grid")
    for name in _WORDS:
        words = fields.pop(name)
        fields[f"{name}_texts"] = np.frombuffer("\n".join(words.texts).encode("utf8"), np.uint8)
        fields[f"{name}_boxes"] = words.boxes
    unfinished = path.with_name(f"{path.stem}.{threading.get_ident()}.part")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, grid=[grid.n_rows, grid.n_cols], seconds=seconds, **fields)
    unfinished.replace(path)


def _load(path: Path) -> tuple[PageEmbedding, float]:
    """The embedding, and the seconds that encoding took."""
    with np.load(path) as kept:
        fields: dict[str, Any] = {name: kept[name] for name in kept.files}
    seconds = float(fields.pop("seconds"))
    words: dict[str, Any] = {}
    for name in _WORDS:
        texts, boxes = fields.pop(f"{name}_texts").tobytes().decode("utf8"), fields.pop(f"{name}_boxes")
        words[name] = PageWords(tuple(texts.split("\n")) if len(boxes) else (), boxes)
    fields = {name: value if value.ndim else value.item() for name, value in fields.items()}
    fields["vectors"] = np.load(path.with_suffix(".npy")).astype(np.float32)
    fields["grid"] = PatchGrid(*(int(n) for n in fields["grid"]))
    return PageEmbedding(**fields, **words), seconds


class _CachedTextEncoder:
    """`TextEncoder` in front of another; the same words are encoded once as long as it lives."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[bytes, PageMeaning] = {}

    @property
    def background(self) -> Floats:
        return self._encoder.background

    @property
    def dim(self) -> int:
        return self._encoder.dim

    def encode_words(self, pages: Sequence[PageWords]) -> list[PageMeaning]:
        keys = [_digest(words) for words in pages]
        missing = {k: words for k, words in zip(keys, pages, strict=True) if k not in self._known}
        self._known.update(zip(missing, self._encoder.encode_words(list(missing.values())), strict=True))
        return [self._known[key] for key in keys]

    def plausibility(self, texts: Sequence[str]) -> float:
        return self._encoder.plausibility(texts)


def _digest(words: PageWords) -> bytes:
    return hashlib.sha256("\n".join(words.texts).encode("utf8", "replace") + words.boxes.tobytes()).digest()


def fingerprint(encoder: Encoder) -> str:
    """Fingerprint of what the encoder makes of one drawn page, 12 letters: other weights or code give another cache."""
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
