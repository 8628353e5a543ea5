"""A labelled set in fourteen languages: `python -m bench.languages FOLDER` writes 24 pages and 48 queries.

Each page is asked for twice: in its own language with other words, and in another language. All of it is our own
(`languages.jsonl`), drawn with fonts that every PDF reader has or with DejaVu Sans. Then `pagelight eval FOLDER`, and
`python -m bench.text_control FOLDER OUT` for plain text search.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_SOURCE = Path(__file__).with_name("languages.jsonl")
#: fonts that a PDF only names
_NAMED = {"zh": "STSong-Light", "ja": "HeiseiMin-W3", "ko": "HYSMyeongJo-Medium"}
_DEJAVU = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf"),
    Path("/Library/Fonts/DejaVuSans.ttf"),
)
#: written from right to left: a PDF holds them as they are seen
_LEFTWARD = ("he", "ar")
_LINE_LENGTH = 58


def main(folder: Path) -> None:
    """Write `pdfs/` and `queries.jsonl`. Raises SystemExit where DejaVu Sans is not installed."""
    pages = [json.loads(line) for line in _SOURCE.read_text(encoding="utf-8").splitlines()]
    _register_fonts()
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    queries: list[dict[str, Any]] = []
    for number, page in enumerate(pages, 1):
        name = f"{number:02}-{page['language']}.pdf"
        _draw(folder / "pdfs" / name, page["language"], page["page"])
        asked = (("same", page["same"]), ("across", page["across"][1]))
        queries += [
            {"id": f"{kind}-{number:02}", "query": query, "type": kind, "doc": name, "pages": [1]}
            for kind, query in asked
        ]
    lines = "".join(json.dumps(query, ensure_ascii=False) + "\n" for query in queries)
    (folder / "queries.jsonl").write_text(lines, encoding="utf-8")


def _register_fonts() -> None:
    for name in _NAMED.values():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    path = next((path for path in _DEJAVU if path.exists()), None)
    if path is None:
        raise SystemExit("DejaVu Sans is not installed (Debian: apt install fonts-dejavu-core)")
    pdfmetrics.registerFont(TTFont("DejaVu", str(path)))


def _draw(path: Path, language: str, texts: Sequence[str]) -> None:
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    font = _NAMED.get(language, "DejaVu")
    y = 760
    for i, text in enumerate(texts):
        for line in _lines(text):
            canvas.setFont(font, 13 if i else 20)
            if language in _LEFTWARD:
                canvas.drawRightString(535, y, line[::-1])
            else:
                canvas.drawString(60, y, line)
            y -= 24
        y -= 24
    canvas.save()


def _lines(text: str) -> list[str]:
    """
    >>> _lines("as many words as a line has room for, so that none of them is cut in two pieces")
    ['as many words as a line has room for, so that none of them', 'is cut in two pieces']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= _LINE_LENGTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m bench.languages FOLDER")
    main(Path(sys.argv[1]))
