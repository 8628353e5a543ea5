"""Questions that sentences answer, and examples chosen among them."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.app.noun_phrases import noun_phrases, telling
from pagelight.app.questions import questions
from pagelight.app.suggestions import MOST_TRIES, captions, headings, recurring_terms, suggest
from pagelight.retrieval.types import PageWords


def _page(*sentences: str) -> PageWords:
    """A line for each sentence, far enough apart."""
    texts: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for row, sentence in enumerate(sentences):
        for column, word in enumerate(sentence.split()):
            texts.append(word)
            boxes.append((0.05 * column, 0.1 * row, 0.05 * column + 0.04, 0.1 * row + 0.02))
    return PageWords(tuple(texts), np.array(boxes, np.float32).reshape(-1, 4))


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The emergency telephone hangs beside the door.", "Where is the emergency telephone?"),
        ("The lantern is lit at dusk and put out at dawn.", "When is the lantern lit?"),
        ("Punctuality rose to 96.1 percent in the year.", "How much did punctuality rise?"),
        ("Dogs travel free on the deck; bicycles cost 20 crowns.", "How much do bicycles cost?"),
        ("The worst week was the third of November.", "What was the worst week?"),
        ("Der Notausgang ist neben der Küche und immer offen.", "Wo ist der Notausgang?"),
        ("La sortie est derrière la cuisine et les caves.", "Où est la sortie ?"),
        ("El extintor está junto a la puerta y las llaves.", "¿Dónde está el extintor?"),
        ("Il telefono si trova accanto alla porta e il bar.", "Dove si trova il telefono?"),
    ],
)
def test_a_sentence_is_turned_into_the_question_that_it_answers(sentence: str, question: str) -> None:
    assert questions(_page(sentence)) == [question]


def test_a_page_without_such_a_sentence_asks_nothing() -> None:
    assert questions(_page("Annual report", "Revenue by region in Europe and the rest of the world")) == []
    assert questions(PageWords()) == []


def test_only_what_leads_back_to_its_page_is_an_example_and_documents_take_turns() -> None:
    pages = [
        ("a", 1, _page("The fuse is behind the tray.", "The plug is under the table.")),
        ("b", 4, _page("The worst week was the third of November.")),
    ]
    assert suggest(pages, lambda query, document_id, page: True) == [
        "Where is the fuse?",
        "What was the worst week?",
        "Where is the plug?",
    ]
    assert suggest(pages, lambda query, document_id, page: (document_id, page) == ("b", 4)) == [
        "What was the worst week?"
    ]
    assert suggest(pages, lambda query, document_id, page: False) == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Figure 3: Passengers on each of the lines.", ["Passengers on each of the lines"]),
        ("Abb. 2 – Fahrgäste je Linie (in Tausend)", ["Fahrgäste je Linie"]),
        ("Table 1. Tolls of the northern bridges, 1921", ["Tolls of the northern bridges"]),
        ("Figure 3 shows the passengers on each line.", []),  # a sentence about it
        (
            "Figure 4: The mapping of every vector of the field onto one line of the texture",
            [],
        ),  # too long for a chip
    ],
)
def test_a_caption_tells_what_its_figure_shows(line: str, shown: list[str]) -> None:
    assert captions(_page(line)) == shown


def test_terms_that_recur_are_examples_and_what_is_said_once_is_none() -> None:
    words = _page(
        "A vector field is drawn as lines.",
        "The vector field turns.",
        "Noise smears along the vector field.",
        "A blue lamp stands there.",
        "It cost two million crowns, then three million crowns, then a million crowns.",
    )
    assert recurring_terms(words) == ["vector field"]


def test_headings_that_every_document_has_are_no_examples() -> None:
    texts = ("Table", "des", "matières", "Tides", "of", "Harbours", *["word"] * 8)
    heights = np.array([0.04] * 6 + [0.01] * 8, np.float32)
    left = np.array([0.1, 0.2, 0.3] * 2 + [0.05 * i for i in range(8)], np.float32)
    top = np.array([0.1] * 3 + [0.3] * 3 + [0.6] * 8, np.float32)
    words = PageWords(texts, np.stack([left, top, left + 0.08, top + heights], axis=1))
    assert headings(words) == ["Tides of Harbours"]


def test_other_kinds_fill_up_where_questions_are_few() -> None:
    pages = [
        ("a", 1, _page("The fuse is behind the tray.")),
        ("b", 2, _page("Figure 1: Tolls of the northern bridges.")),
    ]
    assert suggest(pages, lambda query, document_id, page: True, 3) == [
        "Where is the fuse?",
        "Tolls of the northern bridges",
    ]


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("Why does the ferry wait at noon? It is the mail.", ["Why does the ferry wait at noon?"]),
        ("3.1 Fares: What do dogs pay on the ferry?", ["What do dogs pay on the ferry?"]),
        ("Quando parte il traghetto e quanto costa?", ["Quando parte il traghetto e quanto costa?"]),
        ("Pourquoi attendre la fin de la marée?", ["Pourquoi attendre la fin de la marée ?"]),
        ("Are you the owner of the dog?", []),  # a form asks its reader
        ("And what is it?", []),
        ("WHAT IS THE NUMBER OF THE FERRY?", []),
    ],
)
def test_a_question_that_a_document_asks_itself_is_one(sentence: str, asked: list[str]) -> None:
    assert questions(_page(sentence)) == asked


@pytest.mark.parametrize(
    ("sentence", "phrases"),
    [
        ("It shows the direction of the vector field.", ["direction of the vector field"]),
        ("Hier ist die Verteilung der gesammelten Spenden zu sehen.", ["Verteilung der gesammelten Spenden"]),
        ("On lit le plan de transport actif.", ["plan de transport actif"]),
        ("Se castiga el uso de documentos falsos.", ["uso de documentos falsos"]),
        ("Qui sta il valore unitario della quota.", ["valore unitario della quota"]),
        ("At the end of the long day we rest.", []),  # says nothing of the day
        ("It has the names of several doctors.", []),
        ("These are the definitions of the main terms used.", []),
        ("See the cost.", []),
        ("The policy covers theft of the bicycle.", []),  # has a verb inside
        ("It is the theft of the red bicycle up to a limit.", []),
        ("Le dépôt de garantie correspond à deux mois.", []),
        ("The dry docking of the Alkekonge cost 3.9 million.", []),  # goes on with a verb and a number
        ("The galley of the Lomvi now bakes its bread.", []),
        ("The complexity of many computing systems requires, as ever, care.", []),
    ],
)
def test_a_phrase_is_taken_whole_and_without_its_article(sentence: str, phrases: list[str]) -> None:
    assert list(noun_phrases(_page(sentence))) == phrases


def test_phrases_about_what_the_document_is_about_come_first() -> None:
    found = [("colour of painted doors", 1), ("length of the field", 1), ("sum of the field", 2)]
    assert telling(found) == [found[1], found[2], found[0]]


def test_no_document_gives_a_second_example_before_each_has_given_one() -> None:
    pages = [
        ("a", 1, _page("The fuse is behind the tray.", "The plug is under the table.")),
        ("b", 2, _page("Figure 1: Tolls of the northern bridges.")),
    ]
    assert suggest(pages, lambda query, document_id, page: True, 2) == [
        "Where is the fuse?",
        "Tolls of the northern bridges",
    ]


def test_where_nothing_leads_back_to_its_page_the_search_for_examples_ends() -> None:
    asked: list[str] = []
    pages = [
        (
            f"{n}",
            1,
            _page(
                f"The fuse {'abcdefghijklmnopqrstuvwxyz'[n % 26]}x is behind the tray.",
                f"Figure 1: Tolls of bridge {'x' * n}.",
            ),
        )
        for n in range(1, 100)
    ]
    assert suggest(pages, lambda query, document_id, page: bool(asked.append(query)), 30) == []
    assert len(asked) == MOST_TRIES
