"""The built-in encoder: small, offline, on a CPU.

A page is read at several sizes by the reader, which says where words are and gives each a vector; the figures net
adds one vector for each chart, table, map, photograph … A query's words become vectors of the same space; the
lexicon adds inflections, and the look that a word asks for, as weaker alternatives. What text means, on a
page and in a query, is the text model's business (`meaning/`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pagelight.retrieval.codebook import WORDS
from pagelight.retrieval.encoders.builtin.figures.detector import FIGURE_KINDS, FigureDetector, load_figures
from pagelight.retrieval.encoders.builtin.figures.orientation import turn_of
from pagelight.retrieval.encoders.builtin.figures.pictures import PICTURES, NamedPicture, PictureNamer
from pagelight.retrieval.encoders.builtin.lexicon import Lexicon
from pagelight.retrieval.encoders.builtin.meaning.text_encoder import PIECES, WEIGHTS, BuiltinTextEncoder
from pagelight.retrieval.encoders.builtin.parameters import BUILTIN_PARAMETERS, BuiltinParameters
from pagelight.retrieval.encoders.builtin.placement import (
    Gray,
    add_regions,
    in_gray,
    turn_back,
    with_vectors_of_no_place,
)
from pagelight.retrieval.encoders.builtin.query_tokens import (
    COLOUR_VECTORS,
    DIM,
    FIGURE_VECTORS,
    Shown,
    Spelled,
    query_tokens,
)
from pagelight.retrieval.encoders.builtin.reader.line_net import LINES, load_line_net
from pagelight.retrieval.encoders.builtin.reader.line_reading import LineReader
from pagelight.retrieval.encoders.builtin.reader.nets import PageReader, WordTower, load_reader
from pagelight.retrieval.encoders.builtin.reader.page_inference import PageInference
from pagelight.retrieval.encoders.builtin.reader.page_words import PageReading, read_page
from pagelight.retrieval.encoders.builtin.reader.recognition import WORD_DIM, Recognizer, Vocabulary
from pagelight.retrieval.encoders.builtin.reader.sideways_text import with_sideways_text
from pagelight.retrieval.encoders.builtin.reader.slanted_text import with_slanted_text
from pagelight.retrieval.encoders.encoder import EncoderInfo
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.analyzer import number_form, split_words
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PageWords, QueryEmbedding, all_of

ASSETS = Path(str(resources.files("pagelight") / "assets" / "encoder"))
CORES = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)


class BuiltinEncoder:
    """`Encoder` over the weights in `assets/encoder`."""

    def __init__(
        self,
        page: PageReader,
        word: WordTower,
        figures: FigureDetector,
        lexicon: Lexicon,
        vocabulary: Vocabulary,
        scoring: TermScoring,
        version: str = "",
        peaks: Mapping[str, float] | None = None,
        folder: Path | None = None,
        parameters: BuiltinParameters = BUILTIN_PARAMETERS,
    ) -> None:
        """folder: where the text model is, the line net, and the net that names photos; without one, text has no meaning"""
        self._word, self._detector, self._lexicon = word, figures, lexicon
        self._vocabulary = vocabulary
        self._parameters = parameters
        self._inference = PageInference(page, vocabulary, peaks, parameters.inference, parameters.ink)
        # One page a core is 1.5 times as fast as every core on one page, whose nets are too small to share.
        self._workers = ThreadPoolExecutor(CORES, "encode", torch.set_num_threads, (1,))
        # Shared among busy cores, a query takes many times as long; the calling thread's PyTorch is its program's own.
        self._askers = ThreadPoolExecutor(CORES, "query", torch.set_num_threads, (1,))
        self._text = BuiltinTextEncoder(folder, self._workers, parameters.meaning) if folder else None
        self._namer = PictureNamer(folder / PICTURES, parameters.pictures) if folder else None
        self._lines = LineReader(load_line_net(folder / LINES), parameters.lines) if folder else None
        self._scoring = scoring
        self._version = version

    @classmethod
    def load(
        cls, folder: Path = ASSETS, parameters: BuiltinParameters = BUILTIN_PARAMETERS
    ) -> BuiltinEncoder:
        """The encoder of a folder's files. Raises OSError where one is missing."""
        page, word = load_reader(folder / "reader.safetensors")
        facts = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        scoring = TermScoring(facts["midpoint"], facts["slope"], facts["floor"])
        figures = load_figures(
            folder / "figures.safetensors", parameters.detection, parameters.orientation, parameters.colours
        )
        digest = hashlib.sha256()
        for name in (
            "reader.safetensors",
            "figures.safetensors",
            LINES,
            "vocabulary.npz",
            WEIGHTS,
            PIECES,
            PICTURES,
        ):
            digest.update((folder / name).read_bytes())
        lexicon = Lexicon.load(folder / "lexicon.npz", parameters.lexicon)
        vocabulary = Vocabulary.load(folder / "vocabulary.npz")
        version = digest.hexdigest()[:8]
        peaks = facts.get("peaks")
        return cls(page, word, figures, lexicon, vocabulary, scoring, version, peaks, folder, parameters)

    @property
    def info(self) -> EncoderInfo:
        # the weights are part of the name: an index made with others cannot be searched with these
        name = f"builtin-{self._version}" if self._version else "builtin"
        return EncoderInfo(
            name,
            DIM,
            "importance:0.5+repeats:0.95",
            dpi=130,
            batch=4 * CORES,
            codebook=WORDS,
            side_by_side=2,  # a slow page does not leave the other cores idle
        )

    @property
    def scoring(self) -> TermScoring | None:
        return self._scoring

    @property
    def text_encoder(self) -> BuiltinTextEncoder | None:
        return self._text

    # Pages

    @cached_property
    def _recognizer(self) -> Recognizer:
        """The recognizer, made with the first pages: searching does without it."""
        parameters = self._parameters
        return Recognizer(self._vocabulary, self._word, parameters.recognition, parameters.spelling)

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageEmbedding]:
        self._inference.warm_up()
        if self._lines:
            self._lines.warm_up()
        recognizer = self._recognizer  # made here, and not by several workers at once
        return list(self._workers.map(lambda image: self._encode_page(image, recognizer), images))

    @torch.inference_mode()
    def _encode_page(self, image: Image.Image, recognizer: Recognizer) -> PageEmbedding:
        gray, parameters = in_gray(image), self._parameters
        figures = self._detector.find(image, turn_of(gray, parameters.orientation))
        reading = self._read(gray, figures.turned, recognizer)
        if reading.n_words >= parameters.fewest_words:
            upright = np.rot90(gray, -figures.turned)
            reading = with_slanted_text(
                upright, reading, lambda part: self._read(part, 0, recognizer), parameters.slanted
            )
        if reading.legible < parameters.legible and reading.n_words >= parameters.fewest_words:
            is_long = reading.n_words > parameters.many_words
            part = gray[len(gray) // 4 : -(-3 * len(gray) // 4)] if is_long else gray
            others = (turned for turned in range(4) if turned != figures.turned)
            legible = {turned: self._read(part, turned, recognizer, once=True).legible for turned in others}
            turned = max(legible, key=legible.__getitem__)
            if legible[turned] >= max(parameters.least_legible, parameters.clearer * reading.legible):
                reading, figures = self._read(gray, turned, recognizer), self._detector.find(image, turned)
        upright = np.rot90(gray, -figures.turned)
        reading = with_sideways_text(
            upright, reading, lambda part: self._read(part, 0, recognizer), parameters.sideways
        )
        page, owner = turn_back(reading.page, reading.owner, figures.turned)
        regions = [region for region in figures.regions if region.sure >= parameters.least_sure]
        sure = np.array([region.sure for region in regions], np.float32)
        shown = np.array([region.kinds for region in regions], np.float32).reshape(-1, len(FIGURE_KINDS))
        boxes = [region.box for region in regions]
        pictures = self._namer.named(image, regions, figures.turned) if self._namer else []
        # a region is worth more than the least word that is kept, however unsure
        importance = (0.5 + sure / 2).astype(np.float32)
        page = add_regions(page, owner, boxes, shown @ FIGURE_VECTORS, importance, parameters.figure_count)
        page = self._with_names(page, pictures) if pictures else page
        shown_colours = np.flatnonzero(figures.colours >= self._scoring.least_look)
        painted = figures.colours[shown_colours, None] * COLOUR_VECTORS[shown_colours]
        return with_vectors_of_no_place(page, painted, Kind.FIGURE)

    def _with_names(self, page: PageEmbedding, pictures: Sequence[NamedPicture]) -> PageEmbedding:
        """The page with what its pictures show: a phrase for each, and its words as vectors without a place of their own."""
        phrases = PageWords(
            tuple(picture.phrase for picture in pictures), np.array([p.box for p in pictures], np.float32)
        )
        words = list(dict.fromkeys(word for picture in pictures for word in picture.words))
        return with_vectors_of_no_place(replace(page, shown=phrases), self._word_vectors(words), Kind.WORD)

    def _word_vectors(self, spellings: Sequence[str]) -> Floats:
        """(n, DIM)"""
        vectors = np.zeros((len(spellings), DIM), np.float32)
        if len(spellings):
            forms = [number_form(spelling) for spelling in spellings]
            vectors[:, :WORD_DIM] = self._vocabulary.project(self._word(forms).numpy())
        return vectors

    def _read(self, gray: Gray, turned: int, recognizer: Recognizer, once: bool = False) -> PageReading:
        """turned: clockwise quarter turns that make the page upright; once: only to learn how legible it is"""
        upright = np.rot90(gray, -turned).copy()
        lines = None if once else self._lines
        return read_page(upright, self._inference, recognizer, DIM, self._parameters.page, lines)

    # Queries

    def encode_query(self, text: str) -> QueryEmbedding:
        return self._askers.submit(self._encode_query, text).result()

    @torch.inference_mode()
    def _encode_query(self, text: str) -> QueryEmbedding:
        typed = split_words(text)
        spelled, shown = query_tokens(text, typed, self._lexicon, self._parameters)
        vectors = self._word_vectors([token.spelling for token in spelled])
        tokens: list[Spelled | Shown] = [*spelled, *shown]
        return QueryEmbedding(
            text,
            tuple(typed),
            np.concatenate([vectors, *(token.vector[None] for token in shown)]).astype(np.float32),
            np.array([token.word for token in tokens], np.int32),
            np.array([token.weight for token in tokens], np.float32),
            np.concatenate([all_of(Kind.WORD, len(spelled)), all_of(Kind.FIGURE, len(shown))]),
            (*(token.spelling for token in spelled), *("" for _ in shown)),
            self._text.encode_query(text) if self._text else None,
        )
