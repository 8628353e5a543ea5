"""Every error that Pagelight raises on purpose.

PagelightError                  one line that says what happened and what to do
├── InvalidInput                a value that the caller can correct
│   ├── InvalidQuery            empty, or longer than the limit
│   ├── InvalidPruning          a pruning spec that does not parse
│   ├── InvalidSetting          a setting outside its range
│   ├── InvalidDataset          an evaluation folder that does not have the documented form
│   └── UploadRefused           an upload that is too large, broken off, or no form
├── DocumentError               one file cannot be indexed; the others carry on
│   ├── UnreadableDocument      corrupt, empty, or not of a supported type
│   ├── EncryptedDocument       needs a password
│   └── DocumentTooLarge        bytes, pages, pixels, seconds or memory over the limit
├── NotFound                    no such document or page in the library
├── NotAuthorized               the host application's `authorize` said no
├── ModelError
│   ├── ModelNotFound           neither a folder nor a reachable hub model
│   ├── ModelUnsupported        an architecture that no encoder here handles
│   └── ModelMismatch           the index was made with another model or pruning
└── StoreError
    ├── StoreLocked             another process has this data folder open
    ├── StoreUnavailable        the Qdrant server does not answer, or the data folder cannot be used
    ├── LibraryDamaged          a file of the data folder is damaged; `pagelight repair` mends it
    ├── DiskFull                no room for what has to be written
    └── Busy                    more requests at once than can wait
"""

from pathlib import Path


class PagelightError(Exception):
    """Base of the tree; `str(error)` is one line for a person."""

    #: the status that HTTP answers with
    status = 500


class InvalidInput(PagelightError, ValueError):
    """A value that the caller can correct."""

    status = 422


class InvalidQuery(InvalidInput):
    """The query is empty or too long."""


class InvalidPruning(InvalidInput):
    """The pruning spec does not parse."""


class InvalidSetting(InvalidInput):
    """A setting is outside its range."""


class InvalidDataset(InvalidInput):
    """The evaluation folder does not have the documented form."""


class UploadRefused(InvalidInput):
    """The upload is too large, broke off, or is no form. status: HTTP's, 400, 413 or 507"""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class DocumentError(PagelightError):
    """One file cannot be indexed."""

    status = 422


class UnreadableDocument(DocumentError):
    """Corrupt, empty, or not of a supported type."""


class EncryptedDocument(DocumentError):
    """The file needs a password."""


class DocumentTooLarge(DocumentError):
    """The file, or one of its pages, is over a limit."""


class NotFound(PagelightError):
    """No such document or page in the library."""

    status = 404


class NotAuthorized(PagelightError):
    """The host application refused this user."""

    status = 403


class ModelError(PagelightError):
    """The encoder cannot be used."""


class ModelNotFound(ModelError):
    """Neither a local folder nor a reachable hub model."""


class ModelUnsupported(ModelError):
    """An architecture that no encoder here handles."""


class ModelMismatch(ModelError):
    """The index was made with another model, pruning or datatype."""

    status = 409


class StoreError(PagelightError):
    """The vector store failed."""

    status = 503


class StoreLocked(StoreError):
    """Another process has this data folder open."""


class StoreUnavailable(StoreError):
    """The Qdrant server does not answer, or the data folder cannot be used."""


class LibraryDamaged(StoreError):
    """A file of the data folder is damaged; the message names the command that mends it."""


class DiskFull(StoreError):
    """No room for what has to be written."""

    status = 507


class Busy(StoreError):
    """Too many requests at once."""

    #: seconds after which to ask again (time)
    retry_after = 2


def not_indexed(document_id: str, page: int) -> NotFound:
    """The error about a page that the index does not have."""
    return NotFound(
        f"page {page} of document {document_id[:12]} is not indexed; wait until it is, or add the document again"
    )


def repair_hint(data: Path) -> str:
    """How to mend the library in the folder `data`, as an imperative clause."""
    return f"mend it from the documents with: pagelight repair --data {data}"
