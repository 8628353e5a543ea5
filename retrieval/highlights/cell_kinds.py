"""What a cell of a table holds."""

from __future__ import annotations

import re

#: a number first, and no word of four letters: units are shorter (form)
_NUMBER = re.compile(r"[\W_]*\d")
_WORD = re.compile(r"[^\W\d_]{4}")
#: years, spans of years and days, which say what stands in a column
_DATE = re.compile(
    r"[\W_]*(?:(?:19|20)\d\d(?:\s?[-–—/]\s?(?:(?:19|20)?\d\d))?|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d)[\W_]*"
)


def is_value(text: str) -> bool:
    """Whether a cell holds a value, and no name or day.

    >>> [is_value(cell) for cell in ("31.7 gal (120 L)", "(95 %)", "2010–11", "4-year-olds", "(n = 918)", "–")]
    [True, True, False, False, False, False]
    """
    return bool(_NUMBER.match(text)) and not _WORD.search(text) and not _DATE.fullmatch(text)
