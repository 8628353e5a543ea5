"""The documents of an open library: added, named, tagged and removed."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pagelight.app.folders import folder_content, given_paths
from pagelight.app.job import Job
from pagelight.app.library_folders import LibraryFolders
from pagelight.app.uploads import document_name
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.document import name_key
from pagelight.ingest.library import Document, DocumentFilter
from pagelight.ingest.render.file_type import KINDS
from pagelight.retrieval.errors import InvalidInput, NotAuthorized, NotFound

log = logging.getLogger(__name__)

#: documents that one search may name; each costs a look into the database
MAX_DOCUMENTS = 1000
#: names of documents that fit, in a message of one line
_NAMED = 5


class LibraryDocuments(LibraryFolders):
    """Everything that people do with documents."""

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
        files: list[Path] = []
        for path in given:
            content = folder_content(path)
            if content.left_out:
                log.info("%s: %s", path, content.left_out)
            # A path that does not exist stays in the job, where its reason is told.
            files += [file for file in content.documents or [path] if not os.path.isdir(file)]
        return self._submitted(
            [(file, file.name) for file in files], in_place=True, replace=replace, tags=tags
        )

    def add_uploads(self, files: Sequence[tuple[object, str | None]], tags: Sequence[str] = ()) -> Job:
        """Index uploads, given as (token, name or None for the name it was sent with), in the background.

        Raises InvalidInput for whatever is no upload of this library.
        """
        tags = self._tags_to_give(tags)
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

    def open_jobs(self) -> tuple[Job, ...]:
        """The active ones, and those with failures that nobody has dismissed yet, oldest first."""
        if self._is_loading:
            return ()
        jobs = self._engine().jobs
        return tuple(Job(job_id, jobs) for job_id in jobs.open())

    def retry(self, document_ids: Sequence[str]) -> Job:
        """Go on with documents that failed or were cancelled. Raises NotFound, InvalidInput."""
        jobs = self._resumed().jobs
        self._library.check_writable(document_ids)
        return Job(jobs.retry(document_ids), jobs)

    def documents(self, only: DocumentFilter | None = None) -> tuple[Document, ...]:
        """The library's documents, or those that the filter lets through, in the order in which they came."""
        labels = self._library.labels()
        return tuple(
            dataclasses.replace(document, label=labels.get(document.document_id, document.name))
            for document in self._library.documents(only)
        )

    def tags(self) -> dict[str, int]:
        """Every tag with the number of its documents."""
        return self._library.tags()

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document these tags and no others. Raises NotFound, InvalidInput."""
        self._library.get(document_id)
        self._library.check_writable([document_id])
        self._library.set_tags(document_id, self._tags_to_give(tags))

    def change_tags(
        self, document_ids: Sequence[str], added: Sequence[str] = (), removed: Sequence[str] = ()
    ) -> None:
        """Add tags to documents and take others away. Raises NotFound, InvalidInput."""
        document_ids = list(document_ids)
        self._library.check_writable(document_ids)
        self._check_tags(added)
        with self._library.database.work():
            self._library.change_tags(document_ids, added, removed)
            self._library.check_writable(document_ids)  # nothing may fall out of all collections

    def rename(self, document_id: str, name: str) -> None:
        """Call a document otherwise; its old name finds it, too. Raises NotFound, InvalidInput."""
        self._library.check_writable([document_id])
        self._library.rename(document_id, name)

    def older_versions(self, document_id: str) -> tuple[Document, ...]:
        """Documents of the same name and place with older content. Raises NotFound."""
        self._library.get(document_id)
        return tuple(self._library.older_versions(document_id))

    def find_document(self, name_or_id: str) -> Document:
        """The document of that name or id, or whose id starts so. Raises NotFound, and InvalidInput where several fit."""
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
        self._check_replaceable(document_id)
        with self.uploads.claimed([upload]) as (claimed,):
            return self._submitted(
                [(claimed.path, document.name)], replace=True, tags=document.tags, instead_of=document_id
            )

    def delete_document(self, document_id: str) -> None:
        """Remove the document, its pages, images and judgements. Raises NotFound."""
        self._library.check_folder()
        self._library.get(document_id)
        self._library.check_writable([document_id])
        self._remove(document_id)

    def delete_soon(self, document_ids: Sequence[str]) -> None:
        """Put documents out of sight now and remove them some seconds later. Raises NotFound."""
        self._library.check_folder()
        self._library.check_writable(document_ids)
        self._deletion.begin(document_ids)

    def undo_delete(self, document_ids: Sequence[str]) -> list[str]:
        """Bring back what `delete_soon` has not removed yet; the ids."""
        self._library.check_writable(document_ids)
        return self._deletion.undo(document_ids)

    def _check_replaceable(self, document_id: str) -> None:
        """Raises NotFound, and NotAuthorized where that would take away what others have."""
        self._library.get(document_id)
        self._library.check_writable([document_id])
        if self._library.has_foreign_namesakes(document_id):
            raise NotAuthorized("another collection has a document of this name; rename this one first")

    def _tags_to_give(self, tags: Sequence[str]) -> Sequence[str]:
        """These tags, or the one collection that the caller may write. Raises InvalidInput, NotAuthorized."""
        collections = seen_collections()
        if collections is None:
            return tags
        given = [tag for tag in tags if tag.strip()]
        if given:
            self._check_tags(given)
            return given
        writable = tuple(collections.write)
        if len(writable) != 1:
            raise InvalidInput(
                f"tags: expected one of your collections: {', '.join(writable) or 'there are none'}"
            )
        return writable

    def _check_tags(self, tags: Sequence[str]) -> None:
        """Raises NotAuthorized for the tags of collections that the caller may not change."""
        collections = seen_collections()
        foreign = (
            [] if collections is None else [tag for tag in tags if name_key(tag) not in collections.writable]
        )
        if foreign:
            raise NotAuthorized(f"you may not add to {foreign[0]!r}")

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
