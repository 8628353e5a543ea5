"""Word frequencies, WordNet and the MyThes thesauri, read from where their packages put them.

wordfreq 3.1 (PyPI; data CC BY-SA 4.0), wordnet-base (Debian; WordNet 3.0 licence), mythes-fr, -de, -es (Debian; LGPL).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES
from pagelight.retrieval.text.analyzer import fold

WORDNET = Path("/usr/share/wordnet")
MYTHES = Path("/usr/share/mythes")
THESAURI = {
    "fr": "th_fr_FR_v2.dat",
    "de": "th_de_DE_v2.dat",
    "es": "th_es_ES_v2.dat",
}
_POS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv", "s": "adj"}
# how near the words of each relation are: the same sense, derived from, like, above and below
_RELATIONS = {"+": 0.6, "\\": 0.5, "&": 0.4, "@": 0.3, "~": 0.3, "$": 0.35, "<": 0.5}
_ANTONYM = "!"
_WORD = re.compile(r"[^\W\d_]{2,24}")

Related = dict[str, dict[str, float]]
"""word → related word → nearness 0..1"""


def frequencies(sizes: dict[str, int]) -> dict[str, dict[str, float]]:
    """Language → word as written → Zipf frequency (log10 per thousand million words), the most frequent ones."""
    from wordfreq import top_n_list, zipf_frequency

    found = {}
    for language in LANGUAGES:
        words = [w for w in top_n_list(language, sizes[language]) if _WORD.fullmatch(w)]
        found[language] = {w: zipf_frequency(w, language) for w in words}
    return found


def _synsets() -> Iterator[tuple[str, str, list[str], list[tuple[str, str, int, int]]]]:
    """(part of speech + offset, lexicographer's file, words, pointers (symbol, target, from word, to word))."""
    for pos, name in (("n", "noun"), ("v", "verb"), ("a", "adj"), ("r", "adv")):
        for line in (WORDNET / f"data.{name}").read_text("utf8").splitlines():
            if line.startswith("  "):
                continue
            parts = line.split(" | ")[0].split()
            count = int(parts[3], 16)
            words = [re.sub(r"\(.*\)", "", w) for w in parts[4 : 4 + 2 * count : 2]]
            at = 4 + 2 * count
            pointers = []
            for i in range(int(parts[at])):
                symbol, offset, target, ends = parts[at + 1 + 4 * i : at + 5 + 4 * i]
                kind = "a" if target == "s" else target
                pointers.append((symbol, kind + offset, int(ends[:2], 16), int(ends[2:], 16)))
            yield pos + parts[0], parts[1], words, pointers


def _sense_ranks() -> dict[tuple[str, str], int]:
    """(lower-case word, synset) → which of its senses this is, from 0."""
    ranks = {}
    for pos, name in (("n", "noun"), ("v", "verb"), ("a", "adj"), ("r", "adv")):
        for line in (WORDNET / f"index.{name}").read_text("utf8").splitlines():
            parts = line.split()
            if line.startswith("  "):
                continue
            for rank, offset in enumerate(parts[-int(parts[2]) :]):
                ranks[parts[0], pos + offset] = rank
    return ranks


def wordnet() -> tuple[Related, dict[str, set[str]], dict[str, set[str]]]:
    """Related words by nearness; opposites; sisters (direct hyponyms of the same synset). Single words only."""
    ranks = _sense_ranks()
    synsets = {key: (words, pointers) for key, _, words, pointers in _synsets()}
    related: Related = defaultdict(dict)
    opposite: dict[str, set[str]] = defaultdict(set)
    under: dict[str, set[str]] = defaultdict(set)

    def relate(word: str, other: str, near: float) -> None:
        a, b = word.lower(), other.lower()
        if a != b and "_" not in a + b and "-" not in a + b and "." not in a + b:
            related[a][b] = max(related[a].get(b, 0.0), near)

    for key, (words, pointers) in synsets.items():
        for word in words:
            sense = max(0.0, 1 - 0.15 * ranks.get((word.lower(), key), 3))
            for other in words:
                relate(word, other, 0.6 * sense)
            for symbol, target, source, end in pointers:
                targets = synsets.get(target, ([], []))[0]
                if source:  # between words, not senses
                    if words[source - 1] != word:
                        continue
                    targets = [targets[end - 1]] if targets else []
                if symbol == _ANTONYM:
                    opposite[word.lower()].update(t.lower() for t in targets)
                for other in targets if symbol in _RELATIONS else ():
                    relate(word, other, _RELATIONS[symbol] * sense)
                if symbol in ("@", "@i"):
                    under[target].add(word.lower())
    sisters: dict[str, set[str]] = defaultdict(set)
    for family in under.values():
        for word in family:
            sisters[word] |= family
    return dict(related), dict(opposite), dict(sisters)


def glosses(words: Iterable[str]) -> dict[str, str]:
    """Word → "word: its first two meanings" by WordNet, for the words that it explains."""
    ranks = _sense_ranks()
    told: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for pos, name in (("n", "noun"), ("v", "verb"), ("a", "adj"), ("r", "adv")):
        for line in (WORDNET / f"data.{name}").read_text("utf8").splitlines():
            if line.startswith("  "):
                continue
            fields, gloss = line.split(" | ", 1)
            parts = fields.split()
            for word in parts[4 : 4 + 2 * int(parts[3], 16) : 2]:
                plain = re.sub(r"\(.*\)", "", word).lower()
                told[plain].append((ranks.get((plain, pos + parts[0]), 9), gloss.split(";")[0].strip()))
    return {w: f"{w}: " + "; ".join(gloss for _, gloss in sorted(told[w])[:2]) for w in words if w in told}


def irregular_forms() -> list[tuple[str, str]]:
    """(inflected, base) of English: children – child, paid – pay."""
    pairs = []
    for name in ("noun", "verb", "adj"):
        for line in (WORDNET / f"{name}.exc").read_text("utf8").splitlines():
            inflected, *bases = line.split()
            pairs += [(inflected, base) for base in bases]
    return pairs


def thesaurus(language: str) -> Related:
    """Related single words of a MyThes thesaurus: nearer where both entries name each other and share others."""
    path = MYTHES / THESAURI[language]
    with path.open("rb") as file:
        encoding = file.readline().decode("ascii").strip()
    listed: dict[str, set[str]] = defaultdict(set)
    head = ""
    for line in path.read_text(encoding).splitlines()[1:]:
        first, *fields = line.split("|")
        if len(fields) == 1 and fields[0].isdigit():
            head = first
            continue
        for entry in fields:
            if (
                "Oberbegriff" in entry
                or "Unterbegriff" in entry
                or "Antonym" in entry
                or "Assoziation" in entry
            ):
                continue
            word = re.sub(r"\s*\(.*?\)\s*", "", entry).strip().lower()
            if _WORD.fullmatch(word) and _WORD.fullmatch(head) and word != head.lower():
                listed[head.lower()].add(word)
    related: Related = {}
    for word, others in listed.items():
        near = {}
        for other in others:
            back = listed.get(other, set())
            shared = len(others & back) / max(1, min(len(others), len(back)))
            near[other] = 0.25 + (0.15 if word in back else 0) + 0.3 * shared
        related[word] = near
    return related


def stems(words: dict[str, float], language: str) -> dict[str, list[str]]:
    """Snowball stem → words as written, most frequent first."""
    import snowballstemmer

    names = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian"}
    stemmer = snowballstemmer.stemmer(names[language])
    groups: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=lambda w: -words[w]):
        groups[stemmer.stemWord(word)].append(word)
    return dict(groups)


def compound_parts(word: str, words: dict[str, float]) -> tuple[str, str] | None:
    """Head and modifier of a German compound whose parts are both common words: Jahresabschluss → (abschluss, jahr)."""
    best: tuple[float, str, str] | None = None
    for cut in range(4, len(word) - 3):
        head, modifier = word[cut:], word[:cut]
        if words.get(head, 0) < 3.2 or head in (
            "lich",
            "heit",
            "keit",
            "schaft",
            "ungen",
            "isch",
            "ierung",
            "liche",
            "lichen",
        ):
            continue
        for link in ("", "s", "es", "n", "en", "er"):
            stem = modifier.removesuffix(link) if link else modifier
            if (link and stem == modifier) or len(stem) < 4 or words.get(stem, 0) < 3.0:
                continue
            score = words[head] + words[stem] - 0.3 * len(link) + 0.1 * len(head)
            if best is None or score > best[0]:
                best = score, head, stem
    return (best[1], best[2]) if best else None


__all__ = [
    "Related",
    "compound_parts",
    "fold",
    "frequencies",
    "irregular_forms",
    "stems",
    "thesaurus",
    "wordnet",
]
