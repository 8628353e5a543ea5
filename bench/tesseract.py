"""Tesseract as a process: a page's words, for the OCR control."""

from __future__ import annotations

import os
import shutil
import subprocess
from io import BytesIO

from PIL import Image

#: Tesseract's own recommendation is 300; 200 reads the same words here in half the time
DPI = 200


def available() -> bool:
    """Is the `tesseract` command installed?"""
    return shutil.which("tesseract") is not None


def read(image: Image.Image, language: str = "eng", nice: int = 0) -> str:
    """The page's text. One thread, because several pages side by side use the cores better."""
    picture = BytesIO()
    image.convert("L").save(picture, "PPM")
    command = ["tesseract", "-", "-", "-l", language, "--dpi", str(DPI)]
    if nice:
        command = ["nice", "-n", str(nice), *command]
    done = subprocess.run(
        command,
        input=picture.getvalue(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode("utf8", "replace")
