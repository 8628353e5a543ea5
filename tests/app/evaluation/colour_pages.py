"""A dataset whose answers are known: pages of coloured squares, and an encoder that names colours."""

import json

import numpy as np
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.types import Kind, PageEmbedding, PatchGrid, QueryEmbedding, all_of

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


def write_pdf(path, colours, words=("ish", "heading")):
    """A page for each colour: one cell of it, at a place of its own, and pale words."""
    canvas = Canvas(str(path), pagesize=(160, 200), invariant=True)
    for number, colour in enumerate(colours, start=1):
        canvas.setFillColorRGB(*(value / 255 for value in COLOURS[colour]))
        left, top = 20 * number, 40
        canvas.rect(left, 200 - top - 20, 20, 20, stroke=0, fill=1)
        canvas.setFillGray(0.85)
        canvas.setFont("Helvetica", 6)
        canvas.drawString(20, 95, " ".join(word.replace("ish", f"{colour}ish") for word in words))
        canvas.showPage()
    canvas.save()


def write_dataset(folder):
    """Two documents of three pages each, and a query for each page."""
    pdfs = folder / "pdfs"
    pdfs.mkdir(parents=True)
    for name in ("red-green-blue", "yellow-violet-orange"):
        write_pdf(pdfs / f"{name}.pdf", name.split("-"))
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
