"""A PDF page's own words with their boxes, from pdfium's text page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from pagelight.ingest.render.characters import UNKNOWN, Characters, read_characters, shown_boxes, with_unknown
from pagelight.ingest.render.hyphenation import join_hyphenated
from pagelight.ingest.render.letter_spacing import join_spaced
from pagelight.ingest.render.limits import PAGE_SIZE
from pagelight.ingest.render.right_to_left import is_right_to_left
from pagelight.ingest.render.visible_text import seen_characters
from pagelight.ingest.render.word_boundaries import Rect, as_high, continues, is_initial, is_marked, touches
from pagelight.ingest.render.word_joining import SOFT_HYPHENS, Word
from pagelight.ingest.render.word_order import for_each_direction
from pagelight.retrieval.types import Floats, PageWords


@dataclass(frozen=True, slots=True)
class TextLayerParameters:
    """Which of a page's own words are taken, and how they are put together.

    garbage: a page with a larger share of characters without meaning has a broken text layer (geometry)
    garbage_word: the same for a word (geometry)
    garbage_letters: letters of a word without meaning, at least: bullets and icons of symbol fonts are single (geometry)
    garbage_words: such words, from which on a page that keeps its text layer says that some of it is lost (geometry)
    """

    garbage: float = 0.3
    garbage_word: float = 0.5
    garbage_letters: int = 3
    garbage_words: int = 12


TEXT_LAYER = TextLayerParameters()

GARBAGE = "its text has letters without meaning, so that it was read from its picture"
PARTLY_GARBAGE = "a part of its text has letters without meaning, so that this was read from its picture"


@dataclass(frozen=True, slots=True, eq=False)
class OwnText:
    """A page's own words, and notes on them.

    veiled: (n, 4) relative boxes of characters that shine through what hides them
    """

    words: PageWords = field(default_factory=PageWords)
    notes: Sequence[str] = ()
    veiled: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))


def own_text(page: pdfium.PdfPage) -> OwnText:
    """The words of a page in the order in which the file has them.

    Words that nobody can see are dropped. Ligatures are spelled out, accents composed, words that are broken at a
    line's end joined (in the box of their first half), letter-spaced words too. Single letters that the font does not
    tell are `UNKNOWN`. The boxes lie on the page as it is shown: crop box and rotation flag are applied.
    """
    textpage = page.get_textpage()
    try:
        characters = read_characters(textpage)
        notes = ["a part of its text is left out, there is too much of it"] if characters.cut else []
        if not len(characters):
            return OwnText(notes=notes)
        seen, shines_through, apart = seen_characters(page, characters)
        characters = with_unknown(characters, seen, apart)
        veiled = shown_boxes(page, characters.boxes[shines_through].astype(np.float64)).astype(np.float32)
        if _n_inked_spaces(characters, seen) > TEXT_LAYER.garbage * len(characters):
            return OwnText(PageWords(), [*notes, GARBAGE], veiled)
        words = _collect(characters, seen.tolist())
    finally:
        textpage.close()
    n_characters = sum(len(word.text) for word in words)
    lost = [w for w in words if _is_lost(w)]
    if sum(word.garbage for word in words) > TEXT_LAYER.garbage * n_characters:
        return OwnText(PageWords(), [*notes, *[GARBAGE] * bool(lost)], veiled)
    notes += [PARTLY_GARBAGE] * (len(lost) >= TEXT_LAYER.garbage_words)
    words = for_each_direction(words, lambda run: join_hyphenated(join_spaced(run)))
    spelled = _once([(text, w) for w in words if w.is_seen and (text := _spelled(w))])
    if not spelled:
        return OwnText(PageWords(), notes, veiled)
    corners = np.array([(w.left, w.bottom, w.right, w.top) for _, w in spelled], np.float64)
    boxes = np.clip(shown_boxes(page, corners), 0, 1).astype(np.float32)
    return OwnText(PageWords(tuple(text for text, _ in spelled), boxes), notes, veiled)


def _n_inked_spaces(characters: Characters, seen: NDArray[np.bool_]) -> int:
    """Characters that are said to be spaces, and are letters to see: not where the ink may be that of a letter beside them."""
    is_space = np.array([text.isspace() for text in characters.texts], np.bool_)
    beside_letter = np.zeros(len(characters), np.bool_)
    left, right = characters.boxes[:, 0], characters.boxes[:, 2]
    bottom, top = characters.boxes[:, 3], characters.boxes[:, 1]
    for step in (-1, 1):  # letters before and after
        is_letter = np.roll(~is_space & characters.placed, step)
        apart = (np.roll(left, step) > right) | (np.roll(right, step) < left)
        apart |= (np.roll(bottom, step) > top) | (np.roll(top, step) < bottom)
        beside_letter |= is_letter & ~apart
    return int((is_space & characters.placed & seen & ~beside_letter).sum())


def small_print(words: PageWords, height_pt: float) -> float:
    """Points of height that all but the smallest words of the page have at least; 0 where there are few words."""
    if len(words) < PAGE_SIZE.few_words:
        return 0.0
    heights = np.minimum(words.boxes[:, 3] - words.boxes[:, 1], 1.0) * height_pt
    return float(np.quantile(heights, PAGE_SIZE.small_share))


def clean_text(text: str) -> str:
    """Ligatures, presentation forms and mathematical letters spelled out, accents composed, control characters gone.

    Characters of private use beside letters become `UNKNOWN`.

    >>> clean_text("e\u0301tat"), clean_text("\ufb01n\x07"), clean_text("m²"), clean_text("\U0001d44e")
    ('état', 'fin', 'm²', 'a')
    """
    if text.isascii() and text.isprintable():
        return text
    spelled = "".join(unicodedata.normalize("NFKC", c) if _is_presentation_form(c) else c for c in text)
    composed = unicodedata.normalize("NFC", spelled)
    if any(map(str.isalnum, composed)):
        composed = "".join(UNKNOWN if unicodedata.category(c) == "Co" else c for c in composed)
    else:
        composed = composed.replace(UNKNOWN, "")
    return "".join(c for c in composed if c == UNKNOWN or not _is_garbage(c)).strip()


def _is_presentation_form(character: str) -> bool:
    return (
        "\ufb00" <= character <= "\ufdff"
        or "\ufe70" <= character <= "\ufefc"
        or "\U0001d400" <= character <= "\U0001d7ff"
    )


def _is_garbage(character: str) -> bool:
    """Whether the character has no meaning: control, private use, unassigned, or the replacement sign."""
    if " " <= character <= "~":
        return False
    return character == "\ufffd" or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Cs"}


def _joins(character: str) -> bool:
    """Whether it is a joiner or a mark of direction, which is not to be seen and means something."""
    return not " " <= character <= "~" and unicodedata.category(character) == "Cf"


def _spelled(word: Word) -> str:
    """The word's text, `UNKNOWN` for each of its letters where they have no meaning, or nothing."""
    if word.garbage <= TEXT_LAYER.garbage_word * len(word.text):
        return clean_text("".join(word.text))
    return UNKNOWN * len(word.text) if _is_lost(word) else ""


def _once(spelled: Sequence[tuple[str, Word]]) -> list[tuple[str, Word]]:
    """Words without those that are drawn again in the same place, as browsers do for masks and outlines."""
    places: dict[tuple[object, ...], tuple[str, Word]] = {}
    for text, word in spelled:
        place = (text, round(word.left, 1), round(word.bottom, 1), round(word.right, 1), round(word.top, 1))
        places.setdefault(place, (text, word))
    return [*places.values()]


def _is_lost(word: Word) -> bool:
    """Whether it is a word that people can see, of letters without meaning."""
    return (
        word.is_seen
        and len(word.text) >= TEXT_LAYER.garbage_letters
        and word.garbage > TEXT_LAYER.garbage_word * len(word.text)
    )


def _collect(characters: Characters, seen: list[bool]) -> list[Word]:
    words: list[Word] = []
    word = Word()
    is_broken = False  # by a space that pdfium adds, and that may be none
    placed, boxes, objects = (
        characters.placed.tolist(),
        characters.boxes.tolist(),
        characters.objects.tolist(),
    )
    is_spaced = _lines_with_spaces(characters)
    is_next_line = False
    for index, character in enumerate(characters.texts):
        if character.isspace():
            if objects[index]:
                word = _finish(words, word)
            is_broken = True
            is_next_line |= character in "\r\n"
            continue
        box = boxes[index]
        if not placed[index] or (not word.text and box[2] <= box[0]):
            continue
        may_be_marked = is_spaced[index] and not is_next_line
        if word.text and not (may_be_marked and is_marked(word, characters.texts, index, box)):
            if is_broken and is_initial(word, character, box):
                word = as_high(word, box)
            elif not (touches(word, box) if is_broken else continues(word, box)):
                word = _finish(words, word)
        is_broken = is_next_line = False
        _add(word, character, box, seen[index])
    _finish(words, word)
    return words


def _lines_with_spaces(characters: Characters) -> list[bool]:
    """(n,) whether a character is read from right to left on a line with spaces of the file's own, not of pdfium's alone."""
    found = [False] * len(characters)
    if not is_right_to_left([*set(characters.texts)]):
        return found
    objects = characters.objects.tolist()
    for is_end, run in groupby(range(len(found)), lambda i: characters.texts[i] in "\r\n"):
        line = [*run]
        if not is_end and any(objects[i] and characters.texts[i].isspace() for i in line):
            found[line[0] : line[-1] + 1] = [True] * len(line)
    return found


def _add(word: Word, character: str, box: Rect, is_seen: bool) -> None:
    left, top, right, bottom = box
    word.boxes.append((left, bottom, right, top))
    word.text.append(character)
    if character not in SOFT_HYPHENS and not _joins(character):
        word.garbage += _is_garbage(character)
    if character.isalnum():
        word.letters += 1
        word.seen += is_seen
    else:
        word.marks_seen += is_seen
    # comparisons instead of min and max, which take twice the time: there are thousands of characters on a page
    word.left = left if left < word.left else word.left
    word.right = right if right > word.right else word.right
    word.bottom = bottom if bottom < word.bottom else word.bottom
    word.top = top if top > word.top else word.top


def _finish(words: list[Word], word: Word) -> Word:
    if word.text and word.right > word.left and word.top > word.bottom:
        words.append(word)
    return Word()
