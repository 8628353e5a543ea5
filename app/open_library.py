"""An open library: its folder, index and model, how they start and how they end, and deletions that can be taken back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self

from pagelight.app.folders import SAMPLES, finish_swap, lock_folder
from pagelight.app.job import Job
from pagelight.app.judgements import Judgements
from pagelight.app.monitoring import Metrics
from pagelight.app.settings import Settings
from pagelight.app.turns import Turns
from pagelight.app.uploads import Uploads
from pagelight.ingest.library import Library
from pagelight.ingest.page_images import PageImages
from pagelight.retrieval.errors import PagelightError, StoreUnavailable, repair_hint
from pagelight.retrieval.search.example import Example
from pagelight.retrieval.search.prepared import Recent

if TYPE_CHECKING:
    from pagelight.app.engine import Engine
    from pagelight.retrieval.store.page_store import IndexConfig


log = logging.getLogger("pagelight.service")

ServiceState = Literal["warming up", "ready", "failed", "closed"]

#: seconds in which a deletion can be taken back: somewhat longer than the page offers it
GRACE_SECONDS = 15.0


class OpenLibrary:
    """The parts of a library, each opened when it is first needed."""

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
        # Apart, so that no search waits behind a page of thumbnails. One is drawn while another is compressed.
        self._drawing_turns = Turns(at_once=2, is_newest_first=True)
        self.metrics = Metrics(self._gauges)
        self._lock = threading.RLock()  # opening and closing
        self._pdf_lock = threading.Lock()
        self._start_lock = threading.Lock()
        self._starting: threading.Thread | None = None
        self._failure: PagelightError | None = None
        self._made: Engine | None = None
        self._closed = self._is_closing = self._has_resumed = False
        self._suggested: tuple[tuple[str, ...], list[str]] = ((), [])

    def start(self) -> None:
        """Open the index, resume interrupted jobs and, in an empty library, index the sample documents.

        Raises StoreLocked, StoreUnavailable, ModelError.
        """
        engine = self._resumed()
        marker = self.settings.data / "samples-added"
        if self.settings.samples and not marker.exists() and not self._library.documents():
            # The PDFs: beside them in a checkout lies what they are made with.
            samples = sorted(SAMPLES.glob("*.pdf"))
            # Written first: samples that a person deleted, or that failed, do not come back.
            marker.touch()
            if samples:
                engine.jobs.submit([(path, path.name) for path in samples])
        if not self._is_closing:
            with suppress(PagelightError):  # told when somebody searches
                engine.searcher.warm_up(lambda: not self._is_closing)

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
            # Said again when somebody searches, since the next call tries once more.
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

    def check_folder(self) -> None:
        """Raises StoreUnavailable where the data folder was removed or replaced while it is in use."""
        self._library.check_folder()

    def resume(self) -> None:
        """Take up what an earlier process left unfinished. Raises StoreError, ModelError."""
        self._resumed()

    def close(self) -> None:
        """Stop the jobs after their current page, and let go of the data folder."""
        self._is_closing = True
        with self._start_lock:
            starting = self._starting
        if starting is not None and starting is not threading.current_thread():
            starting.join()  # a process that ended while it loads a model would abort
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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

    def deepening(self) -> tuple[int, int] | None:
        """Pages that are understood, and pages that can be found, while the first are fewer; else None.

        Of the documents that the caller may see.
        """
        documents = self._library.documents()
        pages = sum(document.pages_indexed for document in documents)
        shallow = sum(document.pages_shallow for document in documents)
        return (max(pages - shallow, 0), pages) if shallow else None

    @property
    def trouble(self) -> str:
        """One line while the queue cannot be worked on (a full disk, a folder that is gone); else empty."""
        return "" if self._made is None else self._made.jobs.trouble

    @property
    def index_config(self) -> IndexConfig:
        """What the index is made of: model, pruning, precision."""
        return self._engine().store.config

    def wait_until_deep(self, seconds: float | None = None) -> bool:
        """Wait until everything that was added can be found and is understood; False when the seconds are over first."""
        return self._resumed().jobs.wait_until_deep(seconds)

    def _resumed(self) -> Engine:
        """The engine, its interrupted jobs taken up once."""
        with self._lock:
            engine = self._engine(is_resuming=True)
            if not self._has_resumed:
                engine.jobs.resume()
                self._has_resumed = True
                self._tell_of_losses(engine)
            return engine

    def _engine(self, is_resuming: bool = False) -> Engine:
        """is_resuming: what is lost will be read again, and is not told of before"""
        with self._lock:
            if self._closed:
                raise StoreUnavailable("Pagelight is stopping")
            if self._made is None:
                # Imported here, since it brings torch: `pagelight list` answers without it.
                from pagelight.app.engine import open_engine

                start = time.perf_counter()
                self._made = open_engine(self.settings, self._library, self._is_asked)
                if not is_resuming:
                    self._tell_of_losses(self._made)
                log.info("load: model and index open in %.0f ms", 1000 * (time.perf_counter() - start))
            return self._made

    def _tell_of_losses(self, engine: Engine) -> None:
        if missing := self._missing_pages(engine):
            log.warning("%s", missing)

    def _missing_pages(self, engine: Engine) -> str:
        """Sentence on pages that the index has lost, or their meaning, until they are queued again; empty where it has all."""
        lost = self._library.n_indexed_pages() - engine.store.stats().n_pages
        what = "" if lost > 0 else "what is meant by "
        lost = lost if lost > 0 else engine.store.n_without_meaning()
        if lost <= 0:
            return ""
        pages = f"{what}{lost:,} page{'s' if lost != 1 else ''}"
        return f"the index has lost {pages}; {repair_hint(self.settings.data)}"

    def _is_asked(self) -> bool:
        """Whether somebody searches, or looks at a page that is being drawn."""
        return self._turns.is_busy or self._drawing_turns.is_busy

    def _remove(self, document_id: str) -> None:
        self._engine().pipeline.remove(document_id)

    def _gauges(self) -> list[tuple[str, str, float]]:
        documents = self._library.documents()
        found = self.indexing()
        deep, pages = self._library.depth()
        return [
            ("ready", "1 when model and index are open", float(self.state == "ready")),
            ("documents", "Documents in the library", len(documents)),
            ("pages_indexed", "Pages that can be found", sum(d.pages_indexed for d in documents)),
            ("pages_shallow", "Of these, pages whose meaning is still to come", pages - deep),
            ("documents_waiting", "Documents that wait to be indexed, or are", found[0] if found else 0),
        ]


class DeferredDeletion:
    """Safe for several threads. What waits when the process ends is removed at its next start."""

    def __init__(self, library: Library, remove: Callable[[str], None]) -> None:
        """remove: takes a document out of the index and the library"""
        self._library = library
        self._remove = remove
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()

    def begin(self, document_ids: Sequence[str], seconds: float = GRACE_SECONDS) -> None:
        """Hide the documents now and remove them when the time is over. Raises NotFound, before anything is hidden."""
        self._library.hide(document_ids)
        timer = threading.Timer(seconds, self._finish, [tuple(document_ids)])
        timer.daemon = True
        with self._lock:
            self._timers = [waiting for waiting in self._timers if waiting.is_alive()] + [timer]
            timer.start()

    def undo(self, document_ids: Sequence[str]) -> list[str]:
        """Bring back those that are not gone yet; their ids."""
        return self._library.unhide(document_ids)

    def close(self) -> None:
        with self._lock:
            for timer in self._timers:
                timer.cancel()

    def _finish(self, document_ids: Sequence[str]) -> None:
        hidden = set(self._library.unfinished_deletions())
        for document_id in document_ids:
            if document_id not in hidden:
                continue
            try:
                self._remove(document_id)
            except PagelightError as error:
                log.warning("deleting %s: %s", document_id, error)
