"""HTML without anything that is fetched or run, for LibreOffice: of web pages, e-mails and e-books."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from html import escape
from html.parser import HTMLParser

#: elements that are left out with all that is in them; from `clippath` on those of drawings (SVG), used elsewhere or said of them
_DROPPED = frozenset(
    """
script style iframe object applet noscript template math video audio title clippath defs desc marker mask
metadata pattern symbol
""".split()
)
_KEPT = frozenset(
    """
a abbr b big blockquote br caption center cite code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i
img ins kbd li mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead tr tt u ul
""".split()
)
#: elements that begin on a line of their own; what is not in `_KEPT` becomes a plain one
_BLOCKS = frozenset(
    """
address article aside details dialog fieldset figcaption figure footer form header hgroup legend main menu
nav option section summary text textarea
""".split()
)
#: kinds of input fields whose value nobody sees, or which have none
_SILENT_INPUTS = frozenset(("hidden", "password", "checkbox", "radio", "file", "image", "color", "range"))
#: what nobody sees, and what is read out only: cut down to nothing, or far outside the page
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|\bclip\s*:\s*rect\((\s*[01](px)?[\s,]*){4}\)|clip-path\s*:\s*inset\(\s*(50|100)%"
    r"|(?<![-\w])(left|top|right|text-indent)\s*:\s*-(\d{4,}px|\d{3,}(em|rem|vw|%))",
    re.IGNORECASE,
)
_STYLE_SHEET = re.compile(r"<style[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: what holds on paper, on small screens and the like
_MEDIA = re.compile(r"@[\w-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"\w+|\w*[.#][\w-]+")
_SHOWN_STYLE = re.compile(r"\b(display|visibility)\s*:", re.IGNORECASE)
#: attributes that say where a picture is, those of drawings (SVG) included
_SOURCES = ("src", "href", "xlink:href")
_EMPTY = frozenset(("br", "hr", "img", "col", "input", "link", "meta"))
#: elements that the next one of their kind, or the end of what they are in, ends (HTML Living Standard, 13.1.2.4)
_ENDED_BY_NEXT = frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "option", "body", "html"))
#: what is no sign, and text ends or is lost at (Unicode 15.0, section 23.1)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ATTRIBUTES = frozenset(("colspan", "rowspan", "align", "width", "height", "alt", "start"))
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)

#: a picture's address to a "data:" address, or nothing
Picture = Callable[[str], str]


def plain_page(html: str, picture: Picture = lambda source: source) -> str:
    """The body's text, tables, lists, form fields and embedded pictures. picture: the content behind a picture's address

    >>> plain_page('<p onclick="x()">Quay <script>steal()</script><img src="file:///etc/passwd">')
    '<p>Quay </p>'
    """
    parser = _Cleaner(picture, hidden_by_style(html))
    parser.feed(html)
    parser.close()
    return parser.text()


def document_of(body: str) -> str:
    """A whole HTML document in UTF-8.

    >>> document_of("Qu\\0ay")[-18:]
    'Quay</body></html>'
    """
    return (
        '<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        f"<title></title></head><body>{_CONTROLS.sub('', body)}</body></html>"
    )


class _Cleaner(HTMLParser):
    def __init__(self, picture: Picture, hidden: Set[str]) -> None:
        """hidden: selectors of elements that nobody sees"""
        super().__init__(convert_charrefs=True)
        self._picture, self._hidden = picture, hidden
        self._parts: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._dropping and tag == self._dropping[-1] and tag in _ENDED_BY_NEXT:
            self._dropping.pop()
        if self._dropping:
            self._dropping += [tag] * (tag == self._dropping[-1])
            return
        is_hidden = _is_unseen(values) or not self._hidden.isdisjoint(_selectors(tag, values))
        if tag in _DROPPED or (is_hidden and tag not in _EMPTY):
            self._dropping.append(tag)
            return
        if tag == "input" and (values.get("type") or "").lower() not in _SILENT_INPUTS:
            self._parts.append(f" {escape(values.get('value') or '')} ")
        tag = "div" if tag in _BLOCKS else "img" if tag == "image" else tag
        if tag not in _KEPT:
            return
        kept = {name: value or "" for name, value in attrs if name in _ATTRIBUTES}
        if tag == "img":
            source = self._picture(next((values[name] or "" for name in _SOURCES if name in values), ""))
            if not _PICTURE.fullmatch(source):
                return
            kept["src"] = source
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        self._parts.append(f"<{tag}{written}>")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            is_ended = self._dropping[-1] in _ENDED_BY_NEXT and tag in self._open
            if is_ended or tag == self._dropping[-1]:
                self._dropping.pop()
            if not is_ended or self._dropping:
                return
        tag = "div" if tag in _BLOCKS else tag
        if tag in self._open:
            while (last := self._open.pop()) != tag:
                self._parts.append(f"</{last}>")
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._parts.append(escape(data))

    def text(self) -> str:
        return "".join(self._parts) + "".join(f"</{tag}>" for tag in reversed(self._open))


def hidden_by_style(html: str) -> Set[str]:
    """Selectors of elements, classes and ids that the page's own style sheets leave out.

    >>> sorted(hidden_by_style("<style>.a, p.b {display: none} @media print {.c {display: none}} .d i {display: none}</style>"))
    ['.a', 'p.b']
    """
    found: set[str] = set()
    for sheet in _STYLE_SHEET.findall(html):
        for selectors, rules in _RULE.findall(_MEDIA.sub("", _COMMENT.sub("", sheet))):
            names = [one.strip() for one in selectors.split(",")]
            if _UNSEEN_STYLE.search(rules):
                found |= {name for name in names if _SIMPLE.fullmatch(name)}
            elif _SHOWN_STYLE.search(rules):
                found -= set(names)
    return found - {"html", "body"}  # which a script shows once it is ready


def _selectors(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """All simple selectors that an element answers to."""
    names = [f".{one}" for one in (attributes.get("class") or "").split()]
    names += [f"#{one}" for one in (attributes.get("id") or "").split()]
    yield tag
    for name in names:
        yield name
        yield tag + name


def _is_unseen(attributes: Mapping[str, str | None]) -> bool:
    return "hidden" in attributes or bool(_UNSEEN_STYLE.search(attributes.get("style") or ""))
