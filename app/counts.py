"""Numbers with their nouns."""

from __future__ import annotations


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number and its noun. plural: where it is not the noun with an s

    >>> counted(1, "page"), counted(2000, "page"), counted(0, "query", "queries")
    ('1 page', '2,000 pages', '0 queries')
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"
