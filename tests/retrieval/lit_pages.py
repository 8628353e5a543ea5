"""Pages written down as words, matches on them, and the regions that these make."""

import numpy as np

from pagelight.retrieval.highlights.layout import EMPTY, Layout, layout
from pagelight.retrieval.highlights.lines import make_words
from pagelight.retrieval.highlights.page_pictures import Picture
from pagelight.retrieval.highlights.passage_closeness import Closeness
from pagelight.retrieval.highlights.query_matches import find_matches
from pagelight.retrieval.highlights.regions import find_regions
from pagelight.retrieval.results import Region
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import (
    PRUNED,
    Box,
    Floats,
    Kind,
    PageEmbedding,
    PatchGrid,
    QueryEmbedding,
)

N_ROWS = 100


N_COLS = 60


LINE = 0.02


def maps_of(*spots: list[tuple[int, int]]) -> Floats:
    """One map a word, with 1 at each (row, col)."""
    maps = np.zeros((len(spots), N_ROWS, N_COLS), np.float32)
    for word, cells in enumerate(spots):
        for row, col in cells:
            maps[word, row, col] = 1.0
    return maps


def regions_of(
    maps: Floats,
    weights: list[float],
    page: Layout = EMPTY,
    pictures: tuple[Picture, ...] = (),
    look: bool = False,
    closeness: Closeness | None = None,
) -> tuple[Region, ...]:
    matches = find_matches(maps, np.array(weights, np.float32))
    places = find_regions(matches, page, pictures, look, closeness)
    return tuple(place.region for place in places)


def line_of_words(y: float, x0: float = 0.1, x1: float = 0.9, width: float = 0.08) -> list[Box]:
    """The words of a line of text, one half of a line's height apart."""
    starts = np.arange(x0, x1 - 1e-6, width + LINE / 2)
    return [(float(x), y, min(float(x) + width, x1), y + LINE) for x in starts]


def paragraph(y: float, n_lines: int, x0: float = 0.1, x1: float = 0.9) -> list[Box]:
    return [word for i in range(n_lines) for word in line_of_words(y + 1.3 * LINE * i, x0, x1)]


def layout_of(*words: list[Box]) -> Layout:
    boxes = np.array([box for some in words for box in some], np.float32)
    return layout(make_words(boxes, [""] * len(boxes)))


def centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def cell_at(x: float, y: float) -> tuple[int, int]:
    return int(y * N_ROWS), int(x * N_COLS)


def written_page(text: str, y: float = 0.1, per_line: int = 8) -> Layout:
    """Lines of so many words, each word a tenth of the page wide."""
    texts = text.split()
    boxes = [
        (0.1 + 0.1 * (i % per_line), y + 1.3 * LINE * (i // per_line), 0.19 + 0.1 * (i % per_line), 0.0)
        for i in range(len(texts))
    ]
    return layout(make_words(np.array([(a, b, c, b + LINE) for a, b, c, _ in boxes], np.float32), texts))


GRID = PatchGrid(20, 10)


SCORING = TermScoring(midpoint=0.5, slope=30.0, floor=0.1)


def seen_page() -> PageEmbedding:
    """A word over two cells of row 3, another one beside it, and a look, half sure, over the lower half."""
    cells = np.full((GRID.n_rows, GRID.n_cols), PRUNED, np.int32)
    cells[3, 2:4], cells[3, 4] = 0, 1
    cells[10:] = 2
    vectors = np.diag([1, 1, 0.5]).astype(np.float32)
    n = len(vectors)
    return PageEmbedding(
        vectors,
        GRID,
        cells.ravel(),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        np.array([Kind.WORD, Kind.WORD, Kind.FIGURE], np.uint8),
    )


def word_and_look(text: str = "first look") -> QueryEmbedding:
    vectors = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    return QueryEmbedding(
        text,
        ("first", "look"),
        vectors,
        np.array([0, 1], np.int32),
        np.ones(2, np.float32),
        np.array([Kind.WORD, Kind.FIGURE], np.uint8),
        ("first", ""),
    )


#: widths of a letter and of a space, as shares of the page's width, and the distance of two lines
LETTER, PITCH = 0.009, 1.3 * LINE


def typed_page(*lines: str | dict[float, str], pitch: float = PITCH) -> Layout:
    """Lines of one width a letter, from the left margin or, as cells, from where each begins; "" leaves a line empty."""
    texts, boxes = [], []
    for i, line in enumerate(lines):
        for start, text in (line if isinstance(line, dict) else {0.1: line}).items():
            x, y = start, 0.1 + pitch * i
            for word in text.split():
                texts.append(word)
                boxes.append((x, y, x + LETTER * len(word), y + LINE))
                x += LETTER * (len(word) + 1)
    return layout(make_words(np.array(boxes, np.float32), texts))


def typed_cell(line: int, x: float, pitch: float = PITCH) -> tuple[int, int]:
    """The cell in the middle of a line of a typed page."""
    return cell_at(x, 0.1 + pitch * line + LINE / 2)
