"""The reader's training on a handful of crops drawn here: seconds, no packages, no downloads."""

import random
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pagelight.retrieval.encoders.builtin.reader.nets import (
    PageReader,
    WordTower,
    folded_state,
    load_reader,
    prepare,
)
from training.batches import Pool, make_batch
from training.checkpoint import Checkpoint, load
from training.clock import Clock
from training.crops import HEIGHT, UNKNOWN, WIDTH, Crop, Glyph, Word, label, read_shard, write_shard
from training.export import export
from training.train import train

WORDS = [
    "revenue",
    "report",
    "income",
    "total",
    "chart",
    "table",
    "risk",
    "2019",
    "2020",
    "margin",
    "zurich",
    "map",
]


def drawn_crop(seed: int) -> Crop:
    """A page of words on a grid, in Pillow's own font."""
    rng = random.Random(seed)
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    glyphs, words = [], []
    for y in range(20, HEIGHT - 20, 22):
        for x in range(10, WIDTH - 90, 80):
            text = rng.choice(WORDS)
            pen.text((x, y), text, fill=0)
            edges = [x + pen.textlength(text[:i]) for i in range(len(text) + 1)]
            pairs = zip(text, edges, edges[1:], strict=False)
            glyphs += [Glyph(letter, a, b, y + 7.0, 10.0) for letter, a, b in pairs]
            words.append(Word(text, edges[0], edges[-1], y + 7.0, 10.0))
    return label(np.asarray(image), glyphs, words, [])


def minutes_of(steps: int) -> float:
    """How long so many steps take by a clock that goes on by a second with each of them."""
    return steps / 60


def steady_clock() -> Clock:
    """Each step takes a second, so that no machine is too slow to learn something."""
    return Clock(map(float, count()).__next__)


#: steps between the workers' averaging, here
MEET_EVERY = 5


@pytest.fixture(autouse=True)
def meet_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.train.MEET_EVERY", MEET_EVERY)


@pytest.fixture(scope="module")
def pool_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    write_shard([drawn_crop(seed) for seed in range(4)], folder / "drawn-0.npz")
    return folder


def test_a_shard_gives_back_its_crops(pool_folder: Path) -> None:
    crop, again = drawn_crop(0), read_shard(pool_folder / "drawn-0.npz")[0]
    assert crop.words == again.words
    assert np.array_equal(crop.boxes, again.boxes)
    assert np.array_equal(crop.letters, again.letters)


def test_a_word_over_the_edge_is_unknown() -> None:
    crop = label(
        np.full((HEIGHT, WIDTH), 255, np.uint8), [], [Word("cut", WIDTH - 9, WIDTH + 20, 50, 12)], []
    )
    assert crop.words == ()
    batch = make_batch([crop], random.Random(0), vary=False)
    assert batch.saliency[0, 50 // 8, -1] == UNKNOWN


def test_every_word_marks_the_cell_of_its_centre() -> None:
    crop = drawn_crop(1)
    batch = make_batch([crop], random.Random(0), vary=False)
    assert len(batch.words) == len(crop.words)
    assert all(batch.saliency[crop, row, column] == 1 for crop, row, column in batch.cells.tolist())


@pytest.mark.slow
def test_training_lowers_the_loss_and_its_checkpoint_goes_on_and_exports(
    pool_folder: Path, tmp_path: Path
) -> None:
    pool = Pool(pool_folder)
    pool.refresh()
    torch.manual_seed(0)
    start = Checkpoint({}, WordTower().state_dict())
    out = tmp_path / "checkpoint.pt"
    steps = 2 * MEET_EVERY  # the running average begins after the first of the two
    figures = train(
        start, pool, WORDS * 3, out, minutes=minutes_of(steps), batch_size=1, rate=2e-3, clock=steady_clock()
    )
    assert len(figures) == steps
    first, last = figures[0]["loss"], min(f["loss"] for f in figures[-3:])
    assert last < first
    checkpoint = load(out)
    assert checkpoint.step == steps
    assert not torch.equal(checkpoint.word["out.weight"], start.word["out.weight"])
    weights = export(checkpoint, tmp_path / "asset")
    page, word = load_reader(weights)
    cells = page(prepare(torch.full((1, 64, 96), 255, dtype=torch.uint8)))
    assert cells.features.shape == (1, PageReader.WIDTHS[2], 8, 6)
    assert page.words(cells.features, torch.tensor([[0, 4, 2]])).extents.shape == (1, 3)
    assert torch.allclose(word(["zurich"]).norm(dim=-1), torch.ones(1), atol=1e-3)


def test_words_stay_where_they_are_if_asked(pool_folder: Path, tmp_path: Path) -> None:
    pool = Pool(pool_folder)
    pool.refresh()
    start = Checkpoint({}, WordTower().state_dict())
    out = tmp_path / "checkpoint.pt"
    minutes = minutes_of(MEET_EVERY)
    assert train(
        start, pool, WORDS * 3, out, minutes=minutes, batch_size=1, keep_words=True, clock=steady_clock()
    )
    kept = load(out).word
    assert all(torch.equal(value, kept[name]) for name, value in start.word.items())


def test_folded_batch_norms_change_nothing() -> None:
    reader = PageReader().eval()
    folded = PageReader(folded=True).eval()
    folded.load_state_dict(folded_state(reader))
    pages = prepare(torch.randint(0, 256, (1, 48, 80), dtype=torch.uint8))
    with torch.inference_mode():
        assert torch.allclose(reader(pages).saliency, folded(pages).saliency, atol=1e-3)
