"""Places in tables: `python -m bench.table_places FOLDER [--image-only]`.

FOLDER holds PDFs and, beside each, the cells of its tables as `NAME-str.xml`: the data of the table competition of ICDAR 2013
(Göbel et al. 2013), two hundred pages of American and European authorities, which tabula-java's tests carry. For up to
three tables of a document two cells with a number are drawn; the query is the label of the cell's row and the heads of its
column. Told is how often the best region has its middle in that row, and reaches over the cell as well.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2 as pdfium

from pagelight import Service, Settings
from pagelight.retrieval.types import Box

SEED = 5
#: tables of a document, and cells of a table
TABLES, CELLS = 3, 2
#: characters of a value and of a row's label at most; rows that a head takes at most
_VALUE, _LABEL, _HEAD_ROWS = 14, 60, 3
#: how far beside a row the middle may lie, as a share of the page's height: a third of a line
_BESIDE = 0.004


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: rows and columns from first to last, both counted, its box in points from below, and its text."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and where its answer stands, relative to the page."""

    pdf: Path
    page: int
    query: str
    cell: Box
    row: Box


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.table_places", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--image-only", action="store_true", help="by page images alone")
    options = parser.parse_args(arguments)
    questions = list(draw(options.folder))
    if not questions:
        print(f"{options.folder}: no tables; expected NAME.pdf beside NAME-str.xml", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="pagelight-tables-") as scratch:
        settings = Settings(data=Path(scratch), samples=False, image_only=options.image_only)
        with Service(settings) as service:
            service.add(sorted({question.pdf for question in questions})).wait()
            while any(document.pages_shallow for document in service.documents()):
                time.sleep(1)
            ids = {document.name: document.document_id for document in service.documents()}
            first, in_row, over_cell = 0, 0, 0
            for one in questions:
                best = next(iter(service.search(one.query, top_k=1).hits), None)
                first += best is not None and (best.document, best.page) == (one.pdf.name, one.page)
                regions = service.heatmap(ids[one.pdf.name], one.page, one.query).regions
                if regions and _is_in(regions[0].box, one.row):
                    in_row += 1
                    middle = (one.cell[0] + one.cell[2]) / 2
                    over_cell += regions[0].box[0] <= middle <= regions[0].box[2]
    n = len(questions)
    print(f"{n} queries: page first {first / n:.3f}, row {in_row / n:.3f}, row and cell {over_cell / n:.3f}")
    return 0


def draw(folder: Path) -> Iterator[Question]:
    """The same questions each time."""
    chance = random.Random(SEED)
    for described in sorted(folder.glob("*-str.xml")):
        pdf = described.with_name(described.name.replace("-str.xml", ".pdf"))
        if not pdf.exists():
            continue
        regions = [
            one[0]
            for table in ElementTree.parse(described).iter("table")
            if len(one := list(table.iter("region"))) == 1
        ]
        chance.shuffle(regions)
        with pdfium.PdfDocument(pdf) as document:
            sheets = [
                (int(region.get("page", "1")), pairs)
                for region in regions
                if (pairs := list(_labelled(list(_cells(region)))))
            ]
            for number, pairs in sheets[:TABLES]:
                page = document[number - 1]
                if page.get_rotation() == 0:
                    for query, cell, row in chance.sample(pairs, min(CELLS, len(pairs))):
                        crop = page.get_cropbox()
                        yield Question(pdf, number, query, _relative(cell, crop), _relative(row, crop))


def _cells(region: ElementTree.Element) -> Iterator[Cell]:
    for one in region.iter("cell"):
        found = one.find("bounding-box")
        numbers = [found.get(side, "") for side in ("x1", "y1", "x2", "y2")] if found is not None else []
        if len(numbers) != 4 or not all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers):
            continue  # some are misspelled
        x0, y0, x1, y1 = map(float, numbers)
        row, column = int(one.get("start-row", "0")), int(one.get("start-col", "0"))
        rows = row, int(one.get("end-row") or row)
        columns = column, int(one.get("end-col") or column)
        yield Cell(rows, columns, (x0, y0, x1, y1), " ".join((one.findtext("content") or "").split()))


def _labelled(cells: Sequence[Cell]) -> Iterator[tuple[str, Box, Box]]:
    """(query, the cell's box, its row's box) of cells with a number whose row has a label and whose column a head."""
    for cell in cells:
        top, column = cell.rows[0], cell.columns[0]
        if column == 0 or top == 0 or not re.search(r"\d", cell.text) or len(cell.text) > _VALUE:
            continue
        labels = [
            other
            for other in cells
            if other.rows[0] == top
            and other.columns[0] == 0
            and re.search(r"[^\W\d]{3}", other.text)
            and len(other.text) < _LABEL
        ]
        heads = [
            other.text
            for other in sorted(cells, key=lambda other: other.rows)
            if other.rows[1] < top
            and other.rows[0] < _HEAD_ROWS
            and other.columns[0] <= column <= other.columns[1]
            and re.search(r"\w", other.text)
            and not re.fullmatch(r"[\d.,% -]+", other.text)
        ]
        if len(labels) == 1 and heads:
            row = [other.box for other in cells if other.rows[0] <= top <= other.rows[1]]
            low = min(cell.box[1], labels[0].box[1])
            high = max(cell.box[3], labels[0].box[3])
            across = min(box[0] for box in row), max(box[2] for box in row)
            yield (
                " ".join(dict.fromkeys([labels[0].text, *heads])),
                cell.box,
                (across[0], low, across[1], high),
            )


def _relative(box: Box, crop: Box) -> Box:
    """A box in points from below as shares of the page from above."""
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    return (
        (box[0] - crop[0]) / width,
        1 - (box[3] - crop[1]) / height,
        (box[2] - crop[0]) / width,
        1 - (box[1] - crop[1]) / height,
    )


def _is_in(box: Box, row: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return row[0] <= x <= row[2] and row[1] - _BESIDE <= y <= row[3] + _BESIDE


if __name__ == "__main__":
    sys.exit(main())
