"""Terms and the sparse vectors that BM25 is made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pagelight.retrieval.text.analyzer import fold, number_form, split_words, terms
from pagelight.retrieval.text.bm25 import BM25, document_vector, query_vector, term_index
from pagelight.retrieval.text.stems import stem


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Revenue", "revenue"),
        ("ÜBERGRÖSSE", "übergröße"),
        ("café", "cafe\u0301"),
        ("efﬁcient", "efficient"),
        ("Ｆｉｇ", "fig"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("3,14", "3.14"),
        ("connected", "connections"),
        ("studies", "study"),
        ("running", "runs"),
        ("voiture", "voitures"),
        ("rapporto", "rapporti"),
        ("Smørrebrød", "SMORREBROD"),
        ("cœur", "coeur"),
        ("Łódź", "Lodz"),
        ("Đà", "da"),
        ("\U0001d45a\U0001d44e\U0001d461\U0001d451", "matd"),
        ("\u0661\u0662", "12"),
        ("\u304b\u3099", "\u304c"),
        ("ﻋﺮﺑﻲ", "عربي"),
        ("light\u034fhouse", "lighthouse"),
        ("\u845b\U000e0100\u98fe", "\u845b\u98fe"),
        ("\u18a0\u180b\u18a1", "\u18a0\u18a1"),
    ],
)
def test_spellings_of_one_word_are_one_term(left: str, right: str) -> None:
    assert terms(left) == terms(right)
    assert len(terms(left)) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2019", "2020"),
        ("3.14", "314"),
        ("1.5", "15"),
        ("war", "was"),
        ("universe", "unite"),
    ],
)
def test_different_words_stay_different(left: str, right: str) -> None:
    assert terms(left) != terms(right)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n—…", []),
        ("plt.rotate(x)", ["plt", "rotat", "x"]),
        ("S&P 500", ["s", "p", "500"]),
        ("12.05.2020", ["12.05.2020", "12", "05", "2020"]),
        ("l'eau", ["l", "eau"]),
        ("v1.2.3 costs $1,200.", ["v1", "2.3", "cost", "1200"]),
        ("set_xlabel", ["set", "xlabel"]),
        ("10km", ["10", "km"]),
        ("co\u2010operation", ["co", "oper"]),
        ("Hafen\u00admeister", ["hafenme"]),
        ("東京都", ["東京", "京都"]),
        ("第3章 図", ["第", "3", "章", "図"]),
        ("годовой отчет", ["годовои", "отчет"]),
        ("the the", ["the", "the"]),
    ],
)
def test_texts_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters()))
def test_any_text_has_terms_without_spaces(text: str) -> None:
    found = terms(text)
    assert all(term and not any(c.isspace() for c in term) for term in found)


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.characters(min_codepoint=97, max_codepoint=122)))
def test_a_stem_is_never_empty(word: str) -> None:
    assert bool(stem(word)) == bool(word)
    assert len(stem(word)) <= len(word)


def test_the_dimension_of_a_term_never_changes() -> None:
    """Indexes on disk depend on it."""
    assert term_index("revenu") == 2107883589


def test_a_document_of_mean_length_has_weight_one_for_a_term_that_occurs_once() -> None:
    words = [f"w{i}" for i in range(BM25.mean_length)]
    vector = document_vector(words)
    assert len(vector.indices) == BM25.mean_length
    np.testing.assert_allclose(vector.values, 1.0)


def test_repeated_terms_saturate_and_long_documents_count_less() -> None:
    def weight(times: int, length: int) -> float:
        words = ["tariff"] * times + [f"w{i}" for i in range(length - times)]
        vector = document_vector(words)
        return vector.values[vector.indices.index(term_index("tariff"))]

    assert weight(1, 100) < weight(2, 100) < weight(50, 100) < 2.2
    assert weight(2, 1000) < weight(2, 100)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=3)))
def test_sparse_vectors_are_ascending_and_unique(words: list[str]) -> None:
    for vector in (document_vector(words), query_vector(words)):
        assert vector.indices == sorted(set(vector.indices))
        assert len(vector.indices) == len(vector.values)
        assert bool(vector) == bool(words)
        assert all(0 <= index < 2**32 for index in vector.indices)


def test_a_query_counts_each_term_once_and_leaves_stop_words_out() -> None:
    assert query_vector(terms("What is the price of the bridge, the bridge?")) == query_vector(
        terms("bridge price")
    )
    assert query_vector(terms("Quelle est la longueur du pont ?")) == query_vector(terms("longueur pont"))
    assert query_vector(terms("to be or not to be"))


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters()))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters()))
def test_the_words_of_a_text_have_the_terms_of_the_text(text: str) -> None:
    """What a query's word is looked up by is what a page that shows the same text is indexed by."""
    by_word = [term for word in split_words(text) for term in terms(word)]
    assert set(by_word) == set(terms(text))


@pytest.mark.parametrize("word", ["Smørrebrød", "cœur", "Łódź", "Đà", "12.05.2019", "1,234.5", "Übergröße"])
def test_a_folded_word_has_the_terms_of_the_word_as_typed(word: str) -> None:
    assert terms(fold(word)) == terms(word)
    assert split_words(word) == [word]


def test_a_number_is_read_by_its_digits() -> None:
    assert number_form(fold("1.234,5")) == number_form("1,234.5") == "12345"
