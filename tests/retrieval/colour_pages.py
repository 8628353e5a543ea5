"""A dataset whose answers are known: pages of coloured squares, and an encoder that names colours."""

import json

import numpy as np
from PIL import Image, ImageDraw

from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.errors import UnreadableDocument
from pagelight.retrieval.types import Kind, PageEmbedding, PageWords, PatchGrid, QueryEmbedding, all_of

COLOURS = {
    "red": (200, 20, 20),
    "green": (20, 150, 40),
    "blue": (20, 40, 200),
    "yellow": (230, 210, 20),
    "violet": (120, 20, 160),
    "orange": (240, 130, 10),
}
GRID = PatchGrid(10, 8)


class ColourEncoder:
    """Each cell's vector says how near its colour is to each of the six; white cells are near none."""

    def __init__(self, name="colours"):
        self.info = EncoderInfo(name, dim=8, pruning="importance:0.5", dpi=72, batch=2)
        self.scoring = None
        self.pages_seen = 0

    def encode_pages(self, images):
        self.pages_seen += len(images)
        return [self._page(image) for image in images]

    def _page(self, image):
        small = image.convert("RGB").resize((GRID.n_cols, GRID.n_rows), Image.Resampling.BOX)
        cells = np.asarray(small, np.float32).reshape(-1, 3)
        far = np.linalg.norm(cells[:, None] - np.array(list(COLOURS.values()), np.float32)[None], axis=2)
        vectors = np.zeros((GRID.n_cells, 8), np.float32)
        vectors[:, :6] = np.exp(-np.square(far / 60))
        vectors[:, 7] = 1e-3
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        ink = 1 - cells.min(axis=1) / 255
        n = GRID.n_cells
        return PageEmbedding(
            vectors,
            GRID,
            np.arange(n, dtype=np.int32),
            ink.astype(np.float32),
            np.ones(n, np.int32),
            kinds=all_of(Kind.PATCH, n),
        )

    def encode_query(self, text):
        words = text.split()
        names = [*COLOURS, "any other word"]
        tokens = [names.index(word) if word in COLOURS else 6 for word in words]
        vectors = np.eye(8, dtype=np.float32)[tokens]
        owners = np.arange(len(words), dtype=np.int32)
        return QueryEmbedding(
            text,
            tuple(words),
            vectors,
            owners,
            np.ones(len(words), np.float32),
            kinds=all_of(Kind.PATCH, len(words)),
        )


class Rendered:
    def __init__(self, number, image, words):
        self.number, self.image, self.words = number, image, words


def render(path, dpi, first):
    """A page a colour of the file's name; a file called broken cannot be read."""
    if path.stem == "broken":
        raise UnreadableDocument("not a document")
    for number, colour in enumerate(path.stem.split("-"), start=1):
        if number >= first:
            image = Image.new("RGB", (160, 200), "white")
            # one cell, at a place of its own
            left, top = 20 * number, 40
            ImageDraw.Draw(image).rectangle((left, top, left + 19, top + 19), fill=COLOURS[colour])
            boxes = np.array([[0.1, 0.5, 0.3, 0.55], [0.32, 0.5, 0.5, 0.55]], np.float32)
            yield Rendered(number, image, PageWords((f"{colour}ish", "heading"), boxes))


def write_dataset(folder):
    """Two documents of three pages each, and a query for each page."""
    pdfs = folder / "pdfs"
    pdfs.mkdir(parents=True)
    for name in ("red-green-blue", "yellow-violet-orange"):
        (pdfs / f"{name}.pdf").write_bytes(name.encode())
    queries = []
    for document in ("red-green-blue", "yellow-violet-orange"):
        for page, colour in enumerate(document.split("-"), start=1):
            box = [20 * page / 160, 0.2, 20 * (page + 1) / 160, 0.3]
            queries.append(
                {
                    "id": colour,
                    "query": colour,
                    "type": "warm" if colour in ("red", "yellow", "orange") else "cold",
                    "doc": f"{document}.pdf",
                    "pages": [page],
                    "boxes": [{"page": page, "box": box}],
                }
            )
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    return folder
