"""Tesseract as a process: which languages it is installed for, in which script a picture is written, and what it reads there."""

from __future__ import annotations

import functools
import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from PIL import Image

#: data that is installed with it and is no language
_NO_LANGUAGE = frozenset(("osd", "equ", "snum"))
#: what tells the script of a page
_SCRIPTS = "osd"
#: languages, by the script that they are written in; all others are written in Latin letters
_WRITTEN_IN = {
    "Arabic": ("ara", "fas", "urd"),
    "Cyrillic": ("rus", "ukr", "bul", "srp", "bel", "mkd", "kaz"),
    "Devanagari": ("hin", "mar", "nep"),
    "Greek": ("ell",),
    "Han": ("chi_sim", "chi_tra"),
    "Hangul": ("kor",),
    "Hebrew": ("heb",),
    "Japanese": ("jpn",),
    "Korean": ("kor",),
    "Thai": ("tha",),
}
_SCRIPT = re.compile(r"^Script: (\w+)", re.MULTILINE)
#: for the list of its languages (time)
_LIST_SECONDS = 60.0


def installed_languages() -> tuple[str, ...]:
    """Tesseract's names of its languages, English first; none where it is not installed."""
    found = _installed() - _NO_LANGUAGE
    return tuple(sorted((name for name in found if "/" not in name), key=lambda name: (name != "eng", name)))


@functools.cache
def _installed() -> frozenset[str]:
    """All that it can be asked for."""
    program = shutil.which("tesseract")
    if program is None:
        return frozenset()
    try:
        done = subprocess.run(
            [program, "--list-langs"],
            check=True,
            capture_output=True,
            text=True,
            timeout=_LIST_SECONDS,
            process_group=0,
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(line.strip() for line in done.stdout.splitlines()[1:]) - {""}


def written_in(script: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Those of the languages that are written in a script.

    >>> written_in("Cyrillic", ("eng", "deu", "rus")), written_in("Latin", ("eng", "deu", "rus"))
    (('rus',), ('eng', 'deu'))
    """
    if script in _WRITTEN_IN:
        return tuple(name for name in languages if name in _WRITTEN_IN[script])
    others = {name for names in _WRITTEN_IN.values() for name in names}
    return tuple(name for name in languages if name not in others)


def script_of(picture: Image.Image, nice: int = 0, seconds: float | None = None) -> str:
    """The script of a picture's words; empty where that cannot be told. nice, seconds: as of `read`"""
    if _SCRIPTS not in _installed():
        return ""
    try:
        found = _SCRIPT.search(read(picture, [_SCRIPTS], ("--psm", "0"), nice, seconds))
    except (OSError, subprocess.SubprocessError):  # there is too little to be read
        return ""
    return found[1] if found else ""


def read(
    picture: Image.Image,
    languages: Sequence[str],
    options: Sequence[str] = (),
    nice: int = 0,
    seconds: float | None = None,
) -> str:
    """The picture's text, or what `options` ask for, such as ("tsv",) for a table of words with their places.

    nice: how far Tesseract steps back for others; seconds: that it may take
    Raises OSError, subprocess.SubprocessError.
    """
    given = io.BytesIO()
    picture.convert("L").save(given, "PPM")
    command = ["tesseract", "-", "-", "-l", "+".join(languages), *options]
    done = subprocess.run(
        ["nice", "-n", str(nice), *command] if nice else command,
        input=given.getvalue(),
        check=True,
        capture_output=True,
        timeout=seconds,
        process_group=0,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # pages side by side use the cores better
    )
    return done.stdout.decode("utf8", "replace")
