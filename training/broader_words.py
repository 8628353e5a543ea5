"""Words for a thing and for what it is a kind of, by WordNet: a minivan is a van, a truck, a vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

#: WordNet's numbers of what a photo can show: animals, artefacts, bodies, food, objects, people, plants
_VISIBLE = frozenset((5, 6, 8, 13, 17, 18, 20))
#: kinds so wide, or words so rare for them, that nobody asks for them
_TOO_WIDE = frozenset(
    [
        "alimentation",
        "apparatus",
        "area",
        "article",
        "artifact",
        "assembly",
        "associate",
        "attachment",
        "bar",
        "barrier",
        "beast",
        "being",
        "block",
        "board",
        "body",
        "bone",
        "case",
        "commodity",
        "component",
        "construction",
        "container",
        "contraption",
        "contrivance",
        "cover",
        "covering",
        "craft",
        "creation",
        "creature",
        "crack",
        "device",
        "domicile",
        "edifice",
        "electronic",
        "entity",
        "equal",
        "equipment",
        "establishment",
        "fabrication",
        "facility",
        "fauna",
        "female",
        "figure",
        "form",
        "formation",
        "foundation",
        "game",
        "gap",
        "good",
        "goods",
        "ground",
        "group",
        "hand",
        "head",
        "implement",
        "individual",
        "instrument",
        "instrumentality",
        "land",
        "line",
        "living",
        "location",
        "machine",
        "male",
        "match",
        "material",
        "matter",
        "measure",
        "mechanism",
        "mixture",
        "mortal",
        "nutrition",
        "object",
        "obstruction",
        "opening",
        "organism",
        "part",
        "peer",
        "piece",
        "place",
        "plate",
        "point",
        "produce",
        "product",
        "property",
        "region",
        "relation",
        "relative",
        "residence",
        "restraint",
        "section",
        "serpent",
        "set",
        "shape",
        "solid",
        "somebody",
        "someone",
        "soul",
        "space",
        "structure",
        "stuff",
        "substance",
        "support",
        "surface",
        "system",
        "thing",
        "tool",
        "top",
        "transport",
        "unit",
        "way",
        "wear",
        "whole",
        "work",
        "young",
    ]
)
#: Zipf frequency from which on a word is one that people ask with
_COMMON = 3.7
#: steps up from a thing to wider ones
_STEPS = 7
#: words for one thing at most
MOST = 7


class Synset(NamedTuple):
    """A WordNet synset. field: what it is about; words: as they are written; wider: where the kinds that it belongs to stand"""

    field: int
    words: list[str]
    wider: list[int]


class WordNet:
    """The nouns of a folder of WordNet 3's files."""

    def __init__(self, folder: Path) -> None:
        self._nouns = (folder / "data.noun").read_bytes()
        self._senses: dict[str, list[int]] = {}
        for line in (folder / "index.noun").read_text("utf8").splitlines():
            if not line.startswith(" "):
                fields = line.split()
                self._senses[fields[0]] = [int(place) for place in fields[6 + int(fields[3]) :]]

    def synset(self, place: int) -> Synset:
        line = self._nouns[place : self._nouns.index(b"\n", place)].decode("utf8")
        fields = line.split(" | ")[0].split()
        n_words = int(fields[3], 16)
        pointers = fields[5 + 2 * n_words :]
        wider = [int(to) for sign, to in zip(pointers[::4], pointers[1::4], strict=False) if sign[0] == "@"]
        return Synset(int(fields[1]), fields[4 : 4 + 2 * n_words : 2], wider)

    def thing(self, name: str) -> int | None:
        """Where the first sense of a name stands that can be seen and is nobody's name, or of its last word."""
        written = name.replace(" ", "_")
        for lemma in (written, written.split("_")[-1]):
            for place in self._senses.get(lemma.lower(), []):
                synset = self.synset(place)
                # nobody's name, unless the class is written so: French loaf
                if synset.field in _VISIBLE and (lemma in synset.words or lemma.lower() in synset.words):
                    return place
        return None

    def upwards(self, place: int | None) -> Iterator[list[str]]:
        """The words of a thing, of what it is a kind of, and so on."""
        for _ in range(_STEPS):
            if place is None:
                return
            synset = self.synset(place)
            yield [word.lower() for word in synset.words if "_" not in word]
            place = synset.wider[0] if synset.wider else None


def words_for(name: str, wordnet: WordNet, zipf: Mapping[str, float]) -> list[str]:
    """The name's own words, and those for wider kinds that are in use. zipf: of the words that the vocabulary has"""
    found = [word for word in name.lower().replace("-", " ").split() if len(word) > 2]
    for words in wordnet.upwards(wordnet.thing(name)):
        common = [w for w in words if zipf.get(w, 0.0) >= _COMMON and w not in _TOO_WIDE and w not in found]
        found += sorted(common, key=lambda word: -zipf[word])[:2]
    return found[:MOST]
