"""From a name or a folder to an encoder, or to one line that says what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from pagelight.retrieval.encoders import load_encoder
from pagelight.retrieval.encoders.colvision import devices, load_colvision
from pagelight.retrieval.encoders.colvision.loading import _reason
from pagelight.retrieval.errors import InvalidSetting, ModelError, ModelNotFound, ModelUnsupported
from tests.retrieval.encoders.tiny_models import make_page


def one_line(error: pytest.ExceptionInfo[ModelError]) -> str:
    message = str(error.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


def test_a_folder_is_loaded_by_the_name_that_the_index_records(
    architecture: str, model_folders: dict[str, Path]
) -> None:
    encoder = load_encoder(str(model_folders[architecture]), device="cpu")
    assert encoder.info.name == str(model_folders[architecture])
    assert encoder.scoring is None
    assert 72 <= encoder.info.dpi <= 200
    assert len(encoder.encode_pages([make_page()])) == 1


def test_loading_says_nothing(
    architecture: str, model_folders: dict[str, Path], capfd: pytest.CaptureFixture
) -> None:
    load_colvision(model_folders[architecture], device="cpu")
    out, err = capfd.readouterr()
    assert out == err == ""


def test_an_unknown_name_says_what_to_check() -> None:
    with pytest.raises(ModelNotFound) as error:
        load_colvision("nobody/no-such-model", device="cpu")
    message = one_line(error)
    assert "nobody/no-such-model" in message
    assert "give its folder" in message


def test_a_model_with_terms_says_to_agree_to_them() -> None:
    assert "agree to its terms" in _reason("some/model", OSError("You are trying to access a gated repo."))


@pytest.mark.parametrize("name", ["", "no such model", "../../etc", "a/b/c"])
def test_names_that_no_hub_has_are_not_found(name: str) -> None:
    with pytest.raises(ModelError) as error:
        load_colvision(name, device="cpu")
    one_line(error)


def test_an_empty_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound) as error:
        load_colvision(tmp_path, device="cpu")
    assert "does not hold a whole model" in one_line(error)


@pytest.mark.parametrize("missing", ["model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_part_is_named(
    tmp_path: Path, model_folders: dict[str, Path], missing: str
) -> None:
    folder = shutil.copytree(model_folders["colqwen2"], tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(ModelError) as error:
        load_colvision(folder, device="cpu")
    assert str(folder) in one_line(error)


def test_an_unreadable_config_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelNotFound) as error:
        load_colvision(tmp_path, device="cpu")
    one_line(error)


def test_another_architecture_is_unsupported_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ModelUnsupported) as error:
        load_colvision(tmp_path, device="cpu")
    assert "'bert'" in one_line(error)


def test_a_model_of_the_optional_package_says_how_to_install_it(tmp_path: Path) -> None:
    try:
        import colpali_engine.models  # noqa: F401
    except ImportError:
        pass
    else:
        pytest.skip("colpali-engine is installed")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen2_5_vl"}))
    with pytest.raises(ModelUnsupported) as error:
        load_colvision(tmp_path, device="cpu")
    assert "pip install 'pagelight[colpali-engine]'" in one_line(error)


def test_an_adapter_is_recognised_by_its_base_model(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "config.json").write_text(json.dumps({"model_type": "t5"}))
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(base)}))
    with pytest.raises(ModelUnsupported, match="'t5'"):
        load_colvision(tmp_path, device="cpu")


def test_weights_without_a_retrieval_head_are_refused(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    folder = shutil.copytree(model_folders["colpali"], tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    headless = {name: value for name, value in weights.items() if "embedding_proj_layer" not in name}
    save_file(headless, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnsupported) as error:
        load_colvision(folder, device="cpu")
    assert "embedding_proj_layer" in one_line(error)


# --- devices ---


def test_a_device_that_is_not_there_is_said() -> None:
    with pytest.raises(InvalidSetting, match="not known"):
        devices.resolve_device("quantum")
    with pytest.raises(InvalidSetting, match="not known"):
        devices.resolve_dtype("float8", torch.device("cpu"))
    if not torch.cuda.is_available():
        with pytest.raises(InvalidSetting, match="no cuda device"):
            devices.resolve_device("cuda")


def test_auto_is_a_device_that_is_there() -> None:
    assert devices.resolve_device("auto").type in ("cpu", "cuda", "mps")


def test_precision_is_measured_once_a_process() -> None:
    devices.best_dtype.cache_clear()
    cpu = torch.device("cpu")
    assert devices.best_dtype(cpu) in (torch.float32, torch.bfloat16)
    devices.best_dtype(cpu)
    assert devices.best_dtype.cache_info().hits == 1


def test_pages_go_one_by_one_through_a_cpu() -> None:
    assert devices.pages_at_once(torch.device("cpu"), 1000, 2048, 16384, torch.float32) == 1


def test_half_precision_gives_the_same_cells_and_unit_vectors(
    architecture: str, model_folders: dict[str, Path]
) -> None:
    whole = load_colvision(model_folders[architecture], device="cpu", precision="float32")
    half = load_colvision(model_folders[architecture], device="cpu", precision="bfloat16")
    one, other = (encoder.encode_pages([make_page()])[0] for encoder in (whole, half))
    assert one.grid == other.grid
    np.testing.assert_allclose(np.linalg.norm(other.vectors, axis=1), 1, atol=1e-6)
    cosines = (one.vectors * other.vectors).sum(axis=1)
    assert np.median(cosines) > 0.999
    assert cosines.min() > 0.9
    query = half.encode_query("total")
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_pages_on_an_accelerator_equal_those_on_the_cpu(
    architecture: str, model_folders: dict[str, Path]
) -> None:
    pages = [make_page(), make_page(120, 50, 1), make_page(40, 90, 2)]
    on_cpu = load_colvision(model_folders[architecture], device="cpu").encode_pages(pages)
    on_gpu = load_colvision(model_folders[architecture], device="cuda").encode_pages(pages)
    for one, other in zip(on_cpu, on_gpu, strict=True):
        assert one.grid == other.grid
        assert (one.vectors * other.vectors).sum(axis=1).min() > 0.98
