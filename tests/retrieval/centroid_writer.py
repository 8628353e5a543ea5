"""Adds pages to an index and updates its centroids until it is killed; prints the number of pages that are stored. Run by the tests."""

import sys
from pathlib import Path
from unittest.mock import patch

from pagelight.retrieval.store.embedded import EdgeStore
from tests.retrieval.gathered_pages import CONFIG, SMALL, page

if __name__ == "__main__":
    with patch("pagelight.retrieval.store.centroid_index.CENTROIDS", SMALL):
        store = EdgeStore.open(Path(sys.argv[1]), CONFIG)
        print("open", flush=True)
        for number in range(store.stats().n_pages, 400):
            store.upsert([page(number)])
            print(number + 1, flush=True)
            store.update_centroids()
