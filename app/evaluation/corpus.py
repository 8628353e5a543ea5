"""A dataset's documents in a library of their own, indexed by the application's own loop as often as there are settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Self

from PIL import Image

from pagelight.app.evaluation.dataset import DatasetDocument, Place
from pagelight.ingest.library import Library
from pagelight.ingest.pipeline import OnPage, Pipeline
from pagelight.ingest.render.limits import Limits
from pagelight.ingest.render.renderer import Renderer, RendererName
from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import DocumentError
from pagelight.retrieval.pruning import Pruning
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import PageWords

#: width of a page's picture in reports
PICTURE_WIDTH = 720
#: enough where only a page's words are wanted, which do not depend on it
WORDS_DPI = 20


class Corpus:
    """Documents that can be read, and the reasons why others cannot.

    failures: (name, reason) of documents that cannot be read, as far as they have been opened
    """

    def __init__(
        self,
        documents: Sequence[DatasetDocument],
        folder: Path,
        limits: Limits | None = None,
        renderer: RendererName = "pdfium",
        read_scans: bool = False,
    ) -> None:
        self._library = Library(folder, limits)
        self._renderer: RendererName = renderer
        self._read_scans = read_scans
        self._ids: dict[str, str] = {}  # by name; the same file under two names is indexed once
        self.failures: list[tuple[str, str]] = []
        for document in documents:
            try:
                added, _ = self._library.add(document.path, document.name)
                self._ids[document.name] = added.document_id
            except DocumentError as error:
                self.failures.append((document.name, str(error)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.close()

    @property
    def ids(self) -> dict[str, str]:
        """Document ids by name."""
        return dict(self._ids)

    def index(
        self,
        encoder: Encoder,
        pruning: Pruning,
        store: PageStore,
        on_page: Callable[[], None] = lambda: None,
        own_words: bool = True,
    ) -> None:
        """Fill the store with every page, and with what its text means.

        on_page: called after each; own_words: as for `Pipeline`
        """
        limits = self._library.limits
        pipeline = Pipeline(
            encoder, pruning, store, self._library, limits, self._renderer, own_words, self._read_scans
        )
        with closing(pipeline):
            wanted = list(dict.fromkeys(self._ids.values()))
            for document_id, following in zip_longest(wanted, wanted[1:]):
                document = pipeline.index(document_id, _steps(on_page), following=partial(_same, following))
                if document.state == "failed":
                    self._drop(document_id, document.reason)
            pipeline.deepen()

    def count(self) -> int:
        """Pages of all documents; those that cannot be opened become failures."""
        with Renderer(self._library.limits, self._renderer) as renderer:
            return sum(self._count(renderer, document_id) for document_id in set(self._ids.values()))

    def words(self) -> Iterator[tuple[Place, PageWords]]:
        """Each page's own words; documents that cannot be read have none."""
        for place, _, words in self._pages(WORDS_DPI, step=1):
            yield place, words

    def sample(self, dpi: float, most: int) -> list[Image.Image]:
        """A sample of at most so many pages, spread over the documents, as an encoder sees them."""
        step = -(-max(self.count(), 1) // most)
        return [image for _, image, _ in self._pages(dpi, step)]

    def picture(self, place: Place) -> bytes:
        """A page as WebP."""
        with Renderer(self._library.limits, self._renderer) as renderer:
            image = renderer.page(self._library.file(self._ids[place[0]]), place[1], PICTURE_WIDTH)
        picture = BytesIO()
        image.save(picture, "WEBP", quality=55, method=2)
        return picture.getvalue()

    def _drop(self, document_id: str, reason: str) -> None:
        names = [name for name, known in self._ids.items() if known == document_id]
        self.failures += [(name, reason) for name in names]
        for name in names:
            del self._ids[name]

    def _pages(self, dpi: float, step: int) -> Iterator[tuple[Place, Image.Image, PageWords]]:
        """Every so many of all pages."""
        before = 0
        with Renderer(self._library.limits, self._renderer) as renderer:
            for name, document_id in self.ids.items():
                n_pages = self._count(renderer, document_id)
                skip = {n for n in range(1, n_pages + 1) if (before + n - 1) % step}
                before += n_pages
                if len(skip) == n_pages:
                    continue
                try:
                    for page in renderer.pages(self._library.file(document_id), dpi, skip=skip):
                        yield (name, page.number), page.image, page.words
                except DocumentError:
                    continue  # indexing says so

    def _count(self, renderer: Renderer, document_id: str) -> int:
        try:
            return self._library.get(document_id).pages or renderer.count(self._library.file(document_id))
        except DocumentError as error:
            self._drop(document_id, str(error))
            return 0


def _steps(on_page: Callable[[], None]) -> OnPage:
    """Calls `on_page` once for each page that is done."""
    before = 0

    def step(done: int, _: int) -> None:
        nonlocal before
        for _ in range(done - before):
            on_page()
        before = done

    return step


def _same(document_id: str | None) -> str | None:
    return document_id
