"""Models that people ask for: what they are, what they need, and what their licence says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One checkpoint.

    name: on the hub; parameters: in millions; dim: length of a vector
    licence: of the weights and of what they were made from, in words; read the model's card before you rely on it
    extra: the optional package that it needs, if any
    """

    name: str
    architecture: str
    parameters: int
    dim: int
    licence: str
    extra: str | None = None


KNOWN_MODELS = (
    KnownModel("vidore/colqwen2-v1.0-hf", "ColQwen2", 2_200, 128, "MIT; its base Qwen2-VL-2B is Apache-2.0"),
    KnownModel(
        "vidore/colpali-v1.3-hf", "ColPali", 2_900, 128, "MIT; its base PaliGemma is under the Gemma terms"
    ),
    KnownModel("ModernVBERT/colmodernvbert-merged", "ColModernVBERT", 250, 128, "MIT"),
    KnownModel("Hcompany/NeoMME-260M-Retriever", "NeoMME", 263, 128, "Apache-2.0"),
    KnownModel("Hcompany/NeoMME-800M-Retriever", "NeoMME", 800, 128, "Apache-2.0"),
    KnownModel(
        "vidore/colSmol-256M",
        "ColIdefics3",
        256,
        128,
        "MIT; its base SmolVLM is Apache-2.0",
        "colpali-engine",
    ),
    KnownModel(
        "vidore/colSmol-500M",
        "ColIdefics3",
        500,
        128,
        "MIT; its base SmolVLM is Apache-2.0",
        "colpali-engine",
    ),
    KnownModel(
        "vidore/colqwen2.5-v0.2",
        "ColQwen2.5",
        3_100,
        128,
        "MIT; its base Qwen2.5-VL-3B is for research only (Qwen Research licence)",
        extra="colpali-engine",
    ),
)


def known_model(name: str) -> KnownModel | None:
    """The entry of that name, whatever its case."""
    return next((model for model in KNOWN_MODELS if model.name.lower() == name.lower()), None)
