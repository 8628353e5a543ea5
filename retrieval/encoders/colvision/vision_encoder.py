"""The encoder that Pagelight uses for every model of the ColPali family."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pagelight.retrieval.encoders.colvision import attention, devices, family
from pagelight.retrieval.encoders.colvision.attention import AttentionProbe
from pagelight.retrieval.encoders.colvision.family import Family, PageBatch, PageLayout
from pagelight.retrieval.encoders.encoder import EncoderInfo, Importance
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, QueryEmbedding, all_of

#: the pruning that suits models with attention (arXiv 2509.23883)
PRUNING = "docpruner:k=-0.25"
#: pages longer or wider than this are widened: some processors refuse them (limit)
MAX_ASPECT = 50


class ColVisionEncoder:
    """A loaded model as an `Encoder`. Safe to use from several threads.

    Importance is OWN, the attention of the last token (DocPruner), unless `with_importance` asks for another.
    """

    def __init__(self, name: str, family: Family, device: torch.device) -> None:
        self._name = name
        self._family = family
        self._device = device
        self._importance = Importance.OWN
        self._at_once, self._at_most = 1, devices.MAX_BATCH  # the first page tells how many tokens a page has
        self._lock = threading.Lock()  # fast tokenizers panic when two threads set their padding
        modules = list(family.attentions())
        self._final = AttentionProbe([attention.final_layer(modules)], family.causal)
        self._middle = AttentionProbe(attention.middle_layers(modules), family.causal)

    @property
    def info(self) -> EncoderInfo:
        return EncoderInfo(
            name=self._name,
            dim=self._family.dim,
            pruning=PRUNING,
            dpi=self._family.dpi,
            batch=devices.MAX_BATCH if self._device.type == "cuda" else 1,
        )

    @property
    def scoring(self) -> TermScoring | None:
        return None

    def with_importance(self, kind: Importance) -> ColVisionEncoder:
        """The same model, giving another kind of importance: IN_DEGREE, the patches' attention to each other in the middle layers (SAP)."""
        other = copy.copy(self)
        other._importance = kind
        return other

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        """One unpruned embedding an image: tokens without a place first (`n_special`), then a vector a cell."""
        pages = [_bounded(image.convert("RGB")) for image in images]
        done: list[PageEmbedding] = []
        while len(done) < len(pages):
            size = self._at_once
            try:
                batch = self._prepare(pages[len(done) : len(done) + size])
                done += self._encode(batch)
                self._at_once = min(self._at_most, self._that_fit(batch.attention_mask.shape[1]))
            except torch.cuda.OutOfMemoryError:
                if size == 1:
                    raise
                torch.cuda.empty_cache()
                self._at_once = self._at_most = size // 2
        return done

    def encode_query(self, text: str) -> QueryEmbedding:
        """Token vectors with prompt and augmentation tokens, which take part in the score but are no words."""
        with self._lock:
            harmless = family.inert(text, family.control_tokens(self._family.tokenizer))
            prepared = self._family.query(harmless)
        vectors = self._forward(prepared.tensors)[0].float().cpu().numpy()
        real = prepared.attention_mask[0].bool().numpy()
        words = family.words_of(text)
        spans = [span for span, kept in zip(prepared.spans, real, strict=True) if kept]
        return QueryEmbedding(
            text=text,
            words=tuple(text[start:end] for start, end in words),
            # once more in float32: what a model normalizes in bfloat16 is off by a few per mille
            vectors=l2_normalized(vectors[real]),
            word_of_token=family.word_of_token(words, spans),
            weights=np.ones(len(spans), np.float32),
            kinds=all_of(Kind.PATCH, len(spans)),
        )

    def _prepare(self, images: Sequence[Image.Image]) -> PageBatch:
        with self._lock:
            return self._family.pages(images)

    def _that_fit(self, n_tokens: int) -> int:
        config = self._family.model.config
        text = getattr(getattr(config, "vlm_config", config), "text_config", config)
        dtype = next(self._family.model.parameters()).dtype
        return devices.pages_at_once(self._device, n_tokens, text.hidden_size, text.intermediate_size, dtype)

    def _forward(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """(n_pages, n_tokens, dim)."""
        dtype = next(self._family.model.parameters()).dtype
        moved = {
            name: value.to(self._device, dtype if value.is_floating_point() else None)
            for name, value in tensors.items()
        }
        with torch.inference_mode():
            output = self._family.model(**moved)
        embeddings: Tensor = output if isinstance(output, Tensor) else output.embeddings
        return embeddings

    def _encode(self, batch: PageBatch) -> list[PageEmbedding]:
        probe = self._middle if self._importance is Importance.IN_DEGREE else self._final
        with probe.recording():
            embeddings = self._forward(batch.tensors).float().cpu().numpy()
            importance = self._weigh(probe, batch).cpu().numpy()  # (n_pages, n_tokens)
        mask = batch.attention_mask.bool().numpy()
        return [
            _page(vectors, weight, real, layout)
            for vectors, weight, real, layout in zip(embeddings, importance, mask, batch.layouts, strict=True)
        ]

    @torch.inference_mode()
    def _weigh(self, probe: AttentionProbe, batch: PageBatch) -> Tensor:
        mask = batch.attention_mask.to(self._device)
        if self._importance is not Importance.IN_DEGREE:
            return probe.row(0, attention.last_token(mask), mask)
        patches = torch.zeros_like(batch.attention_mask, dtype=torch.bool)
        for page, layout in enumerate(batch.layouts):
            patches[page, torch.from_numpy(layout.tokens)] = True
        patches = patches.to(self._device)
        layers = [probe.in_degree(layer, patches, mask) for layer in range(len(probe))]
        return torch.stack(layers).mean(dim=0)


def _page(vectors: Floats, importance: Floats, real: np.ndarray, layout: PageLayout) -> PageEmbedding:
    """One page without its padding: what has no place first, then the cells row by row."""
    placed = np.zeros(len(real), np.bool_)
    placed[layout.tokens] = True
    special = np.flatnonzero(real & ~placed)
    order = np.concatenate([special, layout.tokens])
    return PageEmbedding(
        vectors=l2_normalized(vectors[order]),
        grid=layout.grid,
        cell_to_vector=np.arange(len(special), len(order), dtype=np.int32),
        importance=importance[order].astype(np.float32),
        counts=np.ones(len(order), np.int32),
        kinds=all_of(Kind.PATCH, len(order)),
        n_special=len(special),
    )


def _bounded(image: Image.Image) -> Image.Image:
    """The image, widened where one side is more than MAX_ASPECT times the other."""
    least = -(-max(image.size) // MAX_ASPECT)
    if min(image.size) >= least:
        return image
    return image.resize((max(image.width, least), max(image.height, least)))
