"""Limits on what one file may cost."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pagelight.retrieval.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a file and on the process that renders it; crossing one fails that page or file alone.

    seconds_per_page: a page that takes longer is skipped
    memory_mb: of the rendering process; a page that needs more is skipped
    max_pages: longer documents are refused
    max_pixels: of one page; PDF pages are rendered smaller to fit, larger images are refused
    max_bytes: larger files are refused
    """

    seconds_per_page: float = 60.0
    memory_mb: int = 2048
    max_pages: int = 20_000
    max_pixels: int = 100_000_000
    max_bytes: int = 2_000_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise InvalidSetting(f"{field.name}: expected more than 0, got {value}")


@dataclass(frozen=True, slots=True)
class PageSizeParameters:
    """The resolution at which a page is drawn for an encoder.

    longest_inches: length of legal paper; slides and posters are often larger, and their print with them (geometry)
    strip: a page that is longer than this many times its width is a strip, as large as its print is for its width (geometry)
    strip_shape: length that counts of a strip, in widths: that of a sheet (geometry)
    slide_inches: larger pages are posters and plans: nobody makes slides of that size (geometry)
    small_print: points; print of this size is read at an encoder's own resolution (geometry)
    most_read_pixels: pixels of one page that is to be read: as many as 24 sheets of A4 at 130 dots an inch (memory)
    too_small: a page that is read at less than this share of the resolution that its print asks for is read too small
        (geometry)
    sheet_inches: an image is not made smaller than a sheet of this length is read: its resolution may be wrong (geometry)
    sheet_width_inches: the same of a strip's width (geometry)
    small_page: inches; a picture that fills a shorter page is read as if that were a sheet (geometry)
    filled: share of a page that a picture covers which the page consists of (geometry)
    enlarged: how many times larger than it is such a picture is drawn, at most (geometry)
    few_words: words of its own from which the size of a page's print is told (geometry)
    small_share: share of them that may be smaller (geometry)
    """

    longest_inches: float = 14.0
    strip: float = 2.0
    strip_shape: float = 1.4
    slide_inches: float = 40.0
    small_print: float = 8.0
    most_read_pixels: int = 40_000_000
    too_small: float = 0.6
    sheet_inches: float = 11.69
    sheet_width_inches: float = 8.27
    small_page: float = 6.0
    filled: float = 0.3
    enlarged: float = 2.0
    few_words: int = 20
    small_share: float = 0.1


PAGE_SIZE = PageSizeParameters()


def page_dpi(dpi: float, width_pt: float, height_pt: float, print_pt: float = 0.0) -> float:
    """The resolution for a page of this size: `dpi`, less where print that large needs less.

    print_pt: height of the page's small print where that is known, else it is told from the page's size

    >>> page_dpi(130, 595, 842), round(page_dpi(130, 1920, 1080), 1), round(page_dpi(130, 960, 5400), 1)
    (130, 68.2, 130)
    >>> round(page_dpi(130, 1920, 1080, print_pt=10))
    104
    """
    longest, shortest = max(width_pt, height_pt, 0.1), max(min(width_pt, height_pt), 0.1)
    counts = PAGE_SIZE.strip_shape * shortest if longest > PAGE_SIZE.strip * shortest else longest
    needed = dpi * PAGE_SIZE.longest_inches * 72 / counts
    if print_pt > 0:
        needed = max(needed, dpi * PAGE_SIZE.small_print / print_pt)
    elif longest > PAGE_SIZE.slide_inches * 72:
        needed = dpi
    return min(dpi, needed)


def readable_dpi(dpi: float, width_pt: float, height_pt: float) -> float:
    """`dpi`, or what `most_read_pixels` allow for a page of this size."""
    square_inches = max(width_pt, 0.1) * max(height_pt, 0.1) / 72**2
    return float(min(dpi, (PAGE_SIZE.most_read_pixels / square_inches) ** 0.5))


def least_scale(dpi: float, width: int, height: int) -> float:
    """Share of its size that an image has to keep, in pixels: that of a sheet which is read at `dpi`.

    >>> least_scale(130, 800, 1000), round(least_scale(130, 2480, 3508), 2), round(least_scale(130, 1280, 7200), 2)
    (1.0, 0.43, 0.84)
    """
    longest, shortest = max(width, height), max(min(width, height), 1)
    if longest > PAGE_SIZE.strip * shortest:
        return min(1.0, PAGE_SIZE.sheet_width_inches * dpi / shortest)
    return min(1.0, PAGE_SIZE.sheet_inches * dpi / longest)


def picture_dpi(dpi: float, drawn_dpi: float, own_dpi: float, longest_pt: float) -> float:
    """The resolution for a page that is one picture: more on small pages, and no more than the picture has.

    dpi: of pages for the encoder; drawn_dpi: that the page's size asks for; own_dpi: of the picture

    >>> round(picture_dpi(130, 130, 1500, 84)), picture_dpi(130, 64, 15, 8420), picture_dpi(130, 130, 300, 842)
    (1303, 30.0, 130)
    """
    if longest_pt < PAGE_SIZE.small_page * 72:
        sheet = dpi * PAGE_SIZE.sheet_inches * 72 / max(longest_pt, 0.1)
        drawn_dpi = max(drawn_dpi, min(own_dpi, sheet))
    return min(drawn_dpi, PAGE_SIZE.enlarged * own_dpi)


def size_text(n_bytes: float) -> str:
    """Bytes for people.

    >>> size_text(2_000_000_000), size_text(1_500_000), size_text(900)
    ('2 GB', '1.5 MB', '900 bytes')
    """
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.3g} {unit}"
    return f"{n_bytes:.0f} bytes"
