"""Spreadsheets (XLSX) with room for what is in their cells: a long text is cut off at the next cell, a number becomes "###"."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

#: characters of a column that is made wider, at most, for texts of up to so many: they are not to be higher than a page (form)
_WIDEST = ((1000, 40), (2500, 80), (40_000, 120))
#: characters of a sheet of paper, about (form)
_PAPER = 90
#: points of a line's height, where the sheet does not say it (form)
_LINE = 15.0
#: share of a line that is filled, at least, where words are not broken (form)
_FILLED = 0.85
#: characters of a sheet that is still legible when its pages are made as wide as it is, at most (form)
_FITS = 180
#: characters of a column whose width no one says (ECMA-376, 18.3.1.81) (form)
_USUAL = 8.43
#: characters of a number beside the digits before its point: its sign, currency, two digits after the point (form)
_BESIDE_DIGITS = 3

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_ROW = re.compile(r"<row\b([^>]*[^>/])>(.*?)</row>", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_PLACE = re.compile(r'\br="([A-Z]+\d+)"')
_STYLE = re.compile(r'\bs="(\d+)"')
_TYPE = re.compile(r'\bt="(\w+)"')
_TEXT = re.compile(r"<t\b[^>]*>(.*?)</t>", re.DOTALL)
_VALUE = re.compile(r"<v\b[^>]*>(.*?)</v>", re.DOTALL)
_ITEM = re.compile(r"<si\b[^>]*?(?:/>|>(.*?)</si>)", re.DOTALL)
_COLUMNS = re.compile(r"<cols>(.*?)</cols>", re.DOTALL)
_COLUMN = re.compile(r"<col\b([^>]*)/?>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_HEIGHT = re.compile(r'\s(?:ht|customHeight)="[^"]*"')
_FORMATS = re.compile(r"(<cellXfs\b[^>]*>)(.*?)(</cellXfs>)", re.DOTALL)
_FORMAT = re.compile(r"<xf\b([^>]*?)(?:/>|>(.*?)</xf>)", re.DOTALL)
_ALIGNMENT = re.compile(r"<alignment\b([^>]*)/?>")
_OURS = frozenset(("wrapText", "shrinkToFit", "vertical"))
_APPLIED = re.compile(r'\sapplyAlignment="[^"]*"')
_MERGED = re.compile(r'<mergeCell\b[^>]*ref="([^"]+)"')
_ROOT = re.compile(r"<worksheet\b[^>]*>")
_FITTED = re.compile(r'<pageSetUpPr\b[^>]*fitToPage="(?:1|true)"')
_FIT = re.compile(r"<pageSetUpPr\b[^>]*/>")
_PROPERTIES = re.compile(r"<sheetPr\b[^>]*/>")
_SETUP = re.compile(r"<pageSetup\b[^>]*/>")
_HEIGHT_OF_LINE = re.compile(r'\bdefaultRowHeight="([\d.]+)"')
_DEFAULT = re.compile(r'\bdefaultColWidth="([\d.]+)"')


@dataclass(frozen=True, slots=True)
class _Cell:
    """place: such as "B12"; column: counted from 1; next_column: of the next cell with something in it, 0 where there is none

    text: what it says; length: characters of its longest line; is_text: whether it may reach into empty cells, and be wrapped
    """

    place: str
    column: int
    next_column: int
    text: str
    length: int
    is_text: bool


def write_with_room(source: Path, target: Path) -> bool:
    """Write a copy whose columns are wide enough, and long texts wrapped; False where that is not needed, or it is no such file."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
            sheets = [name for name in names if _SHEET.fullmatch(name)]
            texts = _shared_texts(archive) if "xl/sharedStrings.xml" in names else []
            styles = archive.read("xl/styles.xml").decode() if "xl/styles.xml" in names else ""
            formats = _FORMATS.search(styles)
            n_formats = len(_FORMAT.findall(formats[2])) if formats else 0
            changed = {}
            for name in sheets:
                sheet = archive.read(name).decode()
                if (roomy := _with_room(sheet, texts, n_formats)) != sheet:
                    changed[name] = roomy
            if not changed:
                return False
            if formats:
                changed["xl/styles.xml"] = styles.replace(formats[0], _doubled(formats))
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
                for name in names:
                    copy.writestr(name, changed[name] if name in changed else archive.read(name))
    except (zipfile.BadZipFile, UnicodeDecodeError, KeyError, ValueError, OSError, RuntimeError):
        return False  # whatever is wrong with it is LibreOffice's to tell
    return True


def _with_room(sheet: str, texts: Sequence[str], n_formats: int) -> str:
    """A sheet's XML with wider columns and wrapped cells. texts: that sheets share; n_formats: of cells, which exist wrapped, too"""
    merged = {found.split(":")[0] for found in _MERGED.findall(sheet)}
    columns = [dict(_ATTRIBUTE.findall(found)) for found in _COLUMN.findall(sheet)]
    default = float(found[1]) if (found := _DEFAULT.search(sheet)) else _USUAL
    cells = [
        cell for row in _ROW.finditer(sheet) for cell in _cells(row[2], texts) if cell.place not in merged
    ]
    widths = _Widths(columns, default)
    wider: dict[int, float] = {}
    for cell in cells:
        if cell.length > _room(cell, widths, wider) and not widths.is_hidden(cell.column):
            own = wider.get(cell.column, widths.of(cell.column))
            most = next((w for n, w in _WIDEST if cell.length <= n), own) if cell.is_text else cell.length + 2
            wider[cell.column] = max(min(own, most), min(cell.length + 2, most))
    wrapped = {
        cell.place: _n_lines(cell.text, wider.get(cell.column, widths.of(cell.column)))
        for cell in cells
        if cell.is_text and cell.length > _room(cell, widths, wider)
    }
    if n_formats:
        line = float(found[1]) if (found := _HEIGHT_OF_LINE.search(sheet)) else _LINE
        sheet = _ROW.sub(lambda row: _wrapped_row(row, wrapped, line, n_formats), sheet)
    if not wider:
        return sheet
    written = f"<cols>{widths.written(wider)}</cols>"
    sheet = (
        _COLUMNS.sub(written, sheet) if columns else sheet.replace("<sheetData", f"{written}<sheetData", 1)
    )
    last = max(cell.column for cell in cells)
    total = sum(wider.get(column, widths.of(column)) for column in range(1, last + 1))
    return _on_one_page(sheet) if _PAPER < total <= _FITS else sheet


class _Widths:
    """Widths of a sheet's columns in characters."""

    def __init__(self, columns: Sequence[Mapping[str, str]], default: float) -> None:
        self._columns, self._default = columns, default
        self._known: dict[int, float] = {}

    def of(self, column: int) -> float:
        if column not in self._known:
            self._known[column] = float(self._entries(column).get("width", self._default))
        return self._known[column]

    def is_hidden(self, column: int) -> bool:
        return self._entries(column).get("hidden") in ("1", "true")

    def written(self, wider: Mapping[int, float]) -> str:
        """The columns as XML, some of them wider."""
        last = max(wider)
        entries = [
            {**self._entries(column), "min": str(column), "max": str(column)}
            | ({"width": f"{wider[column]:g}", "customWidth": "1"} if column in wider else {})
            for column in range(1, last + 1)
        ]
        beyond = [
            {**one, "min": str(max(int(one["min"]), last + 1))}
            for one in self._columns
            if int(one["max"]) > last
        ]
        kept = [one for one in entries + beyond if len(one) > 2]
        return "".join(f"<col {' '.join(_entry(*pair) for pair in one.items())}/>" for one in kept)

    def _entries(self, column: int) -> Mapping[str, str]:
        return next((one for one in self._columns if int(one["min"]) <= column <= int(one["max"])), {})


def _entry(name: str, value: str) -> str:
    return f'{name}="{value}"'


def _room(cell: _Cell, widths: _Widths, wider: Mapping[int, float]) -> float:
    """Characters that are seen of a cell: a text reaches into the empty cells right of it, up to the paper's edge."""
    own = wider.get(cell.column, widths.of(cell.column))
    if not cell.is_text:
        return own
    if cell.next_column:
        return sum(wider.get(column, widths.of(column)) for column in range(cell.column, cell.next_column))
    before = sum(wider.get(column, widths.of(column)) for column in range(1, cell.column))
    return max(own, _PAPER - before)


def _cells(row: str, texts: Sequence[str]) -> Iterator[_Cell]:
    """The cells of a row that have something in them, from right to left."""
    following = 0
    for found in reversed([*_CELL.finditer(row)]):
        place, kind = _PLACE.search(found[1]), _TYPE.search(found[1])
        text = _text(found[2] or "", kind[1] if kind else "n", texts)
        if not place or not text:
            continue
        column = 0
        for letter in place[1].rstrip("0123456789"):
            column = 26 * column + ord(letter) - ord("A") + 1
        is_text = kind is not None and kind[1] in ("s", "str", "inlineStr")
        length = max(map(len, text.splitlines())) if is_text else _digits(text)
        yield _Cell(place[1], column, following, text, length, is_text)
        following = column


def _text(content: str, kind: str, texts: Sequence[str]) -> str:
    if kind == "inlineStr":
        return unescape("".join(_TEXT.findall(content)))
    value = _VALUE.search(content)
    if value is None:
        return ""
    return texts[int(value[1])] if kind == "s" else unescape(value[1])


def _digits(value: str) -> int:
    """Characters of a number, however it is written; 0 for what is none."""
    try:
        n_digits = len(str(int(abs(float(value)))))
    except (ValueError, OverflowError):
        return 0
    return n_digits + (n_digits - 1) // 3 + _BESIDE_DIGITS if n_digits > 3 else n_digits


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    content = archive.read("xl/sharedStrings.xml").decode()
    return [unescape("".join(_TEXT.findall(item))) for item in _ITEM.findall(content)]


def _n_lines(text: str, width: float) -> int:
    """Lines of a text that is wrapped, words at the ends of lines included."""
    return sum(int(len(line) / (_FILLED * width)) + 1 for line in text.splitlines())


def _wrapped_row(row: re.Match[str], wrapped: Mapping[str, int], line: float, n_formats: int) -> str:
    """A row with wrapped cells, as high as they are. wrapped: their places, and how many lines they have; line: a line's height"""
    n_lines = max((wrapped.get(place, 0) for place in _PLACE.findall(row[2])), default=0)
    if not n_lines:
        return row[0]

    def cell(found: re.Match[str]) -> str:
        place = _PLACE.search(found[1])
        if not place or place[1] not in wrapped:
            return found[0]
        style = _STYLE.search(found[1])
        entries = _STYLE.sub("", found[1]) + f' s="{n_formats + int(style[1] if style else 0)}"'
        return f"<c{entries}>{found[2]}</c>"

    height = f' ht="{n_lines * line:g}" customHeight="1"'
    return f"<row{_HEIGHT.sub('', row[1])}{height}>{_CELL.sub(cell, row[2])}</row>"


def _doubled(formats: re.Match[str]) -> str:
    """The cells' formats, followed by the same with their text wrapped."""
    again = "".join(
        f'<xf{_APPLIED.sub("", found[1])} applyAlignment="1"><alignment {_alignment(found[2] or "")} vertical="top" wrapText="1"/></xf>'
        for found in _FORMAT.finditer(formats[2])
    )
    return f"{formats[1]}{formats[2]}{again}{formats[3]}"


def _alignment(content: str) -> str:
    """Entries of a format's alignment but the one that wraps."""
    found = _ALIGNMENT.search(content)
    entries = _ATTRIBUTE.findall(found[1]) if found else []
    return " ".join(_entry(name, value) for name, value in entries if name not in _OURS)


def _on_one_page(sheet: str) -> str:
    """The sheet printed as wide as a page, where it does not say so itself."""
    if _FITTED.search(sheet):
        return sheet
    sheet = _SETUP.sub("", _FIT.sub("", sheet))
    if "</sheetPr>" in sheet:
        sheet = sheet.replace("</sheetPr>", '<pageSetUpPr fitToPage="1"/></sheetPr>', 1)
    else:
        sheet = _PROPERTIES.sub("", sheet)
        sheet = _ROOT.sub(r'\g<0><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>', sheet, count=1)
    setup = '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    return sheet.replace("</sheetData>", f"</sheetData>{setup}", 1)
