"""A job's progress as a bar on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tqdm import tqdm

from pagelight.app.cli.table import printable

if TYPE_CHECKING:
    from pagelight.app.job import Job, JobStatus


def follow(job: Job) -> JobStatus:
    """Show pages and the time left until the job ends; returns its last status."""
    with tqdm(unit=" pages", file=sys.stderr, disable=None, dynamic_ncols=True, smoothing=0.1) as bar:

        def show(status: JobStatus) -> None:
            bar.total = status.pages_total or None
            running = next((file.name for file in status.files if file.state == "running"), "")
            bar.set_description_str(printable(running[:40]), refresh=False)
            bar.update(status.pages_done - bar.n)

        return job.wait(on_progress=show)
