"""The tiny models, made once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pagelight.retrieval.encoders.colvision import ColVisionEncoder, load_colvision
from tests.retrieval.encoders.tiny_models import ARCHITECTURES, MAKERS


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Architecture → folder with a saved tiny model."""
    folders = {}
    for architecture, make in MAKERS.items():
        torch.manual_seed(0)
        folders[architecture] = tmp_path_factory.mktemp(architecture)
        make(folders[architecture])
    return folders


@pytest.fixture(scope="session")
def encoders(model_folders: dict[str, Path]) -> dict[str, ColVisionEncoder]:
    """Architecture → its encoder, loaded back from disk, in the precision that can be compared to the bit."""
    return {
        name: load_colvision(folder, device="cpu", precision="float32")
        for name, folder in model_folders.items()
    }


@pytest.fixture(params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def encoder(architecture: str, encoders: dict[str, ColVisionEncoder]) -> ColVisionEncoder:
    return encoders[architecture]
