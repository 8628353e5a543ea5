"""Words to draw and to tell apart: Debian's word lists, numbers, and slips of one letter."""

import random
from collections.abc import Callable, Iterable
from pathlib import Path

from pagelight.retrieval.text.analyzer import TOKEN, fold

LONGEST = 22  # letters; longer words are drawn but not learned
PER_LIST = 60_000  # of one language's list: some hold millions of inflected forms
DIGITS, LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyz"


def read_lists(folder: Path, seed: int = 0, most: int = PER_LIST) -> dict[str, list[str]]:
    """Word lists as written (capitals, accents), by file name; at most `most` of each."""
    rng = random.Random(seed)
    lists = {}
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.suffix or not path.is_file():
            continue
        words = path.read_text("utf8", errors="ignore").split()
        words = [word for word in rng.sample(words, min(most, len(words))) if 1 < len(word) <= LONGEST]
        if len(words) > 1000:
            lists[path.name] = [word for word in words if TOKEN.fullmatch(word)]
    return lists


def folded(lists: Iterable[list[str]]) -> list[str]:
    """All lists' words as the word tower sees them, each once, sorted."""
    return sorted({word for words in lists for word in map(fold, words) if TOKEN.fullmatch(word)})


def number(rng: random.Random) -> str:
    """A count, a year, an amount, a share, a date or a code, as reports write them."""
    return rng.choice(_NUMBERS)(rng)


_NUMBERS: tuple[Callable[[random.Random], str], ...] = (
    lambda rng: str(rng.randint(0, 99)),
    lambda rng: str(rng.randint(0, 999)),
    lambda rng: str(rng.randint(1900, 2035)),
    lambda rng: str(rng.randint(1990, 2030)),
    lambda rng: f"{rng.randint(1000, 9_999_999):,}".replace(",", rng.choice([",", ",", ".", " "])),
    lambda rng: f"{rng.uniform(0, 1000):.{rng.randint(1, 3)}f}".replace(".", rng.choice([".", ".", ","])),
    lambda rng: f"{rng.uniform(0, 100):.{rng.randint(0, 1)}f}%",
    lambda rng: f"{rng.choice('$€£')}{rng.randint(1, 9999):,}",
    lambda rng: f"({rng.randint(1, 9999):,})",
    lambda rng: f"{rng.randint(1, 31)}.{rng.randint(1, 12)}.{rng.randint(1980, 2030)}",
    lambda rng: "".join(rng.choice(LETTERS.upper() + DIGITS) for _ in range(rng.randint(3, 8))),
)


def slip(word: str, rng: random.Random) -> str:
    """The word with one letter changed, dropped or added: what a reader must not take for it."""
    place = rng.randrange(len(word))
    letter = rng.choice(DIGITS if word[place].isdigit() else LETTERS)
    kind = rng.random()
    if kind < 0.6 or len(word) < 3:
        return word[:place] + letter + word[place + 1 :]
    if kind < 0.8:
        return word[:place] + word[place + 1 :]
    return word[:place] + letter + word[place:]
