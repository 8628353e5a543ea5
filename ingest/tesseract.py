"""Tesseract as a process: which languages it is installed for, and what it reads on a picture."""

from __future__ import annotations

import functools
import io
import os
import shutil
import subprocess
from collections.abc import Sequence

from PIL import Image

#: what is installed with it and is no language
_NO_LANGUAGE = frozenset(("osd", "equ", "snum"))
#: for the list of its languages (time)
_LIST_SECONDS = 60.0


@functools.cache
def installed_languages() -> tuple[str, ...]:
    """Tesseract's names of its languages, English first; none where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "--list-langs"], check=True, capture_output=True, text=True, timeout=_LIST_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    found = {line.strip() for line in done.stdout.splitlines()[1:]} - {"", *_NO_LANGUAGE}
    return tuple(sorted((name for name in found if "/" not in name), key=lambda name: (name != "eng", name)))


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
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # pages side by side use the cores better
    )
    return done.stdout.decode("utf8", "replace")
