"""The exported weights as the beginning of a training."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pagelight.retrieval.encoders.builtin.reader.nets import (
    PageReader,
    WordTower,
    folded_state,
    load_reader,
    prepare,
    widths_of,
)
from tests.training.test_reader_training import drawn_crop
from training import init_checkpoint
from training.checkpoint import Checkpoint, load
from training.crops import write_shard
from training.export import export
from training.init_checkpoint import narrowed, unfolded

N_CROPS = 2


@pytest.fixture(scope="module")
def trained() -> PageReader:
    """A net whose batch norms do something, as if it had been trained."""
    torch.manual_seed(0)
    net = PageReader()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)  # type: ignore[arg-type]
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)  # type: ignore[arg-type]
    return net.eval()


@pytest.fixture(scope="module")
def shipped(trained: PageReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The net as it is exported, beside a word tower."""
    torch.manual_seed(1)
    return export(
        Checkpoint(trained.state_dict(), WordTower().state_dict()), tmp_path_factory.mktemp("shipped")
    )


def pages() -> torch.Tensor:
    return prepare(torch.from_numpy(drawn_crop(7).image[None, :160, :256].copy()))


def test_a_net_with_its_norms_back_reads_as_before(trained: PageReader) -> None:
    folded = PageReader(folded=True).eval()
    folded.load_state_dict(folded_state(trained))
    again = unfolded(folded, [drawn_crop(seed) for seed in range(N_CROPS)])
    with torch.inference_mode():
        before, after = folded(pages()), again(pages())
    for name in ("features", "saliency"):
        torch.testing.assert_close(getattr(after, name), getattr(before, name), rtol=1e-3, atol=1e-3)


def test_the_norms_hold_what_the_crops_show(trained: PageReader) -> None:
    folded = PageReader(folded=True).eval()
    folded.load_state_dict(folded_state(trained))
    crops = [drawn_crop(seed) for seed in range(N_CROPS)]
    again = unfolded(folded, crops)
    first: Any = again.stem[0]
    with torch.inference_mode():
        seen = first.conv(prepare(torch.from_numpy(np.stack([crop.image for crop in crops]))))
    torch.testing.assert_close(seen.mean((0, 2, 3)), first.norm.running_mean, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(
        seen.var((0, 2, 3), correction=0), first.norm.running_var, rtol=1e-2, atol=1e-3
    )


def widened(state: dict[str, torch.Tensor], widths: tuple[int, int, int]) -> dict[str, torch.Tensor]:
    """Folded weights of a wider net that computes the same: channels that do nothing, anywhere among the others."""
    wide = {
        name: torch.zeros_like(value)
        for name, value in PageReader(folded=True, widths=widths).state_dict().items()
    }
    drawn = torch.Generator().manual_seed(3)
    inner = {"stem.1.second": "stem.1.first", "top.second": "top.first"}
    inner |= {f"middle.{i}.second": f"middle.{i}.first" for i in (1, 2)}
    stream = dict.fromkeys(("stem.0", "stem.1.second"), "a")
    stream |= dict.fromkeys(("middle.0", "middle.1.second", "middle.2.second"), "b")
    stream |= dict.fromkeys(("down", "top.second"), "c")
    read = dict.fromkeys(("stem.1.first", "middle.0"), "a") | inner
    read |= dict.fromkeys(("middle.1.first", "middle.2.first", "down", "characters"), "b")
    read |= dict.fromkeys(("top.first", "salient", "enter", "gather.0.keys", "gather.1.keys"), "c")
    places: dict[str, torch.Tensor] = {}

    def among(name: str, n_own: int, n_wide: int) -> torch.Tensor:
        if name not in places:
            places[name] = torch.randperm(n_wide, generator=drawn)[:n_own].sort().values
        return places[name]

    for name, value in state.items():
        block = name.removesuffix(".weight").removesuffix(".bias").removesuffix(".conv")
        if block not in stream and block not in read:
            wide[name].copy_(value)
            continue
        out, into = value.shape[0], value.shape[1] if value.ndim > 1 else 1
        n_out, n_in = wide[name].shape[0], wide[name].shape[1] if value.ndim > 1 else 1
        rows = among(stream.get(block, block), out, n_out)
        cols = among(read[block], into, n_in) if block in read and value.ndim > 1 else torch.arange(into)
        wide[name].view(n_out, n_in, *value.shape[2:])[rows[:, None], cols] = value.view(
            out, into, *value.shape[2:]
        )
    return wide


def test_a_wider_net_loses_the_channels_that_do_nothing(trained: PageReader) -> None:
    state = folded_state(trained)
    wide = widened(state, (37, 75, 140))
    assert widths_of(wide) == (37, 75, 140)
    assert widths_of(state) == PageReader.WIDTHS
    again = narrowed(wide, [drawn_crop(seed) for seed in range(N_CROPS)])
    with torch.inference_mode():
        before, after = trained(pages()), again(pages())
        letters = trained.characters(trained.letters(pages())), again.characters(again.letters(pages()))
        places = torch.tensor([[0, 3, 2], [0, 9, 12]])
        words = trained.words(before.features, places), again.words(after.features, places)
    torch.testing.assert_close(after.saliency, before.saliency, rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(after.features, before.features, rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(*letters, rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(words[1].features, words[0].features, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("fresh", [False, True])
def test_the_command_writes_a_checkpoint_to_train_on(
    trained: PageReader, shipped: Path, fresh: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shard([drawn_crop(0)], tmp_path / "pool" / "drawn0-0000.npz")
    out = tmp_path / "run" / "checkpoint.pt"
    arguments = ["start", "--weights", shipped, "--pool", tmp_path / "pool", "--out", out]
    monkeypatch.setattr(sys, "argv", [*map(str, arguments), *(["--fresh"] if fresh else [])])
    init_checkpoint.main()
    page, word = load(out).nets()
    assert (load(out).step, load(out).minutes) == (0, 0.0)
    same = torch.allclose(word(["harbour"]), load_reader(shipped)[1](["harbour"]), atol=1e-2)
    assert same is not fresh
    with torch.inference_mode():
        close = torch.allclose(page(pages()).saliency, trained(pages()).saliency, atol=2e-2)
    assert close is not fresh


def test_without_crops_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["start", "--pool", str(tmp_path), "--out", str(tmp_path / "out.pt")])
    with pytest.raises(SystemExit):
        init_checkpoint.main()
