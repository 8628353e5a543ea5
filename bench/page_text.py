"""Text of each page: the PDF's own, or Tesseract's, which is read once and kept in a folder."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image
from tqdm import tqdm

from bench.bm25 import LANGUAGES, Language, language_of
from pagelight.app.evaluation.dataset import Dataset, Place
from pagelight.ingest import tesseract

#: a page with fewer words of its own is read by Tesseract: a page number or a stamp is no text layer
FEW_WORDS = 8
POINTS_PER_INCH = 72
#: Tesseract's own recommendation is 300; 200 reads the same words here in half the time
DPI = 200


@dataclass(frozen=True, slots=True)
class PageText:
    """own: does the document bring this text; seconds: that drawing and reading took, 0 for own text"""

    place: Place
    text: str
    language: Language
    own: bool
    seconds: float = 0.0


def read_image(image: Image.Image, language: str = "eng", nice: int = 0) -> str:
    """The text that Tesseract reads on a page drawn at `DPI`."""
    return tesseract.read(image, [language], ("--dpi", str(DPI)), nice)


def page_texts(
    dataset: Dataset, cache: Path, *, ocr: bool, languages: dict[str, str], nice: int = 0
) -> Iterator[PageText]:
    """Every page of the dataset, which must consist of PDFs.

    ocr: read every page, whatever text it brings; languages: names by document, where its own text does not tell
    """
    for document in tqdm(dataset.documents, unit=" documents", disable=None):
        pdf = pypdfium2.PdfDocument(document.path)
        try:
            own = [page.get_textpage().get_text_range() for page in pdf]
            known = languages.get(document.name)
            language = LANGUAGES[known] if known else language_of(" ".join(own))
            digest = hashlib.sha256(document.path.read_bytes()).hexdigest()
            folder = cache / f"{digest}-{language.tesseract}-{DPI}"
            for number, text in enumerate(own, start=1):
                place = (document.name, number)
                if ocr or len(text.split()) < FEW_WORDS:
                    read, seconds = _read(pdf, number, language, folder, nice)
                    yield PageText(place, read, language, own=False, seconds=seconds)
                else:
                    yield PageText(place, text, language, own=True)
        finally:
            pdf.close()


def _read(
    pdf: pypdfium2.PdfDocument, number: int, language: Language, folder: Path, nice: int
) -> tuple[str, float]:
    """The text of a page and the seconds that it took when it was first read."""
    kept = folder / f"{number:05d}.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        image = pdf[number - 1].render(scale=DPI / POINTS_PER_INCH).to_pil()
        text = read_image(image, language.tesseract, nice)
        unfinished = kept.with_suffix(".part")
        unfinished.write_text(json.dumps({"text": text, "seconds": time.perf_counter() - start}), "utf8")
        unfinished.replace(kept)
    page = json.loads(kept.read_text(encoding="utf8"))
    return page["text"], page["seconds"]
