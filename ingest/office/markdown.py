"""Markdown to HTML: headings, lists, quotes, tables, code and emphasis; the rest stays as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"\s*([-*+]|\d+[.)])\s+(.*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*$")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_SPANS = (
    (re.compile(r"!\[([^\]]*)\]\([^)\s]*[^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)\s]*[^)]*\)"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)[*_]([^*_\s][^*_]*)[*_](?!\w)"), r"<i>\1</i>"),
)


def markdown_page(text: str) -> str:
    """The body of an HTML document.

    >>> markdown_page("# Quay\\n- *oil*\\n- lamp")
    '<h1>Quay</h1>\\n<ul><li><i>oil</i></li></ul>\\n<ul><li>lamp</li></ul>'
    >>> markdown_page("Quay <!-- nobody sees\\nthis --> lamp")
    '<p>Quay  lamp</p>'
    """
    return "\n".join(_blocks(iter(_COMMENT.sub("", text).expandtabs(4).splitlines())))


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in lines:
        block = _block(line, lines)
        if block is None and line.strip():
            paragraph.append(line)
            continue
        if paragraph:
            yield _paragraph(paragraph)
            paragraph = []
        if block:
            yield block
    if paragraph:
        yield _paragraph(paragraph)


def _block(line: str, lines: Iterator[str]) -> str | None:
    """The block that a line is or begins; None where it is part of a paragraph."""
    if line.lstrip().startswith(("```", "~~~")):
        fence = line.lstrip()[:3]
        code = []
        for inner in lines:
            if inner.lstrip().startswith(fence):
                break
            code.append(inner)
        return f"<pre>{escape(chr(10).join(code))}</pre>"
    if heading := _HEADING.match(line):
        level = len(heading[1])
        return f"<h{level}>{_spans(heading[2])}</h{level}>"
    if _RULE.match(line):
        return "<hr>"
    if item := _ITEM.match(line):
        kind = "ol" if item[1][0].isdigit() else "ul"
        start = f' start="{int(item[1][:-1])}"' if kind == "ol" else ""
        return f"<{kind}{start}><li>{_spans(item[2])}</li></{kind}>"
    if line.startswith(">"):
        return f"<blockquote>{_spans(line.lstrip('> '))}</blockquote>"
    return None


def _paragraph(lines: list[str]) -> str:
    if len(lines) > 1 and "|" in lines[0] and _TABLE_RULE.match(lines[1]):
        rows = [line.strip().strip("|").split("|") for line in (lines[0], *lines[2:])]
        cells = ("".join(f"<td>{_spans(cell.strip())}</td>" for cell in row) for row in rows)
        return f'<table border="1">{"".join(f"<tr>{row}</tr>" for row in cells)}</table>'
    return f"<p>{'<br>'.join(_spans(line.strip()) for line in lines)}</p>"


def _spans(text: str) -> str:
    text = escape(text, quote=False)
    for pattern, shown in _SPANS:
        text = pattern.sub(shown, text)
    return text
