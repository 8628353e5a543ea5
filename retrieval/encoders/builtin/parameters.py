"""Every number that was set by hand in the built-in encoder."""

from __future__ import annotations

from dataclasses import dataclass

from pagelight.retrieval.encoders.builtin.figures.colours import COLOUR, ColourParameters
from pagelight.retrieval.encoders.builtin.figures.detector import DETECTION, DetectionParameters
from pagelight.retrieval.encoders.builtin.figures.orientation import ORIENTATION, OrientationParameters
from pagelight.retrieval.encoders.builtin.figures.pictures import PICTURE_NAMES, PictureParameters
from pagelight.retrieval.encoders.builtin.lexicon import LEXICON, LexiconParameters
from pagelight.retrieval.encoders.builtin.meaning.text_encoder import MEANING, MeaningParameters
from pagelight.retrieval.encoders.builtin.reader.ink_regions import INK, InkParameters
from pagelight.retrieval.encoders.builtin.reader.line_reading import LINE_READING, LineReadingParameters
from pagelight.retrieval.encoders.builtin.reader.page_inference import INFERENCE, InferenceParameters
from pagelight.retrieval.encoders.builtin.reader.page_words import PAGE_READING, PageReadingParameters
from pagelight.retrieval.encoders.builtin.reader.recognition import RECOGNITION, RecognitionParameters
from pagelight.retrieval.encoders.builtin.reader.sideways_text import SIDEWAYS_TEXT, SidewaysTextParameters
from pagelight.retrieval.encoders.builtin.reader.slanted_text import SLANTED_TEXT, SlantedTextParameters
from pagelight.retrieval.encoders.builtin.reader.spelling import SPELLING, SpellingParameters


@dataclass(frozen=True, slots=True)
class BuiltinParameters:
    """Every number that was set by hand in the built-in encoder, one object a part.

    least_sure: regions that are less surely pictures are left out (measured on the first set)
    figure_count: how many words one figure counts for (measured on the first set)
    alternative: share of a word's weight that its alternatives get at most (measured on the first set)
    same_month: share of a month's weight that it gets cut short, or in full (by what it is for)
    colour: share of its weight that black, gray or white keeps in a query that asks for a look: every page has it (measured on the
        first set)
    painted: multiple of its weight that another colour has there, shown or spelled: most pages have some of it, so that rarity
        says too little; 0 costs .10 and .06 on queries for looks, 2 and 9 .01 to .04 (the second set, and a third that was
        labelled by somebody else)
    colours: which colours a page shows
    max_tokens: of a query, the heaviest (speed)
    fewest_words: a page with fewer words is not tried the other ways round (geometry)
    many_words: of a page with more, the middle half tells which way round it is (speed)
    legible: share of surely read words below which it is: upright pages have 13 % and more, pages on their heads up to 13 %, on
        their sides none (practice pages; pages of the first set, turned)
    least_legible: the same share of a page that was turned, at least (practice pages)
    clearer: how many times legible that page is, at least; upright pages are 4 times as legible as on their heads (pages of
        the first set, turned)
    page: at which sizes a page is read
    lines: what is read once more, character by character
    sideways: places of an upright page that are set sideways
    slanted: crooked pages, and text at any angle
    ink: what the reader looks at
    inference: where it looks closely
    spelling: letters to words
    recognition: vectors, letters and frequencies to words
    orientation: which way a page is turned
    detection: charts, tables, pictures
    pictures: which photos are named
    lexicon: forms of words, and weights
    meaning: weights of a query's words in its meaning
    """

    least_sure: float = 0.4
    figure_count: int = 4
    alternative: float = 0.3
    same_month: float = 0.9
    colour: float = 0.1
    painted: float = 4.0
    max_tokens: int = 32
    fewest_words: int = 6
    many_words: int = 400
    legible: float = 0.15
    least_legible: float = 0.05
    clearer: float = 2.0
    page: PageReadingParameters = PAGE_READING
    lines: LineReadingParameters = LINE_READING
    sideways: SidewaysTextParameters = SIDEWAYS_TEXT
    slanted: SlantedTextParameters = SLANTED_TEXT
    ink: InkParameters = INK
    inference: InferenceParameters = INFERENCE
    spelling: SpellingParameters = SPELLING
    recognition: RecognitionParameters = RECOGNITION
    orientation: OrientationParameters = ORIENTATION
    detection: DetectionParameters = DETECTION
    colours: ColourParameters = COLOUR
    pictures: PictureParameters = PICTURE_NAMES
    lexicon: LexiconParameters = LEXICON
    meaning: MeaningParameters = MEANING


BUILTIN_PARAMETERS = BuiltinParameters()
