"""A picture that somebody searches with: drawn in the rendering process, as every file that comes from outside."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from PIL import Image

from pagelight.ingest.render.file_type import check_file
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import render_page
from pagelight.retrieval.errors import InvalidInput

#: pixels across at most: a page is read at about as many
WIDTH = 1200


def digest(content: bytes) -> str:
    """Digest that tells a picture from others."""
    return hashlib.sha256(content).hexdigest()


def open_picture(content: bytes, limits: Limits) -> Image.Image:
    """The picture, RGB, WIDTH pixels wide at most. Raises InvalidInput, DocumentError."""
    if not content:
        raise InvalidInput("the picture is empty")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        check_file(path, limits)
        return render_page(path, 1, WIDTH, limits)
