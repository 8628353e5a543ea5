"""Models that transformers lacks, through the optional package colpali-engine.

Its models return their vectors instead of an output object and carry no retrieval config, and its checkpoints are
mostly adapters over a base model. Grids, words and attention are the same as for their siblings in transformers.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor, nn
from torch import dtype as Dtype

from pagelight.retrieval.encoders.colvision.architectures import (
    page_places,
    qwen_layouts,
    square_layouts,
    text_places,
    tile_layouts,
)
from pagelight.retrieval.encoders.colvision.family import (
    NOWHERE,
    PageBatch,
    PageLayout,
    QueryInputs,
    dpi_of_area,
    dpi_of_side,
    query_spans,
)
from pagelight.retrieval.errors import ModelUnsupported

#: `model_type` of the base model → (model class, processor class) of colpali-engine
_CLASSES = {
    "paligemma": ("ColPali", "ColPaliProcessor"),
    "qwen2_vl": ("ColQwen2", "ColQwen2Processor"),
    "qwen2_5_vl": ("ColQwen2_5", "ColQwen2_5_Processor"),
    "qwen3_vl": ("ColQwen3", "ColQwen3Processor"),
    "qwen3_5": ("ColQwen3_5", "ColQwen3_5Processor"),
    "idefics3": ("ColIdefics3", "ColIdefics3Processor"),
    "modernvbert": ("ColModernVBert", "ColModernVBertProcessor"),
}
_BIDIRECTIONAL = {"paligemma", "modernvbert"}
#: paths to the layers that read text and patches together; the first match wins
_LAYERS = (
    "language_model.layers",
    "model.language_model.layers",
    "model.text_model.layers",
    "model.model.layers",
)


def load(name: str, model_type: str, dtype: Dtype, local_only: bool = False) -> EngineFamily:
    """The checkpoint `name` whose base model has `model_type`; local_only: do not ask the hub.

    Raises ModelUnsupported.
    """
    if model_type not in _CLASSES:
        raise ModelUnsupported(
            f"{name} is a {model_type!r} model, which no encoder here handles; "
            f"those of transformers are colpali, colqwen2, colmodernvbert and neomme."
        )
    try:
        models = importlib.import_module("colpali_engine.models")
    except ImportError as error:
        raise ModelUnsupported(
            f"{name} needs the package colpali-engine: pip install 'pagelight[colpali-engine]' "
            f"(python could not import {error.name})."
        ) from error
    model_class, processor_class = (getattr(models, part) for part in _CLASSES[model_type])
    model = model_class.from_pretrained(name, dtype=dtype, local_files_only=local_only)
    processor = processor_class.from_pretrained(name, local_files_only=local_only)
    return EngineFamily(model_type, model, processor)


class EngineFamily:
    """A model of colpali-engine."""

    def __init__(self, model_type: str, model: Any, processor: Any) -> None:
        self.model = model
        self.tokenizer = processor.tokenizer
        self.dim = int(model.dim)
        self.causal = model_type not in _BIDIRECTIONAL
        self._type = model_type
        self._processor = processor

    @property
    def dpi(self) -> int:
        size = self._processor.image_processor.size
        if self._type.startswith("qwen"):
            return dpi_of_area(size["longest_edge"])
        return dpi_of_side(size.get("longest_edge") or 2 * size["height"])

    def pages(self, images: Sequence[Image.Image]) -> PageBatch:
        batch = self._processor.process_images(list(images))
        batch.pop("labels", None)
        tensors = dict(batch)
        if self._type.startswith("qwen"):
            tensors["position_ids"] = page_places(
                self.model,
                batch["input_ids"],
                batch["attention_mask"],
                batch["image_grid_thw"],
                self._processor.image_token_id,
            )
        return PageBatch(tensors, batch["attention_mask"], self._layouts(batch))

    def query(self, text: str) -> QueryInputs:
        batch = self._processor.process_queries(texts=[text])
        batch.pop("labels", None)
        mask = batch["attention_mask"]
        tensors = dict(batch)
        if self._type.startswith("qwen"):
            tensors["position_ids"] = text_places(mask)
        return QueryInputs(tensors, mask, self._spans(text, batch["input_ids"]))

    def attentions(self) -> Sequence[nn.Module]:
        for path in _LAYERS:
            try:
                layers: Any = self.model.get_submodule(path)
            except AttributeError:
                continue
            # Qwen3.5 mixes layers of linear attention, which has no map of what looks at what, among the others
            found = [getattr(layer, "self_attn", None) or getattr(layer, "attn", None) for layer in layers]
            return [module for module in found if module is not None]
        raise ModelUnsupported(f"No attention layers were found in a {type(self.model).__name__}.")

    def _layouts(self, batch: Any) -> list[PageLayout]:
        ids, mask = batch["input_ids"], batch["attention_mask"]
        if self._type.startswith("qwen"):
            merge = self._processor.image_processor.merge_size
            return qwen_layouts(ids, mask, batch["image_grid_thw"], self._processor.image_token_id, merge)
        if self._type == "paligemma":
            return square_layouts(ids, mask, self._processor.image_token_id)
        return tile_layouts(ids, mask, self._processor)

    def _spans(self, text: str, ids: Tensor) -> list[tuple[int, int]]:
        """The query's characters behind each token, from tokenizing it once more with offsets.

        Processors differ in what they put around a query; where the tokens of the query alone are not found in
        the model's, the words are left without tokens and the map of the whole query remains.
        """
        own = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        wanted, all_ids = list(own["input_ids"]), ids[0].tolist()
        for start in range(len(all_ids) - len(wanted) + 1):
            if wanted and all_ids[start : start + len(wanted)] == wanted:
                spans = [NOWHERE] * len(all_ids)
                spans[start : start + len(wanted)] = query_spans(own["offset_mapping"], 0, len(text))
                return spans
        return [NOWHERE] * len(all_ids)
