"""Quotes and minus signs in queries."""

from __future__ import annotations

import pytest

from pagelight.retrieval.text.query_syntax import folded_words, parse_query


@pytest.mark.parametrize(
    ("query", "text", "phrases", "excluded"),
    [
        ("net revenue", "net revenue", (), ()),
        ('"Net Revenue" 2019', "Net Revenue 2019", (("net", "revenue"),), ()),
        ("„Größe“ und “net revenue”", "Größe und net revenue", (("grosse",), ("net", "revenue")), ()),
        ('report -draft -"first version"', "report", (), (("draft",), ("first", "version"))),
        ("well-known state-of-the-art", "well-known state-of-the-art", (), ()),
        ("temperature -5 °C", "temperature -5 °C", (), ()),
        ('a " alone', 'a " alone', (), ()),
        ('empty "" quotes', "empty quotes", (), ()),
        ("it's the keeper's", "it's the keeper's", (), ()),
        ('24" screens and 27" screens', '24" screens and 27" screens', (), ()),
        ("-draft", "", (), (("draft",),)),
    ],
)
def test_a_query_is_taken_apart(
    query: str, text: str, phrases: tuple[tuple[str, ...], ...], excluded: tuple[tuple[str, ...], ...]
) -> None:
    found = parse_query(query)
    assert (found.text, found.phrases, found.excluded) == (text, phrases, excluded)


def test_a_page_is_allowed_by_its_words_in_order() -> None:
    words = folded_words("The NET revenue of the first quarter")
    assert parse_query('"net revenue"').allows(words)
    assert not parse_query('"revenue net"').allows(words)
    assert not parse_query("quarter -revenue").allows(words)
    assert parse_query("quarter -draft").allows(words)
    assert not parse_query('"first quarter 2019"').allows(words)
