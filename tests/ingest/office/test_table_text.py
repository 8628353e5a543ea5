"""Texts that are tables, and what programs write to terminals."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.ingest.office.converter import check_document, convert, soffice
from pagelight.ingest.office.plain_text import table_page, text_page
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from tests.ingest.rendered_pages import pages_of


@pytest.mark.parametrize(
    "text",
    [
        "berth;fee;kind\nNorth quay;1.234,50;\n\nPier;9;new\n",
        "berth\tfee\tkind\r\nNorth quay\t1.234,50\t\r\nPier\t9\tnew\r\n",
        'berth,fee,kind\n"North quay","1.234,50",""\nPier,9,new',
    ],
)
def test_a_row_a_line_is_a_table(text: str) -> None:
    rows = [["berth", "fee", "kind"], ["North quay", "1.234,50", ""], ["Pier", "9", "new"]]
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    assert table_page(text) == f'<table border="1">{"".join(f"<tr>{row}</tr>" for row in cells)}</table>'


def test_cells_may_go_over_lines_and_rows_may_lack_some() -> None:
    page = table_page('a;b\n"two\nlines";1\n' + "x;y\n" * 20 + "z\n")
    assert "<td>two\nlines</td><td>1</td>" in page
    assert "<tr><td>z</td><td></td></tr>" in page


@pytest.mark.parametrize(
    "text",
    [
        "Dear sir, madam,\nthe berth, as you know, is let.",
        "one, two, three\nfour, five, six",
        "# Quay\n\n- oil; lamp\n- rope; tar; pitch",
        "a;b",
        "",
        'x="' + "y" * 200_000 + "\nz;",
    ],
)
def test_prose_is_no_table(text: str) -> None:
    assert not table_page(text)


def test_cells_of_a_wide_row_stand_behind_one_another() -> None:
    row = [f"column{i}" for i in range(30)]
    assert table_page(f"{','.join(row)}\n{','.join(row)}") == 2 * f"<p>{', '.join(row)}</p>"


def test_colours_of_a_terminal_are_left_out() -> None:
    assert text_page("\x1b[1;31mERROR\x1b[0m lamp") == "<pre>ERROR lamp</pre>"


@pytest.mark.skipif(soffice() is None, reason="no LibreOffice")
def test_every_word_of_a_wide_table_is_whole(tmp_path: Path) -> None:
    path, made = tmp_path / "a.csv", tmp_path / "a.pdf"
    log = tmp_path / "a.log"
    log.write_text("\x1b[31mE\x1b[0m x\n" * 9)
    assert check_document(log, Limits(), name=log.name) is FileType.TEXT
    text = ";".join(f"Gebühr{i}" for i in range(60))
    path.write_text(f"{text}\n{text}\n", "utf-16")
    convert(path, made, check_document(path, Limits(), name=path.name), Limits())
    (page,) = pages_of(made, 50)
    assert set(page.words.texts) >= {f"Gebühr{i};" for i in range(59)}
