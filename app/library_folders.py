"""The folders that an open library follows: those of its settings, and those that people chose."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from pagelight.app.folders import document_files
from pagelight.app.following import FollowedFolder, Following
from pagelight.app.library_pages import LibraryPages
from pagelight.app.settings import Settings
from pagelight.ingest.collections import seen_collections
from pagelight.ingest.watch import Change, ChosenFolders, Watch
from pagelight.retrieval.errors import InvalidInput, NotAuthorized, NotFound


class LibraryFolders(LibraryPages):
    """Folders whose files are documents of the library, while it is open."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._chosen = ChosenFolders(self._library.database)
        self._following = Following(self._folders_to_follow(), self.watch)

    def start(self) -> None:
        """Open the index, go on with what was begun, and follow the folders.

        Raises StoreLocked, StoreUnavailable, ModelError.
        """
        super().start()
        self._following.start()

    def close(self) -> None:
        """Stop the jobs after their current page, and let go of the data folder."""
        self._following.close()
        super().close()

    @property
    def followed_folders(self) -> tuple[FollowedFolder, ...]:
        """The folders whose files are documents, those of the settings first, and what keeps them from being followed."""
        given = self.settings.followed_folders
        return tuple(
            dataclasses.replace(one, is_chosen=one.folder not in given) for one in self._following.folders
        )

    def follow(self, folder: str | Path) -> None:
        """Follow a folder, whenever the library is open. Raises InvalidInput, and NotAuthorized who sees only collections."""
        path = Path(folder).expanduser().absolute()
        self._check_sees_all()
        if not path.is_dir():
            raise InvalidInput(f"{path} is no folder")
        self._chosen.add(path)
        self._following.change(self._folders_to_follow())

    def unfollow(self, folder: str | Path) -> None:
        """Follow a folder no longer that was chosen; its documents stay. Raises NotFound, NotAuthorized."""
        path = Path(folder).expanduser().absolute()
        self._check_sees_all()
        if not self._chosen.remove(path):
            raise NotFound(f"{path} is not followed, or by the settings")
        self._following.change(self._folders_to_follow())

    def watch(self, folders: Sequence[Path], stop: threading.Event) -> Iterator[Change]:
        """Follow folders: new files are added, changed ones replaced, gone ones removed, until `stop` is set.

        Yields what was done, beginning with what happened while nobody watched.
        """
        engine = self._resumed()
        return Watch(self._library, engine.jobs, engine.pipeline, document_files).follow(folders, stop)

    def _folders_to_follow(self) -> list[Path]:
        return list(dict.fromkeys([*self.settings.followed_folders, *self._chosen.all()]))

    def _check_sees_all(self) -> None:
        if seen_collections() is not None:
            raise NotAuthorized("folders are followed for the whole library, of which you see collections")
