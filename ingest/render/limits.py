"""What one file may cost."""

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


LONGEST_INCHES = 14.0
"""Of legal paper. Slides and posters are often larger, and their print with them."""


def page_dpi(dpi: float, width_pt: float, height_pt: float) -> float:
    """The resolution for a page of this size: less than `dpi` where it is longer than LONGEST_INCHES.

    >>> page_dpi(130, 595, 842), round(page_dpi(130, 1920, 1080), 1)
    (130, 68.2)
    """
    return min(dpi, dpi * LONGEST_INCHES * 72 / max(width_pt, height_pt, 0.1))


def size_text(n_bytes: float) -> str:
    """Bytes for people.

    >>> size_text(2_000_000_000), size_text(1_500_000), size_text(900)
    ('2 GB', '1.5 MB', '900 bytes')
    """
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.3g} {unit}"
    return f"{n_bytes:.0f} bytes"
