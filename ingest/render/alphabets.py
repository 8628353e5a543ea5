"""Encodings of single bytes told by alphabets: read rightly, the letters of a text are those of one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SPANISH = "áéíóúüñ"
#: (encoding, alphabets of languages that are written in it, without the letters of ASCII); the commonest first (form)
_ENCODINGS = (
    (
        "cp1252",
        (
            "äöüß",
            "àâæçéèêëîïôœùûüÿ",
            _SPANISH,
            "áâãàçéêíóôõú",
            "àèéìíîòóùú",
            "åäöæøé",
            "áéíóúýþæöð",
            "àéèëïöüóáêô",
            "àçéèíïóòúü",
        ),
    ),
    ("cp1250", ("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ")),
    ("cp1254", ("çğıiöşüâî",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
    ("cp1251", ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгдежзийклмнопрстуфхцчшщьюяєіїґ")),
    ("koi8-r", ("абвгдежзийклмнопрстуфхцчшщъыьэюяё",)),
    ("cp1253", ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",)),
    ("mac_roman", ("äöüß", "àâæçéèêëîïôœùûüÿ", _SPANISH, "áâãàçéêíóôõú", "àèéìíîòóùú", "åäöæøé")),
    ("cp850", ("äöüß", "àâæçéèêëîïôœùûüÿ", _SPANISH, "áâãàçéêíóôõú", "àèéìíîòóùú", "åäöæøé")),
)
#: signs that count as letters elsewhere
_SIGNS = "µª"
_APOSTROPHES = "'’‘"


@dataclass(frozen=True, slots=True)
class AlphabetParameters:
    """Letters beyond ASCII that an encoding has to explain.

    better: share of them that another encoding than the commonest explains beyond that one, at least: names of other languages
        make a tenth (geometry)
    """

    better: float = 0.1


ALPHABETS = AlphabetParameters()


def encoding_by_alphabet(sample: bytes) -> str:
    """The encoding in which the letters beyond ASCII are most nearly those of one language.

    >>> [encoding_by_alphabet(t.encode(e)) for t, e in (("Größe, été", "cp1252"), ("Gdańsk, Łódź", "cp1250"), ("Größe", "cp850"))]
    ['cp1252', 'cp1250', 'cp850']
    """
    explained = [
        (_explained(sample.decode(name, "replace"), alphabets), name) for name, alphabets in _ENCODINGS
    ]
    usual, name = explained[0]
    best, other = max(explained, key=lambda entry: entry[0])  # the first of equals
    return other if best >= usual + ALPHABETS.better else name


def _explained(text: str, alphabets: tuple[str, ...]) -> float:
    """Share of the characters beyond ASCII inside words that belong to one of the alphabets; the most of any."""
    foreign = [*_foreign(text)]
    if not foreign:
        return 1.0
    return max(sum(one in alphabet for one in foreign) for alphabet in alphabets) / len(foreign)


def _foreign(text: str) -> Iterator[str]:
    """Characters beyond ASCII in words, in small letters; a sign between letters and a capital behind a small letter as they are.

    Letters of other scripts than Latin that stand right beside those are signs, too.
    """
    for before, one, after in zip(f" {text[:-1]}", text, f"{text[1:]} ", strict=True):
        if one.isascii() or one in _SIGNS:
            continue
        if not one.isalpha():
            if (before.isalpha() and after.isalpha() and one not in _APOSTROPHES) or one == "\ufffd":
                yield one
            continue
        is_latin = one < "\u0370"
        is_mixed = any(other.isalpha() and (other < "\u0370") != is_latin for other in (before, after))
        is_capital_inside = one.isupper() and before.islower()
        yield " " if is_mixed or is_capital_inside else one.lower()[0]
