"""Progress of indexing: how much of the library is still on its way into the index."""

from __future__ import annotations

from pagelight.app.service import Service

JSONNumbers = dict[str, int]


def indexing_progress(service: Service) -> JSONNumbers | None:
    """{"documents", "pages_done", "pages_total"} over the active jobs; None when nothing is being indexed."""
    found = service.indexing()
    return (
        None if found is None else dict(zip(("documents", "pages_done", "pages_total"), found, strict=True))
    )
