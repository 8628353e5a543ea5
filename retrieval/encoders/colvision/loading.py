"""A hub name or a folder → an encoder, or one line that says what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
import transformers
from torch import dtype as Dtype
from transformers.image_processing_base import ImageProcessingMixin
from transformers.utils.hub import cached_file

from pagelight.retrieval.encoders.colvision import colpali_family
from pagelight.retrieval.encoders.colvision.architectures import ColModernVBert, ColPali, ColQwen2
from pagelight.retrieval.encoders.colvision.devices import resolve_device, resolve_dtype
from pagelight.retrieval.encoders.colvision.family import Family
from pagelight.retrieval.encoders.colvision.neomme import NeoMME
from pagelight.retrieval.encoders.colvision.vision_encoder import ColVisionEncoder
from pagelight.retrieval.errors import ModelError, ModelNotFound, ModelUnsupported

#: `model_type` in a checkpoint's config → (model class of transformers, processor class, ours)
_FAMILIES: dict[str, tuple[str, str, Any]] = {
    "colpali": ("ColPaliForRetrieval", "ColPaliProcessor", ColPali),
    "colqwen2": ("ColQwen2ForRetrieval", "ColQwen2Processor", ColQwen2),
    "colmodernvbert": ("ColModernVBertForRetrieval", "ColModernVBertProcessor", ColModernVBert),
}

#: models that people ask for
_EXAMPLES = "vidore/colqwen2-v1.0-hf, vidore/colpali-v1.3-hf, ModernVBERT/colmodernvbert-merged, Hcompany/NeoMME-260M-Retriever"


def load_colvision(name: str | Path, device: str = "auto", precision: str = "auto") -> ColVisionEncoder:
    """The model of the ColPali family that `name` names: on the hub, or in a folder.

    device: "auto", "cpu", "cuda" or "mps"
    precision: "float32", "bfloat16", or "auto" for the faster of them on this device
    Raises ModelNotFound, ModelUnsupported, InvalidSetting.
    """
    chosen = resolve_device(device)
    dtype = resolve_dtype(precision, chosen)
    with _explained(str(name)), _quiet():
        files = _Files(str(name), local_only=Path(name).is_dir() or not _hub_answers())
        model_type, base = files.model_type()
        if model_type in _FAMILIES and base is None:
            family = _from_transformers(files, model_type, dtype)
        elif model_type == "neomme" and base is None:
            family = _neomme(files, dtype)
        else:
            family = colpali_family.load(str(name), model_type, dtype, files.local_only)
    family.model.to(chosen).eval()
    return ColVisionEncoder(str(name), family, chosen)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files of a checkpoint, and where they come from.

    name: a folder or a hub name; local_only: do not ask the hub, which takes a minute of retries to fail
    """

    name: str
    local_only: bool

    def read(self, file: str, of: str | None = None, required: bool = True) -> dict[str, Any] | None:
        """A JSON file of the checkpoint, or of the one called `of`."""
        path = cached_file(
            of or self.name,
            file,
            local_files_only=self.local_only,
            _raise_exceptions_for_missing_entries=required,
        )
        if path is None:
            return None
        content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        return content

    def model_type(self) -> tuple[str, str | None]:
        """The architecture, and the name of the base model where the checkpoint is an adapter."""
        adapter = self.read("adapter_config.json", required=False)
        base = None if adapter is None else str(adapter["base_model_name_or_path"])
        config = self.read("config.json", of=base)
        if config is None:
            raise OSError("it has no config.json")
        if not config.get("model_type"):
            raise ModelUnsupported(f"{self.name}: its config.json does not say which architecture it has.")
        return str(config["model_type"]), base

    def load(self, loader: Any, **options: Any) -> Any:
        """The part of the checkpoint that `loader` loads."""
        return loader.from_pretrained(self.name, local_files_only=self.local_only, **options)

    def weights(self, model_class: Any, dtype: Dtype) -> Any:
        """The model; without its retrieval head it would answer with noise, so missing weights are refused."""
        model, report = self.load(model_class, dtype=dtype, output_loading_info=True)
        missing = sorted(report["missing_keys"])
        if missing:
            raise ModelUnsupported(
                f"{self.name} lacks {len(missing)} of the weights of a {model_class.__name__} "
                f"(the first: {missing[0]}); it is not a retrieval checkpoint of this architecture."
            )
        return model


def _hub_answers() -> bool:
    """Whether it is worth asking the hub for files."""
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        return False
    try:
        huggingface_hub.get_session().head(huggingface_hub.constants.ENDPOINT, timeout=5)
    except Exception:  # the session's library is the hub package's own affair, and so are its errors
        return False
    return True


def _from_transformers(files: _Files, model_type: str, dtype: Dtype) -> Family:
    model_class, processor_class, family = _FAMILIES[model_type]
    processor = files.load(getattr(transformers, processor_class))
    loaded: Family = family(files.weights(getattr(transformers, model_class), dtype), processor)
    return loaded


def _neomme(files: _Files, dtype: Dtype) -> Family:
    settings, _ = ImageProcessingMixin.get_image_processor_dict(files.name, local_files_only=files.local_only)
    tokenizer = files.load(transformers.AutoTokenizer)
    return NeoMME(files.weights(transformers.NeoMMEForRetrieval, dtype), tokenizer, settings)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Errors of transformers and the hub, in one line each."""
    try:
        yield
    except ModelError:
        raise
    except (OSError, json.JSONDecodeError) as error:
        raise ModelNotFound(_reason(name, error)) from error
    except (ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError) as error:
        raise ModelUnsupported(f"{name} cannot be used: {_line(error)}") from error


def _reason(name: str, error: Exception) -> str:
    if Path(name).is_dir():
        return f"The folder {name} does not hold a whole model: {_line(error)}"
    gated = "gated" in str(error).lower() or "401" in str(error) or "403" in str(error)
    if gated:
        return (
            f"{name} asks its users to agree to its terms first: do so on its page on the hub, "
            "then log in with `hf auth login`."
        )
    return (
        f"No model {name!r}: it is no folder here, and the hub does not have it or cannot be reached. "
        f"Check the name (for example {_EXAMPLES}), or download it elsewhere and give its folder."
    )


def _line(error: Exception) -> str:
    """The first line of a foreign message, at a length that a person reads."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if len(text) <= 200 else text[:199] + "…"


@contextmanager
def _quiet() -> Iterator[None]:
    """Loading without the library's remarks on torchvision and without progress bars, which tell our users nothing."""
    level = transformers.logging.get_verbosity()
    bars = transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity(logging.ERROR)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers.logging.set_verbosity(level)
        if bars:
            transformers.logging.enable_progress_bar()  # type: ignore[no-untyped-call]
