"""Plain text to HTML: as it stands, every sign and space of it; a table where it is written as one, a row a line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

#: colours and the like that programs write to terminals (ECMA-48, 5.4)
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
#: columns from one tabulator to the next, as terminals have them (form)
_TAB = 8
_NEW_SHEET = ' style="page-break-before: always"'
#: signs between cells, the surest first
_DELIMITERS = "\t;,"
#: characters of one cell; the standard library refuses longer ones (limit)
_LONGEST_CELL = 131_072


@dataclass(frozen=True, slots=True)
class TableTextParameters:
    """Signs of a table among texts, and how it is set.

    rows: lines that are looked at, at most (speed)
    fewest_rows: rows of a table, at least (looked at)
    even: share of the rows that have as many cells as most, at least: in prose each line has other commas (looked at)
    spaced: share of the cells that begin with a space, at most: behind commas of prose all do (looked at)
    fits: characters of a row that fit on a sheet side by side; cells of wider rows stand behind one another (geometry)
    widest: characters of a column that has room beside others; longer cells are broken into lines (geometry)
    together: rows of a table in one piece: LibreOffice takes very long for large ones (speed)
    """

    rows: int = 200
    fewest_rows: int = 2
    even: float = 0.9
    spaced: float = 0.5
    fits: int = 100
    widest: int = 30
    together: int = 100


TABLE_TEXT = TableTextParameters()


def text_page(text: str) -> str:
    """The body of an HTML document.

    >>> text_page("# <no heading>\\n  - no_item_")
    '<pre># &lt;no heading&gt;\\n  - no_item_</pre>'
    >>> text_page("berth;fee\\nNorth;12")
    '<table border="1"><tr><td>berth</td><td>fee</td></tr><tr><td>North</td><td>12</td></tr></table>'
    """
    text = _TERMINAL.sub("", text)
    return table_page(text) or _as_it_stands(text)


def _as_it_stands(text: str) -> str:
    """A form feed begins a new sheet, as it does in a printer."""
    sheets = ("\n".join(sheet.expandtabs(_TAB).splitlines()) for sheet in text.split("\f"))
    written = (f">{escape(sheet, quote=False)}</pre>" for sheet in sheets if sheet.strip())
    return "".join(f"<pre{_NEW_SHEET if index else ''}{sheet}" for index, sheet in enumerate(written))


def table_page(text: str) -> str:
    """The body of an HTML document; empty where the text is no table.

    >>> table_page("berth;fee\\nNorth;12")
    '<table border="1"><tr><td>berth</td><td>fee</td></tr><tr><td>North</td><td>12</td></tr></table>'
    >>> table_page("Dear sir, madam,\\nthe berth, as you know, is let.")
    ''
    """
    lines = [line for line in text.splitlines() if line.strip()]
    delimiter = _delimiter(lines[: TABLE_TEXT.rows])
    if not delimiter:
        return ""
    rows = _rows(text.splitlines(keepends=True), delimiter)
    widths = Counter[int]()
    for row in rows:
        for index, cell in enumerate(row):
            widths[index] = max(widths[index], min(len(cell), TABLE_TEXT.widest))
    if sum(widths.values()) + len(widths) > TABLE_TEXT.fits:
        return "".join(f"<p>{f'{delimiter} '.join(map(escape, row))}</p>" for row in rows)
    n_columns = len(widths)
    pieces = [rows[at : at + TABLE_TEXT.together] for at in range(0, len(rows), TABLE_TEXT.together)]
    return "".join(_table(piece, n_columns) for piece in pieces)


def _table(rows: Sequence[Sequence[str]], n_columns: int) -> str:
    written = []
    for row in rows:
        cells = [*row, *[""] * (n_columns - len(row))]
        written.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f'<table border="1">{"".join(written)}</table>'


def _delimiter(lines: Sequence[str]) -> str:
    for delimiter in _DELIMITERS:
        rows = _rows(lines, delimiter)
        if len(rows) < TABLE_TEXT.fewest_rows:
            continue
        ((n_cells, n_rows),) = Counter(map(len, rows)).most_common(1)
        behind = [cell for row in rows for cell in row[1:]]
        n_spaced = sum(cell.startswith(" ") for cell in behind)
        if (
            n_cells > 1
            and n_rows >= TABLE_TEXT.even * len(rows)
            and n_spaced <= TABLE_TEXT.spaced * len(behind)
        ):
            return delimiter
    return ""


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Rows that have anything in them; none where they cannot be told."""
    if max(map(len, lines), default=0) >= _LONGEST_CELL:
        return []
    try:
        return [row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []
