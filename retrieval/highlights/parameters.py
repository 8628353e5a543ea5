"""The parameters of the highlights, in one object that a sweep can set."""

from __future__ import annotations

from dataclasses import dataclass

from pagelight.retrieval.highlights.figures import PICTURES, PictureParameters
from pagelight.retrieval.highlights.layout import LAYOUT, LayoutParameters
from pagelight.retrieval.highlights.meant import MEANT, MeantParameters
from pagelight.retrieval.highlights.query_matches import MATCHES, MatchParameters
from pagelight.retrieval.highlights.regions import REGIONS, RegionParameters


@dataclass(frozen=True, slots=True)
class HighlightParameters:
    """Every number that highlights are found by, one object a part.

    layout: lines, blocks, rows and passages
    matches: cells that match, and how far they reach
    pictures: figures and their captions
    regions: what becomes a region
    meant: passages that say what the query means
    """

    layout: LayoutParameters = LAYOUT
    matches: MatchParameters = MATCHES
    pictures: PictureParameters = PICTURES
    regions: RegionParameters = REGIONS
    meant: MeantParameters = MEANT


HIGHLIGHTS = HighlightParameters()
