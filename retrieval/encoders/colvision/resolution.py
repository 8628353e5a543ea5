"""The resolution at which a page fills what a model looks at; more is rendered for nothing."""

import math

#: longer side and area of A4 and Letter, roughly, in inches and square inches
LONGER_SIDE, AREA = 11.7, 8.3 * 11.7
LOWEST, HIGHEST = 72, 200


def dpi_of_side(n_pixels: float) -> int:
    """The resolution at which a page's longer side has so many pixels, within bounds.

    >>> dpi_of_side(2048)
    175
    """
    return max(LOWEST, min(HIGHEST, round(n_pixels / LONGER_SIDE)))


def dpi_of_area(n_pixels: float) -> int:
    """The resolution at which a page has so many pixels in all, within bounds.

    >>> dpi_of_area(768 * 28 * 28)
    79
    """
    return max(LOWEST, min(HIGHEST, round(math.sqrt(n_pixels / AREA))))
