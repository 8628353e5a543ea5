"""Another model, pruning or precision: a new index is made beside the old one, and takes its place when it is whole.

    reindex/library.sqlite3   how far the new index is; the same command goes on where it was stopped
    reindex/index/            the new index

The library is searched as before until then. Offline: the data folder must not be open elsewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from pagelight.app.engine import open_engine
from pagelight.app.folders import DRAFT, INDEX, held_folder, swap_index
from pagelight.app.maintenance.doctor import recorded_config
from pagelight.app.settings import Settings
from pagelight.ingest.library import Document, Library
from pagelight.retrieval.errors import InvalidInput, LibraryDamaged, ModelMismatch

#: (document, pages done, pages of it)
OnPage = Callable[[Document, int, int], None]


def reindex(settings: Settings, on_page: OnPage = lambda document, done, total: None) -> list[Document]:
    """Index all documents anew with the settings' model, pruning and precision (empty ones: the model's own).

    Returns the documents that could not be indexed; they stay in the library with their reason.
    Raises StoreLocked, InvalidInput, LibraryDamaged, ModelError, DiskFull, KeyboardInterrupt (what is done stays for the next time).
    """
    if settings.qdrant_url:
        raise InvalidInput(
            "reindex works on the embedded index; on a Qdrant server, add the documents to another --qdrant-collection"
        )
    folder = settings.data
    with held_folder(folder), closing(Library(folder, settings.limits)) as library:
        documents = library.documents()
        _check_files(library, documents)
        wanted = _wanted(settings)
        try:
            drafts = _draft(library, wanted, documents, on_page)
        except ModelMismatch:  # one that was begun with other settings
            shutil.rmtree(folder / DRAFT)
            drafts = _draft(library, wanted, documents, on_page)
        for draft in drafts:
            library.set_state(
                draft.document_id, draft.state, draft.reason, draft.pages, draft.pages_indexed, draft.kept
            )
            library.set_shallow(draft.document_id, draft.pages_shallow)
        swap_index(folder)
    return [draft for draft in drafts if draft.state == "failed"]


def _check_files(library: Library, documents: list[Document]) -> None:
    """Raises LibraryDamaged where a file is gone, since pages that can be found today would be lost."""
    gone = [d.name for d in documents if d.pages_indexed and not library.files.path(d.document_id).is_file()]
    if gone:
        more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
        raise LibraryDamaged(
            f"the file of {gone[0]!r}{more} is gone, so that its pages cannot be read anew; add it again, or remove it"
        )


def _wanted(settings: Settings) -> Settings:
    """The settings of the new index: those of today's where nothing else is said; another model brings its own pruning."""
    today = recorded_config(settings.data / INDEX)
    if today is None:
        return settings
    same_model = not settings.model or settings.model == today.model
    return replace(
        settings,
        model=settings.model or today.model,
        pruning=settings.pruning or (today.pruning if same_model else ""),
        precision=settings.precision or today.precision,
    )


def _draft(
    library: Library, settings: Settings, documents: list[Document], on_page: OnPage
) -> list[Document]:
    """Make the new index, or go on with it; the documents as they stand in it."""
    folder = library.folder / DRAFT
    view = Library(folder, settings.limits, files=library.files, adopt=False)
    with closing(view):
        engine = open_engine(replace(settings, data=folder), view)
        try:
            known = {document.document_id for document in documents}
            for gone in [d.document_id for d in view.documents() if d.document_id not in known]:
                engine.store.delete_document(gone)
                with view.database.work() as connection:
                    connection.execute("DELETE FROM documents WHERE document_id = ?", (gone,))
            for document in documents:
                _index_one(view, engine.pipeline.index, document, on_page)
            engine.pipeline.deepen()  # before the swap, so that no search becomes worse by it
        finally:
            engine.close()
        return view.documents()


def _index_one(view: Library, index: Callable[..., Document], document: Document, on_page: OnPage) -> None:
    with view.database.work() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO documents (document_id, name, type, bytes) VALUES (?, ?, ?, ?)",
            (document.document_id, document.name, document.type, document.bytes),
        )
    if view.get(document.document_id).state != "indexed":
        index(document.document_id, on_page=lambda done, total: on_page(document, done, total))
