"""MaxSim, the late-interaction score (Khattab and Zaharia 2020, arXiv 2004.12832, eq. 3), for one unpadded page.

Every batched or stored path is tested against these lines.
"""

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import PRUNED, Floats, PageEmbedding

#: keeps vectors of no length from being divided by it (guard)
_LEAST_LENGTH = 1e-6


def maxsim(query: Floats, page: Floats) -> float:
    """Sum over the query's tokens of the best dot product with any of the page's vectors.

    query: (n_tokens, dim); page: (n_vectors, dim), n_vectors >= 1; neither padded

    >>> maxsim(np.array([[1, 0], [0, 2]], np.float32), np.array([[3, 1], [1, -1]], np.float32))
    5.0
    """
    similarities = query @ page.T  # (n_tokens, n_vectors)
    return float(similarities.max(axis=1).sum())


def similarity_map(query: Floats, page: PageEmbedding) -> Floats:
    """(n_tokens, n_rows, n_cols): each token's similarity with the vector that covers the cell; NaN where pruned."""
    similarities = query @ page.vectors.T  # (n_tokens, n_vectors)
    cells = page.cell_to_vector
    spread = np.where(cells == PRUNED, np.nan, similarities[:, cells])  # (n_tokens, n_cells)
    return spread.reshape(len(query), page.grid.n_rows, page.grid.n_cols).astype(np.float32)


def l2_normalized(vectors: NDArray[np.floating]) -> Floats:
    """The same directions with length 1, along the last axis; zero vectors stay.

    >>> l2_normalized(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _LEAST_LENGTH), np.float32)
