"""The reader's closer look: each place by itself, along its own row, and not beyond the page."""

import pytest
import torch
from torch import Tensor

from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, Words, prepare


@pytest.fixture(scope="module")
def reader() -> PageReader:
    torch.manual_seed(0)
    net = PageReader(folded=True).eval().requires_grad_(False)
    torch.nn.init.normal_(net.extent.weight, std=0.1)
    return net


def features(reader: PageReader, seed: int, width: int = 480) -> Tensor:
    made = torch.Generator().manual_seed(seed)
    return reader(prepare(torch.randint(0, 256, (1, 96, width), dtype=torch.uint8, generator=made))).features


def assert_same(one: Words, other: Words) -> None:
    for a, b in zip(one, other, strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def at(*places: tuple[int, int, int]) -> Tensor:
    return torch.tensor(places, dtype=torch.long).reshape(-1, 3)


def test_no_place_has_no_words(reader: PageReader) -> None:
    words = reader.words(features(reader, 0), at())
    assert [tuple(part.shape) for part in words] == [(0, 192), (0,), (0, 3)]


def test_a_place_is_the_same_in_any_company(reader: PageReader) -> None:
    pages = torch.cat([features(reader, 0), features(reader, 1)])
    places = at((0, 2, 3), (1, 2, 3), (1, 7, 29), (0, 0, 0))
    together = reader.words(pages, places)
    for i, (page, row, column) in enumerate(places.tolist()):
        alone = reader.words(pages[page : page + 1], at((0, row, column)))
        assert_same(Words(*(part[i : i + 1] for part in together)), alone)


def test_a_place_sees_its_row_as_far_as_a_word_reaches(reader: PageReader) -> None:
    page = features(reader, 0)
    span = reader.gather[0].SPAN
    column = page.shape[3] - 1
    before = reader.words(page, at((0, 5, column)))
    elsewhere = page.clone()
    elsewhere[:, :, :5], elsewhere[:, :, 6:], elsewhere[..., : column - span] = 7, 7, 7
    assert_same(reader.words(elsewhere, at((0, 5, column))), before)
    near = page.clone()
    near[0, :, 5, column - span] = 7
    assert not torch.allclose(reader.words(near, at((0, 5, column))).features, before.features, atol=1e-3)


def test_beyond_the_page_is_nothing(reader: PageReader) -> None:
    """In a row of equal cells the one at the page's edge sees what the one in the middle sees."""
    row = features(reader, 0)[..., :1].repeat(1, 1, 1, 2 * reader.gather[0].SPAN + 1)
    middle, left, right = (
        reader.words(row, at((0, 3, c))) for c in (reader.gather[0].SPAN, 0, row.shape[3] - 1)
    )
    assert_same(left, middle)
    assert_same(right, middle)
