"""A job: files on their way into the library, to be waited for, watched or cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pagelight.ingest.job_progress import JobStatus
from pagelight.ingest.jobs import Jobs

#: seconds between two looks at a job that is being watched; a page takes longer to index
_LOOK_SECONDS = 0.1


class Job:
    """A job, as `Service.add` returns it. Iterating gives a JobStatus at every change, the last one when the job has ended."""

    def __init__(self, job_id: str, jobs: Jobs) -> None:
        self.job_id = job_id
        self._jobs = jobs

    def __repr__(self) -> str:
        return f"Job({self.job_id!r})"

    @property
    def status(self) -> JobStatus:
        """Raises NotFound for a job that the library does not know (any more)."""
        return self._jobs.status(self.job_id)

    def wait(
        self,
        seconds: float | None = None,
        on_progress: Callable[[JobStatus], None] | None = None,
        deep: bool = True,
    ) -> JobStatus:
        """Wait until the job has ended and its pages are understood, or for so many seconds; its last status.

        on_progress: called at every change
        deep: False waits until the pages can be found by words and looks; what their text means follows
        """
        if on_progress is None:
            self._jobs.wait(self.job_id, seconds, deep)
            return self.status
        for status in self._changes(seconds, deep):
            on_progress(status)
        return status

    def __iter__(self) -> Iterator[JobStatus]:
        return self._changes(None, deep=False)

    def cancel(self) -> None:
        """Stop after the current page; the pages so far stay searchable."""
        self._jobs.cancel(self.job_id)

    def cancel_file(self, position: int) -> None:
        """Stop one of its files, counted from 0; the others carry on. Raises NotFound."""
        self._jobs.cancel_file(self.job_id, position)

    def dismiss(self) -> None:
        """Note that its failures have been read; `Service.open_jobs` leaves it out then."""
        self._jobs.dismiss(self.job_id)

    def _changes(self, seconds: float | None, deep: bool) -> Iterator[JobStatus]:
        """At least one status; ends with the job, with the service, or when the seconds are over.

        deep: goes on until the job's pages are understood
        """
        end = None if seconds is None else time.monotonic() + seconds
        shown: JobStatus | None = None
        while True:
            status = self.status
            if status != shown:
                yield status
                shown = status
            is_over = status.is_deep if deep else status.has_ended
            if is_over or (end is not None and time.monotonic() >= end):
                return
            waited = self._jobs.wait(self.job_id, _LOOK_SECONDS, deep)
            now = self.status
            if waited and not (now.is_deep if deep else now.has_ended):
                return  # the service is closing, or in trouble; what is left goes on at its next start
