"""How much of the library is still on its way into the index."""

from __future__ import annotations

from pagelight.app.service import Service

JSONNumbers = dict[str, int]


def indexing_progress(service: Service) -> JSONNumbers | None:
    """{"documents", "pages_done", "pages_total"} over the active jobs; None when nothing is being indexed."""
    jobs = [job.status for job in service.active_jobs()]
    if not jobs:
        return None
    waiting = sum(file.state in ("queued", "running") for job in jobs for file in job.files)
    return {
        "documents": waiting,
        "pages_done": sum(job.pages_done for job in jobs),
        "pages_total": sum(job.pages_total for job in jobs),
    }
