"""Sentences and items of lists among the words of a block, and runs of its lines where no words are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: marks at which a sentence ends, with what may close after them; and the last letter of both
_LAST = frozenset(".!?…。！？)]\"'’”»")
_ENDS = re.compile(r"""[.!?…。！？][)\]"'’”»]*$""")
#: what may end with a point inside a sentence: initials, and words of up to four letters
_INITIALS = re.compile(r"^[(\[]?(?:[^\W\d_]\.)+$", re.UNICODE)
_SHORT = re.compile(r"^[(\[]?([^\W\d_]{1,4})\.$", re.UNICODE)
#: those after which a capital letter may follow; others of their length end a sentence there: "when, and how. A policy"
_LISTED = """
abb abs al app aprx art av bd bzw ca cap cf ch chap cie co col corp cpt dept dip dott dpt dr dres ed eds eq eqs esp est
etc evtl ex fa fam fig figs fn fr frl ft gen ggf gov hon hr hrn hrsg inc ing inkl inst int jan feb mar apr jun jul aug
sep sept oct nov dec okt dez jh jr kap kl km lic lt ltd ltda mag max mio min mlle mme mr mrs ms mt mrd nr num núm obs
op par para pp pres prof pt rd ref reg rep resp rev rs sa sec sen sez sig sog sp sr sra srl st sta ste str suppl tab tel
trad ud uds univ usf usw vgl vol vols vs zb
"""
_SHORT_FORMS = frozenset(_LISTED.split())
#: the beginning of an item of a list
_BULLET = re.compile(r"^(?:[•‣▪▫■□●○◦➢➤✓✔❖\-–—*·]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])$")
#: characters with which no new sentence begins
_GOES_ON = re.compile(r"^[a-zà-öø-ÿ,;:)]")


@dataclass(frozen=True, slots=True)
class ListParameters:
    """Signs of a list without bullets.

    lines: lines without an end of a sentence from which on they may be one (all labelled sets)
    share: share of them that end though the next word had room (all labelled sets)
    name_words: words of a line's beginning among which a colon makes it name its value (form)
    """

    lines: int = 3
    share: float = 0.75
    name_words: int = 4


def find_sentences(texts: Sequence[str], line_at: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, stop) of each sentence or item among a block's words; line_at: the line of each."""
    start, line_before = 0, None
    for i, (text, line) in enumerate(zip(texts, line_at, strict=True)):
        if line != line_before:
            line_before = line
            if i > start and _BULLET.match(text):
                yield start, i
                start = i
        if text[-1:] not in _LAST:  # most of them
            continue
        following = texts[i + 1] if i + 1 < len(texts) else ""
        if ends_sentence(text, following) and not (i == start and _BULLET.match(text)):
            yield start, i + 1
            start = i + 1
    if start < len(texts):
        yield start, len(texts)


def ends_sentence(text: str, following: str) -> bool:
    """Whether a sentence ends with this word, as far as the next one tells.

    >>> [ends_sentence(*pair) for pair in (("how.", "A"), ("Dr.", "Bell"), ("sec.", "4"), ("end.", "and"), ("done!”", "He"))]
    [True, False, False, False, True]
    """
    return bool(_ENDS.search(text)) and not _is_cut_short(text, following) and not _GOES_ON.match(following)


def _is_cut_short(text: str, following: str) -> bool:
    """Whether the point is a short form's: "Dr. Bell", "sec. 4", "J. Smith", and not a sentence's: "how. A policy"."""
    if _INITIALS.match(text):
        return True
    short = _SHORT.match(text)
    if not short:
        return False
    return short[1].lower() in _SHORT_FORMS or (len(short[1]) < 4 and not following[:1].isupper())


def items(
    sentence: tuple[int, int],
    texts: Sequence[str],
    line_at: Sequence[int],
    is_full: Sequence[bool],
    parameters: ListParameters,
) -> list[tuple[int, int]]:
    """The items of a "sentence" that is a list without bullets, as menus, addresses and forms have it: most of its lines end
    though the next word had room and begins anew, or all begin in capitals or with a figure. Only the sentence itself where it is none.

    line_at: the number of each word's line, one after another; is_full: whether a word begins a line since the one before had no
        room for it, as in prose
    """
    first, stop = sentence
    if line_at[stop - 1] - line_at[first] + 1 < parameters.lines:  # most of them
        return [sentence]
    starts = [i for i in range(first + 1, stop) if line_at[i] != line_at[i - 1]]
    anew = [
        i
        for i, end in pairwise([*starts, stop])
        if not (is_full[i] or _GOES_ON.match(texts[i]))
        or _is_labelled(texts[i : min(i + parameters.name_words, end)])
    ]
    if len(anew) < parameters.share * len(starts):
        if not all(texts[i][:1].isupper() or texts[i][:1].isdigit() for i in (first, *starts)):
            return [sentence]
        anew = starts
    return list(pairwise([first, *anew, stop]))


def _is_labelled(words: Sequence[str]) -> bool:
    """Whether a line begins with what its value is called: "Total:", "Cost center: 14".

    >>> [_is_labelled(line.split()) for line in ("Net weight: 12 kg", "see the note: it", "Ratio 3:1")]
    [True, False, False]
    """
    return words[0][:1].isupper() and any(word.endswith(":") for word in words)


def leading(sentences: Sequence[tuple[int, int]], texts: Sequence[str], line_at: Sequence[int]) -> int:
    """How many words of the first line lead to the items after it, as "You will need:" does; 0 where none."""
    if len(sentences) < 3:
        return 0
    stop = sentences[0][1]
    return stop if texts[stop - 1].endswith(":") and line_at[stop - 1] == line_at[0] else 0


def with_next(sentences: list[tuple[int, int]], line_at: Sequence[int], longest: int) -> set[tuple[int, int]]:
    """Sentences by themselves, and with the next one where both together have few lines."""
    pairs = {
        (first, stop)
        for (first, _), (_, stop) in pairwise(sentences)
        if line_at[stop - 1] - line_at[first] < longest
    }
    return {*sentences, *pairs}


def windows(starts: list[int], longest: int) -> Iterator[tuple[int, int]]:
    """(first, stop) of the words of all runs of up to `longest` lines, which begin at `starts`."""
    n_lines = len(starts) - 1
    for length in range(1, min(longest, n_lines) + 1):
        for first in range(n_lines - length + 1):
            yield starts[first], starts[first + length]
