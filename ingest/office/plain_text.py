"""Plain text to HTML: as it stands, every sign and space of it; a table where it is written as one."""

from __future__ import annotations

import re
from html import escape

from pagelight.ingest.office.table_text import table_page

#: colours and the like that programs write to terminals (ECMA-48, 5.4)
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
#: columns from one tabulator to the next, as terminals have them (form)
_TAB = 8
_NEW_SHEET = ' style="page-break-before: always"'


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
