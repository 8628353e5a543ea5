"""The one object that the browser, HTTP, MCP, the command line and your own program call."""

from __future__ import annotations

import dataclasses
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pagelight.app.deferred_deletion import DeferredDeletion
from pagelight.app.export import DRAWN_PIXELS, ExportedHit, Render, write_drawn, write_hits
from pagelight.app.finding import find_pages
from pagelight.app.folders import SAMPLES, document_files, given_paths, lock_folder
from pagelight.app.job import Job
from pagelight.app.judgements import Judgement, Judgements
from pagelight.app.maintenance.swap import finish_swap
from pagelight.app.metrics import Metrics
from pagelight.app.picture import digest, open_picture
from pagelight.app.places import cropped
from pagelight.app.settings import Settings
from pagelight.app.suggestions import suggest
from pagelight.app.turns import Turns
from pagelight.app.uploads import Uploads, document_name
from pagelight.ingest.library import Document, DocumentFilter, Library
from pagelight.ingest.page_images import PageImages
from pagelight.ingest.render.file_type import KINDS, FileType
from pagelight.ingest.render.image_pdf import write_image_pdf
from pagelight.ingest.render.renderer import render_page
from pagelight.ingest.watch import Change, Watch
from pagelight.retrieval.errors import InvalidInput, InvalidQuery, NotFound, PagelightError, StoreUnavailable
from pagelight.retrieval.results import Heatmap, SearchResult
from pagelight.retrieval.search.example import Example
from pagelight.retrieval.search.prepared import Recent
from pagelight.retrieval.search.receipt import Receipt
from pagelight.retrieval.text.query_syntax import parse_query
from pagelight.retrieval.types import Box, PageWords, page_id

if TYPE_CHECKING:
    from pagelight.app.engine import Engine

log = logging.getLogger("pagelight.service")

ServiceState = Literal["warming up", "ready", "failed", "closed"]


#: documents that one search may name; each costs a look into the database
MAX_DOCUMENTS = 1000
#: pixels across of a page of which a box is shown
SHARPEST = 2400
#: names of documents that fit, in a message of one line
_NAMED = 5
#: strength from which an example is answered well: more likely than not
SURE = 0.5
#: pages of a document that examples are taken from, the first ones
_PAGES_OF_EXAMPLES = 6
#: pages that are read from the store in one go
_PAGES_AT_ONCE = 32


class Service:
    """A library of documents and everything that people do with it. Safe for many threads.

    A context manager: leaving it stops the jobs after their current page and frees the data folder.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._folder_lock = lock_folder(settings.data)
        try:
            finish_swap(settings.data)
            self._library = Library(settings.data, settings.limits)
        except BaseException:
            self._folder_lock.release()
            raise
        self.uploads = Uploads(settings.data / "uploads", settings.limits.max_bytes)
        self._images = PageImages(self._library, settings.cache_mb)
        self._judgements = Judgements(settings.data / "judgements.sqlite")
        self._library.on_delete = self._judgements.forget_document
        self._deletion = DeferredDeletion(self._library, self._remove)
        self._pictures: Recent[Example] = Recent()
        self._turns = Turns()
        self.metrics = Metrics(self._gauges)
        self._lock = threading.RLock()  # opening and closing
        self._pdf_lock = threading.Lock()
        self._start_lock = threading.Lock()
        self._starting: threading.Thread | None = None
        self._failure: PagelightError | None = None
        self._made: Engine | None = None
        self._closed = self._has_resumed = False
        self._suggested: tuple[tuple[str, ...], list[str]] = ((), [])

    # Life

    def start(self) -> None:
        """Open the index, resume interrupted jobs and, in an empty library, index the sample documents.

        Raises StoreLocked, StoreUnavailable, ModelError.
        """
        engine = self._resumed()
        marker = self.settings.data / "samples-added"
        if self.settings.samples and not marker.exists() and not self._library.documents():
            samples = document_files(SAMPLES) if SAMPLES.is_dir() else []
            # Written first: samples that a person deleted, or that failed, do not come back.
            marker.touch()
            if samples:
                engine.jobs.submit([(path, path.name) for path in samples])

    def start_in_background(self, failed: Callable[[PagelightError], None] | None = None) -> None:
        """`start`, once, in a thread of its own. failed: called where that does not work"""
        with self._start_lock:
            if self._starting is not None:
                return
            self._starting = threading.Thread(
                target=self._start, args=(failed,), name="pagelight-start", daemon=True
            )
        self._starting.start()

    def _start(self, failed: Callable[[PagelightError], None] | None) -> None:
        try:
            self.start()
        except PagelightError as error:
            # Said again to whoever searches, since the next call tries once more.
            self._failure = error
            if failed is not None:
                failed(error)
            elif not self._closed:
                log.error("%s", error)

    @property
    def state(self) -> ServiceState:
        """Whether searches are answered at once; one that comes while it warms up waits."""
        if self._closed:
            return "closed"
        if self._made is not None:
            return "ready"
        return "failed" if self._failure else "warming up"

    @property
    def _is_loading(self) -> bool:
        """Whether a call for the engine would wait; what the page needs at once does without."""
        return self._made is None and self._starting is not None and self._starting.is_alive()

    def resume(self) -> None:
        """Take up what an earlier process left unfinished. Raises StoreError, ModelError."""
        self._resumed()

    def close(self) -> None:
        """Stop the jobs after their current page, and let go of the data folder."""
        self._deletion.close()
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None
            if self._closed:
                return
            self._closed = True
            self._images.close()
            self._judgements.close()
            self._library.close()
            self._folder_lock.release()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _resumed(self) -> Engine:
        """The engine, its interrupted jobs taken up once."""
        with self._lock:
            engine = self._engine()
            if not self._has_resumed:
                engine.jobs.resume()
                self._has_resumed = True
            return engine

    def _engine(self) -> Engine:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("Pagelight is stopping")
            if self._made is None:
                # Imported here, since it brings torch: `pagelight list` answers without it.
                from pagelight.app.engine import open_engine

                start = time.perf_counter()
                self._made = open_engine(self.settings, self._library)
                log.info("load: model and index open in %.0f ms", 1000 * (time.perf_counter() - start))
            return self._made

    # Search

    def search(
        self,
        query: str,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
        exact: bool = False,
    ) -> SearchResult:
        """The best pages; `documents` are names or ids. Raises InvalidInput, NotFound and Busy.

        exact: compare all pages, where otherwise a first stage chooses some hundred of a large library
        In the query quotes mean the phrase, and `-word` excludes.
        only: search in the documents that this filter lets through
        client: whoever asks, so that searches take turns fairly
        """
        query = self._checked(query)
        self._check_count(top_k)
        document_ids = self._among(documents, only)
        try:
            engine = self._engine()
            with self._turns.taken(client):
                result = find_pages(
                    engine.searcher,
                    engine.store,
                    query,
                    top_k,
                    document_ids,
                    self.settings.image_only,
                    exact,
                )
        except PagelightError:
            self.metrics.refused()
            raise
        self.metrics.searched(result.seconds, result.matched)
        log.info("search: %d pages in %.0f ms", len(result.hits), 1000 * result.seconds)
        return self._with_labels(result)

    def heatmap(self, document_id: str, page: int, query: str) -> Heatmap:
        """Where each word of the query is on one page. Raises InvalidQuery, NotFound and Busy."""
        query = self._checked(query)
        self.check_page(document_id, page)
        wanted = parse_query(query)
        searcher = self._engine().searcher
        with self._turns.taken():
            return searcher.heatmap(
                document_id, page, wanted.text or query, self.settings.image_only, not wanted.phrases
            )

    def why(
        self,
        document_id: str,
        page: int,
        query: str,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> Receipt:
        """What a page's score in a search adds up from: each word, what it matched, and where. Raises NotFound, InvalidQuery."""
        query = self._checked(query)
        self.check_page(document_id, page)
        wanted = parse_query(query)
        among, searcher = self._among(documents, only), self._engine().searcher
        with self._turns.taken():
            return searcher.explain(
                document_id,
                page,
                wanted.text or query,
                among,
                self.settings.image_only,
                not wanted.phrases,
            )

    def search_like(
        self,
        document_id: str,
        page: int,
        box: Box | None = None,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
    ) -> SearchResult:
        """The pages that are most like one of the library, or like what is in a box of it; that page is not among them.

        Raises NotFound, InvalidInput and Busy.
        """
        example = self._example(document_id, page, box)
        return self._searched_like(example, top_k, documents, only, client)

    def search_picture(
        self,
        content: bytes,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
        client: str = "",
    ) -> SearchResult:
        """The pages that are most like a picture, given as an image file's bytes. Raises InvalidInput, DocumentError, Busy."""
        with self._turns.taken(client):
            example = self._picture(content)
        return self._searched_like(example, top_k, documents, only, client)

    def heatmap_like(
        self,
        document_id: str,
        page: int,
        like: tuple[str, int, Box | None] | bytes,
    ) -> Heatmap:
        """Where a page is like an example: (document id, page, box or None), or a picture. Raises NotFound."""
        self.check_page(document_id, page)
        example = self._picture(like) if isinstance(like, bytes) else self._example(*like)
        searcher = self._engine().searcher
        with self._turns.taken():
            return searcher.heatmap_like(document_id, page, example, self.settings.image_only)

    def examples(self, count: int = 5) -> list[str]:
        """Queries to start with: questions that the user's own documents answer; none while there are no words."""
        if self._is_loading:
            return []
        documents = [document for document in self._library.documents() if document.pages_indexed][-8:]
        state = tuple(f"{document.document_id}:{document.pages_indexed}" for document in documents)
        if self._suggested[0] != state:
            self._suggested = (state, suggest(self._first_pages(documents), self._answers, count))
        return list(self._suggested[1])

    def export(
        self,
        query: str,
        out: Path,
        top_k: int = 10,
        documents: Sequence[str] = (),
        *,
        only: DocumentFilter | None = None,
    ) -> int:
        """The found pages as one PDF with their regions highlighted; returns how many pages.

        Raises NotFound when nothing matches.
        """
        result = self.search(query, top_k, documents, only=only)
        if not result.matched:
            raise NotFound(f"nothing in the library matches {query!r}")
        hits = (
            ExportedHit(hit, self._library.drawn_file(hit.document_id), self._renderer(hit.document_id))
            for hit in result.hits
        )
        return write_hits(result.query, hits, out)

    # Documents

    def add(
        self,
        paths: Iterable[str | Path],
        names: Sequence[str] | None = None,
        *,
        replace: bool = False,
        tags: Sequence[str] = (),
    ) -> Job:
        """Index files, and what is in folders, in the background. names: in place of the files' own, one a file

        replace: older versions of the files (same name and path, other content) go once the new ones are indexed
        A file that cannot be indexed does not stop the others; the job's status names its reason. Raises InvalidInput.
        """
        if isinstance(paths, (str, Path)):
            raise InvalidInput("paths: expected a list of files and folders, got one path")
        given = [Path(os.path.abspath(path)) for path in given_paths(paths)]
        if names is not None:
            named = [(path, document_name(name)) for path, name in zip(given, names, strict=True)]
            return self._submitted(named, in_place=True, replace=replace, tags=tags)
        # A path that does not exist stays in the job, where its reason is told.
        files = [file for path in given for file in document_files(path) or [path] if not file.is_dir()]
        return self._submitted(
            [(file, file.name) for file in files], in_place=True, replace=replace, tags=tags
        )

    def add_uploads(self, files: Sequence[tuple[object, str | None]], tags: Sequence[str] = ()) -> Job:
        """Index uploads, given as (token, name or None for the name it was sent with), in the background.

        Raises InvalidInput for whatever is no upload of this library.
        """
        with self.uploads.claimed([token for token, _ in files]) as uploads:
            names = [name for _, name in files]
            return self._submitted(
                [
                    (upload.path, document_name(name) if name else upload.name)
                    for upload, name in zip(uploads, names, strict=True)
                ],
                tags=tags,
            )

    def job(self, job_id: str) -> Job:
        """A job of this library, of an earlier start as well. Raises NotFound."""
        found = Job(job_id, self._engine().jobs)
        _ = found.status
        return found

    def active_jobs(self) -> tuple[Job, ...]:
        """The jobs that are queued or running, oldest first; none while the model loads."""
        if self._is_loading:
            return ()
        jobs = self._engine().jobs
        return tuple(Job(job_id, jobs) for job_id in jobs.active())

    def indexing(self) -> tuple[int, int, int] | None:
        """Documents that wait or run, and pages done and in total, over the active jobs; None when there are none."""
        jobs = [job.status for job in self.active_jobs()]
        if not jobs:
            return None
        waiting = sum(file.state in ("queued", "running") for job in jobs for file in job.files)
        return waiting, sum(job.pages_done for job in jobs), sum(job.pages_total for job in jobs)

    def open_jobs(self) -> tuple[Job, ...]:
        """The active ones, and those with failures that nobody has dismissed yet, oldest first."""
        if self._is_loading:
            return ()
        jobs = self._engine().jobs
        return tuple(Job(job_id, jobs) for job_id in jobs.open())

    def retry(self, document_ids: Sequence[str]) -> Job:
        """Go on with documents that failed or were cancelled. Raises NotFound, InvalidInput."""
        jobs = self._resumed().jobs
        return Job(jobs.retry(document_ids), jobs)

    def documents(self, only: DocumentFilter | None = None) -> tuple[Document, ...]:
        """All of the library's, or those that the filter lets through, in the order in which they came."""
        labels = self._library.labels()
        return tuple(
            dataclasses.replace(document, label=labels.get(document.document_id, document.name))
            for document in self._library.documents(only)
        )

    def watch(self, folders: Sequence[Path], stop: threading.Event) -> Iterator[Change]:
        """Follow folders: new files are added, changed ones replaced, gone ones removed, until `stop` is set.

        Yields what was done, beginning with what happened while nobody watched.
        """
        engine = self._resumed()
        return Watch(self._library, engine.jobs, engine.pipeline, document_files).follow(folders, stop)

    def tags(self) -> dict[str, int]:
        """Every tag with the number of its documents."""
        return self._library.tags()

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document these tags and no others. Raises NotFound, InvalidInput."""
        self._library.set_tags(document_id, tags)

    def change_tags(
        self, document_ids: Sequence[str], added: Sequence[str] = (), removed: Sequence[str] = ()
    ) -> None:
        """Add tags to documents and take others away. Raises NotFound, InvalidInput."""
        self._library.change_tags(document_ids, added, removed)

    def rename(self, document_id: str, name: str) -> None:
        """Call a document otherwise; its old name finds it, too. Raises NotFound, InvalidInput."""
        self._library.rename(document_id, name)

    def older_versions(self, document_id: str) -> tuple[Document, ...]:
        """Documents of the same name and place with older content. Raises NotFound."""
        self._library.get(document_id)
        return tuple(self._library.older_versions(document_id))

    def replace_older(self, document_id: str) -> int:
        """Remove the older versions of a document; how many. Raises NotFound."""
        self._library.get(document_id)
        return len(self._engine().pipeline.replace(document_id))

    def find_document(self, name_or_id: str) -> Document:
        """By name, id, or the start of an id. Raises NotFound, and InvalidInput where several fit."""
        found = self._document_ids([name_or_id])
        labels = self._library.labels()
        if len(found) > 1:
            choices = ", ".join(f"{labels.get(one, name_or_id)} = {one[:12]}" for one in found[:_NAMED])
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            raise InvalidInput(
                f"{name_or_id!r} names {len(found)} documents; give the id of one: {choices}{more}"
            )
        return dataclasses.replace(self._library.get(found[0]), label=labels.get(found[0], name_or_id))

    def replace_document(self, document_id: str, upload: object) -> Job:
        """Index an upload as a newer version of a document, whose name and tags it takes; the older one goes then.

        Raises NotFound, and InvalidInput for whatever is no upload of this library.
        """
        document = self._library.get(document_id)
        with self.uploads.claimed([upload]) as (claimed,):
            return self._submitted(
                [(claimed.path, document.name)], replace=True, tags=document.tags, instead_of=document_id
            )

    def delete_document(self, document_id: str) -> None:
        """Remove the document, its pages, images and judgements. Raises NotFound."""
        self._library.get(document_id)
        self._remove(document_id)

    def delete_soon(self, document_ids: Sequence[str]) -> None:
        """Put documents out of sight now and remove them some seconds later. Raises NotFound."""
        self._deletion.begin(document_ids)

    def undo_delete(self, document_ids: Sequence[str]) -> list[str]:
        """Bring back what `delete_soon` has not removed yet; the ids."""
        return self._deletion.undo(document_ids)

    def check_page(self, document_id: str, page: int) -> None:
        """Raises NotFound unless the library has this page."""
        document = self._library.get(document_id)
        if page < 1 or (document.pages and page > document.pages):
            pages = "1 page" if document.pages == 1 else f"{document.pages} pages"
            raise NotFound(f"{document.name} has {pages}, no page {page}")

    def page_image(self, document_id: str, page: int, width: int = 1200, box: Box | None = None) -> bytes:
        """One page as WebP, or a box of it, `width` pixels wide or a little more. Raises NotFound, DocumentError, Busy."""
        self.check_page(document_id, page)
        if box is not None:
            _check_box(box)
            width = min(round(width / (box[2] - box[0])), SHARPEST)
        image = self._images.cached(document_id, page, width)
        if image is None:
            with self._turns.taken():
                image = self._images.webp(document_id, page, width)
        return image if box is None else cropped(image, box)

    def document_file(self, document_id: str) -> Path:
        """The file as it was added. Raises NotFound."""
        return self._library.file(document_id)

    def document_pdf(self, document_id: str) -> Path:
        """The document as a PDF: itself, what LibreOffice made of it, or its images as pages. Raises NotFound, DocumentError."""
        document = self._library.get(document_id)
        file = self._library.drawn_file(document_id)
        if document.type is FileType.PDF or document.type.is_converted:
            return file
        made = self._library.cache / document_id / "document.pdf"
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            with self._pdf_lock:
                unfinished = made.with_suffix(".part")
                if not made.exists() and not write_image_pdf(file, unfinished, self._library.limits):
                    render = self._renderer(document_id)
                    pages = range(1, max(document.pages, 1) + 1)
                    write_drawn((render(page, DRAWN_PIXELS) for page in pages), unfinished)
                if unfinished.exists():
                    unfinished.replace(made)
        return made

    def page_words(self, document_id: str, page: int) -> PageWords:
        """The document's own words on one indexed page. Raises NotFound."""
        found = self._engine().store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        return found[0].words

    def document_words(self, document_id: str) -> Iterator[tuple[int, PageWords]]:
        """(page, words) of the document's indexed pages, in order. Raises NotFound."""
        pages = range(1, self._library.get(document_id).pages + 1)
        store = self._engine().store
        for start in range(0, len(pages), _PAGES_AT_ONCE):
            wanted = [page_id(document_id, page) for page in pages[start : start + _PAGES_AT_ONCE]]
            for stored in sorted(store.fetch(wanted), key=lambda page: page.page):
                yield stored.page, stored.words

    # Judgements

    def judge(self, query: str, document_id: str, page: int, relevant: bool) -> None:
        """Keep a person's word on a hit. Raises NotFound for a page that the document does not have."""
        self.check_page(document_id, page)
        self._judgements.add(Judgement(self._checked(query), document_id, page, relevant))

    def take_back(self, query: str, document_id: str, page: int) -> None:
        """Forget what was said of a hit, if anything was."""
        self._judgements.take_back(self._checked(query), document_id, page)

    def judgements(self) -> tuple[Judgement, ...]:
        """All judgements, in the order in which they were made."""
        return tuple(self._judgements.all())

    # Inner

    def _example(self, document_id: str, page: int, box: Box | None) -> Example:
        self.check_page(document_id, page)
        if box is not None:
            _check_box(box)
        found = self._engine().store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        return Example(found[0], box)

    def _picture(self, content: bytes) -> Example:
        name = digest(content)
        engine = self._engine()
        return self._pictures.get(
            name,
            lambda: Example(engine.pipeline.embed_picture(open_picture(content, self.settings.limits), name)),
        )

    def _searched_like(
        self,
        example: Example,
        top_k: int,
        documents: Sequence[str],
        only: DocumentFilter | None,
        client: str,
    ) -> SearchResult:
        self._check_count(top_k)
        document_ids = self._among(documents, only)
        try:
            searcher = self._engine().searcher
            with self._turns.taken(client):
                result = searcher.search_like(example, top_k, document_ids, self.settings.image_only)
        except PagelightError:
            self.metrics.refused()
            raise
        self.metrics.searched(result.seconds, result.matched)
        return self._with_labels(result)

    def _check_count(self, top_k: int) -> None:
        if not 1 <= top_k <= self.settings.max_hits:
            raise InvalidInput(f"top_k: expected 1 to {self.settings.max_hits}, got {top_k}")

    def _remove(self, document_id: str) -> None:
        self._engine().pipeline.remove(document_id)

    def _gauges(self) -> list[tuple[str, str, float]]:
        documents = self.documents()
        found = self.indexing()
        return [
            ("ready", "1 when model and index are open", float(self.state == "ready")),
            ("documents", "Documents in the library", len(documents)),
            ("pages_indexed", "Pages that can be found", sum(d.pages_indexed for d in documents)),
            ("documents_waiting", "Documents that wait to be indexed, or are", found[0] if found else 0),
        ]

    def _submitted(
        self,
        files: Sequence[tuple[Path, str]],
        *,
        in_place: bool = False,
        replace: bool = False,
        tags: Sequence[str] = (),
        instead_of: str = "",
    ) -> Job:
        if not files:
            raise InvalidInput(f"no files: choose {KINDS} files")
        jobs = self._resumed().jobs
        job_id = jobs.submit(files, in_place=in_place, replace=replace, tags=tags, instead_of=instead_of)
        return Job(job_id, jobs)

    def _with_labels(self, result: SearchResult) -> SearchResult:
        """The documents as they are called now, namesakes told apart; the index has the name of the first day."""
        labels = self._library.labels()
        hits = tuple(
            dataclasses.replace(hit, document=labels.get(hit.document_id, hit.document))
            for hit in result.hits
        )
        return dataclasses.replace(result, hits=hits)

    def _checked(self, query: str) -> str:
        query = " ".join(query.encode("utf-8", "replace").decode().split())
        limit = self.settings.max_query_chars
        if not query:
            raise InvalidQuery("the query is empty; type a few words")
        if len(query) > limit:
            raise InvalidQuery(f"the query has {len(query)} characters; the limit is {limit}")
        return query

    def _among(self, names: Sequence[str], only: DocumentFilter | None) -> list[str] | None:
        """Ids of the documents to search in; None for all of them."""
        named = self._document_ids(names) if names else None
        hides = bool(self._library.unfinished_deletions())
        if not hides and (only is None or only == DocumentFilter()):
            return named
        allowed = [document.document_id for document in self._library.documents(only)]
        return allowed if named is None else [one for one in named if one in set(allowed)]

    def _document_ids(self, names: Iterable[str]) -> list[str]:
        """Ids of documents given by name, id or the start of an id (8 characters at least)."""
        names = list(names)
        if len(names) > MAX_DOCUMENTS:
            raise InvalidInput(f"documents: expected at most {MAX_DOCUMENTS:,} names, got {len(names):,}")
        found: list[str] = []
        for name in names:
            same = self._library.find_all(name)
            if not same:
                raise NotFound(f"no document {name!r} in the library")
            found.extend(document.document_id for document in same)
        return found

    def _answers(self, query: str, document_id: str, page: int) -> bool:
        """Whether a query finds the page first, and surely."""
        hits = self._engine().searcher.search(query, 1, None, self.settings.image_only).hits
        return (
            bool(hits)
            and (hits[0].document_id, hits[0].page) == (document_id, page)
            and hits[0].strength >= SURE
        )

    def _first_pages(self, documents: Sequence[Document]) -> Iterator[tuple[str, int, PageWords]]:
        store = self._engine().store
        for document in documents:
            last = min(document.pages_indexed, _PAGES_OF_EXAMPLES)
            wanted = [page_id(document.document_id, page) for page in range(1, last + 1)]
            for stored in store.fetch(wanted):
                yield document.document_id, stored.page, stored.words

    def _renderer(self, document_id: str) -> Render:
        path, limits = self._library.drawn_file(document_id), self._library.limits
        return lambda page, width: render_page(path, page, width, limits)


def _check_box(box: Box) -> None:
    if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
        raise InvalidInput(f"box: expected x0 < x1 and y0 < y1 between 0 and 1, got {box}")
