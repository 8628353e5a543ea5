"""What the encoder reads, held against text layers."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from bench import reading

LINES = (
    "The council asked two engineers to walk the breakwater after the storm",
    "and to write down what they saw. Most of the granite blocks had held,",
    "but forty metres of the concrete wall stood open to the waves.",
    "Invoice 2721-5058 of 12.05.2024, total 36,812.50, code QX7 Z41B 88213",
    "Attn Szczepan Wodzislawski, telephone 650 701 7829, postcode 94110",
)


def test_what_is_read_is_counted_by_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    canvas = Canvas(str(tmp_path / "letter.pdf"))
    for number, line in enumerate(LINES):
        canvas.drawString(70, 700 - 30 * number, line)
    canvas.showPage()
    canvas.drawString(70, 700, "hardly a word")
    canvas.save()
    assert reading.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    rows = {
        cells[0]: cells[1:]
        for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines())
    }
    assert printed.startswith("pages: 1, ")
    assert float(rows["all"][1]) > 0.85
    assert float(rows["numbers"][1]) > 0.7
    assert float(rows["of what is read, what is there"][1]) > 0.85


def test_a_folder_without_text_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reading.main([str(tmp_path)]) == 1
    assert "no PDF with pages of text" in capsys.readouterr().err
