"""Adds pages to an index until it is killed; prints the number of each page that is stored. Run by the tests."""

import sys
from pathlib import Path

import numpy as np

from pagelight.retrieval.store.embedded import EdgeStore
from pagelight.retrieval.store.page_store import IndexConfig
from tests.retrieval.stored_pages import DIM, stored_page

if __name__ == "__main__":
    store = EdgeStore.open(Path(sys.argv[1]), IndexConfig("builtin", DIM, "none"))
    first = store.stats().n_pages + 1
    print("open", flush=True)
    for number in range(first, first + 100_000):
        rng = np.random.default_rng(number)
        store.upsert([stored_page(rng, page=number, n_vectors=number % 40 + 1)])
        print(number, flush=True)
