"""Encoded pages on disk: what a stopped run leaves behind, and which encoder it belongs to."""

from dataclasses import replace

import numpy as np
import pytest

from pagelight.app.evaluation.embedding_cache import EmbeddingCache
from tests.retrieval.colour_pages import ColourEncoder, render, write_dataset


@pytest.fixture
def folder(tmp_path):
    return write_dataset(tmp_path / "data")


def test_a_stopped_run_goes_on_with_the_first_missing_page(folder):
    encoder = ColourEncoder()
    cache = EmbeddingCache(folder.parent / "cache", encoder)
    path = folder / "pdfs" / "red-green-blue.pdf"

    def stop_after_two(path, dpi, first):
        yield from list(render(path, dpi, first))[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.document(path.name, path, stop_after_two)
    seen = encoder.pages_seen
    assert cache.document(path.name, path, render).pages == (1, 2, 3)
    assert encoder.pages_seen == seen + 1


def test_another_model_has_another_cache(folder, tmp_path):
    class Shifted(ColourEncoder):
        def _page(self, image):
            page = super()._page(image)
            return replace(page, vectors=np.roll(page.vectors, 1, axis=1))

    assert (
        EmbeddingCache(tmp_path, ColourEncoder()).folder == EmbeddingCache(tmp_path, ColourEncoder()).folder
    )
    assert EmbeddingCache(tmp_path, ColourEncoder()).folder != EmbeddingCache(tmp_path, Shifted()).folder
